"""`reproduce`: run a recorded generation again and say whether the same comes out.

Tree, static facts, tests and behaviour have to be the same. Timings have to overlap, and only where machine and
environment are alike enough to compare; otherwise the answer is "not comparable", which is neither yes nor no.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rsi_sandbox.audit import again
from rsi_sandbox.audit.again import Settled
from rsi_sandbox.audit.verdicts import judged_again, recorded_facts
from rsi_sandbox.lineage import Lineage, machine
from rsi_sandbox.lineage.trees import proposed
from rsi_sandbox.model import Evidence, Fact, Generation, Json
from rsi_sandbox.trial import Trial

SESSION_SPREAD = 0.04
"""Log ratio by which two sessions on one machine may differ: twice their standard deviation of about 2 %."""
EXACT = ("static", "tests", "differential")
"""Oracles whose facts do not depend on the machine's speed."""
VARYING = frozenset({"differential.calls", "tree.seen_before"})
"""How many inputs could be derived depends on the time; what was seen before depends on the run."""


class Outcome(StrEnum):
    """What a reproduction says."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Reproduction:
    """The answer with its reasons."""

    number: int
    outcome: Outcome
    reasons: tuple[str, ...]
    """What was compared and how it came out, a clause each."""
    verdict: Json = field(default_factory=dict)
    """The gate's verdict on the new evidence under the recorded policy; empty where that is not recorded."""
    evidence: tuple[Evidence, ...] = ()
    """What was measured now."""


def reproduce(lineage: Lineage, settled: Settled, number: int, trial: Trial) -> Reproduction:
    """Examine a generation's candidate again, with a trial around the original studied anew.

    Raises:
        MeasurementError: its parent can't be timed.
        SandboxError: the sandbox failed.
    """
    generation = lineage.generation(number)
    candidate = again.candidate_of(generation.candidate)
    parent, tree = lineage.tree(generation.parent), proposed(lineage, number)
    made = parent.with_edits(candidate.edits)
    evidence = tuple(trial.examine(parent, made, candidate, ()))
    wrong = [] if made.digest == tree.digest else ["its edits make another tree than the recorded one"]
    environment = trial.sandbox.environment.digest
    return concluded(generation, settled, evidence, environment, machine.describe(), wrong)


def concluded(
    generation: Generation,
    settled: Settled,
    evidence: Sequence[Evidence],
    environment: str,
    here: dict[str, str],
    wrong: Sequence[str] = (),
) -> Reproduction:
    """The answer from what was measured now; a pure function."""
    before, _ = recorded_facts(generation)
    now = {name: value for piece in evidence for name, value in piece.facts.items()}
    differing = [*wrong, *_differing(before, evidence)]
    reasons = differing or ["tree, static facts, tests and behaviour are the same"]
    opened = settled.run.opened
    apart = machine.differences(opened.get("machine") or {}, here)
    if opened.get("environment") != environment:
        apart.append("the interpreter or the packages of the sandbox are others")
    timing = {prefix: overlap(before, now, prefix) for prefix in ("confirm", "generation0")}
    policy = settled.run.policy
    carried = {name: value for name, value in before.items() if name not in now}
    verdict = judged_again({**carried, **now}, policy) if policy else {}
    if differing:
        outcome = Outcome.NOT_CONFIRMED
    elif apart:
        outcome = Outcome.NOT_COMPARABLE
        reasons += [f"timings can't be compared: {reason}" for reason in apart]
    elif any(same is False for same, _ in timing.values()):
        outcome = Outcome.NOT_CONFIRMED
    elif any(same is None for same, _ in timing.values()) and any(f"{name}.ratio" in before for name in timing):
        outcome = Outcome.NOT_COMPARABLE
    else:
        outcome = Outcome.CONFIRMED
    reasons += [said for _, said in timing.values() if said]
    return Reproduction(generation.number, outcome, tuple(reasons), verdict, tuple(evidence))


def _differing(before: dict[str, Fact | None], evidence: Sequence[Evidence]) -> list[str]:
    found = []
    for piece in evidence:
        if piece.oracle not in EXACT:
            continue
        for name, value in sorted(piece.facts.items()):
            if name in before and name not in VARYING and before[name] != value:
                found.append(f"{name} was {before[name]!r} and is {value!r}")
    return found


def overlap(before: dict[str, Fact | None], now: dict[str, Fact | None], prefix: str) -> tuple[bool | None, str]:
    """Whether two intervals overlap when each may be off by what sessions differ; None when either is missing."""
    ends = [[facts.get(f"{prefix}.{end}") for end in ("low", "ratio", "high")] for facts in (before, now)]
    if not all(isinstance(end, float | int) and end > 0 for side in ends for end in side):
        missing = "was not measured then" if None in ends[0] else "could not be measured now"
        return (None, f"{prefix} {missing}") if ends[0] != ends[1] else (None, "")
    (low, ratio, high), (new_low, new_ratio, new_high) = ([float(end or 0) for end in side] for side in ends)
    apart = max(math.log(new_low / high), math.log(low / new_high))
    text = f"{prefix} {ratio:.3g}x [{low:.3g}, {high:.3g}] then, {new_ratio:.3g}x [{new_low:.3g}, {new_high:.3g}] now"
    return apart <= SESSION_SPREAD, text
