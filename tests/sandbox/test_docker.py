"""Containers as walls, on the real engine, and what is asked of it without one."""

import inspect
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rsi_sandbox.errors import SandboxError
from rsi_sandbox.sandbox import docker as backend
from rsi_sandbox.sandbox import image
from rsi_sandbox.sandbox.contract import Limits
from rsi_sandbox.sandbox.docker import DockerBackend
from rsi_sandbox.sandbox.docker_wall import DIAGNOSTICS, Demultiplexer
from rsi_sandbox.sandbox.environment import describe
from rsi_sandbox.worker import wire

SERVER = """
import os, sys
from rsi_sandbox.worker import wire
def serve(hello):
    while (message := wire.read_frame(lambda n: os.read(0, n))) is not None:
        if "run" in message:
            try:
                message["answer"] = eval(message["run"], {"os": os, "sys": sys})
            except Exception as error:
                message["answer"] = type(error).__name__
        wire.write_all(1, wire.pack(message))
"""


def seconds(count: float) -> float:
    return time.monotonic() + count


@pytest.fixture(scope="module")
def engine():
    found = DockerBackend().probe()
    if not found.available:
        pytest.skip(f"docker: {found.reason}")
    return found


@pytest.fixture(scope="module")
def walls(engine, tmp_path_factory):
    made = DockerBackend()
    environment = describe({}, tmp_path_factory.mktemp("target"))
    made.prepare(environment)
    return made, environment


@pytest.fixture
def wall(walls):
    made, environment = walls
    with made.start(environment, Limits()) as started:
        sources = {
            "rsi_sandbox": "",
            "rsi_sandbox.worker": "",
            "rsi_sandbox.worker.wire": inspect.getsource(wire),
            "rsi_sandbox.worker.server": SERVER,
        }
        started.send(wire.pack({"sources": sources, "path_last": environment.inside_path}), seconds(30))
        yield started


def ask(wall, **message):
    wall.send(wire.pack(message), seconds(30))
    return wire.read_frame(lambda size: wall.receive(size, seconds(30)))


def gone(identity: str) -> bool:
    with backend.engine() as client:
        for _ in range(200):
            if not client.api.containers(all=True, filters={"id": identity}):
                return True
            time.sleep(0.05)
    return False


@pytest.mark.docker
def test_frames_of_any_size_go_in_and_out(wall):
    for size in (0, 1, 100_000, 8_000_000):
        assert ask(wall, pad="x" * size) == {"pad": "x" * size}


@pytest.mark.docker
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("__import__('pytest').__file__", "/rsi/site/pytest/__init__.py"),
        ("open('/etc/new', 'w')", "OSError"),
        ("open('/rsi/site/pytest/__init__.py', 'a')", "OSError"),
        ("open('/tmp/new', 'w').close()", None),
        ("os.listdir('/sys/class/net')", ["lo"]),
        ("__import__('socket').create_connection(('1.1.1.1', 53), 1)", "OSError"),
        ("os.path.exists('/var/run/docker.sock')", False),
        ("os.path.exists('/bin/sh')", False),
        ("os.mknod('/tmp/node', 0o600 | 8192, 259)", "PermissionError"),
        ("os.getpid() < 20", True),
        ("os.setuid(4000)", None),
        ("os.chmod('/rsi', 0o777)", "OSError"),
        ("__import__('resource').getrlimit(4)", [0, 0]),
        ("os.statvfs('/tmp').f_flag & (2 | 4 | 8)", 14),
        ("os.stat('/tmp').st_mode & 0o777", 0o755),
        ("sorted(os.environ)", ["HOME", "HOSTNAME", "LANG", "PATH"]),
    ],
)
def test_what_can_be_done_inside(wall, code, answer):
    assert ask(wall, run=code)["answer"] == answer


@pytest.mark.docker
def test_the_rights_inside_are_four_capabilities_and_no_new_ones(wall):
    status = ask(wall, run="open('/proc/self/status').read()")["answer"]
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    rights = {0, 5, 6, 7}  # CHOWN KILL SETGID SETUID
    assert int(fields["CapBnd"], 16) == int(fields["CapEff"], 16) == sum(1 << right for right in rights)
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


@pytest.mark.docker
def test_meters_move_and_count_kills_for_memory(wall):
    ask(wall, pad="")
    before = wall.cpu_ns()
    if before is None:
        pytest.skip("no cgroup of the container on this host")
    assert wall.oom_kills() == 0
    ask(wall, run="sum(range(5_000_000))")
    assert wall.cpu_ns() > before
    eater = "(pid := os.fork()) and os.waitpid(pid, 0)[1] or bytearray(1) * (8 << 30)"
    assert ask(wall, run=eater)["answer"] == 9
    assert wall.oom_kills() >= 1


@pytest.mark.docker
def test_stderr_is_kept_apart_and_bounded(wall):
    ask(wall, run="print('x' * 200_000 + 'end', file=sys.stderr, flush=True)")
    for _ in range(200):
        if wall.diagnostics().endswith("end\n"):
            break
        time.sleep(0.02)
    assert wall.diagnostics().endswith("xxxend\n")
    assert len(wall.diagnostics()) == DIAGNOSTICS


@pytest.mark.docker
def test_a_worker_that_ends_gives_the_end_of_the_stream(wall):
    wall.send(wire.pack({"run": "os._exit(3)"}), seconds(30))
    assert wall.receive(10, seconds(30)) == b""
    with pytest.raises(SandboxError):
        for _ in range(100):
            wall.send(b"x" * 1_000_000, seconds(5))
    assert gone(wall.identity)


@pytest.mark.docker
def test_deadlines_hold_for_both_directions(wall):
    ask(wall, pad="")
    with pytest.raises(TimeoutError):
        wall.receive(1, seconds(0.05))
    wall.send(wire.pack({"run": "__import__('time').sleep(60)"}), seconds(30))
    with pytest.raises(SandboxError, match="does not read"):
        wall.send(b"\0" * (64 << 20), seconds(0.5))


@pytest.mark.docker
def test_kill_ends_everything_and_can_be_repeated(wall):
    wall.send(wire.pack({"run": "os.fork() or __import__('time').sleep(60)"}), seconds(30))
    wall.kill()
    wall.kill()
    assert gone(wall.identity)
    with pytest.raises(SandboxError, match="already ended"):
        wall.receive(1, seconds(1))
    assert wall.cpu_ns() is None


@pytest.mark.docker
@pytest.mark.usefixtures("engine")
def test_a_container_does_not_outlive_a_tool_that_is_killed():
    program = (
        "import os, pathlib, signal\n"
        "from rsi_sandbox.sandbox.contract import Limits\n"
        "from rsi_sandbox.sandbox.docker import DockerBackend\n"
        "from rsi_sandbox.sandbox.environment import describe\n"
        "wall = DockerBackend().start(describe({}, pathlib.Path('/nowhere')), Limits())\n"
        "print(wall.identity, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(backend.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.strip(), done.stderr
    assert gone(done.stdout.strip())


@pytest.mark.docker
def test_the_sweep_removes_what_dead_tools_left_and_nothing_else(walls):
    _made, environment = walls
    dead = subprocess.Popen([sys.executable, "-c", ""])
    label = backend.owner(dead.pid) or f"{dead.pid}:1"
    dead.wait()
    with backend.engine() as client:
        reference = image.ensure(client, environment).reference

        def create(owner: str, place: str) -> str:
            labels = {image.LABEL: "1", backend.OWNER_LABEL: owner, backend.PLACE_LABEL: place}
            return client.containers.create(reference, ["python"], labels=labels).id

        orphan = create(label, backend.place())
        reused = create(f"{os.getpid()}:1", backend.place())
        ours = create(backend.owner(os.getpid()), backend.place())
        elsewhere = create(label, "another machine")
        try:
            removed = backend.sweep(client)
            assert {orphan, reused} <= set(removed)
            assert not {ours, elsewhere} & set(removed)
        finally:
            for identity in (orphan, reused, ours, elsewhere):
                backend.remove(client, identity)


@pytest.mark.docker
def test_an_image_is_made_once_and_old_ones_are_removed(walls):
    _made, environment = walls
    with backend.engine() as client:
        first = image.ensure(client, environment)
        assert image.ensure(client, environment) == first
        for number in range(4):
            changes = [f"LABEL {image.LABEL}=1 {image.KEY_LABEL}={number}"]
            tar = b"\0" * 10240
            client.api.import_image_from_data(tar, image.REPOSITORY, f"test-{number}", changes=changes)
        image.prune(client, keep=first.id)
        left = client.api.images(filters={"label": [f"{image.LABEL}=1"]})
        try:
            assert len(left) <= image.KEPT
            assert first.id in {entry["Id"] for entry in left}
        finally:
            for number in range(4):
                for entry in left:
                    if f"{image.REPOSITORY}:test-{number}" in (entry["RepoTags"] or []):
                        client.api.remove_image(entry["Id"])


@pytest.mark.docker
def test_an_image_that_was_pruned_meanwhile_is_made_again(walls, monkeypatch):
    made, environment = walls
    lost = image.Image("rsi-sandbox:lost", "sha256:" + "0" * 64, environment.inside_python)
    monkeypatch.setitem(made._images, environment.key, lost)
    made.start(environment, Limits()).kill()
    assert made._images[environment.key] != lost


@pytest.mark.docker
def test_a_base_image_that_no_registry_has_is_said_so(walls):
    _made, environment = walls
    named = DockerBackend("localhost:1/no-such-image:1")
    with pytest.raises(SandboxError, match="can't build an image from localhost:1/no-such-image:1") as caught:
        named.prepare(environment)
    assert "registry" in caught.value.hint


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("tcp://127.0.0.1:1", "connection refused"),
        ("unix:///nowhere/docker.sock", "its socket is not there"),
        ("nonsense://", "nonsense://"),
    ],
)
def test_an_engine_that_is_not_there_is_named(host, said, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", host)
    found = DockerBackend().probe()
    assert not found.available
    assert said in found.reason
    assert "DOCKER_HOST" in found.reason
    assert found.hint


def test_a_context_that_does_not_exist_is_said_so(monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere-at-all")
    found = DockerBackend().probe()
    assert not found.available
    assert "nowhere-at-all" in found.reason


def test_an_engine_that_can_not_limit_memory_is_refused(monkeypatch):
    class Engine:
        def ping(self):
            return True

        def version(self):
            return {"Os": "linux", "Version": "1"}

        def info(self):
            return {"MemoryLimit": False, "PidsLimit": True}

        def close(self):
            pass

    import docker

    monkeypatch.setattr(docker, "from_env", lambda **_: Engine())
    found = DockerBackend().probe()
    assert not found.available
    assert "MemoryLimit" in found.reason


def test_the_container_is_never_given_the_host():
    options = backend.hardened(Limits())
    assert not {"volumes", "mounts", "devices", "pid_mode", "userns_mode", "ports"} & options.keys()
    assert options["privileged"] is False
    assert options["network_mode"] == options["ipc_mode"] == "none"
    assert options["mem_limit"] == options["memswap_limit"]


def frame(stream: int, body: bytes) -> bytes:
    return struct.pack(">B3xI", stream, len(body)) + body


@pytest.mark.parametrize("step", [1, 3, 8, 1000])
def test_streams_are_told_apart_however_they_are_cut(step):
    data = frame(1, b"one") + frame(2, b"error") + frame(1, b"") + frame(1, b" two")
    streams = Demultiplexer()
    for start in range(0, len(data), step):
        streams.feed(data[start : start + step])
    assert (bytes(streams.stdout), bytes(streams.stderr)) == (b"one two", b"error")
    assert (streams.take(4), streams.take(100)) == (b"one ", b"two")


def test_a_stream_without_frames_is_refused():
    with pytest.raises(SandboxError, match="not framed"):
        Demultiplexer().feed(b"HTTP/1.1 200 OK")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_owner_is_more_than_a_number():
    assert backend.owner(os.getpid()).startswith(f"{os.getpid()}:")
    assert backend.owner(2**22 + 1) == ""


def test_an_engine_that_never_answers_is_given_up_on(monkeypatch):
    monkeypatch.setattr(backend, "PROBE_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        found = DockerBackend().probe()
    assert not found.available
    assert "did not answer in time" in found.reason


def test_the_dockerfile_takes_the_base_and_the_lock():
    text = image._dockerfile().decode()
    assert "FROM ${BASE}" in text
    assert "--target /rsi/site ${LOCK}" in text
