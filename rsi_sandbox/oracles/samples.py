"""What the raw samples of launches say: pure functions from recorded numbers to facts.

A launch that failed, or whose numbers are not positive and finite, leaves every fact empty: it is never skipped in
favour of the ones that worked.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import truediv
from statistics import median

from rsi_sandbox.measure.sequential import FIRST_FUTILITY, LOOKS, decide, estimate
from rsi_sandbox.measure.stats import combine, median_error, t_quantile, trimmed_mean
from rsi_sandbox.model import Fact, Json, Outcome

FIRST_LAUNCHES = FIRST_FUTILITY
BUSY = 0.9
"""Share of wall time on the CPU above which the CPU clock is the better one."""
COLUMNS = ("cpu", "wall", "prepare", "answer")
FEWEST_PAIRS = 3
ONCE_NS = 200_000
"""More than a process does only once, at first use."""
FACTS = ("outcome", "low", "ratio", "high", "slowest_case", "same_answers", "launches")

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a launch can't be used."""

    why: str
    arm: int | None
    """The arm that failed, None when it can't be told."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The facts so far, and whether to go on."""

    facts: Mapping[str, Fact | None]
    stopped: bool
    why: str
    blames: int | None = None
    """The arm that could not be timed."""


def unusable(launch: Json, weights: Weights) -> Unusable | None:
    """Why this launch's numbers can't be used, or None."""
    if error := launch.get("error"):
        arm = error.get("arm")
        where = f" in {error['case']}" if error.get("case") else f" in {error.get('phase')}"
        return Unusable(f"an arm {error.get('reason')}{where}", arm if arm in (0, 1) else None)
    cases = launch.get("cases")
    if not isinstance(cases, Mapping) or set(cases) != set(weights):
        return Unusable(f"the launch gave no samples ({launch.get('status')})", None)
    for name, case in cases.items():
        pairs = case["pairs"]
        sound = len(pairs) >= FEWEST_PAIRS and all(_sound(pair, 8) for pair in pairs)
        sound = sound and _sound(case["cold"], 4) and _sound([case["calls"]], 1)
        if not sound or not isinstance(case["same"], bool):
            return Unusable(f"the samples of {name} are not usable", None)
    return None


def _sound(row: Sequence[float], size: int) -> bool:
    numbers = all(type(value) in (int, float) and math.isfinite(value) for value in row)
    return numbers and len(row) == size and min(row[:4]) > 0 and min(row) >= 0


def column(launch: Json, name: str, clock: str, arm: int) -> list[float]:
    """Nanoseconds per call of one case, pair by pair."""
    position = 2 * COLUMNS.index(clock) + arm
    return [float(pair[position]) for pair in launch["cases"][name]["pairs"]]


def case_log(launch: Json, name: str, clock: str) -> float:
    """One launch's log ratio for one case: the median of its pairs."""
    both = zip(column(launch, name, clock, 0), column(launch, name, clock, 1), strict=True)
    return median([math.log(left / right) for left, right in both])


def log_of(launch: Json, weights: Weights, clock: str) -> float:
    """One launch's log ratio: the weighted mean over its cases."""
    return combine((case_log(launch, name, clock), weight) for name, weight in weights.items())


def clock_for(launches: Sequence[Json], weights: Weights) -> str:
    """CPU when both arms keep a core busy in their calmest pairs, otherwise wall."""
    for name in weights:
        for arm in (0, 1):
            shares = []
            for launch in launches:
                cpu, wall = (column(launch, name, kind, arm) for kind in COLUMNS[:2])
                shares.append(max(map(truediv, cpu, wall)))
            if median(shares) <= BUSY:
                return "wall"
    return "cpu"


def judge(
    launches: Sequence[Json], weights: Weights, *, margin: float, alpha: float, looks: Sequence[int] = LOOKS
) -> Judged:
    """The facts after these launches. Launches made after the moment to stop are not looked at."""
    for count in range(1, len(launches) + 1):
        judged = judge_last(launches[:count], weights, margin=margin, alpha=alpha, looks=looks)
        if judged.stopped:
            return judged
    return judged if launches else Judged(dict.fromkeys(FACTS), False, "no launch was made")


def judge_last(
    launches: Sequence[Json], weights: Weights, *, margin: float, alpha: float, looks: Sequence[int]
) -> Judged:
    """As `judge`, for launches that are known not to have stopped before the last one."""
    if (reason := unusable(launches[-1], weights)) is not None:
        return Judged({**dict.fromkeys(FACTS), "launches": len(launches)}, True, reason.why, reason.arm)
    clock = clock_for(launches, weights)
    logs = [log_of(launch, weights, clock) for launch in launches]
    stop = decide(logs, margin=margin, alpha=alpha, looks=looks)
    outcome, why = (stop.outcome, stop.why) if stop else (Outcome.INCONCLUSIVE, "more launches are needed")
    same = all(case["same"] for launch in launches for case in launch["cases"].values())
    if not same:
        outcome, why = Outcome.INCONCLUSIVE, "the two trees gave different answers to a timed call"
    elif outcome is Outcome.FASTER and (objection := _veto(launches, weights, clock, margin)):
        outcome, why = Outcome.INCONCLUSIVE, objection
    found = estimate(logs, outcome=outcome, confidence=1 - 2 * alpha)
    facts: dict[str, Fact | None] = {
        "outcome": outcome.value,
        "low": _finite(found.low),
        "ratio": _finite(found.ratio),
        "high": _finite(found.high),
        "slowest_case": _slowest(launches, weights, clock),
        "same_answers": same,
        "launches": len(launches),
    }
    return Judged(facts, stop is not None or not same, why)


def _veto(launches: Sequence[Json], weights: Weights, clock: str, margin: float) -> str:
    other = "wall" if clock == "cpu" else "cpu"
    mean = trimmed_mean([log_of(launch, weights, other) for launch in launches])
    if mean.value + t_quantile(0.95, mean.freedom) * mean.error < -abs(math.log1p(margin)):
        return f"faster by the {clock} clock but slower by the {other} clock"
    for name in weights:
        if _postponed(launches, name, clock):
            return f"what {name} saves while it runs is spent before or after"
        if _remembered(launches, name, clock):
            return f"{name} gains only once it has seen its calls before"
    return ""


def _postponed(launches: Sequence[Json], name: str, clock: str) -> bool:
    """Whether preparing and answering grew by more than half of what running gained: lazy results, for one.

    Shares of the left arm's run, one number per launch; a growth within two standard errors is noise.
    """
    grew, saved = [], []
    for launch in launches:
        spent = [
            [sum(parts) for parts in zip(*(column(launch, name, kind, arm) for kind in COLUMNS[2:]), strict=True)]
            for arm in (0, 1)
        ]
        ran = [median(column(launch, name, clock, arm)) for arm in (0, 1)]
        saved.append((ran[0] - ran[1]) / ran[0])
        grew.append((median(spent[1]) - median(spent[0])) / ran[0])
    certain = median(grew) - 2 * median_error(grew)
    return certain > max(0.0, median(saved)) / 2 and median(saved) > 0


def _remembered(launches: Sequence[Json], name: str, clock: str) -> bool:
    """Whether the first time that each call is made surely saves less than half of what repeating it saves.

    The blocks repeat the same values, so code that keeps its answers, or a harness that was tampered with, is quick
    in them; the first round of a fresh process is not. What a process does once (page faults, a lazy import) would
    drown a small saving, so cases whose distinct calls save less than `ONCE_NS` together can't be checked.
    """
    first, later, saving = [], [], []
    for launch in launches:
        cold = launch["cases"][name]["cold"][2 * COLUMNS.index(clock) :]
        left, right = (median(column(launch, name, clock, arm)) for arm in (0, 1))
        first.append((cold[0] - cold[1]) / left)
        later.append((left - right) / left)
        saving.append((left - right) * launch["cases"][name]["calls"])
    if median(saving) < ONCE_NS:
        return False
    mean = trimmed_mean(first)
    return mean.value + t_quantile(0.99, mean.freedom) * mean.error < median(later) / 2


def _slowest(launches: Sequence[Json], weights: Weights, clock: str) -> float | None:
    """Upper end (95 %) of the interval of the case that gained least; None below two launches."""
    if len(launches) < 2:
        return None
    ends = []
    for name in weights:
        mean = trimmed_mean([case_log(launch, name, clock) for launch in launches])
        ends.append((mean.value, mean.value + t_quantile(0.975, mean.freedom) * mean.error))
    return _finite(math.exp(min(700.0, *(end for _, end in ends))))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
