"""The loop: look at the original once, then propose, screen, combine, confirm, judge, record; keep it or roll back.

It reads as the design does and each line names the module that does the work. It runs no candidate code itself, draws
nothing and decides nothing: sandboxes run, the caller draws, the gate decides.
"""

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from rsi_sandbox import baseline as base
from rsi_sandbox.baseline import Baseline
from rsi_sandbox.errors import Exit, RsiError, StateError
from rsi_sandbox.events import Event, Kind
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Candidate, Decision, Evidence, Fact, Generation, Json, Spent, Tree, combine, to_json
from rsi_sandbox.optimizers import Brief, Optimizer
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import Policy
from rsi_sandbox.rules import Observed
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.target import Target, describe
from rsi_sandbox.trial import Screened, Trial, explain

REJECTS_IN_A_ROW = 3
CANDIDATES_PER_GENERATION = 40
CONFIRM_SHORTFALL = 0.7
"""A confirmation starts when at least this part of what the last one took is left."""
STEP_FILES = 3
STEP_LINES = 60
"""A composite larger than this is left for the next generation; the policy bounds a step too, and decides."""
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
        self.number = 0
        self.parent = setup.target.tree
        self.parent_number = 0
        self.tried: set[str] = set()
        self.seen: list[str] = []
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
        setup = self.setup
        self.record_id = setup.lineage.begin_run(self._opening())
        yield self.event(Kind.OPENED, self._introduction(), budget=setup.options.seconds)
        studied: Baseline | None = None
        for said in base.study(setup.target, setup.sandbox, setup.options.canary):
            if isinstance(said, Baseline):
                studied = said
            else:
                yield self.event(Kind.STAGE, said)
        assert studied is not None
        self._record_original()
        yield self.event(Kind.BASELINE, _summary(studied), cases=[case.id for case in studied.cases])
        for problem in studied.problems:
            yield self.event(Kind.NOTE, f"benchmark not used: {problem}")
        trial = Trial(setup.target, studied, setup.sandbox, setup.options.seed, setup.options.canary, self.deadline)
        yield self.event(Kind.STAGE, "measuring the original against itself")
        self.noise = trial.noise()
        yield self.event(Kind.NOTE, _noise_text(self.noise))
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
        screened: list[Screened] = []
        enough = started + (self.deadline - started) * (1 - CONFIRM_SHARE)
        for candidate in self.proposals(trial):
            if time.monotonic() > enough or len(screened) >= CANDIDATES_PER_GENERATION:
                break
            self.tried.add(candidate.digest)
            screened.append(trial.screen(self.parent, candidate))
            self.setup.optimizer.tell(candidate.digest, accepted=screened[-1].useful, objection=screened[-1].why)
            yield self.event(Kind.CANDIDATE, _line(screened[-1]), **_row(screened[-1]))
        winners = sorted((item for item in screened if item.useful), key=lambda item: -(item.ratio or 0.0))
        if not winners:
            return self._no_winner(screened)
        yield self.event(Kind.STAGE, f"looking harder at {len(winners)} useful candidate(s)")
        kept, refused = self._vetted(trial, winners)
        yield from (self.event(Kind.CANDIDATE, _line(item), **_row(item)) for item in refused)
        screened = [item for item in screened if not item.useful] + refused + kept
        if not kept:
            return ""
        composite, members = _combined(kept[:1] if self.singles else kept)
        if self.deadline - time.monotonic() < self.confirming * CONFIRM_SHORTFALL:
            return "budget spent: what is left would not be enough to confirm another generation"
        confirming = time.monotonic()
        tree = self.parent.with_edits(composite.edits)
        yield self.event(Kind.COMPOSITE, f"confirming {len(members)} rewrite(s) together in a fresh sandbox")
        evidence = trial.examine(self.parent, tree, composite, self.seen)
        self.confirming = time.monotonic() - confirming
        evidence = [self.noise, *evidence]
        verdict_facts = {name: value for item in evidence for name, value in item.facts.items()}
        verdict = judge({**verdict_facts, "seal.intact": self._sealed()}, self.setup.policy)
        record = self._generation(composite, tree, verdict, evidence, screened, time.monotonic() - started)
        self.setup.lineage.record(record, tree if record.tree == tree.digest else self.parent, evidence)
        yield self._judged(record, composite, tree, verdict_facts, explain(evidence, verdict.decision))
        return self._move(record, tree, composite, members, verdict_facts)

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
        if self.accepted:
            text = f"{len(self.accepted)} generation(s) accepted, {self.total:.2f}x faster than the original"
            text += " (confirmed, on the benchmarks it touches)"
            text += f"; stopped: {reason}\nnext: rsi-sandbox diff {self.accepted[-1].number} --against 0, then apply"
        else:
            text = f"nothing accepted, nothing changed; stopped: {reason}"
        return self.event(Kind.STOPPED, text, **summary)

    def _vetted(self, trial: Trial, winners: list[Screened]) -> tuple[list[Screened], list[Screened]]:
        """Winners to which no row of the policy objects yet, and the others with the row that does."""
        kept: list[Screened] = []
        refused: list[Screened] = []
        for item in winners:
            found = trial.vet(self.parent, item.candidate)
            verdict = judge({name: value for one in found for name, value in one.facts.items()}, self.setup.policy)
            failed = [row for row in verdict.rows if row.passed is False]
            if failed:
                refused.append(
                    replace(item, useful=False, why=f"{failed[0].row}: {failed[0].fact} is {failed[0].value}")
                )
                self.setup.optimizer.tell(item.candidate.digest, accepted=False, objection=failed[0].row)
            else:
                kept.append(item)
        return kept, refused

    def _no_winner(self, screened: list[Screened]) -> str:
        if time.monotonic() > self.deadline - 1.0:
            return "budget spent"
        if not screened:
            return "nothing left to try"
        return f"none of the last {len(screened)} candidate(s) was worth confirming"

    def _move(
        self,
        record: Generation,
        tree: Tree,
        composite: Candidate,
        members: list[Screened],
        facts: Mapping[str, Fact | None],
    ) -> str:
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

    def _generation(
        self,
        composite: Candidate,
        tree: Tree,
        verdict: Json,
        evidence: list[Evidence],
        screened: list[Screened],
        seconds: float,
    ) -> Generation:
        kept = verdict.decision in (Decision.ACCEPTED, Decision.HELD)
        return Generation(
            number=self.setup.lineage.next_number(),
            parent=self.parent_number,
            tree=tree.digest if kept else self.parent.digest,
            decision=verdict.decision,
            candidate={**to_json(composite), "digest": composite.digest, "rules": list(composite.rules)},
            verdict=to_json(verdict),
            evidence=tuple(item.to_json() for item in evidence),
            screened=tuple(_row(item) for item in screened),
            spent=Spent(wall_seconds=round(seconds, 3), candidates=len(screened), sandboxes=self.setup.sandbox.started),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _record_original(self) -> None:
        """Generation 0, unless this very tree is an accepted generation of an earlier run."""
        tree = self.setup.target.tree
        self.seen.append(tree.digest)
        known = [item.number for item in self.setup.lineage.accepted() if item.tree == tree.digest]
        if known:
            self.parent_number = known[-1]
            return
        number = self.setup.lineage.next_number()
        original = Generation(
            number=number,
            parent=0,
            tree=tree.digest,
            decision=Decision.ACCEPTED,
            candidate={},
            verdict={},
            evidence=(),
            screened=(),
            spent=Spent(),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self.setup.lineage.record(original, tree, ())
        self.parent_number = number

    def _judged(
        self, record: Generation, composite: Candidate, tree: Tree, facts: Mapping[str, Fact | None], detail: str
    ) -> Event:
        measured = _interval(facts, "confirm") or _interval(facts, "speed")
        text = f"generation {record.number} {record.decision.value}: {measured}{', '.join(composite.rules)}"
        if record.decision is not Decision.ACCEPTED:
            text += f" -- {detail or record.verdict['reason']}"
        return self.event(
            Kind.GENERATION,
            text,
            number=record.number,
            decision=record.decision.value,
            rules=list(composite.rules),
            tree=tree.digest,
            reason=record.verdict["reason"],
            detail=detail,
        )

    def _sealed(self) -> bool:
        """Whether the policy that judges is the one the run was opened with."""
        return self.setup.policy.digest == self.policy_digest

    def _opening(self) -> Json:
        setup = self.setup
        return {
            "target": setup.target.name,
            "tree": setup.target.tree.digest,
            "policy": {"name": setup.policy.name, "digest": setup.policy.digest},
            "environment": setup.sandbox.environment.digest,
            "options": to_json(replace(setup.options, canary="")),
            "surroundings": dict(setup.surroundings),
        }

    def _introduction(self) -> str:
        found = "; ".join(f"{name}: {text}" for name, text in describe(self.setup.target).items())
        return f"{self.setup.target.name} in {self.setup.surroundings.get('sandbox', 'a sandbox')} -- {found}"


def _combined(winners: list[Screened]) -> tuple[Candidate, list[Screened]]:
    """The best winner and every other that conflicts with none already taken, as far as one small step goes."""
    members: list[Screened] = []
    for item in winners:
        together = [*members, item]
        if len({edit.path for one in together for edit in one.candidate.edits}) > STEP_FILES:
            continue
        if sum(edit.text.count("\n") + 2 for one in together for edit in one.candidate.edits) > STEP_LINES:
            continue
        if not any(item.candidate.conflicts_with(other.candidate) for other in members):
            members = together
    members = members or winners[:1]
    return combine(item.candidate for item in members), members


def _noise_text(noise: Evidence) -> str:
    effect = noise.facts.get("noise.smallest_effect")
    if not isinstance(effect, float):
        return "the smallest effect that can be confirmed here is unknown: too few launches fitted into the time"
    return f"smallest effect that can be confirmed here: {effect:.3f}x"


def _summary(studied: Baseline) -> str:
    hot = ", ".join(f"{item.qualname} {item.share:.0%}" for item in studied.hot()[:4])
    timed = "recorded calls" if studied.cases[0].source == "recorded" else "benchmark case(s)"
    return f"baseline: {len(studied.tests.expected)} tests pass; {len(studied.cases)} {timed}; hot: {hot}"


def _row(item: Screened) -> Json:
    return {
        "candidate": item.candidate.digest,
        "rules": ", ".join(item.candidate.rules),
        "function": ", ".join(qualname for _, qualname in item.candidate.functions),
        "path": item.candidate.sites[0].path if item.candidate.sites else "",
        "ratio": item.ratio,
        "outcome": "useful" if item.useful else "no gain" if item.why == "no gain" else "rejected",
        "why": item.why,
        "wall": round(item.seconds, 3),
    }


def _line(item: Screened) -> str:
    row = _row(item)
    effect = f"{item.ratio:.2f}x " if item.ratio else ""
    return f"  {row['rules']} in {row['function']}: {effect}{item.why or 'useful'}"


def _interval(facts: Mapping[str, Fact | None], prefix: str) -> str:
    low, ratio, high = (facts.get(f"{prefix}.{name}") for name in ("low", "ratio", "high"))
    if not isinstance(ratio, float) or not isinstance(low, float) or not isinstance(high, float):
        return ""
    return f"{ratio:.2f}x [{low:.2f}, {high:.2f}] "
