"""One writer per state directory, by an operating-system lock that dies with its holder.

It refuses a second writer by name, and never breaks a lock.
"""

import fcntl
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from rsi_sandbox.errors import StateError

_PATIENCE = 10
_PAUSE = 0.1
"""A killed run's git process may hold the lock for a moment longer than the run."""


def take(path: Path) -> int:
    """The descriptor that holds the lock; closing it lets go.

    Raises:
        StateError: another run holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        for attempt in range(_PATIENCE + 1):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == _PATIENCE:
                    raise _busy(handle, path.parent) from None
                time.sleep(_PAUSE)
        started = datetime.now(UTC).isoformat(timespec="seconds")
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {started}\n".encode(), 0)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _busy(handle: int, directory: Path) -> StateError:
    pid, _, started = os.pread(handle, 100, 0).decode(errors="replace").strip().partition(" ")
    return StateError(
        f"another run (pid {pid or 'unknown'}, started {started or 'just now'}) is using {directory}",
        hint="wait for it, stop it, or use another state directory with --state DIR",
    )
