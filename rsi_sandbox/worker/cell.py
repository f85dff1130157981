"""One confined process per job: forked from the warm worker, walled in before any candidate code runs, swept after.

A cell fails closed: if one wall can't be put up the body never runs and `spawn` raises. It does not materialise
files, move bytes, or watch the clock; the server does.
"""

import os
import resource
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from rsi_sandbox.worker import kernel, seccomp

BODY_RAISED = 70
SETUP_FAILED = 71

_INSIDE_ID = 65532
_UIDS = range(20000, 60000)
# The sweeper's own real uid: what it hunts must not be able to signal it back.
_SWEEPER_UID = 9999
_PATIENCE = 20.0
_FLOOR_ABI = 3
_ENDED = struct.Struct("=iI")
_READY, _REAPER, _PROBLEM, _LEFT = b"r", b"p", b"!", b"l"

_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/rsi")
_DETAILS = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
)


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
        os.chown(f"{root}/tmp", uid, uid)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    worker = os.getpid()
    leader = os.fork()
    if leader == 0:
        ours.detach()
        _become(_Plan(confine, dict(limits), root, tuple(keep), uid, worker), theirs, body)
    theirs.close()
    try:
        pid, reaper = _await_walls(ours)
    except CellError:
        _kill_child(leader)
        os.waitpid(leader, 0)
        ours.close()
        raise
    inner = confine.mode is Mode.NAMESPACES
    return Cell(leader, pid if inner else leader, confine.mode, root, uid, reaper if inner else 0, ours)


def stop(cell: Cell) -> None:
    """Kill the body's process, so that `leader` ends with SIGKILL and its rusage is complete."""
    if _is_child(cell.leader):
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
        deadline = time.monotonic() + _PATIENCE
        while not _ended(cell.leader):
            if time.monotonic() > deadline:
                _kill_child(cell.leader)
                break
            time.sleep(0.001)
    if cell.mode is Mode.UID:
        left = _sweep_uid(cell)
    elif cell.mode is Mode.NAMESPACES:
        left = _sweep_namespace(cell)
    else:
        left = _sweep_group(cell)
        _empty(f"{cell.root}/tmp")
    cell.channel.close()
    try:
        os.rmdir(f"{cell.root}/tmp")  # noqa: PTH106
    except OSError:
        pass  # the server removes the whole root, and says so when it can't
    return left


# In the child --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    confine: Confinement
    limits: dict[str, Any]
    root: str
    keep: tuple[int, ...]
    uid: int
    worker: int


def _become(plan: _Plan, report: socket.socket, body: Callable[[], None]) -> NoReturn:
    try:
        kernel.close_all_but({0, 1, 2, report.fileno(), *plan.keep})
        os.setsid()
        if plan.confine.mode is Mode.NAMESPACES:
            _enter_namespaces(plan, report)
        _wall_in(plan)
        report.send(_READY)
        report.close()
    except BaseException as error:
        try:
            report.send(_PROBLEM + f"{type(error).__name__}: {error}".encode()[:2000])
        finally:
            os._exit(SETUP_FAILED)
    try:
        body()
    except BaseException:
        os._exit(BODY_RAISED)
    os._exit(0)


def _wall_in(plan: _Plan) -> None:
    mode = plan.confine.mode
    os.umask(0o077)
    # Elsewhere the uid's count includes every process the user already has.
    _limit(plan.limits, own_uid=mode in (Mode.UID, Mode.NAMESPACES))
    if mode is Mode.UID:
        os.setgroups([])
        os.setresgid(plan.uid, plan.uid, plan.uid)
        os.setresuid(plan.uid, plan.uid, plan.uid)
    if mode is not Mode.NAMESPACES:
        kernel.die_with_parent()
        if os.getppid() != plan.worker:
            raise CellError("the worker is gone")
    _settle(plan.root)
    kernel.set_dumpable(dumpable=True)
    if mode is Mode.NONE:
        return
    kernel.drop_capabilities()
    kernel.no_new_privileges()
    if mode is Mode.LANDLOCK and kernel.landlock_abi() < _FLOOR_ABI:
        # Before ABI 3 a candidate can truncate every file that the user can write.
        raise CellError("the landlock floor needs Linux 6.2 (Landlock ABI 3)")
    if kernel.landlock_abi() >= 1:
        kernel.landlock(_readable(plan), (f"{plan.root}/tmp", "/dev/null"))
    floor_pid = os.getpid() if mode is Mode.LANDLOCK else 0
    kernel.install_filter(seccomp.program(floor_pid=floor_pid))


def _limit(limits: Mapping[str, Any], *, own_uid: bool) -> None:
    cpu = int(limits["cpu_seconds"])
    wanted = [
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_AS, int(limits["memory_bytes"]), int(limits["memory_bytes"])),
        (resource.RLIMIT_FSIZE, int(limits["file_bytes"]), int(limits["file_bytes"])),
        (resource.RLIMIT_NOFILE, int(limits["open_files"]), int(limits["open_files"])),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ]
    if own_uid:
        wanted.append((resource.RLIMIT_NPROC, int(limits["processes"]), int(limits["processes"])))
    for kind, soft, hard in wanted:
        _, ceiling = resource.getrlimit(kind)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)  # noqa: PLW2901
        resource.setrlimit(kind, (soft, hard))


def _settle(root: str) -> None:
    scratch = f"{root}/tmp"
    os.chdir(f"{root}/tree")
    for name in ("TMPDIR", "HOME"):
        os.environ[name] = scratch
    tempfile.tempdir = scratch


def _readable(plan: _Plan) -> list[str]:
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *sys.path}
    proc = ("/proc",) if plan.confine.mode is Mode.NAMESPACES else ()
    paths = {*_SYSTEM, *_DETAILS, *proc, *plan.confine.readable, *python, f"{plan.root}/tree"}
    return sorted(path for path in paths if path.startswith("/") and Path(path) != Path("/"))


def _enter_namespaces(plan: _Plan, report: socket.socket) -> None:
    # Returns in the third process only. The first stays outside as `leader`, the second is pid 1 and reaps.
    uid, gid = os.geteuid(), os.getegid()
    kernel.die_with_parent()
    if os.getppid() != plan.worker:
        raise CellError("the worker is gone")
    kernel.set_dumpable(dumpable=True)  # or /proc/self/uid_map belongs to root
    kernel.unshare(kernel.NEW_ALL)
    kernel.map_identity(_INSIDE_ID, uid, gid)
    outcome, tell = os.pipe()
    first = os.fork()
    if first:
        kernel.close_all_but({outcome, report.fileno()})
        _relay(first, outcome, report)
    os.close(outcome)
    kernel.die_with_parent()
    kernel.set_dumpable(dumpable=False)
    report.send(_REAPER)
    _mount_scratch(plan)
    candidate = os.fork()
    if candidate:
        kernel.close_all_but({tell})
        _reap(candidate, tell)
    kernel.die_with_parent()
    os.close(tell)


def _mount_scratch(plan: _Plan) -> None:
    os.chdir("/")
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.restrict_mounts("/", kernel.MS_RDONLY | kernel.MS_NOSUID)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    size = f"size={int(plan.limits['tmp_bytes'])},nr_inodes=4096,mode=700"
    kernel.mount("tmpfs", f"{plan.root}/tmp", "tmpfs", flags, size)
    try:
        kernel.mount("proc", "/proc", "proc", flags)
    except OSError:
        # Where parts of /proc are masked the kernel refuses a fresh one; an empty one beats the worker's.
        kernel.mount("tmpfs", "/proc", "tmpfs", flags | kernel.MS_RDONLY, "size=4k,nr_inodes=2")


def _reap(candidate: int, tell: int) -> NoReturn:
    for number in signal.valid_signals():
        # Pid 1 is deaf to the candidate's signals unless it has a handler.
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    pid = status = 0
    while pid != candidate:
        pid, status = os.wait()
    left = 0
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        os.kill(-1, signal.SIGKILL)
        while os.wait():
            left += 1
    except (ChildProcessError, ProcessLookupError):
        pass
    os.write(tell, _ENDED.pack(status, left))
    os._exit(0)


def _relay(reaper: int, outcome: int, report: socket.socket) -> NoReturn:
    data = os.read(outcome, _ENDED.size)
    os.waitpid(reaper, 0)
    if len(data) != _ENDED.size:
        os._exit(SETUP_FAILED)
    status, left = _ENDED.unpack(data)
    report.send(_LEFT + str(left).encode())
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


# In the worker -------------------------------------------------------------------------------------------------


def _fresh_uid() -> int:
    global _spawned  # noqa: PLW0603 - a process-wide counter is what keeps uids fresh
    _spawned += 1
    return _UIDS[(_uid_offset + _spawned) % len(_UIDS)]


def _await_walls(channel: socket.socket) -> tuple[int, int]:
    # The kernel stamps each message with its sender's pid in *this* pid namespace.
    channel.settimeout(_PATIENCE)
    reaper = 0
    while True:
        try:
            data, ancillary, _, _ = channel.recvmsg(4096, socket.CMSG_SPACE(12))
        except TimeoutError:
            raise CellError("the cell was not ready in time") from None
        sender = next((struct.unpack("=iII", item[2])[0] for item in ancillary), 0)
        if data == _READY:
            return sender, reaper
        if data == _REAPER:
            reaper = sender
        elif data[:1] == _PROBLEM:
            raise CellError(data[1:].decode(errors="replace"))
        else:
            raise CellError("the cell died while its walls were put up")


def _ended(pid: int) -> bool:
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    try:
        return os.waitid(os.P_PID, pid, flags) is not None
    except ChildProcessError:
        return True


def _is_child(pid: int) -> bool:
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _kill_child(pid: int) -> None:
    # A pid that is no longer ours may be anybody's.
    if pid and _is_child(pid):
        os.kill(pid, signal.SIGKILL)


def _sweep_namespace(cell: Cell) -> int:
    if cell.reaper and _is_child(cell.reaper):
        # The leader was killed and its pid 1 came to us; it can't be reaped before its namespace is empty.
        os.kill(cell.reaper, signal.SIGKILL)
        os.waitpid(cell.reaper, 0)
    cell.channel.setblocking(False)
    try:
        data = cell.channel.recv(64)
    except BlockingIOError:
        return 0
    return int(data[1:]) if data[:1] == _LEFT else 0


def _sweep_group(cell: Cell) -> int:
    # Before the leader is reaped its group can't be anybody else's; after it, an empty group is gone.
    try:
        os.killpg(cell.leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return 0
    left = 0
    deadline = time.monotonic() + _PATIENCE
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
    deadline = time.monotonic() + _PATIENCE
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
        _empty(f"{cell.root}/tmp")
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
