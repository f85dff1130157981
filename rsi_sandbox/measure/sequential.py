"""When to stop launching, and what the launches say then.

The unit is one launch (fresh processes), never one pair of blocks: more pairs shrink the interval round a biased
value. Refuses to call anything faster from samples that are not finite.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rsi_sandbox.measure.stats import Mean, median_error, t_quantile, trimmed_mean
from rsi_sandbox.model import Estimate, Outcome

LOOKS = (6, 9, 13, 19, 28, 40)
"""Launches after which the screening's gate may decide; alpha is shared equally between them."""
CONFIRM_LOOKS = (6, 9, 13, 19)
FIRST_FUTILITY = 4
USEFUL_ABOVE_MARGIN = 0.01
"""A gain this far above the margin is worth more launches."""
LAUNCH_SPREAD = 0.0075
"""Launches are never believed to agree better than this (measured: 0.7 to 1.8 %)."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Enough launches were made."""

    outcome: Outcome
    why: str
    """One clause for a person."""


def decide(
    log_ratios: Sequence[float],
    *,
    margin: float,
    alpha: float,
    looks: Sequence[int] = LOOKS,
    useful: float | None = None,
) -> Stop | None:
    """What the launches so far say, or None when one more launch is worth its time.

    `log_ratios` has one number per launch, positive when the right arm is faster. Ask after every launch: an
    answer at one of `looks` holds with error rate `alpha` over all looks only if sampling then ends.

    Args:
        log_ratios: log(left time / right time), one per launch.
        margin: gain that doesn't count, as a fraction: 0.01 means 1 %.
        alpha: chance of calling an equal pair faster, over all looks.
        looks: numbers of launches at which the bounds are tested, ascending.
        useful: gain below which further launches are futile; the margin and one percent unless given.

    Raises:
        ValueError: margin, alpha or looks are no such thing.
    """
    if not (math.isfinite(margin) and margin > -1 and 0 < alpha < 0.5 and looks and min(looks) > 1):
        raise ValueError("margin, alpha or looks are out of range")
    if not all(map(math.isfinite, log_ratios)):
        return Stop(Outcome.INCONCLUSIVE, "a sample is not a finite number")
    count, last = len(log_ratios), max(looks)
    goal = math.log1p(margin + USEFUL_ABOVE_MARGIN if useful is None else useful)
    if count in looks or count > last:
        mean = trimmed_mean(log_ratios)
        found = _at_look(mean, math.log1p(margin), alpha / len(looks))
        if found or count >= last:
            return found or _at_end(mean, goal)
    if count == FIRST_FUTILITY or count in looks:
        reachable = median(log_ratios) + 0.84 * median_error(log_ratios, floor=LAUNCH_SPREAD)
        if reachable < goal:
            found = _at_look(trimmed_mean(log_ratios), math.log1p(margin), alpha / len(looks))
            slower = found is not None and found.outcome is Outcome.SLOWER
            return found if slower else Stop(Outcome.EQUIVALENT, "no useful gain")
    return None


def _at_look(mean: Mean, bar: float, alpha: float) -> Stop | None:
    reach = t_quantile(1 - alpha, mean.freedom) * mean.error
    if mean.value - reach > bar:
        return Stop(Outcome.FASTER, "faster by more than the margin")
    if mean.value + reach < -abs(bar):
        return Stop(Outcome.SLOWER, "slower by more than the margin")
    return None


def _at_end(mean: Mean, goal: float) -> Stop:
    if abs(mean.value) + t_quantile(0.95, mean.freedom) * mean.error < goal:
        return Stop(Outcome.EQUIVALENT, "no useful gain at the last look")
    return Stop(Outcome.INCONCLUSIVE, "the last look decided nothing")


def estimate(
    log_ratios: Sequence[float], *, outcome: Outcome, confidence: float = 0.95, seconds: float = 0.0
) -> Estimate:
    """The ratio with its two-sided interval at the nominal confidence, not corrected for looks.

    NaN stands for a bound that can't be had (fewer than two launches, or a sample that is not finite), and then
    the outcome is inconclusive whatever was asked for.
    """
    try:
        mean = trimmed_mean(log_ratios)
    except ValueError:
        single = len(log_ratios) == 1 and math.isfinite(log_ratios[0])
        ratio = math.exp(log_ratios[0]) if single else math.nan
        return Estimate(Outcome.INCONCLUSIVE, ratio, math.nan, math.nan, len(log_ratios), seconds)
    reach = t_quantile(0.5 + confidence / 2, mean.freedom) * mean.error
    bounds = (math.exp(min(mean.value + shift, 700.0)) for shift in (0.0, -reach, reach))
    ratio, low, high = bounds
    return Estimate(outcome, ratio, low, high, len(log_ratios), seconds)
