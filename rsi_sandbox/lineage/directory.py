"""Making and completing a state directory.

It refuses a place it can't write to and leaves nothing behind there.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rsi_sandbox.errors import StateError
from rsi_sandbox.lineage import lock
from rsi_sandbox.lineage.objects import ObjectStore


def prepare(state_dir: Path, *, wait: float = 0.0, told: Callable[[str], None] | None = None) -> int:
    """Make the directory, or complete one whose making was interrupted; returns the descriptor of its lock.

    Raises:
        StateError: it can't be written, or another run is using it.
    """
    made: Path | None = None
    handle: int | None = None
    try:
        if not state_dir.is_dir():
            made = _outermost_missing(state_dir)
            state_dir.mkdir(parents=True)
        handle = lock.take(state_dir / "lock", wait=wait, told=told)
        (state_dir / ".gitignore").write_text("*\n")
        (state_dir / "evidence").mkdir(exist_ok=True)
        if not (state_dir / "lineage.db").exists():
            ObjectStore(state_dir / "objects.git", keep=handle).create()
    except (OSError, StateError) as error:
        if handle is not None:
            os.close(handle)
        if made:
            shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, StateError):
            raise
        raise StateError(
            f"{state_dir} can't be written: {error.strerror}", hint="give a writable place with --state DIR"
        ) from error
    return handle


@contextmanager
def written(state_dir: Path) -> Iterator[None]:
    """A failing disk in our words; the record is as it was before.

    Raises:
        StateError: a write inside failed.
    """
    try:
        yield
    except OSError as error:
        raise StateError(
            f"{state_dir} can't be written: {error.strerror}; nothing was recorded",
            hint="make room or mend the permissions, then run the command again: what was recorded before is intact",
        ) from error


def _outermost_missing(path: Path) -> Path:
    while not path.parent.exists():
        path = path.parent
    return path
