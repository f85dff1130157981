"""The loop: look at the original once, then propose, screen, combine, confirm, judge, record; keep it or roll back.

It reads as the design does and each line names the module that does the work. It runs no candidate code itself, draws
nothing and decides nothing: sandboxes run, the caller draws, the gate decides.
"""

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rsi_sandbox import baseline as base
from rsi_sandbox import chronicle, compose, narrate
from rsi_sandbox.baseline import Baseline
from rsi_sandbox.errors import Exit, RsiError, StateError
from rsi_sandbox.events import Event, Kind
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Candidate, Decision, Evidence, Fact, Generation, Json, Spent, Tree, to_json
from rsi_sandbox.optimizers import Brief, Optimizer
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import Policy
from rsi_sandbox.rules import Observed
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.target import Target
from rsi_sandbox.trial import Screened, Trial, explain

REJECTS_IN_A_ROW = 3
CANDIDATES_PER_GENERATION = 40
CONFIRM_SHORTFALL = 0.7
"""A confirmation starts when at least this part of what the last one took is left."""
CONFIRM_SHARE = 0.35
"""Part of the budget that screening leaves for confirming."""


@dataclass(frozen=True, slots=True)
class Options:
    """How far a run may go. Nothing in the loop can raise any of it."""

    generations: int = 20
    seconds: float = 600.0
    seed: int = 0
    smoke: bool = False
    canary: str = ""


@dataclass(frozen=True)
class Setup:
    """Everything a run works with; the caller opens and closes it."""

    target: Target
    sandbox: Sandbox
    policy: Policy
    optimizer: Optimizer
    lineage: Lineage
    options: Options
    surroundings: Mapping[str, str] = field(default_factory=dict)


def evolve(setup: Setup) -> Generator[Event, None, None]:
    """Run the loop; yields what happens, last an event of kind STOPPED that says why.

    Raises:
        BaselineError: the original can't be used as a measure.
        SandboxError: the sandbox failed before anything was accepted or refused.
        StateError: the record can't be kept.
    """
    run = _Run(setup)
    try:
        yield from run.events()
    except KeyboardInterrupt:
        yield run.stop("interrupted: finished generations are kept", Exit.INTERRUPTED)
    except StateError:
        raise  # the record is what failed, so nothing more is written to it
    except RsiError as error:
        run.stop(error.message, error.exit_code)
        raise


class _Run:
    """The state of one run: the parent, what was tried, the clock."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.started = time.monotonic()
        self.deadline = self.started + setup.options.seconds
        self.parent = setup.target.tree
        self.parent_number = 0
        self.tried: set[str] = set()
        self.seen: list[str] = []
        self.number = 0
        self.rejected = 0
        self.accepted: list[Generation] = []
        self.singles = False
        self.confirming = 0.0
        self.total = 1.0
        self.record_id = 0
        self.noise = Evidence("noise", {})
        self.policy_digest = setup.policy.digest

    def events(self) -> Iterator[Event]:
        """The run, phase by phase."""
        setup, target = self.setup, self.setup.target
        options = to_json(replace(setup.options, canary=""))
        environment = setup.sandbox.environment.digest
        self.record_id = setup.lineage.begin_run(
            chronicle.opening(target, setup.policy, environment, options, setup.surroundings)
        )
        yield self.event(Kind.OPENED, narrate.introduction(target, setup.surroundings), budget=setup.options.seconds)
        studied: Baseline | None = None
        for said in base.study(target, setup.sandbox, setup.options.canary):
            if isinstance(said, Baseline):
                studied = said
            else:
                yield self.event(Kind.STAGE, said)
        assert studied is not None
        self.parent_number = chronicle.record_original(setup.lineage, target.tree)
        self.seen.append(target.tree.digest)
        yield self.event(Kind.BASELINE, narrate.baseline(studied), cases=[case.id for case in studied.cases])
        for problem in studied.problems:
            yield self.event(Kind.NOTE, f"benchmark not used: {problem}")
        trial = Trial(target, studied, setup.sandbox, setup.options.seed, setup.options.canary, self.deadline)
        yield self.event(Kind.STAGE, "measuring the original against itself")
        self.noise = trial.noise()
        yield self.event(Kind.NOTE, narrate.noise(self.noise))
        reason = ""
        while not reason:
            reason = yield from self.generation(trial)
        yield self.stop(reason)

    def generation(self, trial: Trial) -> Generator[Event, None, str]:
        """One generation; returns why the run ends, or "" to go on."""
        started = time.monotonic()
        if len(self.accepted) >= self.setup.options.generations:
            return f"{self.setup.options.generations} generation(s) done, as asked"
        yield self.event(Kind.STAGE, f"generation {self.number + 1}: screening candidates")
        screened = yield from self.screen(trial)
        winners = sorted((item for item in screened if item.useful), key=lambda item: -(item.ratio or 0.0))
        if not winners:
            return self.no_winner(screened)
        yield self.event(Kind.STAGE, f"looking harder at {len(winners)} useful candidate(s)")
        kept, refused = compose.vet(trial, self.parent, winners, self.setup.policy)
        for item in refused:
            self.setup.optimizer.tell(item.candidate.digest, accepted=False, objection=item.objection)
            yield self.event(Kind.CANDIDATE, narrate.candidate(item), **narrate.row(item))
        screened = [item for item in screened if not item.useful] + refused + kept
        if not kept:
            return ""
        composite, members = compose.composite(kept[:1] if self.singles else kept)
        if self.deadline - time.monotonic() < self.confirming * CONFIRM_SHORTFALL:
            return "budget spent: what is left would not be enough to confirm another generation"
        confirming = time.monotonic()
        tree = self.parent.with_edits(composite.edits)
        yield self.event(Kind.COMPOSITE, f"confirming {len(members)} rewrite(s) together in a fresh sandbox")
        evidence = [self.noise, *trial.examine(self.parent, tree, composite, self.seen)]
        self.confirming = time.monotonic() - confirming
        facts = {name: value for item in evidence for name, value in item.facts.items()}
        verdict = judge({**facts, "seal.intact": self.sealed()}, self.setup.policy)
        record = chronicle.record_generation(
            self.setup.lineage,
            parent=(self.parent_number, self.parent),
            candidate=composite,
            tree=tree,
            verdict=verdict,
            evidence=evidence,
            screened=screened,
            spent=Spent(
                wall_seconds=round(time.monotonic() - started, 3),
                candidates=len(screened),
                sandboxes=self.setup.sandbox.started,
            ),
        )
        yield self.judged(record, tree, facts, explain(evidence, verdict))
        return self.move(record, tree, members, facts)

    def screen(self, trial: Trial) -> Generator[Event, None, list[Screened]]:
        """Candidates for the present parent through the screen, until enough time or enough of them are gone."""
        now = time.monotonic()
        enough = now + (self.deadline - now) * (1 - CONFIRM_SHARE)
        screened: list[Screened] = []
        for candidate in self.proposals(trial):
            if time.monotonic() > enough or len(screened) >= CANDIDATES_PER_GENERATION:
                break
            self.tried.add(candidate.digest)
            item = trial.screen(self.parent, candidate)
            screened.append(item)
            self.setup.optimizer.tell(candidate.digest, accepted=item.useful, objection=item.why)
            yield self.event(Kind.CANDIDATE, narrate.candidate(item), **narrate.row(item))
        return screened

    def proposals(self, trial: Trial) -> Iterator[Candidate]:
        """What the optimizer offers for the present parent and was not tried before, stable in order."""
        brief = Brief(
            tree=self.parent,
            roots=self.setup.target.settings.roots,
            allowed=self.setup.target.may_change,
            profile=trial.baseline.profile,
            observed={key: Observed.of(types) for key, types in trial.baseline.observed.items()},
            seed=self.setup.options.seed,
        )
        for candidate in self.setup.optimizer.propose(brief):
            if candidate.digest not in self.tried and candidate.edits:
                yield candidate

    def no_winner(self, screened: list[Screened]) -> str:
        """Why a run ends in which nothing was worth confirming."""
        if time.monotonic() > self.deadline - 1.0:
            return "budget spent"
        if not screened:
            return "nothing left to try"
        return f"none of the last {len(screened)} candidate(s) was worth confirming"

    def move(self, record: Generation, tree: Tree, members: list[Screened], facts: Mapping[str, Fact | None]) -> str:
        """Keep the accepted tree as the next parent, or roll back to the present one."""
        self.number = record.number
        if record.decision is Decision.ACCEPTED:
            self.accepted.append(record)
            self.parent, self.parent_number = tree, record.number
            self.seen.append(tree.digest)
            self.rejected, self.singles = 0, False
            self.total = float(facts.get("generation0.ratio") or self.total)
            return "" if time.monotonic() < self.deadline else "budget spent"
        self.rejected += 1
        if len(members) > 1:
            # A composite fails as one. Its best member is tried alone before its parts are given up.
            self.singles = True
            self.tried -= {item.candidate.digest for item in members}
        if record.decision is Decision.QUARANTINED:
            return f"generation {record.number} was quarantined: {record.verdict['reason']}"
        if self.rejected >= REJECTS_IN_A_ROW:
            return f"{self.rejected} generations rejected in a row"
        return "" if time.monotonic() < self.deadline else "budget spent"

    def sealed(self) -> bool:
        """Whether the policy that judges is the one the run was opened with."""
        return self.setup.policy.digest == self.policy_digest

    def judged(self, record: Generation, tree: Tree, facts: Mapping[str, Fact | None], detail: str) -> Event:
        """The verdict as an event."""
        return self.event(
            Kind.GENERATION,
            narrate.verdict(record, facts, detail),
            number=record.number,
            decision=record.decision.value,
            rules=record.candidate["rules"],
            tree=tree.digest,
            reason=record.verdict["reason"],
            detail=detail,
        )

    def event(self, kind: Kind, text: str, **data: Json) -> Event:
        """An event at this moment of the run."""
        return Event(kind, text, data, time.monotonic() - self.started)

    def stop(self, reason: str, code: Exit = Exit.YES) -> Event:
        """Close the run in the record and say how it went."""
        summary = {
            "reason": reason,
            "accepted": [item.number for item in self.accepted],
            "candidates": len(self.tried),
            "speedup": self.total,
            "exit": int(code),
        }
        if self.record_id:
            self.setup.lineage.end_run(self.record_id, summary)
        return self.event(Kind.STOPPED, narrate.closing(self.accepted, self.total, reason), **summary)
