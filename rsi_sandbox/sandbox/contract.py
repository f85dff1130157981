"""What a sandbox promises: the records and protocols that every backend and every caller share.

A *backend* can start *walls*. A wall is one running worker process behind an outer wall (a container, a set of
namespaces); it moves bytes and can be killed. `rsi_sandbox.sandbox.session.Sandbox` speaks the frames.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from rsi_sandbox.model import Json, Tree
from rsi_sandbox.sandbox.environment import Environment


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use; whatever goes over is killed and reported, never waited for."""

    wall_seconds: float = 30.0
    cpu_seconds: int = 30
    memory_bytes: int = 1 << 30
    output_bytes: int = 1 << 20
    """Of stdout and of stderr, each; the rest is thrown away."""
    result_bytes: int = 64 << 20
    file_bytes: int = 32 << 20
    tmp_bytes: int = 64 << 20
    open_files: int = 256
    processes: int = 64


class Status(StrEnum):
    """How a job ended."""

    OK = "ok"
    """It returned a value (which says nothing about what the value is)."""
    RAISED = "raised"
    """The job's own code raised, or the tree could not be imported; the value names the exception."""
    TIMEOUT = "timeout"
    KILLED = "killed"
    """It died by a signal, or exited before answering."""
    OOM = "oom"
    FLOOD = "flood"
    """Its result was over the cap or not a frame."""


@dataclass(frozen=True)
class Job:
    """One thing to do with one tree, in a fork of its own."""

    kind: str
    """Module in `rsi_sandbox.worker.jobs` whose `run(args)` does it."""
    tree: Tree
    base: Tree
    """A tree most of whose files it shares; sent once per worker, `tree` travels as the difference."""
    args: Json = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class JobResult:
    """What came back, metered outside the candidate's process."""

    status: Status
    value: Json
    """The job's answer when OK, `{"type", "message", "traceback"}` when RAISED, otherwise None."""
    exit_code: int | None
    """As `os.waitstatus_to_exitcode`: negative for a signal."""
    wall_ns: int
    cpu_ns: int
    max_rss_bytes: int
    stdout: bytes
    stderr: bytes
    leftovers: int
    """Processes that had to be swept after it."""

    @property
    def ok(self) -> bool:
        """Whether there is an answer to look at."""
        return self.status is Status.OK


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a backend works here, found out by trying it."""

    available: bool
    reason: str
    """One sentence: what was found, or what is missing."""
    hint: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Engine version, Landlock ABI, kernel and the like, for `doctor` and the record."""


class Wall(Protocol):
    """One running worker. Owned by whoever started it, and dead after `kill`."""

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it. `deadline` is a `time.monotonic()` moment.

        Raises:
            SandboxError: the worker is gone or does not read in time.
        """

    def receive(self, size: int, deadline: float) -> bytes:
        """At most `size` bytes of the worker's stdout; b"" when it has ended.

        Raises:
            TimeoutError: nothing came before the deadline.
            SandboxError: the channel is broken.
        """

    def cpu_ns(self) -> int | None:
        """CPU time of everything behind the wall, or None where no counter can be read."""

    def oom_kills(self) -> int | None:
        """How often the kernel killed something behind the wall for memory, or None if unknown."""

    def diagnostics(self) -> str:
        """The last of the worker's stderr, for error messages."""

    def kill(self) -> None:
        """End everything behind the wall and remove what it left. Never raises, may be called twice."""


class Backend(Protocol):
    """A way of building walls."""

    name: str
    confine: Mapping[str, Json]
    """How the worker confines what it forks: `{"mode": "uid" | "namespaces" | "landlock" | "none"}`."""
    worker_root: str
    """Directory behind the wall in which the worker keeps trees."""

    def probe(self) -> Probe:
        """Find out by trying, in at most a few seconds, and leave nothing behind."""

    def prepare(self, environment: Environment) -> str:
        """Build whatever image or root directory is needed, once; returns its digest or name for the record.

        Raises:
            SandboxError: it could not be built.
        """

    def start(self, environment: Environment, limits: Limits) -> Wall:
        """Start one wall with the worker's boot program running in it, reading frames on stdin.

        Raises:
            SandboxError: it did not start.
        """
