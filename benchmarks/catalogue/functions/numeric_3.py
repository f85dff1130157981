"""Collatz records, medians of a stream, smoothing."""

import heapq

__all__ = ["collatz_records", "running_medians", "smooth_series"]


def _steps(number):
    steps = 0
    while number != 1:
        if number % 2 == 0:
            number = number // 2
        else:
            number = 3 * number + 1
        steps += 1
    return steps


def collatz_records(limit):
    """Starting numbers below the limit with more steps than any before: (number, steps, highest value reached)."""
    records = []
    for number in range(1, limit):
        longest = max([steps for _, steps, _ in records], default=-1)
        if _steps(number) > longest:
            highest = value = number
            while value != 1:
                value = value // 2 if value % 2 == 0 else 3 * value + 1
                highest = max(highest, value)
            records.append((number, _steps(number), highest))
    return records


def running_medians(values):
    """Median of all values so far, after each value."""
    lower = []
    upper = []
    medians = []
    for value in values:
        if len(lower) == len(upper):
            heapq.heappush(lower, -heapq.heappushpop(upper, value))
            medians.append(-lower[0])
        else:
            heapq.heappush(upper, -heapq.heappushpop(lower, -value))
            medians.append((upper[0] - lower[0]) / 2)
    return medians


def smooth_series(values, alpha=0.3, beta=0.1, missing=None):
    """Double exponential smoothing; a missing value is replaced by its forecast. Returns levels and the error."""
    if not 0 < alpha <= 1 or not 0 <= beta <= 1:
        raise ValueError("alpha and beta must be between 0 and 1")
    levels = []
    level = trend = error = 0.0
    known = 0
    for value in values:
        forecast = level + trend
        if value == missing:
            value = forecast
        elif not known:
            forecast = level = value
            known = 1
        else:
            error += (value - forecast) * (value - forecast)
            known += 1
        before = level
        level = alpha * value + (1 - alpha) * forecast
        trend = beta * (level - before) + (1 - beta) * trend
        levels.append(level)
    return levels, error / (known - 1) if known > 1 else 0.0
