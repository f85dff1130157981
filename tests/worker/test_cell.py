"""Cells: what a hostile candidate tries, in every mode, each with the same attempt succeeding without walls."""
# ruff: noqa: PTH102, PTH208

import ctypes
import json
import os
import resource
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rsi_sandbox.worker import cell, kernel

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="cells exist on Linux only")

LIMITS = {
    "cpu_seconds": 20,
    "memory_bytes": 4 << 30,
    "file_bytes": 1 << 20,
    "open_files": 64,
    "processes": 8,
    "tmp_bytes": 1 << 20,
}
WALLED = ["uid", "namespaces", "landlock"]
FORKING = ["uid", "namespaces"]
TRACEME, CREATE_0600, SETPCAP = 0, 0o1600, 1 << 8


def _works(mode: str) -> str:
    if mode == "uid" and os.geteuid():
        return "mode uid needs root"
    if mode == "landlock" and kernel.landlock_abi() < 3:
        return "this kernel's Landlock is older than ABI 3"
    if mode == "namespaces":
        pid = os.fork()
        if pid == 0:
            try:
                kernel.unshare(kernel.NEW_ALL)
            except OSError:
                os._exit(1)
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            return "user namespaces are not allowed here"
    return ""


@pytest.fixture
def mode(request: pytest.FixtureRequest) -> str:
    reason = _works(request.param)
    if reason:
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture
def base() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to other uids, which would hide a missing wall.
    path = Path(tempfile.mkdtemp(prefix="rsi-cell-"))
    path.chmod(0o755)
    (path / "outside").write_text("secret")
    (path / "outside").chmod(0o666)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def _root(base: Path, name: str = "job") -> Path:
    root = base / name
    (root / "tree").mkdir(parents=True)
    (root / "tmp").mkdir()
    (root / "tree" / "file").write_text("source")
    for path in (root, root / "tree"):
        path.chmod(0o755)
    return root


class Ran:
    """One cell from spawn to sweep."""

    def __init__(self, base: Path, mode: str, work: Callable[[], Any], name: str = "job", **limits: int) -> None:
        root = _root(base, name)
        read, write = os.pipe()

        def body() -> None:
            os.write(write, json.dumps(work()).encode())

        made = cell.spawn({"mode": mode}, {**LIMITS, **limits}, root=str(root), keep=(write,), body=body)
        os.close(write)
        self.code = os.waitstatus_to_exitcode(os.waitpid(made.leader, 0)[1])
        self.left = cell.sweep(made)
        self.scratch_gone = not (root / "tmp").exists()
        self.closed = bool(select.select([read], [], [], 10)[0])
        data = os.read(read, 1 << 16) if self.closed else b""
        os.close(read)
        self.value: Any = json.loads(data) if data else None


def _attempt(action: Callable[[], object]) -> Callable[[], str]:
    def work() -> str:
        try:
            action()
        except OSError:
            return "refused"
        return "done"

    return work


def _libc(name: str, *arguments: int) -> int:
    result: int = getattr(ctypes.CDLL(None, use_errno=True), name)(*map(ctypes.c_long, arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result


def _shared_memory() -> None:
    identity = _libc("shmget", 0, 4096, CREATE_0600)
    _libc("shmctl", identity, 0, 0)


def _unshare() -> None:
    kernel.unshare(kernel.NEWUSER)


def attempts(base: Path) -> dict[str, Callable[[], object]]:
    worker = os.getpid()
    outside = base / "outside"
    return {
        "unix socket": lambda: socket.socket(socket.AF_UNIX),
        "tcp socket": lambda: socket.socket(socket.AF_INET),
        "tcp6 socket": lambda: socket.socket(socket.AF_INET6),
        "udp socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        "ptrace": lambda: _libc("ptrace", TRACEME, 0, 0, 0),
        "unshare": _unshare,
        "system v memory": _shared_memory,
        "reading outside": outside.read_text,
        "writing outside": lambda: outside.write_text("x"),
        "truncating outside": lambda: os.truncate(outside, 0),
        "chmod outside": lambda: outside.chmod(0o777),
        "times outside": lambda: os.utime(outside, (0, 0)),
        "creating outside": lambda: (base / "new").write_text("x"),
        "writing the tree": lambda: (base / "job/tree/file").write_text("x"),
        "adding to the tree": lambda: (base / "job/tree/new").write_text("x"),
        "renaming the tree": lambda: (base / "job/tree").rename(base / "job/other"),
        "linking out of scratch": lambda: os.link(base / "job/tree/file", base / "job/tmp/file"),
        "signal to the worker": lambda: os.kill(worker, 0),
        "the worker's memory": lambda: os.close(os.open(f"/proc/{worker}/mem", os.O_RDWR)),
        "the worker's environment": lambda: Path(f"/proc/{worker}/environ").read_bytes(),
    }


NAMES = list(attempts(Path("/")))
ROOT_CONTROLS = {"the worker's memory", "the worker's environment"}


@pytest.mark.parametrize("mode", WALLED, indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_attempt_is_refused(base: Path, mode: str, name: str) -> None:
    ran = Ran(base, mode, _attempt(attempts(base)[name]))
    assert (ran.value, ran.code) == ("refused", 0)
    assert (base / "outside").read_text() == "secret"
    assert (base / "job/tree/file").read_text() == "source"


@pytest.mark.parametrize("name", NAMES)
def test_attempt_succeeds_without_walls(base: Path, name: str) -> None:
    if os.geteuid() and name in ROOT_CONTROLS:
        pytest.skip("refused to ordinary users in any case")
    assert Ran(base, "none", _attempt(attempts(base)[name])).value == "done"


@pytest.mark.parametrize("mode", WALLED, indirect=True)
def test_no_socket_family_at_all(base: Path, mode: str) -> None:
    def open_each() -> list[int]:
        opened = []
        for family in range(1, 46):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
                try:
                    socket.socket(family, kind).close()
                except OSError:
                    continue
                opened.append(family)
        socket.socketpair()
        return opened

    assert Ran(base, mode, open_each).value == []
    assert len(Ran(base, "none", open_each, "control").value) >= 3


@pytest.mark.parametrize("mode", WALLED, indirect=True)
def test_ordinary_work_is_possible(base: Path, mode: str) -> None:
    def work() -> list[Any]:
        import threading

        Path(os.environ["TMPDIR"], "file").write_text("x")
        Path("/dev/null").write_text("x")
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
        return [Path("file").read_text(), Path("/proc/self/stat").read_text() != "", len(os.urandom(4))]

    ran = Ran(base, mode, work)
    assert (ran.value, ran.code, ran.left, ran.scratch_gone) == (["source", True, 4], 0, 0, True)


@pytest.mark.parametrize("mode", WALLED, indirect=True)
def test_no_capability_and_no_way_to_get_one(base: Path, mode: str) -> None:
    def rights() -> dict[str, str]:
        lines = Path("/proc/self/status").read_text().splitlines()
        return {line.split(":")[0]: line.split(":")[1].strip() for line in lines}

    found = Ran(base, mode, rights).value
    names = ["CapEff", "CapPrm", "CapInh", "CapAmb"]
    here = Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0]
    if int(here, 16) & SETPCAP or mode == "namespaces":
        names.append("CapBnd")  # where it can't be dropped no_new_privs stands in for it
    assert {int(found[name], 16) for name in names} == {0}
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")
    assert Ran(base, "none", rights, "control").value["Seccomp"] == "0"


@pytest.mark.parametrize("mode", ["none", *WALLED], indirect=True)
def test_limits_are_hard(base: Path, mode: str) -> None:
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)

    def limits() -> list[tuple[int, int]]:
        return [resource.getrlimit(kind) for kind in kinds]

    assert Ran(base, mode, limits).value == [[4 << 30] * 2, [1 << 20] * 2, [64] * 2, [0] * 2]
    assert Ran(base, mode, limits, "control", open_files=32).value[2] == [32, 32]


@pytest.mark.parametrize("mode", WALLED, indirect=True)
def test_memory_is_refused(base: Path, mode: str) -> None:
    def work() -> str:
        try:
            bytearray(2 << 30)
        except MemoryError:
            return "refused"
        return "done"

    assert Ran(base, mode, work, memory_bytes=1 << 30).value == "refused"
    assert Ran(base, mode, work, "control").value == "done"


def _bomb() -> int:
    made = 0
    for _ in range(30):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
    return made


@pytest.mark.parametrize("mode", FORKING, indirect=True)
def test_fork_bomb_is_bounded_and_swept(base: Path, mode: str) -> None:
    ran = Ran(base, mode, _bomb)
    assert 0 < ran.value < LIMITS["processes"]
    assert ran.left == ran.value


def test_fork_bomb_control(base: Path) -> None:
    ran = Ran(base, "none", _bomb)
    assert (ran.value, ran.left) == (30, 30)


def test_floor_does_not_fork(base: Path) -> None:
    if reason := _works("landlock"):
        pytest.skip(reason)
    assert Ran(base, "landlock", _bomb).value == 0
    for name, work in (
        ("setsid", os.setsid),
        ("affinity", lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))),
        ("priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, 5)),
        ("group signal", lambda: os.kill(0, 0)),
    ):
        assert Ran(base, "landlock", _attempt(work), name).value == "refused", name
    assert Ran(base, "landlock", _attempt(lambda: os.kill(os.getpid(), 0)), "self").value == "done"


def _orphan(tell: int) -> Callable[[], None]:
    def body() -> None:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_IGN)
                os.write(tell, b"up")
                time.sleep(60)
            os._exit(0)
        os.wait()

    return body


@pytest.mark.parametrize("mode", [*FORKING, "none"], indirect=True)
def test_orphan_is_swept(base: Path, mode: str) -> None:
    read, write = os.pipe()
    made = cell.spawn({"mode": mode}, LIMITS, root=str(_root(base)), keep=(write,), body=_orphan(write))
    os.close(write)
    assert os.read(read, 2) == b"up"
    assert os.waitstatus_to_exitcode(os.waitpid(made.leader, 0)[1]) == 0
    left = cell.sweep(made)
    ended = bool(select.select([read], [], [], 5 if mode != "none" else 0.2)[0])
    os.close(read)
    if mode == "none":
        # The control: without a wall of its own the orphan's new session escapes, so the check above can fail.
        assert (left, ended) == (0, False)
        _end_children()
    else:
        assert (left, ended) == (1, True)


def _end_children() -> None:
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid():
            os.kill(int(name), signal.SIGKILL)
            os.waitpid(int(name), 0)


@pytest.mark.parametrize("mode", ["none", *WALLED], indirect=True)
def test_exit_path(base: Path, mode: str) -> None:
    def exits() -> None:
        raise SystemExit(0)

    assert Ran(base, mode, lambda: 1, "a").code == 0
    assert Ran(base, mode, lambda: 1 // 0, "b").code == cell.BODY_RAISED
    assert Ran(base, mode, exits, "c").code == cell.BODY_RAISED
    assert Ran(base, mode, lambda: os._exit(3), "d").code == 3
    assert Ran(base, mode, lambda: os.abort(), "e").code == -signal.SIGABRT


@pytest.mark.parametrize("mode", ["none", *WALLED], indirect=True)
def test_running_cell_is_clocked_and_stopped(base: Path, mode: str) -> None:
    read, write = os.pipe()

    def spin() -> None:
        while True:
            os.write(write, b".")

    made = cell.spawn({"mode": mode}, LIMITS, root=str(_root(base)), keep=(write,), body=spin)
    os.close(write)
    os.read(read, 1)
    assert time.clock_gettime_ns(made.cpu_clock()) > 0
    cell.stop(made)
    assert os.waitstatus_to_exitcode(os.waitpid(made.leader, 0)[1]) == -signal.SIGKILL
    assert cell.sweep(made) == 0
    os.close(read)


@pytest.mark.parametrize("mode", WALLED, indirect=True)
def test_sweep_ends_a_cell_whose_leader_was_killed(base: Path, mode: str) -> None:
    read, write = os.pipe()
    made = cell.spawn({"mode": mode}, LIMITS, root=str(_root(base)), keep=(write,), body=lambda: time.sleep(60))
    os.close(write)
    os.kill(made.leader, signal.SIGKILL)
    os.waitpid(made.leader, 0)
    cell.sweep(made)
    assert select.select([read], [], [], 5)[0]
    assert os.read(read, 1) == b""
    os.close(read)


@pytest.mark.parametrize("mode", WALLED, indirect=True)
def test_body_does_not_run_when_a_wall_is_missing(base: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: bytes) -> None:
        raise OSError("no seccomp here")

    monkeypatch.setattr(kernel, "install_filter", refuse)
    ran = base / "ran"
    with pytest.raises(cell.CellError, match="no seccomp here"):
        cell.spawn({"mode": mode}, LIMITS, root=str(_root(base)), keep=(), body=ran.touch)
    assert not ran.exists()


def test_missing_tree_and_unknown_mode(base: Path) -> None:
    with pytest.raises(cell.CellError, match="FileNotFoundError"):
        cell.spawn({"mode": "none"}, LIMITS, root=str(base / "nowhere"), body=lambda: None)
    with pytest.raises(ValueError, match="best-effort"):
        cell.spawn({"mode": "best-effort"}, LIMITS, root=str(base), body=lambda: None)


def test_descriptors_are_closed(base: Path) -> None:
    leaked = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(leaked, True)

    def open_ones() -> list[int]:
        return sorted(int(name) for name in os.listdir("/proc/self/fd"))

    found = Ran(base, "none", open_ones).value
    os.close(leaked)
    assert leaked not in found
    assert len(found) == 5  # 0, 1, 2, the result pipe and the listing itself


def test_every_cell_has_its_own_uid(base: Path) -> None:
    if reason := _works("uid"):
        pytest.skip(reason)
    assert len({Ran(base, "uid", os.getuid, name).value for name in ("a", "b", "c")}) == 3


@pytest.mark.parametrize("mode", WALLED, indirect=True)
def test_deep_and_locked_scratch_is_emptied(base: Path, mode: str) -> None:
    def dig() -> None:
        os.chdir(os.environ["TMPDIR"])
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        Path("file").touch(mode=0)
        os.mkdir("locked", 0o000)

    ran = Ran(base, mode, dig)
    assert (ran.code, ran.scratch_gone) == (0, True)


@pytest.mark.parametrize("mode", ["namespaces"], indirect=True)
def test_scratch_has_a_size(base: Path, mode: str) -> None:
    def fill() -> int:
        written = 0
        try:
            for index in range(8):
                written += Path(os.environ["TMPDIR"], str(index)).write_bytes(b"x" * (1 << 19))
        except OSError:
            pass
        return written

    assert 0 < Ran(base, mode, fill).value <= LIMITS["tmp_bytes"]
    assert Ran(base, "none", fill, "control").value == 8 << 19


@pytest.mark.parametrize("mode", ["namespaces"], indirect=True)
def test_only_its_own_processes_are_in_sight(base: Path, mode: str) -> None:
    def pids() -> list[str]:
        return sorted(filter(str.isdigit, os.listdir("/proc")))

    assert Ran(base, mode, pids).value == ["1", "2"]
    assert len(Ran(base, "none", pids, "control").value) > 2
