"""The end of a job seen from outside: which clock ran out, and what a killed process is called."""

import os
import resource
import signal
import time
from collections.abc import Callable

import pytest

from rsi_sandbox.worker.watch import Watched, watch

LIMITS = {"wall_seconds": 20.0, "cpu_seconds": 1, "output_bytes": 1 << 10, "result_bytes": 1 << 10}


def watched(body: Callable[[int], None], **limits: float) -> Watched:
    pipes = [os.pipe() for _ in range(3)]
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
        try:
            body(pipes[2][1])
        finally:
            os._exit(0)
    for _, write in pipes:
        os.close(write)
    reads = [read for read, _ in pipes]
    return watch(child, *reads, {**LIMITS, **limits}, lambda: os.kill(child, signal.SIGKILL))


def spin(_: int) -> None:
    while True:
        pass


def spin_on(result: int) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    spin(result)


@pytest.mark.parametrize("body", [spin, spin_on])
def test_out_of_cpu_time_is_a_timeout(body: Callable[[int], None]) -> None:
    assert watched(body).status == "timeout"


def test_out_of_wall_time_is_a_timeout() -> None:
    assert watched(lambda _: time.sleep(60), wall_seconds=0.2).status == "timeout"


def test_killing_itself_is_no_timeout() -> None:
    assert watched(lambda _: os.kill(os.getpid(), signal.SIGKILL)).status == "killed"


def test_leaving_without_an_answer_is_being_killed() -> None:
    assert watched(lambda _: None).status == "killed"


def test_an_answer_over_the_cap_is_a_flood() -> None:
    assert watched(lambda result: void(os.write(result, b"x" * 4096))).status == "flood"


def void(_: object) -> None:
    """Nothing."""
