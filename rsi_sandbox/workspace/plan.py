"""What would have to change in the working tree, and whether it may: planned whole before anything is written.

It refuses to overwrite anything a person has edited, to follow links, and to leave the root.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import merging
from rsi_sandbox.lineage.files import Folder
from rsi_sandbox.lineage.paths import check_paths
from rsi_sandbox.model import Tree, digest_of


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


def plan(root: Path, original: Tree, wanted: Tree, *, merge: bool = False) -> tuple[list[FileChange], dict[str, bytes]]:
    """What has to change in the working tree at `root`, which should hold `original`, to get `wanted`; changes nothing.

    Returns the changes and the content of every file that is written, which is a merge where a person edited it.

    Raises:
        UsageError: a file to be changed is not as `original` has it and can't be merged, or can't be changed safely.
    """
    check_paths({*original.files, *wanted.files})
    touched = wanted.differing(original)
    changes: list[FileChange] = []
    written: dict[str, bytes] = {}
    edited: list[str] = []
    with Folder(root) as folder:
        for path in touched:
            found = folder.read(path)
            data = found[0] if found else None
            mode = found[1] if found else _new_mode()
            goal = wanted.files.get(path)
            if data not in (original.files.get(path), goal):
                goal = merged(original.files.get(path), data, goal) if merge else None
                if goal is None:
                    edited.append(path)
            after_mode = _with_execution(mode, allowed=path in wanted.executable)
            change = FileChange(path, _digest(data), _digest(goal), mode if found else 0, after_mode)
            if data != goal or (goal is not None and mode != after_mode):
                changes.append(change)
                written |= {} if goal is None else {path: goal}
    if edited:
        raise _edited(edited, merge=merge)
    return changes, written


def merged(base: bytes | None, ours: bytes | None, theirs: bytes | None) -> bytes | None:
    """Both sides' changes of one file; None where they conflict or a side has no such file."""
    if base is None or ours is None or theirs is None:
        return None
    return merging.merge(base, ours, theirs)


def _edited(paths: list[str], *, merge: bool) -> UsageError:
    if merge:
        return UsageError(
            f"edited since the run in the same places, so not merged: {', '.join(paths)}",
            hint="`rsi-sandbox diff GEN` shows the change to make by hand; or run `rsi-sandbox evolve` again on top",
        )
    return UsageError(
        f"edited since the run, so not overwritten: {', '.join(paths)}",
        hint="`apply --merge` merges where both sides go together; "
        "or restore these files, or run `rsi-sandbox evolve` again on top",
    )


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
