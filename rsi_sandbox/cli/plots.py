"""Small plots for terminals, in characters: an interval on a log axis, a row of samples, the tree beside a list."""

import math
from collections.abc import Sequence

from rsi_sandbox.cli.console import MARKS
from rsi_sandbox.reports.story import Interval, Step

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS = "_.-=+*#@"


def sparkline(values: Sequence[float], *, unicode: bool = True, most: int = 60) -> str:
    """Values as blocks of different height, on a log scale; evenly thinned when there are many."""
    shown = values if len(values) <= most else [values[len(values) * n // most] for n in range(most)]
    logs = [math.log(value) for value in shown if value > 0]
    if not logs:
        return ""
    low, high = min(logs), max(logs)
    blocks = BLOCKS if unicode else ASCII_BLOCKS
    if high - low < 1e-9:
        return blocks[3] * len(logs)
    return "".join(blocks[min(7, int((log - low) / (high - low) * 8))] for log in logs)


def interval(found: Interval | None, span: tuple[float, float], *, width: int = 24, unicode: bool = True) -> str:
    """`  |--o--|   ` between two ratios on a log axis; 1x is marked where it lies inside; empty without an interval."""
    if found is None or min(found.low, found.ratio, found.high) <= 0:
        return ""
    low, high = (math.log(value) for value in span)
    scale = (width - 1) / (high - low) if high > low else 0.0

    def column(ratio: float) -> int:
        return max(0, min(width - 1, round((math.log(ratio) - low) * scale)))

    cells = [" "] * width
    if span[0] <= 1.0 <= span[1]:
        cells[column(1.0)] = "┊" if unicode else ":"
    for place in range(column(found.low), column(found.high) + 1):
        cells[place] = "─" if unicode else "-"
    cells[column(found.ratio)] = "●" if unicode else "o"
    return "".join(cells)


def span(intervals: Sequence[Interval | None]) -> tuple[float, float]:
    """The axis that holds all of them and 1x, a little wider than they are."""
    known = [value for each in intervals if each for value in (each.low, each.high) if value > 0]
    low, high = min([1.0, *known]), max([1.0, *known])
    return (low / 1.05, high * 1.05)


def branch(step: Step, *, unicode: bool = True) -> str:
    """The part of the tree beside one step: a column for each line, and where this one hangs."""
    line, tee, bar = ("│", "├", "─") if unicode else ("|", "+", "-")
    columns = max([step.lane, *step.lanes], default=0) + 1
    cells = [" "] * (2 * columns)
    for lane in step.lanes:
        cells[2 * lane] = line
    if step.lane != step.from_lane:
        cells[2 * step.from_lane] = tee
        for place in range(2 * step.from_lane + 1, 2 * step.lane):
            cells[place] = bar
    cells[2 * step.lane] = MARKS[step.word]
    return "".join(cells).rstrip()
