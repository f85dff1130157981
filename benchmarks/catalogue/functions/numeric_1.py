"""Primes, windows over readings, correlations."""

import math

__all__ = ["correlation_table", "prime_gaps", "window_summary"]


def is_prime(number):
    if number < 2:
        return False
    for divisor in range(2, int(math.sqrt(number)) + 1):
        if number % divisor == 0:
            return False
    return True


def prime_gaps(low, high):
    """Each gap between neighbouring primes of [low, high): how often it occurs and after which prime first."""
    primes = []
    number = low
    while number < high:
        if is_prime(number):
            primes.append(number)
        number += 1
    gaps = {}
    for first, second in zip(primes, primes[1:]):
        gap = second - first
        if gap not in gaps:
            gaps[gap] = {"count": 0, "first": first}
        gaps[gap]["count"] += 1
    return dict(sorted(gaps.items()))


def window_summary(readings, size):
    """Lowest, highest, sum and distinct values of each window of integer readings, with the windows that rise."""
    if size < 1:
        raise ValueError("a window holds at least one reading")
    summary = []
    for end in range(size, len(readings) + 1):
        window = readings[end - size : end]
        rising = True
        for i in range(1, len(window)):
            if window[i] < window[i - 1]:
                rising = False
        summary.append(
            {
                "low": min(window),
                "high": max(window),
                "sum": sum(window),
                "distinct": len(set(window)),
                "rising": rising,
            }
        )
    return summary


def _mean(values):
    return sum(values) / len(values)


def _deviation(values):
    mean = _mean(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values))


def _correlation(xs, ys):
    mean_x = _mean(xs)
    mean_y = _mean(ys)
    if _deviation(xs) == 0 or _deviation(ys) == 0:
        return 0.0
    total = 0.0
    for i in range(len(xs)):
        total += (xs[i] - mean_x) * (ys[i] - mean_y)
    return total / (_deviation(xs) * _deviation(ys))


def correlation_table(columns):
    """Pearson correlation of every two columns, rounded; a constant column correlates with nothing."""
    lengths = set(len(values) for values in columns.values())
    if len(lengths) > 1:
        raise ValueError("columns of different length")
    if 0 in lengths:
        raise ValueError("empty columns")
    table = {}
    for first in columns:
        table[first] = {}
        for second in columns:
            table[first][second] = round(_correlation(columns[first], columns[second]), 6)
    return table
