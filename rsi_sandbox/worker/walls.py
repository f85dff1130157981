"""The forked child's side of a cell: closes what it inherited, puts up the walls, runs the body, exits.

The order matters: rights are used up before they are dropped, and each wall is up before the next one needs it. One
that can't be put up ends the process before the body runs.
"""

import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from rsi_sandbox.worker import kernel, seccomp
from rsi_sandbox.worker.confinement import (
    ENDED,
    LEFT,
    PROBLEM,
    READY,
    REAPER,
    CellError,
    Confinement,
    Mode,
    scratch_of,
)

BODY_RAISED = 70
SETUP_FAILED = 71

_INSIDE_ID = 65532
_NOBODY = 65534
_FLOOR_ABI = 3
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What one fork has to do to itself."""

    confine: Confinement
    limits: dict[str, Any]
    root: str
    keep: tuple[int, ...]
    uid: int
    worker: int


def become(plan: Plan, report: socket.socket, body: Callable[[], None]) -> NoReturn:
    """Put up every wall, say so on `report`, run the body, end the process."""
    try:
        kernel.close_all_but({0, 1, 2, report.fileno(), *plan.keep})
        os.setsid()
        if plan.confine.mode is Mode.NAMESPACES:
            _enter_namespaces(plan, report)
        _wall_in(plan)
        report.send(READY)
        report.close()
    except BaseException as error:
        try:
            report.send(PROBLEM + f"{type(error).__name__}: {error}".encode()[:2000])
        finally:
            os._exit(SETUP_FAILED)
    try:
        body()
    except BaseException:
        os._exit(BODY_RAISED)
    os._exit(0)


def _wall_in(plan: Plan) -> None:
    mode = plan.confine.mode
    os.umask(0o077)
    # Elsewhere the uid's count includes every process the user already has.
    _limit(plan.limits, own_uid=mode in (Mode.UID, Mode.NAMESPACES))
    if mode is not Mode.NONE:
        kernel.drop_bounding_set()
    if mode is Mode.UID:
        _become_user(plan.uid)
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
        kernel.landlock(_readable(plan), (scratch_of(plan.root), "/dev/null"))
    floor_pid = os.getpid() if mode is Mode.LANDLOCK else 0
    kernel.install_filter(seccomp.program(floor_pid=floor_pid))


def _become_user(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


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
    scratch = scratch_of(root)
    os.chdir(f"{root}/tree")
    for name in ("TMPDIR", "HOME"):
        os.environ[name] = scratch
    tempfile.tempdir = scratch


def _readable(plan: Plan) -> list[str]:
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *sys.path}
    proc = ("/proc",) if plan.confine.mode is Mode.NAMESPACES else ()
    paths = {*_SYSTEM, *_DETAILS, *proc, *plan.confine.readable, *python, f"{plan.root}/tree"}
    return sorted(path for path in paths if path.startswith("/") and Path(path) != Path("/"))


def _enter_namespaces(plan: Plan, report: socket.socket) -> None:
    # Returns in the third process only. The first stays outside as `leader`, the second is pid 1 and reaps.
    if os.geteuid() == 0:
        # The kernel does not count root's processes, whatever RLIMIT_NPROC says.
        _become_user(_NOBODY)
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
    report.send(REAPER)
    _mount_scratch(plan)
    candidate = os.fork()
    if candidate:
        kernel.close_all_but({tell})
        _reap(candidate, tell)
    kernel.die_with_parent()
    os.close(tell)


def _mount_scratch(plan: Plan) -> None:
    os.chdir("/")
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.restrict_mounts("/", kernel.MS_RDONLY | kernel.MS_NOSUID)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    size = f"size={int(plan.limits['tmp_bytes'])},nr_inodes=4096,mode=700"
    kernel.mount("tmpfs", scratch_of(plan.root), "tmpfs", flags, size)
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
    os.write(tell, ENDED.pack(status, left))
    os._exit(0)


def _relay(reaper: int, outcome: int, report: socket.socket) -> NoReturn:
    data = os.read(outcome, ENDED.size)
    os.waitpid(reaper, 0)
    if len(data) != ENDED.size:
        os._exit(SETUP_FAILED)
    status, left = ENDED.unpack(data)
    report.send(LEFT + str(left).encode())
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
