"""The smallest gain that can be confirmed, from launches of one tree against itself. Refuses fewer than four."""

import math
from collections.abc import Sequence

from rsi_sandbox.measure.sequential import FIRST_FUTILITY, LOOKS
from rsi_sandbox.measure.stats import ERROR_FLOOR, spread, t_quantile, trimmed_mean

POWER = 0.8


def launch_noise(null_log_ratios: Sequence[float]) -> float:
    """Standard deviation of a launch, robust against a few wild ones, but never below a third of the plain one.

    Raises:
        ValueError: fewer than four launches, or a sample that is not finite.
    """
    if len(null_log_ratios) < FIRST_FUTILITY:
        raise ValueError("launch noise needs at least four null launches")
    mean = trimmed_mean(null_log_ratios, floor=0.0)
    plain = math.sqrt(math.fsum((log - mean.value) ** 2 for log in null_log_ratios) / (len(null_log_ratios) - 1))
    return max(spread(null_log_ratios), plain / 3)


def smallest_effect(
    null_log_ratios: Sequence[float],
    *,
    margin: float,
    alpha: float,
    looks: Sequence[int] = LOOKS,
    affordable: int | None = None,
) -> float:
    """The ratio that the gate calls faster in four of five comparisons of at most `affordable` launches.

    The offset of the null launches counts against us: identical code that looks different by that much. Infinite
    when not even the first look is affordable.

    Raises:
        ValueError: fewer than four launches, or a sample that is not finite.
    """
    noise = launch_noise(null_log_ratios)
    reached = [look for look in looks if affordable is None or look <= affordable]
    if not reached:
        return math.inf
    launches = max(reached)
    freedom = launches - 2 * int(launches * 0.2) - 1
    error = max(1.1 * noise / math.sqrt(launches), ERROR_FLOOR)  # 1.1: efficiency of the trimmed mean
    mean = trimmed_mean(null_log_ratios)
    offset = max(0.0, abs(mean.value) - mean.error)
    needed = t_quantile(1 - alpha / len(looks), freedom) + t_quantile(POWER, freedom)
    return math.exp(math.log1p(margin) + offset + needed * error)
