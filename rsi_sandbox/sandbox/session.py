"""A sandbox as the rest of the tool sees it: run a job, get a result, never mind which wall or worker.

Walls are recycled after a number of jobs and after every anomaly, and the next one boots in the background. A wall that
breaks is the sandbox's fault: the job is tried once more behind a new wall, then the run ends with a SandboxError.
"""

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

from rsi_sandbox.errors import SandboxError
from rsi_sandbox.model import Json, Tree
from rsi_sandbox.sandbox.contract import Backend, Job, JobResult, Limits, Status, Wall
from rsi_sandbox.sandbox.environment import Environment
from rsi_sandbox.worker import wire

WORKER = Path(__file__).parent.parent / "worker"
BOOT_SECONDS = 60.0
ANSWER_GRACE_SECONDS = 15.0
JOBS_PER_WALL = 50
ANOMALIES = {Status.TIMEOUT, Status.KILLED, Status.OOM, Status.FLOOD}


def worker_sources() -> dict[str, str]:
    """Every module of the worker by import name, as it is sent over the wire."""
    sources = {"rsi_sandbox": ""}
    for path in sorted(WORKER.rglob("*.py")):
        relative = path.relative_to(WORKER.parent)
        if relative.name == "boot.py":
            continue
        parts = relative.with_suffix("").parts
        name = ".".join(("rsi_sandbox", *parts)).removesuffix(".__init__")
        sources[name] = path.read_text(encoding="utf-8")
    return sources


def boot_source() -> str:
    """The program a wall's interpreter is started with."""
    return (WORKER / "boot.py").read_text(encoding="utf-8")


class Sandbox:
    """Walls of one backend around one environment. Close it, or use it as a context manager."""

    def __init__(self, backend: Backend, environment: Environment, limits: Limits | None = None) -> None:
        self.backend = backend
        self.environment = environment
        self.limits = limits or Limits()
        self.started = 0
        self.cpu_ns = 0
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="wall")
        self._current: _Worker | None = None
        self._next: Future[_Worker] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fresh(self) -> "Sandbox":
        """Another sandbox of the same kind whose walls have never seen a candidate."""
        return Sandbox(self.backend, self.environment, self.limits)

    def close(self) -> None:
        """Kill every wall. Safe to call twice."""
        self._retire()
        if self._next is not None:
            pending, self._next = self._next, None
            with contextlib.suppress(Exception):
                pending.result(BOOT_SECONDS).wall.kill()
        self._executor.shutdown(wait=True)

    def run(self, job: Job) -> JobResult:
        """Do one job.

        Raises:
            SandboxError: the worker broke twice in a row; says nothing about the candidate.
        """
        for attempt in (1, 2):
            worker = self._worker()
            try:
                with _one_benchmark_at_a_time(job):
                    result = worker.run(job)
            except SandboxError:
                self._retire()
                if attempt == 2:
                    raise
                continue
            except BaseException:
                self._retire()
                raise
            self.cpu_ns += result.cpu_ns
            if result.status in ANOMALIES or result.leftovers or worker.jobs >= JOBS_PER_WALL:
                self._retire()
            return result
        raise AssertionError("unreachable")

    @property
    def description(self) -> Json:
        """What the current worker said about itself, for the record."""
        return self._worker().description

    def _worker(self) -> "_Worker":
        if self._current is None:
            pending, self._next = self._next, None
            self._current = pending.result() if pending is not None else self._boot()
            self._next = self._executor.submit(self._boot)
        return self._current

    def _boot(self) -> "_Worker":
        self.started += 1
        return _Worker(self.backend, self.environment, self.limits)

    def _retire(self) -> None:
        if self._current is not None:
            self._current.wall.kill()
            self._current = None


@contextlib.contextmanager
def _one_benchmark_at_a_time(job: Job) -> Iterator[None]:
    """Hold the machine's benchmark lock while a job is timed, so that two runs of the tool don't disturb each other."""
    if job.kind != "launch":
        yield
        return
    path = Path(tempfile.gettempdir(), f"rsi-sandbox-benchmark-{os.getuid()}.lock")
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


class _Worker:
    """One wall and the frames that go through it."""

    def __init__(self, backend: Backend, environment: Environment, limits: Limits) -> None:
        self.wall: Wall = backend.start(environment, limits)
        self.known: set[str] = set()
        self.jobs = 0
        try:
            self.description = self._ask(
                {
                    "sources": worker_sources(),
                    "boot": boot_source(),
                    "path_last": list(environment.inside_path),
                    "confine": dict(backend.confine),
                    "root": backend.worker_root,
                },
                BOOT_SECONDS,
            )
        except BaseException:
            self.wall.kill()
            raise

    def run(self, job: Job) -> JobResult:
        base = job.base.digest
        if base not in self.known:
            self._ask(
                {
                    "op": "tree",
                    "digest": base,
                    "files": {path: wire.to_text(data) for path, data in job.base.files.items()},
                    "executable": sorted(job.base.executable),
                },
                BOOT_SECONDS,
            )
            self.known.add(base)
        self.jobs += 1
        kills = self.wall.oom_kills()
        limits = job.limits
        answer = self._ask(
            {
                "op": "job",
                "id": self.jobs,
                "kind": job.kind,
                "tree": base,
                "overlay": overlay(job.base, job.tree),
                "removed": sorted(set(job.base.files) - set(job.tree.files)),
                "args": job.args,
                "limits": {name: getattr(limits, name) for name in Limits.__slots__},
            },
            limits.wall_seconds + ANSWER_GRACE_SECONDS,
        )
        if answer.get("id") != self.jobs:
            raise SandboxError("the worker answered another question than the one asked")
        return _result(answer, killed_for_memory=_grew(kills, self.wall.oom_kills()))

    def _ask(self, message: wire.Message, seconds: float) -> wire.Message:
        deadline = time.monotonic() + seconds
        try:
            self.wall.send(wire.pack(message), deadline)
            answer = wire.read_frame(lambda size: self.wall.receive(size, deadline))
        except (TimeoutError, OSError, wire.WireError) as error:
            raise SandboxError(f"the sandbox worker failed: {error}{self._diagnosis()}") from error
        if answer is None:
            raise SandboxError(f"the sandbox worker ended unexpectedly{self._diagnosis()}")
        if "error" in answer:
            raise SandboxError(f"the sandbox worker refused: {answer['error']}{self._diagnosis()}")
        return answer

    def _diagnosis(self) -> str:
        said = self.wall.diagnostics().strip()
        return f"; it said: {said[-1500:]}" if said else ""


def overlay(base: Tree, tree: Tree) -> dict[str, str]:
    """The files by which `tree` differs from `base`, as they travel."""
    return {path: wire.to_text(data) for path, data in tree.changed_from(base).items()}


def _grew(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and after > before


def _result(answer: wire.Message, *, killed_for_memory: bool) -> JobResult:
    try:
        status = Status(answer["status"])
        if status is Status.KILLED and killed_for_memory:
            status = Status.OOM
        return JobResult(
            status=status,
            value=answer["value"],
            exit_code=answer["exit_code"],
            wall_ns=int(answer["wall_ns"]),
            cpu_ns=int(answer["cpu_ns"]),
            max_rss_bytes=int(answer["max_rss"]),
            stdout=wire.to_bytes(answer["stdout"]),
            stderr=wire.to_bytes(answer["stderr"]),
            leftovers=int(answer["leftovers"]),
        )
    except (KeyError, TypeError, ValueError, wire.WireError) as error:
        raise SandboxError(f"the worker's report can't be read: {error}") from error
