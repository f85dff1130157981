"""Checkpoints: the size and root of a log at one moment, as text that people and other tools can sign and keep.

The text has the three lines of a C2SP tlog-checkpoint (origin, size, root in base64). A checkpoint that is kept where
the log's owner can't reach it is what shows a well-made rewrite of everything. It refuses text of any other shape.
"""

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import StateError, UsageError
from rsi_sandbox.lineage import signing
from rsi_sandbox.lineage.durable import TEMPORARY, replace_file
from rsi_sandbox.places import state_home

FOLDER = "checkpoints"
SIGNERS = "allowed_signers"
KEPT = 20
"""Checkpoints kept in a state directory; older ones say nothing that newer ones don't."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log looked like."""

    size: int
    root: str
    """Hexadecimal."""
    origin: str = ""
    """Which log; empty where that is not known."""

    @property
    def text(self) -> bytes:
        """The bytes that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(bytes.fromhex(self.root)).decode()}\n".encode()


def origin_of(first_leaf: str) -> str:
    """The name of a log: its first entry holds a number drawn by chance, so no two logs share it."""
    return f"rsi-sandbox/{first_leaf[:32]}"


def parse(text: bytes) -> Checkpoint:
    """A checkpoint from its text.

    Raises:
        ValueError: it is none.
    """
    lines = text.decode().split("\n")
    if len(lines) < 4 or lines[3:] != [""] or not lines[0] or not lines[1].isdigit():
        raise ValueError("not a checkpoint")
    try:
        root = base64.b64decode(lines[2], validate=True).hex()
    except binascii.Error as error:
        raise ValueError("not a checkpoint") from error
    if len(root) != 64:
        raise ValueError("not a checkpoint")
    return Checkpoint(int(lines[1]), root, lines[0])


def given(word: str) -> Checkpoint:
    """What a person names on the command line: the path of a checkpoint file, or `SIZE:ROOT`.

    Raises:
        UsageError: it is neither.
    """
    size, _, root = word.partition(":")
    if size.isdigit() and re.fullmatch(r"[0-9a-fA-F]{64}", root):
        return Checkpoint(int(size), root.lower())
    try:
        return parse(Path(word).read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{word} is no checkpoint", hint="give the path of one, or SIZE:ROOT with the root in hexadecimal"
        ) from error


def keep(folder: Path, checkpoint: Checkpoint, signatures: dict[str, bytes]) -> Path:
    """Write a checkpoint with signatures beside it (`<size>.txt`, `<size>.<name>.sig`); older ones make room."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{checkpoint.size:010}.txt"
    for name, signature in signatures.items():
        replace_file(folder / f"{path.stem}.{signer(name)}.sig", signature)
    replace_file(path, checkpoint.text)
    for old in sorted(folder.glob("[0-9]*.txt"))[:-KEPT]:
        for file in [*folder.glob(f"{old.stem}.*.sig"), old]:
            file.unlink(missing_ok=True)
    return path


def signer(name: str) -> str:
    """The name of a signer, which becomes part of a file name.

    Raises:
        UsageError: it can't be one.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} can't be the name of a signer", hint="use letters, digits and . _ @ + -")
    return name


def kept(folder: Path) -> Iterator[tuple[Path, dict[str, bytes]]]:
    """Every checkpoint file with its signatures by name, oldest first."""
    for path in sorted(folder.glob("[0-9]*.txt")):
        if path.name.startswith(TEMPORARY):
            continue
        beside = sorted(folder.glob(f"{path.stem}.*.sig"))
        yield path, {file.name[len(path.stem) + 1 : -4]: file.read_bytes() for file in beside}


def sign_here(state_dir: Path, checkpoint: Checkpoint) -> Path | None:
    """Sign with this machine's key and keep the result in the state directory; None where no key can be had."""
    if not signing.available():
        return None
    with contextlib.suppress(StateError, OSError):
        key = signing.machine_key()
        signature = signing.sign(checkpoint.text, key)
        folder = state_dir / FOLDER
        path = keep(folder, checkpoint, {signing.MACHINE: signature})
        known(folder, signing.signer_line(signing.MACHINE, signing.public_line(key)))
        return path
    return None


def known(folder: Path, line: str) -> None:
    """Remember a signer beside the checkpoints, once."""
    path = folder / SIGNERS
    before = path.read_text() if path.exists() else ""
    if line not in before.splitlines(keepends=True):
        replace_file(path, (before + line).encode())


def trusted_signers() -> str:
    """Signers this machine trusts, kept outside every state directory: its own key and those a person added."""
    path = state_home() / SIGNERS
    lines = path.read_text() if path.exists() else ""
    key = state_home() / "keys" / "checkpoint"
    if key.exists() and signing.available():
        with contextlib.suppress(StateError, UsageError, OSError):
            lines += signing.signer_line(signing.MACHINE, signing.public_line(key))
    return lines
