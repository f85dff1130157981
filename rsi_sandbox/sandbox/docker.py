"""The container backend: each wall is one hardened container whose worker is reached through attached streams.

Nothing of the host is mounted, no network, no writable file system but a memory disk. The engine is found as the docker
command finds it (DOCKER_HOST, else the current context). Containers of tools that died are removed at start-up.
"""

import contextlib
import os
import platform
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rsi_sandbox.errors import SandboxError
from rsi_sandbox.model import Json
from rsi_sandbox.sandbox import image
from rsi_sandbox.sandbox.contract import Limits, Probe
from rsi_sandbox.sandbox.docker_wall import DockerWall
from rsi_sandbox.sandbox.environment import Environment
from rsi_sandbox.sandbox.session import boot_source

OWNER_LABEL = "rsi-sandbox.owner"
PLACE_LABEL = "rsi-sandbox.place"
PROBE_SECONDS = 2.5
ENGINE_SECONDS = 60
WORKER_BYTES = 256 << 20
"""Memory for the worker itself beside the candidate and the memory disk."""
DISK_BYTES = 512 << 20
INODES = 200_000
HINT = "start Docker, or choose another way with --sandbox namespaces"


class DockerBackend:
    """Walls made of containers.

    Every wall and every call has a client of its own, so walls can be used from different threads.
    """

    name = "docker"
    worker_root = "/tmp"  # noqa: S108 - inside the container
    confine: Mapping[str, Json] = {"mode": "uid"}

    def __init__(self, base: str = "", *, runtime: str = "", cpus: str = "") -> None:
        """`base`: image to build on instead of packing the host's interpreter. `cpus`: as cpuset, such as "1"."""
        self._base = base
        self._runtime = runtime
        self._cpus = cpus
        self._images: dict[str, image.Image] = {}
        self._lock = threading.Lock()
        self._swept = False

    def probe(self) -> Probe:
        """Ask the engine who it is, and whether it can hold containers to their limits."""
        answers: list[Probe] = []
        # A name that does not resolve or a host that swallows packets holds the caller longer than any timeout of
        # the client's says.
        thread = threading.Thread(target=lambda: answers.append(self._probe()), daemon=True)
        thread.start()
        thread.join(PROBE_SECONDS + 0.3)
        if answers:
            return answers[0]
        return Probe(available=False, reason=f"the Docker engine{_where()} did not answer in time", hint=HINT)

    def prepare(self, environment: Environment) -> str:
        """Make or find the image, and clear away what earlier runs left; returns the engine's digest of it."""
        with engine() as client:
            self._sweep_once(client)
            return self._image(client, environment).id

    def start(self, environment: Environment, limits: Limits) -> DockerWall:
        """Start one container with the boot program in it. The wall owns the client it is reached with."""
        client = connect()
        try:
            with _refusals():
                self._sweep_once(client)
                return self._start(client, environment, limits)
        except BaseException:
            client.close()
            raise

    def _start(self, client: Any, environment: Environment, limits: Limits) -> DockerWall:
        runtime = self._runtime or _safest(client.info())
        options = hardened(limits, runtime=runtime, cpus=self._cpus)
        identity = self._create(client, environment, options)
        try:
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            wall = DockerWall(client, identity, client.api.attach_socket(identity, params=streams))
        except BaseException:
            remove(client, identity)
            raise
        try:
            client.api.start(identity)
            wall.started()
        except BaseException:
            wall.kill()
            raise
        return wall

    def _create(self, client: Any, environment: Environment, options: Mapping[str, Any]) -> str:
        from docker.errors import ImageNotFound

        for attempt in (1, 2):
            found = self._image(client, environment)
            command = [found.python, "-I", "-B", "-c", boot_source()]
            try:
                return str(client.containers.create(found.id, command, **options).id)
            except ImageNotFound:
                # Another run has pruned it since.
                with self._lock:
                    self._images.pop(environment.key, None)
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _image(self, client: Any, environment: Environment) -> image.Image:
        with self._lock:
            if environment.key not in self._images:
                self._images[environment.key] = image.ensure(client, environment, self._base)
            return self._images[environment.key]

    def _sweep_once(self, client: Any) -> None:
        with self._lock:
            if not self._swept:
                sweep(client)
                self._swept = True

    def _probe(self) -> Probe:
        try:
            with engine(PROBE_SECONDS) as client:
                client.ping()
                version, info = client.version(), client.info()
        except SandboxError as error:
            return Probe(available=False, reason=error.message, hint=error.hint)
        facts = {
            "engine": str(version.get("Version", "")),
            "api": str(version.get("ApiVersion", "")),
            "system": f"{version.get('Os', '')}/{version.get('Arch', '')}",
            "kernel": str(version.get("KernelVersion", "")),
            "cgroup": str(info.get("CgroupVersion", "")),
            "storage": str(info.get("Driver", "")),
            "security": " ".join(info.get("SecurityOptions") or []),
            "runtime": self._runtime or _safest(info),
        }
        if version.get("Os") != "linux":
            return Probe(False, f"the Docker engine runs {version.get('Os')} containers", HINT, facts)
        for limit in ("MemoryLimit", "PidsLimit"):
            if not info.get(limit):
                reason = f"the Docker engine can't limit containers here (no {limit})"
                return Probe(False, reason, "enable cgroup delegation for the engine", facts)
        return Probe(True, f"Docker Engine {facts['engine']} answers", facts=facts)


def hardened(limits: Limits, *, runtime: str = "", cpus: str = "") -> dict[str, Any]:
    """Everything a worker's container is created with besides its image and command."""
    from docker.types import LogConfig, Ulimit

    disk = max(DISK_BYTES, 2 * limits.tmp_bytes)
    memory = limits.memory_bytes + disk + WORKER_BYTES
    options: dict[str, Any] = {
        "stdin_open": True,
        "tty": False,
        "auto_remove": True,
        "init": True,
        "user": "0:0",
        "hostname": "sandbox",
        "working_dir": "/tmp",  # noqa: S108 - inside the container
        "network_mode": "none",
        "ipc_mode": "none",
        "cgroupns": "private",
        "read_only": True,
        "privileged": False,
        "cap_drop": ["ALL"],
        # For the worker alone, which gives each candidate an own uid and sweeps what it left; gone at setresuid.
        "cap_add": ["SETUID", "SETGID", "KILL", "CHOWN"],
        "security_opt": ["no-new-privileges:true"],
        "tmpfs": {"/tmp": f"size={disk},nr_inodes={INODES},noexec,nosuid,nodev,mode=755"},  # noqa: S108
        "mem_limit": memory,
        "memswap_limit": memory,
        "oom_score_adj": 500,
        "pids_limit": limits.processes + 64,
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="nofile", soft=4096, hard=4096),
            Ulimit(name="fsize", soft=disk, hard=disk),
        ],
        "log_config": LogConfig(type="none"),
        "labels": {image.LABEL: "1", OWNER_LABEL: owner(os.getpid()), PLACE_LABEL: place()},
    }
    if runtime:
        options["runtime"] = runtime
    if cpus:
        options["cpuset_cpus"] = cpus
    return options


def connect(seconds: float = ENGINE_SECONDS) -> Any:
    """A client of the engine that the docker command would use; whoever asked for it closes it.

    Raises:
        SandboxError: there is no engine that answers.
    """
    import docker
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        _knock(seconds)
        return docker.from_env(timeout=seconds)
    except (DockerException, RequestException, OSError, ValueError) as error:
        raise SandboxError(f"no Docker engine answers{_where()}: {_reason(error)}", hint=HINT) from error


@contextlib.contextmanager
def engine(seconds: float = ENGINE_SECONDS) -> Iterator[Any]:
    """A client for the length of a block, in which the engine's refusals become errors of ours.

    Raises:
        SandboxError: there is no engine, or what it was asked for failed.
    """
    client = connect(seconds)
    try:
        with _refusals():
            yield client
    finally:
        client.close()


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except (DockerException, RequestException, OSError, ValueError) as error:
        raise SandboxError(f"the Docker engine refused: {image.first_line(error)}", hint=HINT) from error


def sweep(client: Any) -> list[str]:
    """Removes our containers whose tool is gone; returns their ids. Those of other machines are left alone."""
    here = place()
    filters = {"label": [f"{image.LABEL}=1", f"{PLACE_LABEL}={here}"]}
    removed = []
    for container in client.api.containers(all=True, filters=filters):
        label = container["Labels"].get(OWNER_LABEL, "")
        pid = label.partition(":")[0]
        if not pid.isdigit() or owner(int(pid)) != label:
            remove(client, container["Id"])
            removed.append(container["Id"])
    return removed


def remove(client: Any, identity: str) -> None:
    """Kills and removes a container; one that is gone or going is fine."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    with contextlib.suppress(DockerException, RequestException, OSError):
        client.api.remove_container(identity, force=True, v=True)


def owner(pid: int) -> str:
    """A running process, told apart from a later one with the same number; "" when there is none."""
    if platform.system() == "Linux":
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""
        return f"{pid}:{text.rpartition(')')[2].split()[19]}"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return f"{pid}:"


def place() -> str:
    """Where process numbers mean the same: this boot of this machine, and this pid namespace."""
    if platform.system() != "Linux":
        return platform.node()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - not a path


def _safest(info: Mapping[str, Any]) -> str:
    """gVisor when the engine has it, else the engine's own choice."""
    return "runsc" if "runsc" in (info.get("Runtimes") or {}) else ""


def _knock(seconds: float) -> None:
    """Connects to the engine's socket and hangs up: docker's own client leaks its socket when it can't connect.

    Raises:
        SandboxError: the context that was named does not exist; docker's own client would take the default one.
        OSError: nothing answers at the socket.
    """
    from docker.context import ContextAPI

    url = os.environ.get("DOCKER_HOST")
    if not url:
        url = ContextAPI.kwargs_from_context(environment=os.environ).get("base_url")
        named = os.environ.get("DOCKER_CONTEXT", "")
        if not url and named not in ("", "default"):
            raise SandboxError(f"there is no Docker context {named} (DOCKER_CONTEXT)", hint="docker context ls")
    scheme, _, path = (url or "unix:///var/run/docker.sock").partition("://")
    if scheme in ("unix", "http+unix"):
        with socket.socket(socket.AF_UNIX) as test:
            test.settimeout(seconds)
            test.connect("/" + path.lstrip("/"))


def _where() -> str:
    host = os.environ.get("DOCKER_HOST", "")
    return f" at {host} (DOCKER_HOST)" if host else ""


def _reason(error: BaseException) -> str:
    text = str(error)
    for sign, said in (
        ("Permission denied", "permission denied on its socket"),
        ("No such file", "its socket is not there"),
        ("Connection refused", "connection refused"),
        ("Name or service not known", "its host name is unknown"),
        ("name resolution", "its host name can't be resolved"),
        ("timed out", "it did not answer in time"),
    ):
        if sign in text:
            return said
    return image.first_line(error)
