"""Changes of the working tree that survive a crash: journalled, then made file by file, then recorded.

A journal that is still there is carried to its end by `recover`, unless a person edited a file in between.
"""

import errno
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rsi_sandbox.errors import DamagedRecordError, StateError, UsageError
from rsi_sandbox.lineage import Kind, Lineage
from rsi_sandbox.lineage.durable import remove_file, replace_file
from rsi_sandbox.lineage.files import Folder
from rsi_sandbox.model import Json, canonical_json, digest_of
from rsi_sandbox.workspace.plan import FileChange

_JOURNAL = "journal.json"


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


def written_down(
    root: Path, lineage: Lineage, kind: Kind, changes: list[FileChange], about: Mapping[str, Json]
) -> Json:
    """The journal of a change."""
    return {
        "about": dict(about),
        "changes": [asdict(change) for change in changes],
        "kind": kind.value,
        "root": str(root.resolve()),
        "size": lineage.root()[0],
    }


def start(root: Path, lineage: Lineage, journal: Json) -> None:
    """Write the journal, then carry it out."""
    stored = {"digest": digest_of(canonical_json(journal)), "journal": journal}
    replace_file(lineage.directory / _JOURNAL, canonical_json(stored))
    _carry_out(root, lineage, journal)


def _carry_out(root: Path, lineage: Lineage, journal: Json) -> None:
    """Make every change of the journal, record it, and drop the journal; on a failed write put everything back."""
    changes = [FileChange(**change) for change in journal["changes"]]
    check_outside_state(root, lineage, changes)
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
        digest, mode = state_of(folder, change.path)
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
    return state_of(folder, change.path)[0] in (change.before, change.after, None)


def state_of(folder: Folder, path: str) -> tuple[str | None, int]:
    """Digest and mode of a file as it is now; None and 0 where there is none."""
    found = folder.read(path)
    return (digest_of(found[0]), found[1]) if found else (None, 0)


def _sides(change: FileChange) -> tuple[tuple[str, str | None], tuple[str, str | None]]:
    return ("before", change.before), ("after", change.after)


def check_outside_state(root: Path, lineage: Lineage, changes: list[FileChange]) -> None:
    """Refuse to change the record itself.

    Raises:
        UsageError: a path lies in the state directory.
    """
    state = lineage.directory.resolve()
    for change in changes:
        inside = (root.resolve() / change.path).is_relative_to(state)
        if inside or change.path.split("/")[0].casefold() == ".rsi-sandbox":
            raise UsageError(f"{change.path!r} is part of the record and is never changed by a generation")
