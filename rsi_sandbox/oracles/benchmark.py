"""Is one tree faster than another? Launches in a sandbox, one at a time, until the statistics say stop.

The facts are a pure function of the raw samples, and `compare` computes them with that function. Nothing here
trusts a number that was taken in the candidate's process, and an arm that fails gives no facts at all.
"""

import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rsi_sandbox.errors import MeasurementError
from rsi_sandbox.measure.noise import launch_noise, smallest_effect
from rsi_sandbox.measure.sequential import LOOKS
from rsi_sandbox.model import BenchmarkCase, Evidence, Fact, Json, Tree, canonical_json
from rsi_sandbox.oracles.samples import FIRST_LAUNCHES, clock_for, judge, judge_last, log_of, unusable
from rsi_sandbox.sandbox.contract import Job, JobResult, Limits
from rsi_sandbox.worker import wire

PAIRS = (8, 24)
SUB_NS = 600_000
CASE_BUDGET_NS = 250_000_000
NULL_LAUNCHES = 8
ORACLE = "benchmark"


class Runner(Protocol):
    """What this needs of a sandbox."""

    def run(self, job: Job) -> JobResult:
        """One job, in a fork of its own."""


@dataclass(frozen=True)
class Duel:
    """Two trees and the cases to time them on."""

    base: Tree
    """A tree that both differ from by few files."""
    left: Tree
    right: Tree
    cases: Sequence[BenchmarkCase]
    roots: Sequence[str]


def compare(
    sandbox: Runner,
    *,
    base: Tree,
    left: Tree,
    right: Tree,
    cases: Sequence[BenchmarkCase],
    roots: Sequence[str],
    seed: int,
    margin: float,
    alpha: float,
    deadline: float,
    prefix: str = "speed",
    looks: Sequence[int] = LOOKS,
    on_launch: Callable[[int, float | None], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Evidence:
    """Time `right` against `left`: ratios above 1 mean that `right` is faster.

    `margin` is a fraction (0.01 is 1 %), `alpha` the chance of calling an equal pair faster, `deadline` a moment of
    `clock`. `on_launch` hears the number of launches and the last one's ratio. Raw evidence: `<prefix>.samples`.

    Raises:
        MeasurementError: there is nothing to time, or `left` itself can't be timed.
    """
    duel = Duel(base, left, right, cases, roots)
    weights = _weights(cases)
    launches: list[Json] = []
    chance = random.Random(seed)  # noqa: S311 (recorded and replayable)
    while not launches or clock() < deadline:
        launches.append(_launch(sandbox, duel, seed=chance.getrandbits(48)))
        judged = judge_last(launches, weights, margin=margin, alpha=alpha, looks=looks)
        if on_launch:
            on_launch(len(launches), _ratio(launches[-1], cases))
        if judged.stopped:
            break
    if judged.blames == 0:
        raise MeasurementError(f"the tree to compare with can't be timed: {judged.why}")
    asked = {"looks": list(looks), "seed": seed, "margin": margin, "alpha": alpha}
    raw = canonical_json({"launches": launches, "weights": weights, "trees": _names(duel), **asked})
    facts = facts_from_samples(raw, margin=margin, alpha=alpha, prefix=prefix)
    return Evidence(ORACLE, facts, {f"{prefix}.samples": raw}, judged.why)


def facts_from_samples(raw: bytes, *, margin: float, alpha: float, prefix: str = "speed") -> Mapping[str, Fact | None]:
    """The facts in `compare`'s raw evidence, which anyone can compute again under the policy's margin and alpha.

    Raises:
        MeasurementError: the bytes are not the samples of a comparison.
    """
    try:
        samples = json.loads(raw)
        weights = {str(name): float(weight) for name, weight in samples["weights"].items()}
        judged = judge(samples["launches"], weights, margin=margin, alpha=alpha, looks=samples["looks"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MeasurementError("raw samples are not readable") from error
    return {f"{prefix}.{name}": value for name, value in judged.facts.items()}


def screen(
    sandbox: Runner,
    *,
    base: Tree,
    left: Tree,
    right: Tree,
    cases: Sequence[BenchmarkCase],
    roots: Sequence[str],
    seed: int,
    pairs: tuple[int, int] = (5, 9),
) -> float | None:
    """The ratio of a single launch, to put candidates in order. It accepts nothing; None: `right` can't be timed.

    Raises:
        MeasurementError: there is nothing to time, or `left` itself can't be timed.
    """
    launch = _launch(sandbox, Duel(base, left, right, cases, roots), seed=seed, pairs=pairs)
    if (reason := unusable(launch, _weights(cases))) is not None:
        if reason.arm == 0:
            raise MeasurementError(f"the tree to compare with can't be timed: {reason.why}")
        return None
    return _ratio(launch, cases) if all(case["same"] for case in launch["cases"].values()) else None


def noise_floor(
    sandbox: Runner,
    *,
    tree: Tree,
    cases: Sequence[BenchmarkCase],
    roots: Sequence[str],
    seed: int,
    margin: float,
    alpha: float,
    deadline: float,
    looks: Sequence[int] = LOOKS,
    launches: int = NULL_LAUNCHES,
    seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Evidence:
    """The smallest gain that can be confirmed here in `seconds` (or in all looks), from a tree against itself.

    Facts: noise.smallest_effect (None when fewer than four launches fitted before the deadline), noise.launch_sd,
    noise.launches, noise.launch_seconds. Raw evidence: `noise.samples`.

    Raises:
        MeasurementError: the tree can't be timed, or answers differently from one process to the next.
    """
    duel = Duel(tree, tree, tree, cases, roots)
    chance = random.Random(seed)  # noqa: S311 (recorded and replayable)
    made: list[Json] = []
    while len(made) < launches and (not made or clock() < deadline):
        made.append(_launch(sandbox, duel, seed=chance.getrandbits(48)))
        if (reason := unusable(made[-1], _weights(cases))) is not None:
            raise MeasurementError(f"the target can't be timed: {reason.why}")
        if differing := sorted(name for name, case in made[-1]["cases"].items() if not case["same"]):
            raise MeasurementError(
                f"{differing[0]} answers differently in two processes",
                hint="Benchmark cases must not depend on time, hash order, addresses or unseeded randomness.",
            )
    asked = {"looks": list(looks), "seed": seed, "margin": margin, "alpha": alpha, "seconds": seconds}
    raw = canonical_json({"launches": made, "weights": _weights(cases), **asked})
    facts = noise_facts(raw, margin=margin, alpha=alpha, seconds=seconds)
    return Evidence("noise", facts, {"noise.samples": raw})


def noise_facts(raw: bytes, *, margin: float, alpha: float, seconds: float | None = None) -> dict[str, Fact | None]:
    """The facts in `noise_floor`'s raw evidence.

    Raises:
        MeasurementError: the bytes are not the samples of null launches.
    """
    try:
        samples = json.loads(raw)
        made, weights = samples["launches"], samples["weights"]
        each = sum(launch["wall_ns"] for launch in made) / 1e9 / len(made)
        facts: dict[str, Fact | None] = {"noise.launches": len(made), "noise.launch_seconds": each}
        if len(made) < FIRST_LAUNCHES:
            return {**facts, "noise.smallest_effect": None, "noise.launch_sd": None}
        clock = clock_for(made, weights)
        logs = [log_of(launch, weights, clock) for launch in made]
        affordable = None if seconds is None else int(seconds / each)
        effect = smallest_effect(logs, margin=margin, alpha=alpha, looks=samples["looks"], affordable=affordable)
    except (ValueError, TypeError, KeyError, ZeroDivisionError) as error:
        raise MeasurementError("raw samples are not readable") from error
    visible = effect if effect < 1e6 else None
    return {**facts, "noise.smallest_effect": visible, "noise.launch_sd": launch_noise(logs)}


def _launch(sandbox: Runner, duel: Duel, *, seed: int, pairs: tuple[int, int] = PAIRS) -> Json:
    if not duel.cases or not all(case.calls for case in duel.cases):
        raise MeasurementError("there is no benchmark case with calls to time")
    budget = CASE_BUDGET_NS * len(duel.cases)
    args = {
        "fresh": True,
        "arms": [{"overlay": _overlay(duel.base, arm)} for arm in (duel.left, duel.right)],
        "roots": list(duel.roots),
        "cases": [plain(case) for case in duel.cases],
        "first": seed & 1,
        "pairs": list(pairs),
        "sub_ns": SUB_NS,
        "seed": seed,
        "budget_ns": budget,
    }
    limits = Limits(wall_seconds=30 + 5 * budget / 1e9, cpu_seconds=int(30 + 5 * budget / 1e9))
    result = sandbox.run(Job("launch", duel.base, duel.base, args, limits))
    launch: dict[str, Any] = {"seed": seed, "wall_ns": result.wall_ns, "status": result.status.value}
    value = result.value if result.ok and isinstance(result.value, dict) else {}
    kept = {name: value[name] for name in ("cases", "error", "import_cpu") if name in value}
    try:
        canonical_json(kept)
    except ValueError:
        return {**launch, "status": "not finite"}
    return {**launch, **kept}


def plain(case: BenchmarkCase) -> Json:
    """A case as jobs take it."""
    calls = [wire.to_text(call) for call in case.calls]
    return {"id": case.id, "module": case.module, "qualname": case.qualname, "calls": calls}


def _overlay(base: Tree, arm: Tree) -> dict[str, str]:
    if set(base.files) - set(arm.files):
        raise ValueError("an arm of a launch can't lack files of the base tree")
    return {path: wire.to_text(data) for path, data in arm.changed_from(base).items()}


def _weights(cases: Sequence[BenchmarkCase]) -> dict[str, float]:
    return {case.id: case.weight for case in cases}


def _names(duel: Duel) -> dict[str, str]:
    return {"base": duel.base.digest, "left": duel.left.digest, "right": duel.right.digest}


def _ratio(launch: Json, cases: Sequence[BenchmarkCase]) -> float | None:
    weights = _weights(cases)
    if unusable(launch, weights) is not None:
        return None
    return math.exp(min(700.0, log_of(launch, weights, clock_for([launch], weights))))
