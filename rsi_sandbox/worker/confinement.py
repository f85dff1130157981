"""What a cell is and how it is to be confined: the records that `cell`, `walls` and `leftovers` pass around."""

import os
import signal
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

READY, REAPER, PROBLEM, LEFT = b"r", b"p", b"!", b"l"
"""First byte of what a cell tells the worker while it is built and when it ends."""
ENDED = struct.Struct("=iI")
"""From the cell's pid 1 to its leader: wait status of the body's process, and how many others it left."""
PATIENCE_SECONDS = 20.0


class Mode(StrEnum):
    """What keeps candidates apart from each other and from the worker."""

    UID = "uid"
    """A fresh uid per cell; the worker is root with SETUID, SETGID, KILL and CHOWN inside a container."""
    NAMESPACES = "namespaces"
    """Fresh user, pid, mount, net, ipc, uts and cgroup namespaces per cell."""
    LANDLOCK = "landlock"
    """The floor: the worker's own uid, no forks, no sockets."""
    NONE = "none"
    """Nothing but limits; for --unsafe-no-sandbox only."""


class CellError(Exception):
    """The cell could not be built or could not be emptied: the sandbox's fault, never the candidate's."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """How every cell of one worker is walled in."""

    mode: Mode
    readable: tuple[str, ...] = ()
    """Paths a candidate may read and execute besides the system, Python and its own tree."""

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> "Confinement":
        """From the hello's `confine`.

        Raises:
            ValueError: no such mode.
            KeyError: no mode at all.
        """
        return cls(Mode(message["mode"]), tuple(message.get("readable", ())))


@dataclass(frozen=True, slots=True)
class Cell:
    """A running cell. Whoever spawned it waits for `leader` and then sweeps it."""

    leader: int
    """Child of the worker. It ends with the exit code or signal of the body's process."""
    pid: int
    """The process that runs the body, in the worker's pid namespace."""
    mode: Mode
    root: str
    uid: int
    """The cell's own uid in mode uid, otherwise 0."""
    reaper: int
    """Pid 1 of the cell's pid namespace as the worker sees it, otherwise 0."""
    channel: socket.socket

    def cpu_clock(self) -> int:
        """Clock id for `time.clock_gettime`: CPU time of the body's process, all threads, without its children."""
        return (~self.pid << 3) | 2


def scratch_of(root: str) -> str:
    """The directory of a job that its candidate may write to."""
    return os.path.join(root, "tmp")  # noqa: PTH118 - a string for the kernel


def is_child(pid: int) -> bool:
    """Whether `pid` is a child of this process, running or waiting to be reaped."""
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def kill_child(pid: int) -> None:
    """SIGKILL, if it is still ours: a pid that is no longer may be anybody's."""
    if pid and is_child(pid):
        os.kill(pid, signal.SIGKILL)
