"""`apply`, `pick` and `rollback`: what a person asks of the working tree.

They refuse a tree that is not as recorded and files whose edits git could not bring back, unless they are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Kind, Lineage, repository
from rsi_sandbox.lineage.files import Folder
from rsi_sandbox.model import Json, Tree
from rsi_sandbox.workspace.journal import check_outside_state, recover, start, state_of, written_down
from rsi_sandbox.workspace.plan import FileChange, merged, plan


@dataclass(frozen=True, slots=True)
class Change:
    """What `apply` or `rollback` did."""

    message: str
    """One sentence for a person."""
    paths: tuple[str, ...] = ()
    """Files written or removed, sorted; empty when there was nothing to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a person allowed beyond the plain case."""

    merge: bool = False
    """Merge with edits made since the run, where both sides go together."""
    dirty: bool = False
    """Change files whose own edits are not committed."""


def apply(root: Path, lineage: Lineage, number: int, *, at: str, told: Told | None = None) -> Change:
    """Make the working tree hold an accepted generation. `at` is the UTC time to record.

    Raises:
        UsageError: the generation was not accepted, or a person edited a file that would change.
        StateError: a write failed; everything was put back.
    """
    recover(root, lineage)
    _check_accepted(lineage, number)
    held = holds(lineage, number)
    made = _change(root, lineage, held, lineage.tree(number), {"at": at, "generation": number}, told or Told())
    if made is None:
        return Change(f"nothing to apply: the working tree already holds generation {number}")
    note = " (merged with your edits: not measured in this form)" if made.mixed else ""
    return Change(f"applied generation {number}: {_counted(made.changes)} changed{note}", made.paths)


def pick(root: Path, lineage: Lineage, numbers: Sequence[int], *, at: str, told: Told | None = None) -> Change:
    """Make only the changes of these accepted generations, in the order they were made.

    Raises:
        UsageError: one was not accepted, one builds on another that was not picked, or a person edited a file.
        StateError: a write failed; everything was put back.
    """
    recover(root, lineage)
    chosen = sorted(set(numbers))
    if not chosen:
        raise UsageError("no generation was picked", hint="name at least one")
    for number in chosen:
        _check_accepted(lineage, number)
        if not lineage.generation(number).candidate:
            raise UsageError(f"generation {number} is an original and changes nothing", hint="pick a later one")
    held = holds(lineage, chosen[-1])
    wanted = _picked(lineage, held, chosen)
    about = {"at": at, "generation": chosen[-1], "picks": chosen}
    made = _change(root, lineage, held, wanted, about, told or Told())
    words = f"generation{'' if len(chosen) == 1 else 's'} {', '.join(map(str, chosen))}"
    if made is None:
        return Change(f"nothing to apply: the working tree already has the changes of {words}")
    text = f"applied only {words}: {_counted(made.changes)} changed"
    return Change(f"{text} (this combination was not measured: run your tests)", made.paths)


def holds(lineage: Lineage, number: int) -> Tree:
    """The tree the working tree should hold before generation `number` is applied.

    That is what was applied last, or the original `number` came from. A run on a tree that a person edited records a
    new original, and what was applied before it no longer counts.
    """
    stack = lineage.applied()
    original = _original(lineage, number)
    if not stack or _original(lineage, int(stack[-1].body["generation"])) != original:
        return lineage.tree(original)
    whole = next((place for place in reversed(range(len(stack))) if not stack[place].body.get("partly")), None)
    tree = lineage.tree(original if whole is None else int(stack[whole].body["generation"]))
    for event in stack[0 if whole is None else whole + 1 :]:
        changes = [FileChange(**change) for change in event.body["changes"]]
        gone = {each.path for each in changes if each.after is None}
        written = {each.path: lineage.evidence(each.after) for each in changes if each.after}
        files = {path: data for path, data in {**tree.files, **written}.items() if path not in gone}
        tree = Tree(files, tree.executable)
    return tree


def rollback(root: Path, lineage: Lineage, *, at: str) -> Change:
    """Put back, byte for byte and with its mode, every file the last apply changed.

    Raises:
        UsageError: a person edited one of those files since.
        StateError: a write failed; everything was put back.
    """
    recover(root, lineage)
    stack = lineage.applied()
    if not stack:
        return Change("nothing to roll back: no generation is applied")
    last = stack[-1].body
    changes = [FileChange(**change).reversed() for change in last["changes"]]
    with Folder(root) as folder:
        edited = [each.path for each in changes if state_of(folder, each.path)[0] not in (each.before, each.after)]
    if edited:
        raise UsageError(
            f"edited since generation {last['generation']} was applied, so not overwritten: {', '.join(edited)}",
            hint="move your edits away and restore these files, then run `rsi-sandbox rollback` again",
        )
    about = {"at": at, "directories": last["directories"], "generation": last["generation"], "of": stack[-1].seq}
    start(root, lineage, written_down(root, lineage, Kind.ROLLED_BACK, changes, about))
    return Change(
        f"rolled back generation {last['generation']}: {_counted(changes)} restored",
        tuple(each.path for each in changes),
    )


def _check_accepted(lineage: Lineage, number: int) -> None:
    if lineage.generation(number) not in lineage.accepted():
        raise UsageError(
            f"generation {number} was not accepted: it is {lineage.generation(number).decision}",
            hint="`rsi-sandbox log` shows the accepted ones",
        )


def _picked(lineage: Lineage, held: Tree, numbers: Sequence[int]) -> Tree:
    """The tree with the changes of these generations made on it."""
    tree = held
    for number in numbers:
        before, after = lineage.tree(lineage.generation(number).parent), lineage.tree(number)
        changes: dict[str, bytes] = {}
        for path, data in after.changed_from(before).items():
            together = merged(before.files.get(path, b""), tree.files.get(path, b""), data)
            if together is None:
                above = [each.number for each in lineage.chain(number)[1:-1] if each.number not in numbers]
                raise UsageError(
                    f"generation {number} builds on others in {path}, so it can't be picked alone",
                    hint=f"pick also what it builds on: {', '.join(map(str, above)) or 'the generations before it'}",
                )
            changes[path] = together
        tree = tree.with_files(changes)
    return tree


@dataclass(frozen=True, slots=True)
class _Made:
    """What a change of the working tree came to."""

    changes: list[FileChange]
    mixed: bool

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(each.path for each in self.changes)


def _change(
    root: Path, lineage: Lineage, held: Tree, wanted: Tree, about: Mapping[str, Json], told: Told
) -> _Made | None:
    """Journal the change, make it, record it; None when there is nothing to change."""
    changes, written = plan(root, held, wanted, merge=told.merge)
    check_outside_state(root, lineage, changes)
    if not changes:
        return None
    if not told.dirty:
        _check_committed(root, lineage, changes)
    with Folder(root) as folder:
        originals = [found[0] for change in changes if (found := folder.read(change.path))]
        missing = {name for change in changes for name in folder.missing_directories(change.path) if change.after}
    lineage.keep(*originals, *written.values())
    mixed = any(wanted.files.get(path) != data for path, data in written.items())
    partly = {"partly": True} if mixed or "picks" in about else {}
    journal = written_down(root, lineage, Kind.APPLIED, changes, {**about, **partly, "directories": sorted(missing)})
    start(root, lineage, journal)
    return _Made(changes, mixed)


def _check_committed(root: Path, lineage: Lineage, changes: list[FileChange]) -> None:
    """Refuse to change files with edits that git could not bring back, other than those of an earlier apply.

    Raises:
        UsageError: there are such files.
    """
    ours = {(each["path"], each["after"]) for event in lineage.applied() for each in event.body["changes"]}
    asked = [each.path for each in changes if (each.path, each.before) not in ours]
    dirty = repository.uncommitted(root, asked)
    if dirty:
        raise UsageError(
            f"not committed yet, so not changed: {', '.join(dirty)}",
            hint="commit or stash first, or say --allow-dirty: `rollback` restores these files byte for byte",
        )


def _original(lineage: Lineage, number: int) -> int:
    """The nearest ancestor (or itself) that no candidate made."""
    return next(each.number for each in lineage.chain(number) if not each.number or not each.candidate)


def _counted(changes: list[FileChange]) -> str:
    return f"{len(changes)} file{'' if len(changes) == 1 else 's'}"
