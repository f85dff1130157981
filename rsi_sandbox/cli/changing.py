"""`apply`, `rollback`, `prune`, `export --branch`: commands that write to the target or make the record smaller."""

import sys
from pathlib import Path

from rsi_sandbox import workspace
from rsi_sandbox.cli.history import now, opened
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def apply(path: Path, state: Path | None, number: int | None, picks: list[int], told: workspace.Told) -> None:
    """Write an accepted generation, or the changes of picked ones, into the working tree."""
    if picks and number is not None:
        raise UsageError("--generation and --pick contradict each other", hint="use one of them")
    root = path.resolve()
    with opened(path, state, write=True) as lineage:
        heal(lineage, root)
        if picks:
            done = workspace.pick(root, lineage, picks, at=now(), told=told)
        else:
            done = workspace.apply(root, lineage, chosen(lineage, number), at=now(), told=told)
        print(done.message)  # noqa: T201 - the result of the command


def rollback(path: Path, state: Path | None) -> None:
    """Restore what the last `apply` replaced."""
    root = path.resolve()
    with opened(path, state, write=True) as lineage:
        heal(lineage, root)
        print(workspace.rollback(root, lineage, at=now()).message)  # noqa: T201 - the result


def heal(lineage: Lineage, root: Path) -> None:
    """Say what opening for writing mended, and carry an interrupted change to its end."""
    for text in [*lineage.healed, *workspace.recover(root, lineage)]:
        print(f"healed: {text}", file=sys.stderr)  # noqa: T201 - people must know what a crash left


def chosen(lineage: Lineage, number: int | None) -> int:
    """The generation a command means: the named one, or the head."""
    head = lineage.head()
    return number if number is not None else head.number if head is not None else 0


def branch(path: Path, state: Path | None, number: int | None, name: str, start: str) -> None:
    """A branch with one commit per accepted generation."""
    from rsi_sandbox.workspace.branch import export

    root = path.resolve()
    with opened(path, state) as lineage:
        done = export(root, lineage, chosen(lineage, number), name, start=start)
    count = len(done.generations)
    print(f"branch {done.name}: {count} commit{'' if count == 1 else 's'}, ends at {done.commit[:12]}")  # noqa: T201
    if done.moved:
        print(f"merged with edits made since the run: {', '.join(done.moved)}", file=sys.stderr)  # noqa: T201


def prune(path: Path, state: Path | None, target: str, *, also_accepted: bool, reason: str) -> None:
    """Remove raw evidence until the store is small enough."""
    wanted = size(target)
    with opened(path, state, write=True) as lineage:
        heal(lineage, path.resolve())
        before = lineage.stored_bytes()
        count, freed = lineage.prune(wanted, reason, also_accepted=also_accepted)
        after = lineage.stored_bytes()
    print(f"removed {count} pieces of evidence, {freed} bytes; {before} bytes before, {after} now")  # noqa: T201
    if after > wanted:
        print(f"not down to {target}: the rest belongs to accepted generations", file=sys.stderr)  # noqa: T201


def size(text: str) -> int:
    """Bytes in `200M`, `4G` or a plain number.

    Raises:
        UsageError: it is no size.
    """
    word = text.strip().upper().removesuffix("IB").removesuffix("B")
    number, unit = (word[:-1], word[-1]) if word and word[-1] in UNITS else (word, "")
    if not number.isdigit():
        raise UsageError(f"{text!r} is not a size", hint="write it as 200M, 4G or a number of bytes")
    return int(number) * UNITS[unit]
