"""Walls made of Linux namespaces, without any engine or daemon: the second rung of the ladder.

The outer wall is a user, pid, mount, net, ipc, uts and cgroup namespace around the worker, on a read-only root that
holds the environment and nothing of the host; the worker makes a second set around every candidate. It limits each
job, but has no memory cgroup over all of them, and it shares the host's kernel: only a VM does not.
"""

import contextlib
import json
import os
import platform
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from rsi_sandbox.errors import SandboxError
from rsi_sandbox.model import Json
from rsi_sandbox.sandbox import launcher
from rsi_sandbox.sandbox.archive import unpacked
from rsi_sandbox.sandbox.contract import Limits, Probe
from rsi_sandbox.sandbox.environment import Environment
from rsi_sandbox.sandbox.session import boot_source
from rsi_sandbox.worker import kernel

DIAGNOSTICS = 64 << 10
SETUP_SECONDS = 20.0
TMP_BYTES = 512 << 20
"""Of the worker's own /tmp, which holds the trees; every job's scratch directory is a tmpfs of its own."""
TMP_FILES = 1 << 16
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp"}  # noqa: S108
_DIRECTORIES = ("usr", "lib", "lib64", "bin", "sbin")

_PROBE = """
import os, sys, types, json
for name, text in json.loads(sys.argv[1]).items():
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, module)
from rsi_sandbox.worker import cell, kernel
os.makedirs("/tmp/job/tree"); os.mkdir("/tmp/job/tmp")
limits = json.loads(sys.argv[2])
def body():
    assert os.getpid() == 2, "the candidate sees other processes"
    with open(os.environ["TMPDIR"] + "/probe", "w") as file:
        file.write("x")
    for path in ("/tmp/job/tree/x", "/tmp/x", "/x"):
        try:
            open(path, "w")
        except OSError:
            continue
        raise AssertionError("a candidate can write outside its scratch directory")
try:
    made = cell.spawn({"mode": "namespaces"}, limits, root="/tmp/job", body=body)
    status = os.waitstatus_to_exitcode(os.waitpid(made.leader, 0)[1])
    cell.sweep(made)
    print("ok" if status == 0 else f"the confinement of a candidate did not hold ({status})")
except (cell.CellError, OSError) as error:
    print("nested namespaces: " + str(error))
"""


class NamespacesBackend:
    """Builds walls from user namespaces, as root or as an ordinary user."""

    name = "namespaces"
    confine: Mapping[str, Json] = {"mode": "namespaces"}
    worker_root = "/tmp"  # noqa: S108 - inside the wall, its own tmpfs

    def probe(self) -> Probe:
        """Build a tiny wall with one cell in it, and check that the cell holds."""
        facts = {"kernel": platform.release(), "landlock": str(_landlock())}
        if sys.platform != "linux":
            return Probe(available=False, reason="namespaces exist on Linux only", facts=facts)
        try:
            said = _try()
        except (SandboxError, OSError) as error:
            reason, hint = _explain(str(error))
            return Probe(available=False, reason=reason, hint=hint, facts=facts)
        if said != "ok":
            reason, hint = _explain(said or "the trial wall ended without a word")
            return Probe(available=False, reason=reason, hint=hint, facts=facts)
        return Probe(available=True, reason="user namespaces work, one inside another", facts=facts)

    def prepare(self, environment: Environment) -> str:
        """Unpack the environment, once; returns its digest."""
        unpacked(environment)
        return environment.digest

    def start(self, environment: Environment, limits: Limits) -> "NamespacesWall":
        """Start the environment's interpreter behind a wall, with the boot program."""
        argv = [environment.inside_python, "-I", "-B", "-c", boot_source()]
        return NamespacesWall(unpacked(environment), argv)


class NamespacesWall:
    """Owns the launcher's process, whose death is the death of everything behind the wall.

    Raises:
        SandboxError: the wall could not be built.
    """

    def __init__(self, root: Path, argv: list[str], binds: list[tuple[str, str]] | None = None) -> None:
        status, tell = os.pipe()
        self._said = bytearray()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-c", _text(launcher.__file__), str(tell)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=(tell,),
                start_new_session=True,
                env=ENVIRONMENT,
                cwd="/",
            )
        except OSError as error:
            os.close(status)
            raise SandboxError(f"the interpreter can't be started: {error}") from error
        finally:
            os.close(tell)
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._stdin = self._process.stdin.fileno()
        self._stdout = self._process.stdout.fileno()
        self._stderr = self._process.stderr.fileno()
        self._open = {self._stdin, self._stdout, self._stderr}
        for descriptor in self._open:
            os.set_blocking(descriptor, False)
        plan = {
            "kernel": _text(kernel.__file__),
            "root": str(root),
            "binds": binds or [],
            "argv": argv,
            "env": ENVIRONMENT,
            "tmp_bytes": TMP_BYTES,
            "tmp_files": TMP_FILES,
        }
        try:
            self._build(json.dumps(plan).encode(), status)
        except BaseException:
            self.kill()
            raise
        finally:
            os.close(status)

    def _build(self, plan: bytes, status: int) -> None:
        deadline = time.monotonic() + SETUP_SECONDS
        self.send(len(plan).to_bytes(4, "big") + plan, deadline)
        # The status pipe closes when the worker's interpreter has been started, and says why when it has not.
        if not select.select([status], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise SandboxError("the namespaces were not built in time")
        if problem := os.read(status, 4096):
            raise SandboxError(problem.decode(errors="replace"))

    def send(self, data: bytes, deadline: float) -> None:
        """Write to the worker's stdin, taking in its stderr meanwhile."""
        view = memoryview(data)
        while view:
            ready = self._wait([], [self._stdin], deadline)
            if ready is None:
                raise SandboxError("the worker does not read its input")
            try:
                if self._stdin in ready:
                    view = view[os.write(self._stdin, view) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise SandboxError("the worker is gone") from error

    def receive(self, size: int, deadline: float) -> bytes:
        """Read from the worker's stdout, taking in its stderr meanwhile."""
        while True:
            ready = self._wait([self._stdout], [], deadline)
            if ready is None:
                raise TimeoutError("no answer before the deadline")
            try:
                if self._stdout in ready:
                    return os.read(self._stdout, size)
            except BlockingIOError:
                continue
            except OSError as error:
                raise SandboxError("the worker's output can't be read") from error

    def cpu_ns(self) -> int | None:
        """No counter over all of it: there is no cgroup. The jobs are metered one by one."""
        return None

    def oom_kills(self) -> int | None:
        """No counter, for the same reason."""
        return None

    def diagnostics(self) -> str:
        """The last 64 KB of what the worker said on stderr."""
        self._listen()
        return self._said.decode(errors="replace")

    def kill(self) -> None:
        """Kill the launcher; the kernel then kills pid 1 of the wall and with it everything inside."""
        self._process.kill()
        self._process.wait()
        self._listen()
        if self._stdout in self._open:
            self._until_empty()
        self._open.clear()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _until_empty(self) -> None:
        # The worker holds the other end until it is dead, and as pid 1 it is the last to die.
        deadline = time.monotonic() + SETUP_SECONDS
        with contextlib.suppress(OSError):
            while left := max(0.0, deadline - time.monotonic()):
                if select.select([self._stdout], [], [], left)[0] and not os.read(self._stdout, 1 << 16):
                    return

    def _wait(self, reading: list[int], writing: list[int], deadline: float) -> list[int] | None:
        if not self._open:
            raise SandboxError("the worker is gone")
        listening = [self._stderr] if self._stderr in self._open else []
        left = max(0.0, deadline - time.monotonic())
        readable, writable, _ = select.select(reading + listening, writing, [], left)
        if self._stderr in readable:
            self._listen()
        return readable + writable or None

    def _listen(self) -> None:
        if self._stderr not in self._open:
            return
        try:
            while chunk := os.read(self._stderr, 1 << 16):
                self._said = (self._said + chunk)[-DIAGNOSTICS:]
        except BlockingIOError:
            return
        except OSError:
            pass
        self._open.discard(self._stderr)


def _text(path: str | None) -> str:
    return Path(path or "").read_text(encoding="utf-8")


def _landlock() -> int:
    return kernel.landlock_abi() if sys.platform == "linux" else 0


def _try() -> str:
    with tempfile.TemporaryDirectory(prefix="rsi-probe-") as directory:
        root = Path(directory)
        root.chmod(0o755)
        binds = stand_in(root)
        here = Path(kernel.__file__).parent
        sources = {"rsi_sandbox": "", "rsi_sandbox.worker": ""}
        for name in ("kernel", "seccomp", "confinement", "walls", "leftovers", "cell"):
            sources[f"rsi_sandbox.worker.{name}"] = _text(str(here / f"{name}.py"))
        limits = {
            "cpu_seconds": 5,
            "memory_bytes": 1 << 30,
            "file_bytes": 1 << 20,
            "open_files": 64,
            "processes": 8,
            "tmp_bytes": 1 << 20,
        }
        python = str(Path(sys.executable).resolve())
        argv = [python, "-I", "-B", "-S", "-c", _PROBE, json.dumps(sources), json.dumps(limits)]
        wall = NamespacesWall(root, argv, binds)
        try:
            deadline = time.monotonic() + SETUP_SECONDS
            said = b""
            while chunk := wall.receive(4096, deadline):
                said += chunk
            return said.decode(errors="replace").strip() or wall.diagnostics().strip()[-500:]
        except TimeoutError:
            return "the trial wall did not answer in time"
        finally:
            wall.kill()


def stand_in(root: Path) -> list[tuple[str, str]]:
    """Make `root` a place where this machine's own interpreter runs; returns what has to be bound into it."""
    for name in ("tmp", "proc", "dev"):
        (root / name).mkdir()
    binds = []
    for name in _DIRECTORIES:
        path = Path("/", name)
        if path.is_symlink():
            (root / name).symlink_to(path.readlink())
        elif path.is_dir():
            (root / name).mkdir()
            binds.append((str(path), str(path)))
    prefix = Path(sys.base_prefix).resolve()
    if not any(prefix.is_relative_to(source) for source, _ in binds):
        (root / str(prefix).lstrip("/")).mkdir(parents=True)
        binds.append((str(prefix), str(prefix)))
    return binds


def _explain(problem: str) -> tuple[str, str]:
    """What is missing in words, and what to do about it."""
    for path, bad, hint in (
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
        ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000"),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "give the interpreter an AppArmor profile with `userns`, or use Docker",
        ),
    ):
        with contextlib.suppress(OSError):
            if Path(path).read_text().strip() == bad:
                return f"{Path(path).name} is {bad}, which forbids user namespaces here ({problem})", hint
    if "proc on" in problem or "proc/self/uid_map" in problem:
        return f"a fresh /proc is refused, as inside most containers ({problem})", "run outside the container"
    if "read-only" in problem and ("not implemented" in problem or "Invalid" in problem):
        return f"this kernel is too old ({problem})", "Linux 5.14 or newer is needed"
    return f"namespaces can't be built here: {problem}", "use Docker"
