"""A sandbox for commands that measure a recorded generation again, and the words they say meanwhile."""

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox import baseline as base
from rsi_sandbox.audit.again import Settled, settled, trial_of
from rsi_sandbox.baseline import Baseline
from rsi_sandbox.cli.opening import sandbox_for
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.trial import Trial


@dataclass(frozen=True)
class Laboratory:
    """A generation's run set up again, with a sandbox that is open."""

    settled: Settled
    sandbox: Sandbox
    canary: str
    deadline: float
    """`time.monotonic()` moment."""

    def trial(self) -> Trial:
        """The oracles around the original, studied anew."""
        found: Baseline | None = None
        for said in base.study(self.settled.target, self.sandbox, self.canary):
            if isinstance(said, Baseline):
                found = said
            else:
                say(said)
        assert found is not None
        return trial_of(self.settled, found, self.sandbox, self.canary, self.deadline)


@contextmanager
def opened(lineage: Lineage, number: int, root: Path, backend: str, seconds: float) -> Iterator[Laboratory]:
    """A sandbox around the target of a generation's run.

    Raises:
        CannotTellError: no sandbox works here, or too little was recorded.
    """
    found = settled(lineage, number, root)
    with sandbox_for(found.target, backend) as (sandbox, _):
        yield Laboratory(found, sandbox, secrets.token_hex(8), time.monotonic() + seconds)


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress goes to stderr
