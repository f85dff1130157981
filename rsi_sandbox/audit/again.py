"""What a measurement of a recorded generation needs: its target as it was, its candidate, the baseline, the trial.

The sandbox is the caller's. Nothing of the record is believed here: the original is studied anew.
"""

from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.audit.replay import settings_of, started_from
from rsi_sandbox.audit.verdicts import Run, runs_of
from rsi_sandbox.baseline import Baseline
from rsi_sandbox.errors import CannotTellError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Candidate, Edit, Json, Safety, Site
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.target import Target
from rsi_sandbox.trial import Trial


@dataclass(frozen=True)
class Settled:
    """A generation's run as far as it can be set up again."""

    target: Target
    """With the tree the run compared everything with."""
    run: Run
    original: int
    """Number of the generation that tree is recorded as."""


def settled(lineage: Lineage, number: int, root: Path) -> Settled:
    """The target of a generation's run; `root` is only a name and a place, nothing is read from it.

    Raises:
        UsageError: there is no such generation.
        CannotTellError: too little was recorded to run it again.
    """
    generation = lineage.generation(number)
    run = runs_of(list(lineage.events()))[number]
    settings = settings_of(run)
    if settings is None:
        raise CannotTellError(
            f"the settings of run {run.number} were not recorded, so generation {number} can't be run again",
            hint="`rsi-sandbox replay` needs no run",
        )
    original = started_from(lineage, generation, run)
    return Settled(Target(root, lineage.tree(original), settings), run, original)


def trial_of(settled: Settled, studied: Baseline, sandbox: Sandbox, canary: str, deadline: float) -> Trial:
    """The oracles as the run had them, with the run's seed."""
    options = settled.run.opened.get("options") or {}
    return Trial(settled.target, studied, sandbox, int(options.get("seed") or 0), canary, deadline)


def candidate_of(recorded: Json) -> Candidate:
    """The candidate of a recorded generation.

    Raises:
        CannotTellError: it was not recorded in a form that can be read.
    """
    try:
        return Candidate(
            parent=recorded["parent"],
            edits=tuple(Edit(**edit) for edit in recorded["edits"]),
            sites=tuple(Site(**site) for site in recorded["sites"]),
            rationale=recorded["rationale"],
            expected=recorded["expected"],
            safety=Safety(recorded["safety"]),
            optimizer=recorded["optimizer"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CannotTellError(f"the recorded candidate can't be read: {error!r}") from error
