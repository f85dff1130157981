"""Finds, counts and kills what a candidate left running, and empties its scratch directory.

It works from what the candidate can't change: its uid, its pid namespace, its process group.
"""

import os
import signal
import time
from typing import NoReturn

from rsi_sandbox.worker.confinement import (
    LEFT,
    PATIENCE_SECONDS,
    Cell,
    CellError,
    Mode,
    is_child,
    kill_child,
    scratch_of,
)

# The sweeper's own real uid: what it hunts must not be able to signal it back.
_SWEEPER_UID = 9999


def stop(cell: Cell) -> None:
    """Kill the body's process, so that `leader` ends with SIGKILL and its rusage is complete."""
    if is_child(cell.leader):
        try:
            os.kill(cell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended by itself in between


def sweep(cell: Cell) -> int:
    """Kill what the cell left, reap it, remove root/tmp; returns how many processes had been left behind.

    Kills the leader if it still runs, but leaves it to be waited for.

    Raises:
        CellError: something could not be killed; this worker is no longer fit for use.
    """
    if not _ended(cell.leader):
        stop(cell)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _ended(cell.leader):
            if time.monotonic() > deadline:
                kill_child(cell.leader)
                break
            time.sleep(0.001)
    if cell.mode is Mode.UID:
        left = _sweep_uid(cell)
    elif cell.mode is Mode.NAMESPACES:
        left = _sweep_namespace(cell)
    else:
        left = _sweep_group(cell)
        _empty(scratch_of(cell.root))
    cell.channel.close()
    try:
        os.rmdir(scratch_of(cell.root))  # noqa: PTH106
    except OSError:
        pass  # the server removes the whole root, and says so when it can't
    return left


def _ended(pid: int) -> bool:
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    try:
        return os.waitid(os.P_PID, pid, flags) is not None
    except ChildProcessError:
        return True


def _sweep_namespace(cell: Cell) -> int:
    if cell.reaper and is_child(cell.reaper):
        # The leader was killed and its pid 1 came to us; it can't be reaped before its namespace is empty.
        os.kill(cell.reaper, signal.SIGKILL)
        os.waitpid(cell.reaper, 0)
    cell.channel.setblocking(False)
    try:
        data = cell.channel.recv(64)
    except BlockingIOError:
        return 0
    return int(data[1:]) if data[:1] == LEFT else 0


def _sweep_group(cell: Cell) -> int:
    # Before the leader is reaped its group can't be anybody else's; after it, an empty group is gone.
    try:
        os.killpg(cell.leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return 0
    left = 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            found = os.waitid(os.P_PGID, cell.leader, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return left
        if found is None:
            time.sleep(0.001)
        elif found.si_pid == cell.leader:
            return left
        else:
            os.waitpid(found.si_pid, 0)
            left += 1
    raise CellError("a process of the cell can't be killed")


def _sweep_uid(cell: Cell) -> int:
    left = len(_alive(cell))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        helper = os.fork()
        if helper == 0:
            _hunt(cell)
        os.waitpid(helper, 0)
        if not _alive(cell):
            return left
        if time.monotonic() > deadline:
            raise CellError("a process of the cell can't be killed")
        time.sleep(0.001)


def _alive(cell: Cell) -> list[int]:
    # /proc/<pid> belongs to the process's effective uid, which a candidate has no means to change.
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        try:
            if int(name) == cell.leader or os.stat(f"/proc/{name}").st_uid != cell.uid:  # noqa: PTH116
                continue
        except FileNotFoundError:
            continue
        try:
            if os.waitpid(int(name), os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            pass
        found.append(int(name))
    return found


def _hunt(cell: Cell) -> NoReturn:
    try:
        os.setresuid(_SWEEPER_UID, cell.uid, _SWEEPER_UID)
        try:
            os.kill(-1, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        _empty(scratch_of(cell.root))
    finally:
        os._exit(0)


def _empty(path: str) -> None:
    # Subdirectories are moved up before they are opened: no recursion and no long path, however deep they nest.
    moved = 0
    waiting = [path]
    while waiting:
        directory = waiting.pop()
        try:
            os.chmod(directory, 0o700)  # noqa: PTH101
            entries = list(os.scandir(directory))
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)  # noqa: PTH101
                    moved += 1
                    target = f"{path}/.swept-{os.getpid()}-{moved}"
                    os.rename(entry.path, target)  # noqa: PTH104
                    waiting.append(target)
                else:
                    os.unlink(entry.path)  # noqa: PTH108
            except OSError:
                continue
        if directory != path:
            try:
                os.rmdir(directory)  # noqa: PTH106
            except OSError:
                continue
