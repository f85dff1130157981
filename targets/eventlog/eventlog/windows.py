"""Figures over time-ordered numbers: rolling means, bursts, records, scales."""


def rolling_mean(values: list[int], width: int) -> list[float]:
    """Mean of the last `width` values at each place, of fewer at the beginning.

    Raises:
        ValueError: the width is not positive.
    """
    if width < 1:
        raise ValueError(f"width must be positive, not {width}")
    means = []
    for i in range(len(values)):
        window = values[max(0, i - width + 1) : i + 1]
        means.append(sum(window) / len(window))
    return means


def bursts(times: list[int], seconds: int, least: int) -> list[tuple[int, int]]:
    """(time, number) wherever at least so many events fell within the last `seconds`."""
    recent: list[int] = []
    found = []
    for time in times:
        recent.append(time)
        while recent[0] <= time - seconds:
            recent.pop(0)
        if len(recent) >= least:
            found.append((time, len(recent)))
    return found


def records(values: list[int]) -> list[int]:
    """Places at which a value is above all before it."""
    places = []
    for i in range(len(values)):
        if i == 0 or values[i] > max(values[:i]):
            places.append(i)
    return places


def normalise(values: list[float]) -> list[float]:
    """Values scaled so that the smallest is 0 and the largest 1, four decimals.

    Raises:
        ZeroDivisionError: all values are equal.
    """
    return [round((v - min(values)) / (max(values) - min(values)), 4) for v in values]


def shard_count(least: int) -> int:
    """The first prime not below `least`, so that ids spread evenly over shards."""
    number = max(2, least)
    while True:
        for divisor in range(2, number):
            if number % divisor == 0:
                break
        else:
            return number
        number += 1


def newest_first(values: list[int], limit: int) -> list[int]:
    """The distinct values from last to first, at most `limit` of them."""
    newest: list[int] = []
    for value in values:
        if value in newest:
            newest.remove(value)
        newest.insert(0, value)
    return newest[:limit]


def reverse_log(lines: list[str]) -> list[str]:
    """The lines last to first, without the comments."""
    turned: list[str] = []
    for line in lines:
        if not line.startswith("#"):
            turned.insert(0, line.rstrip())
    return turned
