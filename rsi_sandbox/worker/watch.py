"""Waits for one forked job from outside: deadline, capped streams, exit status and CPU time.

The end of the job is the exit of its process, never the end of a pipe: a grandchild can hold a pipe open for ever.
"""

import os
import selectors
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen of one job."""

    status: str
    """`ok` (it exited by itself), `timeout` (of wall or CPU time), `killed` or `flood`."""
    exit_code: int | None
    wall_ns: int
    cpu_ns: int
    max_rss_bytes: int
    stdout: bytes
    stderr: bytes
    result: bytes


class _Stream:
    """The first `keep` bytes of a pipe and, for diagnostics, nothing more; it is drained either way."""

    def __init__(self, fd: int, keep: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self.keep = keep
        self.data = bytearray()
        self.over = False

    def drain(self, *, everything: bool = False) -> bool:
        """Take what is there; False at the end of the stream. `everything` goes on until it is empty or over."""
        while True:
            try:
                chunk = os.read(self.fd, CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            room = self.keep - len(self.data)
            self.data += chunk[:room]
            self.over |= len(chunk) > room
            if not everything or self.over:
                return True


def watch(
    leader: int, stdout: int, stderr: int, result: int, limits: dict[str, Any], kill: Callable[[], None]
) -> Watched:
    """Wait for the child `leader`, calling `kill` at its deadline or when its result is over the cap.

    Owns and closes the three read ends.
    """
    started = time.monotonic_ns()
    deadline = started + int(limits["wall_seconds"] * 1e9)
    streams = [
        _Stream(stdout, limits["output_bytes"]),
        _Stream(stderr, limits["output_bytes"]),
        _Stream(result, limits["result_bytes"]),
    ]
    status = "ok"
    pidfd = os.pidfd_open(leader)
    with selectors.DefaultSelector() as selector:
        selector.register(pidfd, selectors.EVENT_READ, None)
        for stream in streams:
            selector.register(stream.fd, selectors.EVENT_READ, stream)
        running = True
        while running:
            left = (deadline - time.monotonic_ns()) / 1e9
            if left <= 0:
                status = "timeout"
                break
            for key, _ in selector.select(left):
                if key.data is None:
                    running = False
                elif not key.data.drain():
                    selector.unregister(key.fd)
            if streams[2].over:
                status = "flood"
                break
    if status != "ok":
        kill()
    _, wait_status, usage = os.wait4(leader, 0)
    ended = time.monotonic_ns()
    os.close(pidfd)
    for stream in streams:
        stream.drain(everything=True)
        os.close(stream.fd)
    exit_code = os.waitstatus_to_exitcode(wait_status)
    if status == "ok" and (exit_code != 0 or not streams[2].data):
        status = "killed"
    cpu_ns = int((usage.ru_utime + usage.ru_stime) * 1e9)
    if status == "killed" and _out_of_cpu(exit_code, cpu_ns, limits):
        status = "timeout"
    if streams[2].over:
        status = "flood"
    return Watched(
        status=status,
        exit_code=exit_code,
        wall_ns=ended - started,
        cpu_ns=cpu_ns,
        max_rss_bytes=usage.ru_maxrss * 1024,
        stdout=bytes(streams[0].data),
        stderr=bytes(streams[1].data),
        result=bytes(streams[2].data),
    )


def _out_of_cpu(exit_code: int, cpu_ns: int, limits: dict[str, Any]) -> bool:
    """Whether the kernel ended it for CPU time: whichever clock runs out first, it did not end in time."""
    if exit_code == -signal.SIGXCPU:
        return True
    return exit_code == -signal.SIGKILL and cpu_ns >= int(limits["cpu_seconds"]) * 1_000_000_000
