"""The only code that changes the user's working tree: `apply`, `rollback`, and `recover` after a crash.

Every change is journalled first, then made file by file, then recorded; a journal that is still there is carried
to its end by `recover`. It refuses to overwrite anything a person has edited, to follow links, and to leave the root.
"""

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rsi_sandbox.errors import DamagedRecordError, StateError, UsageError
from rsi_sandbox.lineage import Kind, Lineage
from rsi_sandbox.lineage.durable import remove_file, replace_file
from rsi_sandbox.lineage.files import Folder
from rsi_sandbox.lineage.paths import check_paths
from rsi_sandbox.model import Json, Tree, canonical_json, digest_of

_JOURNAL = "journal.json"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file as it is and as it shall be; a digest of None means there is no such file."""

    path: str
    before: str | None
    after: str | None
    before_mode: int = 0
    after_mode: int = 0

    def reversed(self) -> "FileChange":
        """The change that takes this one back."""
        return FileChange(self.path, self.after, self.before, self.after_mode, self.before_mode)


@dataclass(frozen=True, slots=True)
class Change:
    """What `apply` or `rollback` did."""

    message: str
    """One sentence for a person."""
    paths: tuple[str, ...] = ()
    """Files written or removed, sorted; empty when there was nothing to do."""


def plan(root: Path, original: Tree, wanted: Tree) -> list[FileChange]:
    """What has to change in the working tree at `root`, which should hold `original`, to get `wanted`; changes nothing.

    Raises:
        UsageError: a file to be changed is not as `original` has it, or can't be changed safely.
    """
    check_paths({*original.files, *wanted.files})
    touched = wanted.differing(original)
    changes: list[FileChange] = []
    edited: list[str] = []
    with Folder(root) as folder:
        for path in touched:
            found = folder.read(path)
            data = found[0] if found else None
            mode = found[1] if found else _new_mode()
            goal = wanted.files.get(path)
            if data not in (original.files.get(path), goal):
                edited.append(path)
            after_mode = _with_execution(mode, allowed=path in wanted.executable)
            change = FileChange(path, _digest(data), _digest(goal), mode if found else 0, after_mode)
            if data != goal or (goal is not None and mode != after_mode):
                changes.append(change)
    if edited:
        raise UsageError(
            f"edited since the run, so not overwritten: {', '.join(edited)}",
            hint="commit or move your edits away and restore these files, or run `rsi-sandbox evolve` again on top",
        )
    return changes


def apply(root: Path, lineage: Lineage, number: int, *, at: str) -> Change:
    """Make the working tree hold an accepted generation. `at` is the UTC time to record.

    Raises:
        UsageError: the generation was not accepted, or a person edited a file that would change.
        StateError: a write failed; everything was put back.
    """
    recover(root, lineage)
    if lineage.generation(number) not in lineage.accepted():
        raise UsageError(
            f"generation {number} was not accepted: it is {lineage.generation(number).decision}",
            hint="`rsi-sandbox log` shows the accepted ones",
        )
    wanted = lineage.tree(number)
    changes = plan(root, lineage.tree(_base(lineage, number)), wanted)
    _check_outside_state(root, lineage, changes)
    if not changes:
        return Change(f"nothing to apply: the working tree already holds generation {number}")
    with Folder(root) as folder:
        originals = [found[0] for change in changes if (found := folder.read(change.path))]
        missing = {name for change in changes for name in folder.missing_directories(change.path) if change.after}
    lineage.keep(*originals, *(wanted.files[change.path] for change in changes if change.after))
    journal = _journal(
        root, lineage, Kind.APPLIED, changes, {"at": at, "directories": sorted(missing), "generation": number}
    )
    _start(root, lineage, journal)
    return Change(f"applied generation {number}: {_counted(changes)} changed", tuple(each.path for each in changes))


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
        edited = [each.path for each in changes if _state(folder, each.path)[0] not in (each.before, each.after)]
    if edited:
        raise UsageError(
            f"edited since generation {last['generation']} was applied, so not overwritten: {', '.join(edited)}",
            hint="move your edits away and restore these files, then run `rsi-sandbox rollback` again",
        )
    about = {"at": at, "directories": last["directories"], "generation": last["generation"], "of": stack[-1].seq}
    _start(root, lineage, _journal(root, lineage, Kind.ROLLED_BACK, changes, about))
    return Change(
        f"rolled back generation {last['generation']}: {_counted(changes)} restored",
        tuple(each.path for each in changes),
    )


def recover(root: Path, lineage: Lineage) -> list[str]:
    """Carry an interrupted apply or rollback to its end; a sentence for what was done, none when nothing was.

    Raises:
        StateError: a file was edited after the interruption, or the journal is about another directory.
    """
    path = lineage.directory / _JOURNAL
    try:
        stored = json.loads(path.read_bytes())
        journal = stored["journal"]
        if stored["digest"] != digest_of(canonical_json(journal)):
            raise DamagedRecordError(f"{path} was altered", hint="compare the working tree with your repository")
    except FileNotFoundError:
        return []
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedRecordError(
            f"{path} can't be read", hint="compare the working tree with your repository"
        ) from error
    if journal["root"] != str(root.resolve()):
        raise StateError(
            f"an interrupted change of {journal['root']} has to be finished first",
            hint=f"run the command in {journal['root']}",
        )
    word = "apply" if journal["kind"] == Kind.APPLIED else "rollback"
    if any(event.body.get("journal") == stored["digest"] for event in lineage.events() if event.seq > journal["size"]):
        remove_file(path)
        return [f"tidied up after a finished {word} of generation {journal['about']['generation']}"]
    _carry_out(root, lineage, journal)
    return [f"finished the interrupted {word} of generation {journal['about']['generation']}"]


def _base(lineage: Lineage, number: int) -> int:
    """The generation the working tree should hold now: the applied one, or the original `number` came from.

    A run on a tree that a person edited records a new original, and what was applied before it no longer counts.
    """
    original = _original(lineage, number)
    stack = lineage.applied()
    applied = int(stack[-1].body["generation"]) if stack else original
    return applied if _original(lineage, applied) == original else original


def _original(lineage: Lineage, number: int) -> int:
    """The nearest ancestor (or itself) that no candidate made."""
    return next(each.number for each in lineage.chain(number) if not each.number or not each.candidate)


def _journal(root: Path, lineage: Lineage, kind: Kind, changes: list[FileChange], about: Mapping[str, Json]) -> Json:
    return {
        "about": dict(about),
        "changes": [asdict(change) for change in changes],
        "kind": kind.value,
        "root": str(root.resolve()),
        "size": lineage.root()[0],
    }


def _start(root: Path, lineage: Lineage, journal: Json) -> None:
    stored = {"digest": digest_of(canonical_json(journal)), "journal": journal}
    replace_file(lineage.directory / _JOURNAL, canonical_json(stored))
    _carry_out(root, lineage, journal)


def _carry_out(root: Path, lineage: Lineage, journal: Json) -> None:
    """Make every change of the journal, record it, and drop the journal; on a failed write put everything back."""
    changes = [FileChange(**change) for change in journal["changes"]]
    _check_outside_state(root, lineage, changes)
    path = lineage.directory / _JOURNAL
    directories = list(journal["about"]["directories"])
    forward = journal["kind"] == Kind.APPLIED
    with Folder(root) as folder:
        edited = [each.path for each in changes if not _ours(folder, each)]
        if edited:
            raise StateError(
                f"an interrupted change can't be finished, these files were edited since: {', '.join(edited)}",
                hint="move the edited files away and run the command again; then merge your edits back in",
            )
        try:
            _move(folder, lineage, changes, make=directories if forward else (), drop=() if forward else directories)
        except OSError as error:
            _put_back(folder, lineage, changes, directories, forward=forward)
            remove_file(path)
            raise StateError(
                f"the working tree could not be written ({error.strerror}); everything was put back",
                hint="check the disk and the permissions, then run the command again",
            ) from error
    blobs = {f"{side}:{each.path}": digest for each in changes for side, digest in _sides(each) if digest}
    lineage.note(
        journal["kind"],
        {
            **journal["about"],
            "blobs": blobs,
            "changes": journal["changes"],
            "journal": digest_of(canonical_json(journal)),
        },
    )
    remove_file(path)


def _put_back(
    folder: Folder, lineage: Lineage, changes: list[FileChange], directories: list[str], *, forward: bool
) -> None:
    back = [change.reversed() for change in changes if _ours(folder, change)]
    try:
        _move(folder, lineage, back, make=() if forward else directories, drop=directories if forward else ())
    except OSError as error:
        raise StateError(
            f"the working tree could not be written, and not put back either ({error.strerror})",
            hint="check the disk and the permissions; the next apply or rollback carries the change to its end",
        ) from error


def _move(
    folder: Folder,
    lineage: Lineage,
    changes: list[FileChange],
    *,
    make: list[str] | tuple[()],
    drop: list[str] | tuple[()],
) -> None:
    for directory in make:
        folder.make_directory(directory)
    for change in changes:
        folder.tidy(change.path)
        digest, mode = _state(folder, change.path)
        if not _ours(folder, change):
            raise OSError(errno.EBUSY, f"{change.path} was edited meanwhile")
        if change.after is None:
            folder.remove(change.path)
        elif (digest, mode) != (change.after, change.after_mode):
            folder.write(change.path, lineage.evidence(change.after), change.after_mode)
    for directory in reversed(drop):
        folder.remove_directory(directory)


def _ours(folder: Folder, change: FileChange) -> bool:
    """Whether a file is as before or as after the change; one that is gone holds nothing that could be lost."""
    return _state(folder, change.path)[0] in (change.before, change.after, None)


def _state(folder: Folder, path: str) -> tuple[str | None, int]:
    found = folder.read(path)
    return (digest_of(found[0]), found[1]) if found else (None, 0)


def _sides(change: FileChange) -> tuple[tuple[str, str | None], tuple[str, str | None]]:
    return ("before", change.before), ("after", change.after)


def _check_outside_state(root: Path, lineage: Lineage, changes: list[FileChange]) -> None:
    state = lineage.directory.resolve()
    for change in changes:
        inside = (root.resolve() / change.path).is_relative_to(state)
        if inside or change.path.split("/")[0].casefold() == ".rsi-sandbox":
            raise UsageError(f"{change.path!r} is part of the record and is never changed by a generation")


def _new_mode() -> int:
    """Mode of a new file under the user's umask."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _with_execution(mode: int, *, allowed: bool) -> int:
    """The mode with the executable bit where reading is allowed, or without."""
    return mode | (mode & 0o444) >> 2 if allowed else mode & ~0o111


def _digest(data: bytes | None) -> str | None:
    return None if data is None else digest_of(data)


def _counted(changes: list[FileChange]) -> str:
    return f"{len(changes)} file{'' if len(changes) == 1 else 's'}"
