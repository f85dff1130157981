"""Comparing a log with what is kept outside it: signed checkpoints, trailers of exported commits, a root on paper.

Everything inside a record can be rewritten consistently by whoever can write it; these are what shows that it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rsi_sandbox.audit.check import Check, check
from rsi_sandbox.lineage import checkpoint, signing
from rsi_sandbox.lineage.checkpoint import Checkpoint
from rsi_sandbox.lineage.merkle import Frontier


def disagreement(kept: Checkpoint, roots: Sequence[str], origin: str = "") -> str:
    """How a log contradicts a checkpoint, or an empty string."""
    if kept.origin and origin and kept.origin != origin:
        return f"this is another log ({origin}) than the one of the checkpoint ({kept.origin})"
    if kept.size > len(roots):
        return f"the log has {len(roots)} entries and had {kept.size}"
    root = roots[kept.size - 1] if kept.size else Frontier().root().hex()
    return "" if root == kept.root else f"the first {kept.size} entries are not the ones they were"


def compared(expected: Sequence[Checkpoint], roots: Sequence[str], origin: str) -> Iterator[Check]:
    """One check for all checkpoints that a person gave, none when there are none."""
    if expected:
        problems = [problem for each in expected if (problem := disagreement(each, roots, origin))]
        sizes = ", ".join(str(each.size) for each in expected)
        yield check("kept elsewhere", problems, f"the log continues what was kept elsewhere of it (sizes {sizes})")


def signatures(folder: Path, roots: Sequence[str], origin: str, signers: str) -> Check:
    """The signed checkpoints beside the log: each must fit the log, and each signature its checkpoint and key."""
    problems: list[str] = []
    good: set[str] = set()
    unsure: list[str] = []
    count = 0
    for path, signed in checkpoint.kept(folder):
        count += 1
        try:
            text = path.read_bytes()
            found = checkpoint.parse(text)
        except (OSError, ValueError):
            problems.append(f"{path.name} is no checkpoint")
            continue
        if problem := disagreement(found, roots, origin):
            problems.append(f"{path.name}: {problem}")
        for name, signature in signed.items():
            result = signing.check(text, signature, signers, name)
            if result.good:
                good.add(name)
            elif result.good is False:
                problems.append(f"{path.name}: {result.said}")
            else:
                unsure.append(result.said)
    if problems or good:
        return check("signatures", problems, f"{count} checkpoints fit the log, signed by {_names(good)}")
    said = unsure[0] if unsure else "no checkpoint is signed"
    return Check("signatures", None, (said,))


def _names(names: Iterable[str]) -> str:
    listed = sorted(names)
    single = listed == [signing.MACHINE]
    return f"{', '.join(listed)} (single-key mode: no one else has signed)" if single else ", ".join(listed)
