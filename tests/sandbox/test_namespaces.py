"""The namespaces wall with a stand-in root: what is inside it, how it ends, and what it says when it can't be built."""
# ruff: noqa: PTH208

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rsi_sandbox.errors import SandboxError
from rsi_sandbox.sandbox import namespaces
from rsi_sandbox.sandbox.namespaces import NamespacesBackend, NamespacesWall, stand_in

pytestmark = pytest.mark.namespaces

Start = Callable[[str], NamespacesWall]


@pytest.fixture(scope="module")
def available() -> None:
    probe = NamespacesBackend().probe()
    if not probe.available:
        pytest.skip(f"namespaces: {probe.reason}")


@pytest.fixture
def start(available: None) -> Iterator[Start]:
    walls = []
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        root.chmod(0o755)
        binds = stand_in(root)
        python = str(Path(sys.executable).resolve())

        def started(program: str) -> NamespacesWall:
            wall = NamespacesWall(root, [python, "-I", "-B", "-S", "-c", program], binds)
            walls.append(wall)
            return wall

        yield started
        for wall in walls:
            wall.kill()


def _everything(wall: NamespacesWall) -> str:
    said = b""
    while chunk := wall.receive(1 << 16, time.monotonic() + 20):
        said += chunk
    return said.decode()


LOOK = """
import json, os, socket
def attempt(action):
    try:
        action()
    except OSError as error:
        return "refused"
    return "done"
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
print(json.dumps({
    "pid": os.getpid(), "uid": os.getuid(), "root": sorted(os.listdir("/")), "dev": sorted(os.listdir("/dev")),
    "caps": int(status["CapEff"], 16) | int(status["CapBnd"], 16), "nnp": status["NoNewPrivs"].strip(),
    "pids": [name for name in os.listdir("/proc") if name.isdigit()], "env": sorted(os.environ),
    "interfaces": [name for _, name in socket.if_nameindex()],
    "write root": attempt(lambda: open("/x", "w")), "write library": attempt(lambda: open(os.__file__, "a")),
    "write dev": attempt(lambda: open("/dev/x", "w")), "write tmp": attempt(lambda: open("/tmp/x", "w")),
    "write null": attempt(lambda: open("/dev/null", "w")), "shadow": attempt(lambda: open("/etc/shadow")),
    "connect": attempt(lambda: socket.create_connection(("127.0.0.1", 1), 1)),
    "mount": open("/proc/self/mounts").read().count(" /tmp tmpfs rw,nosuid,nodev,noexec"),
}))
"""


def test_what_is_inside(start: Start) -> None:
    seen = json.loads(_everything(start(LOOK)))
    assert (seen["pid"], seen["uid"], seen["pids"]) == (1, 65532, ["1"])
    assert (seen["caps"], seen["nnp"], seen["interfaces"]) == (0, "1", ["lo"])
    assert seen["dev"] == ["full", "null", "random", "urandom", "zero"]
    assert not {"home", "etc", "var", "run", "sys", "boot", "srv"} & set(seen["root"])
    assert set(seen["env"]) <= {"PATH", "LANG", "HOME", "LC_CTYPE"}
    refused = {name for name, value in seen.items() if value == "refused"}
    assert refused == {"write root", "write library", "write dev", "shadow", "connect"}
    assert (seen["write tmp"], seen["write null"], seen["mount"]) == ("done", "done", 1)


def test_the_host_would_show_more() -> None:
    # The control of the test above: each of these is true out here, so being false inside means something.
    assert Path("/etc").is_dir()
    assert os.getpid() != 1
    assert len(list(filter(str.isdigit, os.listdir("/proc")))) > 1
    assert len(os.listdir("/dev")) > 5


def test_bytes_go_through_in_both_directions(start: Start) -> None:
    wall = start("import os\nwhile data := os.read(0, 65536): os.write(1, data.upper())")
    sent = os.urandom(150_000).hex().encode()
    deadline = time.monotonic() + 20
    received = b""
    for place in range(0, len(sent), 30_000):
        wall.send(sent[place : place + 30_000], deadline)
        while len(received) < min(place + 30_000, len(sent)):
            received += wall.receive(1 << 16, deadline)
    assert received == sent.upper()


def test_deadlines(start: Start) -> None:
    wall = start("import time; time.sleep(60)")
    with pytest.raises(TimeoutError):
        wall.receive(1, time.monotonic() + 0.05)
    with pytest.raises(SandboxError, match="does not read"):
        wall.send(b"x" * (1 << 20), time.monotonic() + 0.2)


def test_dead_worker(start: Start) -> None:
    wall = start("import sys; sys.stderr.write('x' * 200000 + 'the reason'); sys.exit(3)")
    assert wall.receive(1, time.monotonic() + 20) == b""
    assert wall.diagnostics().endswith("the reason")
    assert len(wall.diagnostics()) <= namespaces.DIAGNOSTICS
    with pytest.raises(SandboxError, match="gone"):
        for _ in range(1000):
            wall.send(b"x" * 1000, time.monotonic() + 5)


STUBBORN = """
import os, signal, time
for number in (1, 2, 13, 15):
    signal.signal(number, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        time.sleep(120)
os.write(1, b"up")
time.sleep(120)
"""


def _marked(wall: NamespacesWall) -> bool:
    return wall.receive(2, time.monotonic() + 20) == b"up"


def test_kill_ends_everything(start: Start) -> None:
    wall = start(STUBBORN)
    assert _marked(wall)
    output = os.dup(wall._stdout)
    try:
        with pytest.raises(BlockingIOError):
            os.read(output, 1)  # the control: somebody holds the other end
        wall.kill()
        wall.kill()
        assert os.read(output, 1) == b""  # nobody does: all four processes are dead
    finally:
        os.close(output)
    with pytest.raises(SandboxError, match="gone"):
        wall.send(b"x", time.monotonic() + 1)


@pytest.mark.parametrize("way", ["stdin", "launcher"])
def test_everything_ends_with_the_tool(start: Start, way: str) -> None:
    wall = start(STUBBORN)
    assert _marked(wall)
    if way == "stdin":
        assert wall._process.stdin is not None
        wall._process.stdin.close()
        wall._open.discard(wall._stdin)
    else:
        os.kill(wall._process.pid, signal.SIGKILL)
    assert wall.receive(1, time.monotonic() + 20) == b""


def test_fork_bomb_in_a_cell_is_bounded(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = namespaces._PROBE.replace("    assert os.getpid() == 2", "    bomb()\n    assert os.getpid() == 2")
    bomb = """
def bomb():
    import time
    made = 0
    try:
        while made < 30:
            if os.fork() == 0:
                time.sleep(60)
            made += 1
    except OSError:
        pass
    assert made < 8, made
"""
    monkeypatch.setattr(namespaces, "_PROBE", bomb + probe)
    assert namespaces._try() == "ok"
    monkeypatch.setattr(namespaces, "_PROBE", (bomb + probe).replace("made < 8", "made < 2"))
    assert "did not hold" in namespaces._try()


def test_probe_notices_a_cell_that_does_not_hold(available: None, monkeypatch: pytest.MonkeyPatch) -> None:
    leaky = namespaces._PROBE.replace('"/x"', 'os.environ["TMPDIR"] + "/y"')
    assert leaky != namespaces._PROBE
    monkeypatch.setattr(namespaces, "_PROBE", leaky)
    probe = NamespacesBackend().probe()
    assert not probe.available
    assert "did not hold" in probe.reason


@pytest.mark.parametrize("call", ["unshare(flags", "pivot_into(path", "restrict_mounts(path", "map_identity(inside"])
def test_probe_says_what_is_missing(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = namespaces._text

    def broken(path: str | None) -> str:
        text = real(path)
        if not str(path).endswith("kernel.py"):
            return text
        start = text.index(f"def {call}")
        body = text.index('"""', start)
        return text[:body] + 'raise OSError(1, "not on this machine")\n    ' + text[body:]

    monkeypatch.setattr(namespaces, "_text", broken)
    probe = NamespacesBackend().probe()
    assert not probe.available
    assert "not on this machine" in probe.reason
    assert probe.hint


def test_root_that_is_not_there(available: None) -> None:
    with pytest.raises(SandboxError, match="FileNotFoundError"):
        NamespacesWall(Path("/nonexistent/root"), ["/bin/python"])


def test_probe_leaves_nothing_behind(available: None) -> None:
    def here() -> tuple[set[str], set[str]]:
        return set(os.listdir("/proc/self/fd")), {
            name for name in os.listdir(tempfile.gettempdir()) if name.startswith("rsi-probe-")
        }

    before = here()
    NamespacesBackend().probe()
    assert here() == before
