"""`bisect`: re-measure generations until the one that lost a gain is found.

Every generation between a good and a bad one is compared with the good one itself, in the sandbox, and halved. It
refuses to guess: a comparison that decides nothing ends the search with the generations that are left.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rsi_sandbox.model import Evidence, Json, Outcome


class Held(StrEnum):
    """Whether a generation still has the good one's speed."""

    KEPT = "kept"
    LOST = "lost"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Measured:
    """One generation against the good one."""

    number: int
    held: Held
    evidence: Evidence

    @property
    def interval(self) -> str:
        """`0.71x [0.69, 0.73]`: below 1 is slower than the good one."""
        facts = self.evidence.facts
        values = [facts.get(f"again.{name}") for name in ("ratio", "low", "high")]
        ratio, low, high = (value if isinstance(value, int | float) else math.nan for value in values)
        return "not measured" if math.isnan(ratio + low + high) else f"{ratio:.3g}x [{low:.3g}, {high:.3g}]"


@dataclass(frozen=True)
class Answer:
    """Where a gain was lost."""

    good: int
    bad: int
    lost_at: int | None
    """The first generation without the gain; None where nothing was lost or it can't be told."""
    between: tuple[int, ...]
    """Generations of which it may be any, when the search ended early."""
    measured: tuple[Measured, ...]

    @property
    def sentence(self) -> str:
        """The answer for a person."""
        if self.lost_at is not None:
            return f"generation {self.lost_at} lost it"
        if self.between:
            return f"it was lost in one of generations {', '.join(map(str, self.between))}; the timings can't say which"
        if self.measured and self.measured[0].held is Held.UNSURE:
            return f"whether generation {self.bad} is slower than generation {self.good} can't be told here"
        return f"nothing was lost: generation {self.bad} is as fast as generation {self.good}"

    def to_json(self) -> Json:
        """As it is recorded and printed."""
        rows = [{"generation": each.number, "held": each.held.value, "ratio": each.interval} for each in self.measured]
        return {"good": self.good, "bad": self.bad, "lost_at": self.lost_at, "measured": rows, "text": self.sentence}


def held(evidence: Evidence) -> Held:
    """What a comparison (good one left, prefix `again`) says."""
    outcome = evidence.facts.get("again.outcome")
    if outcome == Outcome.SLOWER.value:
        return Held.LOST
    if outcome in (Outcome.EQUIVALENT.value, Outcome.FASTER.value):
        return Held.KEPT
    return Held.UNSURE


def search(chain: Sequence[int], compare: Callable[[int], Evidence]) -> Iterator[Measured | Answer]:
    """Halve a chain of generations, oldest (good) first; yields each measurement and, last, the answer.

    Raises:
        ValueError: the chain has no two ends.
    """
    if len(chain) < 2:
        raise ValueError("a search needs a good and a bad generation")
    done: list[Measured] = []

    def measure(number: int) -> Measured:
        evidence = compare(number)
        done.append(Measured(number, held(evidence), evidence))
        return done[-1]

    good, bad = 0, len(chain) - 1
    first = measure(chain[bad])
    yield first
    if first.held is not Held.LOST:
        yield Answer(chain[0], chain[-1], None, (), tuple(done))
        return
    while bad - good > 1:
        middle = (good + bad) // 2
        found = measure(chain[middle])
        yield found
        if found.held is Held.UNSURE:
            yield Answer(chain[0], chain[-1], None, tuple(chain[good + 1 : bad + 1]), tuple(done))
            return
        if found.held is Held.LOST:
            bad = middle
        else:
            good = middle
    yield Answer(chain[0], chain[-1], chain[bad], (), tuple(done))
