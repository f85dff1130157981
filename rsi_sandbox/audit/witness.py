"""Witnessing: somebody else signs a checkpoint, after checking that the log only grew since they last saw it.

A witness keeps the last checkpoint it signed of each log in its own state. It refuses to sign a log that became
shorter or whose earlier entries changed, so two histories shown to two people can't both carry its signature.
"""

from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import DamagedRecordError, StateError, UsageError
from rsi_sandbox.lineage import checkpoint, signing
from rsi_sandbox.lineage.checkpoint import Checkpoint
from rsi_sandbox.lineage.durable import replace_file
from rsi_sandbox.lineage.merkle import Frontier, leaf_hash
from rsi_sandbox.model import digest_of
from rsi_sandbox.places import state_home


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What a witness did."""

    checkpoint: Checkpoint
    path: Path
    """The signature."""
    since: int
    """Size at which this witness had last seen the log; 0 for the first time."""


def roots_of(lines: list[bytes]) -> tuple[list[str], str]:
    """The root after each line of a bundle's log, and the log's origin.

    Raises:
        UsageError: the log is empty.
    """
    if not lines:
        raise UsageError("the log of the bundle is empty", hint="name an unpacked audit bundle")
    frontier = Frontier()
    roots = []
    for line in lines:
        frontier.append(leaf_hash(line))
        roots.append(frontier.root().hex())
    return roots, checkpoint.origin_of(leaf_hash(lines[0]).hex())


def cosign(bundle: Path, key: Path, name: str) -> Cosigned:
    """Sign the whole log of an unpacked bundle as `name`; the signature is put into the bundle.

    Raises:
        UsageError: it is no bundle, or the name or key can't be used.
        DamagedRecordError: the log is not a continuation of what this witness signed before.
    """
    checkpoint.signer(name)
    try:
        lines = (bundle / "log.jsonl").read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise UsageError(
            f"{bundle} is not an unpacked audit bundle", hint="make one with `audit bundle DIR`"
        ) from error
    roots, origin = roots_of(lines)
    memory = state_home() / "witness" / name / f"{digest_of(origin.encode())[:32]}.txt"
    since = 0
    if memory.exists():
        last = checkpoint.parse(memory.read_bytes())
        since = last.size
        if last.size > len(roots) or roots[last.size - 1] != last.root:
            raise DamagedRecordError(
                f"{name} has signed another history of this log at size {last.size}, so this one is not signed",
                hint=f"keep both: {memory} and this bundle are evidence that the log was rewritten",
            )
    seen = Checkpoint(len(roots), roots[-1], origin)
    signature = signing.sign(seen.text, key)
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        replace_file(memory, seen.text)  # before the signature leaves: a witness never forgets what it signed
        path = checkpoint.keep(bundle / "checkpoints", seen, {name: signature})
        line = signing.signer_line(name, signing.public_line(key))
        keys = bundle / "keys"
        keys.mkdir(exist_ok=True)
        checkpoint.known(keys, line)
    except OSError as error:
        raise StateError(f"the signature could not be kept: {error.strerror}") from error
    return Cosigned(seen, path.with_name(f"{path.stem}.{name}.sig"), since)


def accept(state_dir: Path, signature: Path, signers: str) -> str:
    """Take a witness's signature into the record it is about; returns the witness's name.

    Raises:
        UsageError: there is no such checkpoint here, or the signature does not fit it.
    """
    parts = signature.name.split(".")
    text = state_dir / checkpoint.FOLDER / f"{parts[0]}.txt"
    if len(parts) < 3 or parts[-1] != "sig" or not text.exists():
        raise UsageError(
            f"{signature.name} is not the signature of a checkpoint of this record",
            hint=f"those it has are in {state_dir / checkpoint.FOLDER}",
        )
    name = ".".join(parts[1:-1])
    result = signing.check(text.read_bytes(), signature.read_bytes(), signers, checkpoint.signer(name))
    if not result.good:
        raise UsageError(f"not taken: {result.said}", hint="give the witness's key with --signers")
    replace_file(state_dir / checkpoint.FOLDER / signature.name, signature.read_bytes())
    return name
