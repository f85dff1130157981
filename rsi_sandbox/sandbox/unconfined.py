"""No sandbox at all: the worker as a plain child process. Only for `--unsafe-no-sandbox`, never chosen by itself."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping

from rsi_sandbox.errors import SandboxError
from rsi_sandbox.model import Json
from rsi_sandbox.sandbox.contract import Limits, Probe
from rsi_sandbox.sandbox.environment import Environment
from rsi_sandbox.sandbox.session import boot_source


class UnconfinedBackend:
    """Runs candidates with the user's own rights. The name says what the user typed to get it."""

    name = "unsafe-no-sandbox"
    confine: Mapping[str, Json] = {"mode": "none"}

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="rsi-sandbox-")
        self.worker_root = self._directory.name

    def probe(self) -> Probe:
        """Always there, which is why it has to be asked for by name."""
        return Probe(available=True, reason="candidates run with your own rights")

    def prepare(self, environment: Environment) -> str:
        """Nothing to build."""
        return environment.digest

    def start(self, environment: Environment, limits: Limits) -> "ProcessWall":
        """Start the worker with the interpreter and packages found on the host."""
        return ProcessWall([sys.executable, "-I", "-B", "-c", boot_source()])


class ProcessWall:
    """A worker reached through the pipes of a child process in a session of its own."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._said = bytearray()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        fd = self.process.stderr.fileno()
        try:
            while chunk := os.read(fd, 1 << 16):
                self._said = (self._said + chunk)[-(1 << 16) :]
        except OSError:
            return

    def send(self, data: bytes, deadline: float) -> None:
        """Write to the worker's stdin."""
        assert self.process.stdin is not None
        fd = self.process.stdin.fileno()
        os.set_blocking(fd, False)
        view = memoryview(data)
        while view:
            if not select.select([], [fd], [], max(0.0, deadline - time.monotonic()))[1]:
                raise SandboxError("the worker does not read its input")
            try:
                view = view[os.write(fd, view) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise SandboxError("the worker is gone") from error

    def receive(self, size: int, deadline: float) -> bytes:
        """Read from the worker's stdout."""
        assert self.process.stdout is not None
        fd = self.process.stdout.fileno()
        if not select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError("no answer before the deadline")
        return os.read(fd, size)

    def cpu_ns(self) -> int | None:
        """No counter here."""
        return None

    def oom_kills(self) -> int | None:
        """No counter here."""
        return None

    def diagnostics(self) -> str:
        """The last of what the worker said on stderr."""
        return self._said.decode(errors="replace")

    def kill(self) -> None:
        """End the worker's whole session."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
