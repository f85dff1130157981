"""One confined process per job: forked from the warm worker, walled in before any candidate code runs, swept after.

A cell fails closed: if one wall can't be put up the body never runs and `spawn` raises. It does not materialise
files, move bytes, or watch the clock; the server does.
"""

import os
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rsi_sandbox.worker import kernel
from rsi_sandbox.worker.confinement import (
    PATIENCE_SECONDS,
    PROBLEM,
    READY,
    REAPER,
    Cell,
    CellError,
    Confinement,
    Mode,
    kill_child,
    scratch_of,
)
from rsi_sandbox.worker.leftovers import stop, sweep
from rsi_sandbox.worker.walls import BODY_RAISED, SETUP_FAILED, Plan, become

__all__ = [
    "BODY_RAISED",
    "SETUP_FAILED",
    "Cell",
    "CellError",
    "Confinement",
    "Mode",
    "spawn",
    "stop",
    "sweep",
]

_UIDS = range(20000, 60000)

_uid_offset = int.from_bytes(os.urandom(4), "big")
_spawned = 0


def spawn(
    confine: Confinement | Mapping[str, Any],
    limits: Mapping[str, Any],
    *,
    root: str,
    keep: Iterable[int] = (),
    body: Callable[[], None],
) -> Cell:
    """Fork a confined process that runs `body` in root/tree with root/tmp as its scratch directory.

    Returns when every wall stands. Descriptors 0, 1, 2 and `keep` stay open in it, all others are closed. It ends
    with 0 when the body returns and 70 when it raises.

    Raises:
        CellError: a wall could not be put up; the body has not run.
    """
    if not isinstance(confine, Confinement):
        confine = Confinement.from_message(confine)
    kernel.adopt_orphans()
    kernel.set_dumpable(dumpable=False)
    uid = 0
    if confine.mode is Mode.UID:
        uid = _fresh_uid()
        os.chown(scratch_of(root), uid, uid)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    worker = os.getpid()
    leader = os.fork()
    if leader == 0:
        ours.detach()
        become(Plan(confine, dict(limits), root, tuple(keep), uid, worker), theirs, body)
    theirs.close()
    try:
        pid, reaper = _await_walls(ours)
    except CellError:
        kill_child(leader)
        os.waitpid(leader, 0)
        ours.close()
        raise
    inner = confine.mode is Mode.NAMESPACES
    return Cell(leader, pid if inner else leader, confine.mode, root, uid, reaper if inner else 0, ours)


def _fresh_uid() -> int:
    global _spawned  # noqa: PLW0603 - a process-wide counter is what keeps uids fresh
    _spawned += 1
    return _UIDS[(_uid_offset + _spawned) % len(_UIDS)]


def _await_walls(channel: socket.socket) -> tuple[int, int]:
    # The kernel stamps each message with its sender's pid in *this* pid namespace.
    channel.settimeout(PATIENCE_SECONDS)
    reaper = 0
    while True:
        try:
            data, ancillary, _, _ = channel.recvmsg(4096, socket.CMSG_SPACE(12))
        except TimeoutError:
            raise CellError("the cell was not ready in time") from None
        sender = next((struct.unpack("=iII", item[2])[0] for item in ancillary), 0)
        if data == READY:
            return sender, reaper
        if data == REAPER:
            reaper = sender
        elif data[:1] == PROBLEM:
            raise CellError(data[1:].decode(errors="replace"))
        else:
            raise CellError("the cell died while its walls were put up")
