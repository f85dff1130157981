"""One writer per state directory, by an operating-system lock that dies with its holder.

It refuses a second writer by name, or waits for the first one where that was asked for, and never breaks a lock.
"""

import fcntl
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rsi_sandbox.errors import StateError

PATIENCE_SECONDS = 1.0
"""A killed run's git process may hold the lock for a moment longer than the run."""
_PAUSE = 0.1


def take(path: Path, *, wait: float = 0.0, told: Callable[[str], None] | None = None) -> int:
    """The descriptor that holds the lock; closing it lets go. Waits up to `wait` seconds for another run.

    `told` hears once, by name, whom it is waiting for.

    Raises:
        StateError: another run holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        deadline = time.monotonic() + max(wait, PATIENCE_SECONDS)
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise _busy(handle, path.parent) from None
                if told and wait > PATIENCE_SECONDS:
                    told(f"waiting up to {wait:.0f} s for {_holder(handle)}, which is using {path.parent}")
                    told = None
                time.sleep(_PAUSE)
        started = datetime.now(UTC).isoformat(timespec="seconds")
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {started}\n".encode(), 0)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _holder(handle: int) -> str:
    pid, _, started = os.pread(handle, 100, 0).decode(errors="replace").strip().partition(" ")
    return f"another run (pid {pid or 'unknown'}, started {started or 'just now'})"


def _busy(handle: int, directory: Path) -> StateError:
    return StateError(
        f"{_holder(handle)} is using {directory}",
        hint="wait for it (`evolve --wait 10m`), stop it, or use another state directory with --state DIR",
    )
