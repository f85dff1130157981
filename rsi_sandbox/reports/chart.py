"""Where things are in the report's drawings: plain geometry, so that the template only writes it down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rsi_sandbox.reports.story import Interval, Step

WIDTH, HEIGHT = 960, 350
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 18, 92
RUG = {
    word: HEIGHT - 68 + 10 * place
    for place, word in enumerate(("accepted", "held", "rejected", "quarantined", "error"))
}
RUG["original"] = RUG["accepted"]
"""Where every generation has a mark of its verdict, measured or not: one line per verdict."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One generation in the chart."""

    step: Step
    x: float
    y: float | None
    """None: never measured against the original."""
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The speed-up over generations."""

    marks: tuple[Mark, ...]
    line: str
    """Path through the accepted generations."""
    band: str
    """Path around their intervals."""
    ticks: tuple[Tick, ...]
    numbers: tuple[Tick, ...]
    one: float
    """Height of 1x: as fast as the original."""


def speedup(steps: Sequence[Step]) -> Chart:
    """Speed-up against the original on a log axis, one column per generation."""
    known = [value for step in steps if step.total for value in (step.total.low, step.total.high) if value > 0]
    low, high = _padded(min([1.0, *known]), max([1.0, *known]))

    def height(ratio: float) -> float:
        share = (math.log(ratio) - math.log(low)) / (math.log(high) - math.log(low))
        return round(HEIGHT - BOTTOM - max(0.0, min(1.0, share)) * (HEIGHT - TOP - BOTTOM), 1)

    wide = WIDTH - LEFT - RIGHT
    span = max(1, len(steps) - 1)
    marks = []
    for place, step in enumerate(steps):
        x = round(LEFT + 8 + (wide - 16) * place / span, 1)
        total = step.total if step.total and step.total.low > 0 else Interval(1.0, 1.0, 1.0) if step.original else None
        if total is None:
            marks.append(Mark(step, x, None, 0.0, 0.0))
        else:
            marks.append(Mark(step, x, height(total.ratio), height(total.low), height(total.high)))
    kept = [mark for mark in marks if mark.y is not None and mark.step.word in ("accepted", "original")]
    line = " ".join(f"{'L' if place else 'M'}{mark.x} {mark.y}" for place, mark in enumerate(kept))
    around = [(mark.x, mark.high) for mark in kept] + [(mark.x, mark.low) for mark in reversed(kept)]
    band = " ".join(f"{'L' if place else 'M'}{x} {y}" for place, (x, y) in enumerate(around)) + ("Z" if around else "")
    every = max(1, math.ceil(len(steps) / 16))
    numbers = tuple(Tick(mark.x, str(mark.step.generation.number)) for mark in marks[::every])
    ticks = tuple(Tick(height(value), f"{value:g}x") for value in _ticks(low, high))
    drawn = sorted(marks, key=lambda mark: mark.step.word in ("accepted", "original"))  # accepted ones on top
    return Chart(tuple(drawn), line, band, ticks, numbers, height(1.0))


def _padded(low: float, high: float) -> tuple[float, float]:
    room = max(math.log(high / low) * 0.06, math.log(1.05))
    return low * math.exp(-room), high * math.exp(room)


def _ticks(low: float, high: float) -> list[float]:
    """Round ratios inside an axis: 1, 2, 5, 10... where it is wide, finer ones where it is narrow."""
    for steps in ((1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9)):
        found = [step * 10.0**power for power in range(-3, 7) for step in steps]
        inside = [value for value in found if low <= value <= high]
        if len(inside) >= 3:
            return inside[:: math.ceil(len(inside) / 8)]
    return sorted({1.0, round(high, 3)})


@dataclass(frozen=True, slots=True)
class Strip:
    """Launches as dots beside an interval, on one axis."""

    dots: tuple[tuple[float, float], ...]
    low: float
    high: float
    middle: float
    one: float | None
    """Place of 1x where it lies on the axis."""
    labels: tuple[str, str]


STRIP_WIDTH, STRIP_HEIGHT = 320, 40


def strip(points: Sequence[float], found: Interval | None) -> Strip | None:
    """Raw launches and the interval made of them; None where there is nothing to draw."""
    known = [value for value in (*points, *((found.low, found.high) if found else ())) if value > 0]
    if not known:
        return None
    low, high = _padded(min(known), max(known))

    def across(ratio: float) -> float:
        return round(4 + (STRIP_WIDTH - 8) * (math.log(ratio) - math.log(low)) / (math.log(high) - math.log(low)), 1)

    dots = tuple((across(value), 8 + 3.0 * (place % 4)) for place, value in enumerate(points) if value > 0)
    ends = (across(found.low), across(found.high), across(found.ratio)) if found and found.low > 0 else (0.0, 0.0, 0.0)
    return Strip(dots, *ends, across(1.0) if low <= 1.0 <= high else None, (f"{low:.3g}x", f"{high:.3g}x"))


@dataclass(frozen=True, slots=True)
class Growth:
    """How cost grows with size, one line per arm, on log axes."""

    lines: tuple[tuple[str, str, tuple[tuple[float, float], ...]], ...]
    """(arm, path, points)"""
    sizes: tuple[str, str]
    seconds: tuple[str, str]


GROWTH_WIDTH, GROWTH_HEIGHT = 360, 200


def growth(curve: dict[str, tuple[tuple[float, float], ...]]) -> Growth | None:
    """Growth curves; None where no arm has two points."""
    points = [point for arm in curve.values() for point in arm]
    if len(points) < 2:
        return None
    (left, right), (low, high) = (_padded(min(side), max(side)) for side in zip(*points, strict=True))

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x = 44 + (GROWTH_WIDTH - 56) * math.log(point[0] / left) / math.log(right / left)
        y = GROWTH_HEIGHT - 28 - (GROWTH_HEIGHT - 40) * math.log(point[1] / low) / math.log(high / low)
        return round(x, 1), round(y, 1)

    lines = []
    for arm, found in curve.items():
        placed = tuple(place(point) for point in sorted(found))
        path = " ".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(placed))
        lines.append((arm, path, placed))
    return Growth(tuple(lines), (f"{left:.3g}", f"{right:.3g}"), (_seconds(low), _seconds(high)))


def _seconds(value: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


LANE, ROW = 14, 44


@dataclass(frozen=True, slots=True)
class Rail:
    """The part of the tree beside one generation."""

    width: int
    lines: tuple[tuple[float, float, float, float], ...]
    """Straight pieces x1, y1, x2, y2."""
    bend: str
    """Path from the parent's column, empty where the line goes straight down."""
    x: float
    word: str


MOST_LANES = 8


def rails(steps: Sequence[Step]) -> list[Rail]:
    """One rail per step; columns beyond the eighth share the last one."""
    columns = [min(MOST_LANES - 1, max([step.lane, step.from_lane, *step.lanes], default=0)) for step in steps]
    width = (max(columns, default=0) + 1) * LANE + 6
    found = []
    for place, step in enumerate(steps):
        ahead = set(steps[place + 1].lanes) if place + 1 < len(steps) else set()
        lines = []
        for lane in sorted({*step.lanes, *({step.lane} & ahead)}):
            x = _column(lane)
            starts_here = lane == step.lane and lane not in step.lanes
            lines.append((x, ROW / 2 if starts_here else 0, x, ROW if lane in ahead else ROW / 2))
        x, above = _column(step.lane), _column(step.from_lane)
        bend = "" if x == above else f"M{above} 0 C{above} {ROW / 2} {above} {ROW / 2} {x} {ROW / 2}"
        found.append(Rail(width, tuple(lines), bend, x, step.word))
    return found


def _column(lane: int) -> float:
    return min(lane, MOST_LANES - 1) * LANE + LANE / 2 + 3.0
