"""Exact Student quantiles and robust means of a few numbers.

Standard library only. Refuses to guess: numbers that are not finite are an error here, never a result.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, median, stdev

ERROR_FLOOR = 0.0015
"""Smallest standard error believed of launches: layout bias of a program lasts over launches."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A location with its standard error and degrees of freedom."""

    value: float
    error: float
    freedom: int


def trimmed_mean(samples: Sequence[float], *, trim: float = 0.2, floor: float = ERROR_FLOOR) -> Mean:
    """The trimmed mean with its winsorised standard error (Yuen 1974), which is never below `floor`.

    Raises:
        ValueError: fewer than two samples, or one that is not finite.
    """
    if len(samples) < 2 or not all(map(math.isfinite, samples)):
        raise ValueError("a mean needs at least two finite samples")
    ordered = sorted(samples)
    count, cut = len(ordered), int(len(ordered) * trim)
    core = ordered[cut : count - cut]
    winsorised = [core[0]] * cut + core + [core[-1]] * cut
    error = stdev(winsorised) / ((1 - 2 * cut / count) * math.sqrt(count))
    return Mean(fmean(core), max(error, floor), len(core) - 1)


def spread(samples: Sequence[float]) -> float:
    """Median absolute deviation, scaled to the standard deviation of normal samples."""
    middle = median(samples)
    return 1.4826 * median([abs(sample - middle) for sample in samples])


def median_error(samples: Sequence[float], *, floor: float = 0.0) -> float:
    """Standard error of the median of normal samples whose spread is at least `floor`."""
    return 1.2533 * max(spread(samples), floor) / math.sqrt(len(samples))


def combine(logs: Iterable[tuple[float, float]]) -> float:
    """Weighted mean of (log ratio, weight): the log of the weighted geometric mean of the ratios.

    Raises:
        ValueError: a number is not finite, a weight is negative, or the weights are all zero.
    """
    pairs = list(logs)
    total = math.fsum(weight for _, weight in pairs)
    usable = all(math.isfinite(log) and math.isfinite(weight) and weight >= 0 for log, weight in pairs)
    if not usable or total <= 0:
        raise ValueError("log ratios can't be combined")
    return math.fsum(log * weight for log, weight in pairs) / total


@lru_cache(maxsize=4096)
def t_quantile(probability: float, freedom: int) -> float:
    """The value below which a Student t variable lies with this probability.

    Raises:
        ValueError: the probability is not inside (0, 1), or there are no degrees of freedom.
    """
    if not 0.0 < probability < 1.0 or freedom < 1:
        raise ValueError("no such Student quantile")
    if probability < 0.5:
        return -t_quantile(1.0 - probability, freedom)
    tail = 1.0 - probability
    low, high = 0.0, 1.0
    while _upper_tail(high, freedom) > tail:
        low, high = high, high * 2
    while high - low > 1e-12 * max(1.0, high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _upper_tail(middle, freedom) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _upper_tail(value: float, freedom: int) -> float:
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + value * value)) / 2


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b) (DLMF 8.17.22, continued fraction by Lentz)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x)) / a
    return front * _beta_fraction(a, b, x)


def _beta_fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1) or tiny)
    result = d
    for step in range(1, 500):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        change = 1.0
        for term in (even, odd):
            d = 1.0 / (1.0 + term * d or tiny)
            c = 1.0 + term / c or tiny
            change = c * d
            result *= change
        if abs(change - 1.0) < 1e-16:
            break
    return result
