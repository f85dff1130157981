"""A lineage read once, in the shape every renderer needs: steps with their gains, their place in the tree, the runs.

Nothing is computed that the record does not hold; what was not measured is None and has to be shown as such.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rsi_sandbox.lineage import Kind, Lineage
from rsi_sandbox.model import Decision, Fact, Generation, Json

_LONG = ("blobs", "changes", "journal", "digests", "evidence", "proposal", "verdict", "policy", "run", "partly")
"""Parts of entries that only machines read."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio with the interval it was measured to lie in."""

    ratio: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{times(self.ratio)}x [{times(self.low)}, {times(self.high)}]"


def times(ratio: float) -> str:
    """A ratio to three digits, and never in powers of ten where people would not write it so."""
    return f"{ratio:,.0f}" if 1000 <= ratio < 1e9 else f"{ratio:.3g}"


@dataclass(frozen=True)
class Step:
    """One generation in its place."""

    generation: Generation
    run: int
    facts: Mapping[str, Fact | None]
    gain: Interval | None
    """Against the parent; confirmed where it got that far, otherwise as first measured."""
    total: Interval | None
    """Against the original."""
    lane: int
    """Column of the tree this step is drawn in."""
    lanes: tuple[int, ...]
    """Columns that pass by or end here, `lane` included where a line comes down to it."""
    from_lane: int
    """Column of the parent."""
    head: bool
    applied: bool

    @property
    def original(self) -> bool:
        """Whether no candidate made it."""
        return not self.generation.candidate

    @property
    def word(self) -> str:
        """`original`, or the verdict's word."""
        return "original" if self.original else self.generation.decision.value

    @property
    def rules(self) -> tuple[str, ...]:
        """Rules that made its edits; the optimizer's name where no rule did."""
        candidate = self.generation.candidate
        return tuple(candidate.get("rules") or ([candidate["optimizer"]] if candidate.get("optimizer") else []))

    @property
    def sites(self) -> tuple[str, ...]:
        """`path::function` of every function it touches, each once."""
        sites = self.generation.candidate.get("sites") or []
        return tuple(dict.fromkeys(f"{site['path']}::{site['qualname']}" for site in sites))

    @property
    def rows(self) -> Sequence[Json]:
        """The gate's table."""
        found: Sequence[Json] = self.generation.verdict.get("rows") or []
        return found

    @property
    def reason(self) -> str:
        """Why the verdict is what it is."""
        return str(self.generation.verdict.get("reason") or "")


@dataclass(frozen=True)
class Run:
    """One run of the loop."""

    number: int
    opened: Json
    closed: Json
    """Empty while it is open."""

    @property
    def policy(self) -> Mapping[str, Json]:
        """Name, version and digest of the policy it judged by."""
        recorded = self.opened.get("policy") or {}
        return {name: recorded[name] for name in ("name", "version", "digest") if name in recorded}

    @property
    def seconds(self) -> float | None:
        """Its budget of wall time."""
        value = (self.opened.get("options") or {}).get("seconds")
        return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True)
class Story:
    """A whole lineage."""

    target: str
    steps: tuple[Step, ...]
    runs: tuple[Run, ...]
    moves: tuple[Json, ...]
    """Applies, rollbacks, retreats, incidents and prunings: kind, at, and what they are about."""
    size: int
    root: str
    origin: str

    @property
    def counts(self) -> Mapping[str, int]:
        """Verdict's word -> number of generations, originals apart."""
        return Counter(step.word for step in self.steps)

    @property
    def head(self) -> Step | None:
        """The step that is the lineage's head."""
        return next((step for step in self.steps if step.head), None)


def tell(lineage: Lineage) -> Story:
    """Read a lineage."""
    runs: dict[int, Run] = {}
    run_of: dict[int, int] = {}
    moves: list[Json] = []
    for event in lineage.events():
        body = event.body
        if event.kind == Kind.RUN_OPENED:
            runs[body["run"]] = Run(body["run"], body, {})
        elif event.kind == Kind.RUN_CLOSED and body.get("run") in runs:
            runs[body["run"]] = Run(body["run"], runs[body["run"]].opened, body)
        elif event.kind == Kind.GENERATION:
            run_of[body["generation"]["number"]] = body.get("run") or 0
        elif event.kind not in (Kind.RUN_OPENED, Kind.RUN_CLOSED):
            moves.append({"kind": str(event.kind), "seq": event.seq, **_short(body)})
    now = lineage.checkpoint()
    names = [str(run.opened.get("target") or "") for run in runs.values()]
    return Story(
        target=names[-1] if names else lineage.directory.parent.name,
        steps=_steps(lineage, run_of),
        runs=tuple(runs.values()),
        moves=tuple(moves),
        size=now.size,
        root=now.root,
        origin=now.origin,
    )


def _short(body: Json) -> dict[str, Any]:
    """A body without what is only for machines."""
    short = {name: value for name, value in body.items() if name not in _LONG}
    verdict = body.get("verdict")
    if isinstance(verdict, Mapping):
        short |= {"decision": verdict.get("decision"), "reason": verdict.get("reason")}
    return short


def _steps(lineage: Lineage, run_of: Mapping[int, int]) -> tuple[Step, ...]:
    head = lineage.head()
    stack = lineage.applied()
    applied = set(stack[-1].body.get("picks") or [stack[-1].body["generation"]]) if stack else set()
    generations = lineage.generations()
    columns = _columns(generations)
    found: list[Step] = []
    for generation, (lane, lanes, above) in zip(generations, columns, strict=True):
        facts = {name: value for piece in generation.evidence for name, value in (piece.get("facts") or {}).items()}
        found.append(
            Step(
                generation=generation,
                run=run_of.get(generation.number, 0),
                facts=facts,
                gain=interval(facts, "confirm") or interval(facts, "speed"),
                total=interval(facts, "generation0"),
                lane=lane,
                lanes=lanes,
                from_lane=above,
                head=head is not None and generation.number == head.number,
                applied=generation.number in applied,
            )
        )
    return tuple(found)


def _columns(generations: Sequence[Generation]) -> list[tuple[int, tuple[int, ...], int]]:
    """For each generation its column, the columns with a line that comes down to it or passes by, its parent's column.

    A line lasts until the last generation that was made from its tip; then its column is free again.
    """
    last_child = {each.parent: each.number for each in generations if each.candidate}
    tips: dict[int, int] = {}
    place: dict[int, int] = {}
    found = []
    for generation in generations:
        number = generation.number
        passing = tuple(sorted(tips))
        above = place.get(generation.parent) if generation.candidate else None
        for column in [column for column, tip in tips.items() if last_child.get(tip, -1) <= number]:
            del tips[column]
        goes_on = generation.decision in (Decision.ACCEPTED, Decision.HELD)
        if above is not None and above not in tips and goes_on:
            lane = above
        else:
            lane = next(column for column in range(len(passing) + 2) if column not in (*tips, *passing, above))
        if last_child.get(number, -1) > number:
            tips[lane] = number
        place[number] = lane
        found.append((lane, passing, lane if above is None else above))
    return found


def interval(facts: Mapping[str, Fact | None], prefix: str) -> Interval | None:
    """The ratio under a prefix with its interval; None where any of the three was not measured."""
    ratio, low, high = (facts.get(f"{prefix}.{name}") for name in ("ratio", "low", "high"))
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (ratio, low, high)):
        return None
    return Interval(float(ratio or 0), float(low or 0), float(high or 0))
