"""One running container as a wall: its streams, its meters, its end.

stdout and stderr arrive interleaved on one connection, in the engine's 8-byte-header frames. Everything is read
without blocking, under the caller's deadline, and never beyond what is asked for plus a bounded store.
"""

import contextlib
import select
import ssl
import struct
import time
from pathlib import Path
from typing import Any

from rsi_sandbox.errors import SandboxError

DIAGNOSTICS = 64 << 10
STORE = 64 << 20
"""Bytes of stdout kept while the host is not reading; beyond that the worker has to wait."""
CHUNK = 1 << 20
STDOUT = 1
KILL_SECONDS = 10
WAITING = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
CGROUPS = Path("/sys/fs/cgroup")


class DockerWall:
    """Owns a container and the client that made it."""

    def __init__(self, client: Any, identity: str, stream: Any) -> None:
        self.identity = identity
        self._client = client
        self._stream = stream
        self._socket = getattr(stream, "_sock", stream)
        self._socket.setblocking(False)
        self._frames = Demultiplexer()
        self._ended = False
        self._dead = False
        self._cgroups: dict[str, Path] = {}

    def started(self) -> None:
        """Find the container's meters, now that it runs. A remote engine's process numbers mean nothing here."""
        state = self._client.api.inspect_container(self.identity)["State"]
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{state['Pid']}/cgroup").read_text().splitlines():
                _, controllers, path = line.split(":", 2)
                if self.identity in path:
                    for controller in controllers.split(","):
                        self._cgroups[controller] = CGROUPS / controller / path.lstrip("/")

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it, reading meanwhile so that neither side can block the other."""
        view = memoryview(data)
        while view:
            self._alive()
            try:
                view = view[self._socket.send(view[:CHUNK]) :]
                continue
            except WAITING:
                pass
            except OSError as error:
                raise SandboxError(f"the worker's container is gone: {error}", hint=self._hint()) from error
            self._fill()
            if self._ended:
                raise SandboxError("the worker ended while it was being sent to", hint=self._hint())
            if not self._wait(deadline, write=True):
                raise SandboxError("the worker does not read what it is sent", hint=self._hint())

    def receive(self, size: int, deadline: float) -> bytes:
        """At most `size` bytes of the worker's stdout."""
        while True:
            if self._frames.stdout:
                return self._frames.take(size)
            self._alive()
            if self._ended:
                return b""
            if self._fill():
                continue
            if not self._wait(deadline, write=False):
                raise TimeoutError("the worker did not answer in time")

    def cpu_ns(self) -> int | None:
        """From the container's cgroup, version 1 or 2."""
        if "cpuacct" in self._cgroups:
            text = _read(self._cgroups["cpuacct"] / "cpuacct.usage")
            return int(text) if text.strip().isdigit() else None
        value = _field(self._cgroups.get(""), "cpu.stat", "usage_usec")
        return None if value is None else value * 1000

    def oom_kills(self) -> int | None:
        """From the container's cgroup: `State.OOMKilled` does not count children."""
        if "memory" in self._cgroups:
            return _field(self._cgroups["memory"], "memory.oom_control", "oom_kill")
        return _field(self._cgroups.get(""), "memory.events", "oom_kill")

    def diagnostics(self) -> str:
        """The last of the worker's stderr."""
        if not self._dead:
            with contextlib.suppress(SandboxError):
                self._fill()
        return bytes(self._frames.stderr).decode(errors="replace")

    def kill(self) -> None:
        """Kill and remove the container, and close the connection."""
        if self._dead:
            return
        self._dead = True
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        api = self._client.api
        api.timeout = KILL_SECONDS
        for end in (
            lambda: api.remove_container(self.identity, force=True, v=True),
            self._socket.close,
            self._stream.close,
            self._client.close,
        ):
            with contextlib.suppress(DockerException, RequestException, OSError, ValueError):
                end()

    def __enter__(self) -> "DockerWall":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _alive(self) -> None:
        if self._dead:
            raise SandboxError("the sandbox was already ended")

    def _fill(self) -> bool:
        """Reads what is there, if there is room; False when nothing was."""
        if self._ended or len(self._frames.stdout) > STORE:
            return False
        try:
            data = self._socket.recv(CHUNK)
        except WAITING:
            return False
        except OSError as error:
            raise SandboxError(f"the connection to the container broke: {error}", hint=self._hint()) from error
        if not data:
            self._ended = True
        self._frames.feed(data)
        return True

    def _wait(self, deadline: float, *, write: bool) -> bool:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        poller = select.poll()
        room = len(self._frames.stdout) <= STORE
        poller.register(self._socket, (select.POLLIN if room else 0) | (select.POLLOUT if write else 0))
        poller.poll(min(left, 3600) * 1000)
        return True

    def _hint(self) -> str:
        said = bytes(self._frames.stderr[-2000:]).decode(errors="replace").strip()
        return said.splitlines()[-1] if said else "run it again; if it stays, look at `rsi-sandbox doctor`"


class Demultiplexer:
    """Tells the two streams of a container apart.

    Frames: one byte of stream number, three of nothing, four of big-endian length.
    """

    def __init__(self) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._header = bytearray()
        self._stream = 0
        self._missing = 0

    def feed(self, data: bytes) -> None:
        """Takes in bytes as they came, cut anywhere.

        Raises:
            SandboxError: they are not what an engine sends.
        """
        view = memoryview(data)
        while view:
            if not self._missing:
                need = 8 - len(self._header)
                self._header += view[:need]
                view = view[need:]
                if len(self._header) == 8:
                    self._open()
                continue
            body, view = view[: self._missing], view[self._missing :]
            self._missing -= len(body)
            if self._stream == STDOUT:
                self.stdout += body
            else:
                self.stderr += body
                del self.stderr[:-DIAGNOSTICS]

    def take(self, size: int) -> bytes:
        """Removes and returns the first bytes of stdout."""
        data = bytes(self.stdout[:size])
        del self.stdout[:size]
        return data

    def _open(self) -> None:
        self._stream, zero, self._missing = struct.unpack(">B3sI", self._header)
        self._header.clear()
        if self._stream > 2 or zero != b"\0\0\0":
            raise SandboxError("the engine's stream is not framed as expected", hint="is a proxy in between?")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _field(directory: Path | None, name: str, key: str) -> int | None:
    if directory is None:
        return None
    for line in _read(directory / name).splitlines():
        word, _, value = line.partition(" ")
        if word == key and value.strip().isdigit():
            return int(value)
    return None
