"""Runs one launch in a fresh interpreter: request as JSON on stdin, answer on stdout. Forks without confinement."""

import json
import os
import signal
import sys
from dataclasses import dataclass

from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.jobs import launch


@dataclass
class Forked:
    pid: int
    leader: int


def main() -> None:
    request = json.load(sys.stdin)
    cells = []

    def spawn(tree, body, keep):
        pid = os.fork()
        if pid == 0:
            try:
                os.chdir(tree)
                body()
            finally:
                os._exit(0)
        cells.append(Forked(pid, pid))
        return cells[-1]

    context = Context(tree=request["arms"][0], tmp=request["arms"][0], arms=tuple(request["arms"]))
    answer = launch.lead(request["args"], context, spawn)
    for cell in cells:
        os.kill(cell.leader, signal.SIGKILL)
        os.waitpid(cell.leader, 0)
    json.dump(answer, sys.stdout)


main()
