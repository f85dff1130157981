"""Any patch through the gate: the same oracles, the same rows, the same record as for our own candidates.

The target's own tests, benchmarks and settings judge, as they are without the change. It changes nothing.
"""

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

from rsi_sandbox import baseline as base
from rsi_sandbox import chronicle, narrate
from rsi_sandbox.baseline import Baseline
from rsi_sandbox.events import Event, Kind
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Evidence, Fact, Json, Outcome, Site, Verdict
from rsi_sandbox.optimizers.patches import candidate_between
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import Policy
from rsi_sandbox.proposal import Proposal
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.trial import Trial, explain


@dataclass(frozen=True)
class Setup:
    """Everything a judgement works with; the caller opens and closes it."""

    proposal: Proposal
    sandbox: Sandbox
    policy: Policy
    lineage: Lineage | None
    """Where it is recorded; None: nowhere."""
    seconds: float = 600.0
    seed: int = 0
    canary: str = ""
    surroundings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judgement:
    """The verdict on a patch, with what it rests on."""

    name: str
    paths: tuple[str, ...]
    sites: tuple[Site, ...]
    """The functions it changes."""
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    seconds: float

    @property
    def facts(self) -> dict[str, Fact | None]:
        """All facts."""
        return {name: value for item in self.evidence for name, value in item.facts.items()}

    @property
    def undecided(self) -> bool:
        """Whether the verdict is no only because something could not be found out."""
        row = next((row for row in self.verdict.rows if row.row == self.verdict.objection), None)
        if row is None:
            return False
        return (row.passed is None and row.value is None) or row.value == Outcome.INCONCLUSIVE.value


def judge_patch(setup: Setup) -> Generator[Event, None, Judgement]:
    """Judge the proposal; yields what happens and returns the judgement.

    Raises:
        BaselineError: the target without the change can't be used as a measure.
        SandboxError: the sandbox failed.
        StateError: the record can't be kept.
    """
    started = time.monotonic()
    proposal = setup.proposal
    target = proposal.target

    def event(kind: Kind, text: str, **data: Json) -> Event:
        return Event(kind, text, data, time.monotonic() - started)

    candidate = candidate_between(target.tree, proposal.tree, optimizer="judge", rationale=f"Judges {proposal.name}.")
    yield event(Kind.OPENED, narrate.introduction(target, setup.surroundings), budget=setup.seconds)
    changed = ", ".join(proposal.changed[:6]) + (" ..." if len(proposal.changed) > 6 else "")
    yield event(Kind.NOTE, f"judging {proposal.name}: {changed}")
    studied: Baseline | None = None
    for said in base.study(target, setup.sandbox, setup.canary, candidate.functions):
        if isinstance(said, Baseline):
            studied = said
        else:
            yield event(Kind.STAGE, said)
    assert studied is not None
    yield event(Kind.BASELINE, narrate.baseline(studied), cases=[case.id for case in studied.cases])
    trial = Trial(target, studied, setup.sandbox, setup.seed, setup.canary, started + setup.seconds)
    yield event(Kind.STAGE, "measuring the original against itself")
    noise = trial.noise()
    yield event(Kind.NOTE, narrate.noise(noise))
    yield event(Kind.STAGE, "running tests, comparing answers and timing in a fresh sandbox")
    evidence = (noise, *trial.examine(target.tree, proposal.tree, candidate, []))
    facts = {name: value for item in evidence for name, value in item.facts.items()}
    verdict = judge({**facts, "seal.intact": True}, setup.policy)
    seconds = time.monotonic() - started
    found = Judgement(proposal.name, proposal.changed, candidate.sites, verdict, evidence, seconds)
    if setup.lineage is not None:
        chronicle.record_judgement(setup.lineage, proposal, setup.policy, verdict, evidence)
    detail = explain(evidence, verdict)
    yield event(Kind.VERDICT, f"{verdict.decision.value}: {detail or verdict.reason}", decision=verdict.decision.value)
    return found
