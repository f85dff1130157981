"""Every fact a policy may mention, with its type, unit and meaning.

It refuses to know a fact that nobody measures: a row about a name that is not here can't be loaded, and a value
that does not have the type or the range written here is never evidence.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from rsi_sandbox.model import Fact, Outcome

LARGEST = 2**53
"""Beyond it integers and floats stop comparing exactly, and no honest measurement gets there."""


class Kind(StrEnum):
    """The type of a fact."""

    BOOL = "bool"
    INT = "int"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    minimum: float | None = 0.0
    """Smallest value that can be true; None where there is no such bound."""
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    """The closed set of a text fact."""

    def usable(self, value: object) -> bool:
        """Whether the value has this fact's type and can be true at all. Never raises."""
        if self.kind is Kind.BOOL:
            return type(value) is bool
        if self.kind is Kind.TEXT:
            return type(value) is str and value in self.choices
        if type(value) is int:
            number: int | float = value
        elif type(value) is float and self.kind is Kind.NUMBER and math.isfinite(value):
            number = value
        else:
            return False
        if abs(number) > LARGEST:
            return False
        above = self.minimum is None or number >= self.minimum
        return above and (self.maximum is None or number <= self.maximum)


def _count(name: str, meaning: str, unit: str) -> FactSpec:
    return FactSpec(name, Kind.INT, unit, meaning)


def _flag(name: str, meaning: str) -> FactSpec:
    return FactSpec(name, Kind.BOOL, "yes/no", meaning)


def _ratio(name: str, meaning: str, maximum: float | None = None) -> FactSpec:
    return FactSpec(name, Kind.NUMBER, "ratio", meaning, maximum=maximum)


def _outcome(name: str, meaning: str) -> FactSpec:
    return FactSpec(name, Kind.TEXT, "word", meaning, choices=tuple(item.value for item in Outcome))


_ALL = (
    _flag("seal.intact", "Policies, tests, benchmarks and this package still have the digests sealed at start."),
    _flag("tree.changed", "The candidate differs from its parent."),
    _count("tree.protected", "Protected paths the candidate adds, changes or removes.", "files"),
    _count("tree.files", "Files that differ from the parent.", "files"),
    _count("tree.lines", "Lines added plus lines removed against the parent.", "lines"),
    _ratio("tree.distance", "Share of syntax subtrees that differ from the parent.", 1.0),
    _ratio("tree.distance_generation0", "Share of syntax subtrees that differ from the original.", 1.0),
    _flag("tree.seen_before", "A tree with this digest was already a generation of this run."),
    _flag("syntax.ok", "Every changed Python file parses."),
    _count("effects.new_imports", "Imports the original does not have, outside the allow-list.", "imports"),
    _count("effects.new_calls", "Uses of files, processes, network, dynamic code or hooks that are new.", "uses"),
    _count("api.removed", "Public names or signatures of the original that are gone or changed.", "names"),
    _count("tests.expected", "Tests that generation 0 reported.", "tests"),
    _count("tests.missing", "Expected tests that were not reported.", "tests"),
    _count("tests.failed", "Tests that failed, or broke while being collected or set up.", "tests"),
    _count("tests.newly_skipped", "Tests that ran on generation 0 and are skipped now.", "tests"),
    _flag("tests.canary_failed", "The test that must fail did fail."),
    _count("differential.calls", "Calls whose answer was compared with the original's.", "calls"),
    _count("differential.mismatches", "Compared calls that answered differently.", "calls"),
    _count("differential.unobserved", "Changed functions for which no call could be compared.", "functions"),
    _outcome("speed.outcome", "What the timing in the warm sandbox says."),
    _ratio("speed.low", "Lower end of the speed-up while screening."),
    _ratio("speed.ratio", "Speed-up while screening."),
    _ratio("speed.high", "Upper end of the speed-up while screening."),
    _ratio("speed.slowest_case", "Speed-up of the benchmark case that gained least."),
    _flag("speed.same_answers", "Every timed call gave the same answer in both arms."),
    _outcome("confirm.outcome", "What the timing in a brand-new sandbox says, against the parent."),
    _ratio("confirm.low", "Lower end of the confirmed speed-up against the parent."),
    _ratio("confirm.ratio", "Confirmed speed-up against the parent."),
    _ratio("confirm.high", "Upper end of the confirmed speed-up against the parent."),
    _ratio("confirm.slowest_case", "Confirmed speed-up of the benchmark case that gained least."),
    _ratio("generation0.low", "Lower end of the speed-up against the original."),
    _ratio("generation0.ratio", "Speed-up against the original."),
    _ratio("generation0.high", "Upper end of the speed-up against the original."),
    _ratio("memory.peak_ratio", "Peak traced memory over the parent's; above 1 is more."),
    _ratio("complexity.total_ratio", "Cyclomatic complexity of the tree over the parent's."),
    FactSpec(
        "complexity.worst_increase",
        Kind.INT,
        "points",
        "Growth of the most complex function's cyclomatic complexity.",
        minimum=None,
    ),
    FactSpec(
        "maintainability.drop",
        Kind.NUMBER,
        "points",
        "Largest loss of a changed file's maintainability index.",
        minimum=None,
    ),
    _ratio("noise.smallest_effect", "Smallest speed-up this machine could tell from none at calibration."),
)

FACTS: Mapping[str, FactSpec] = MappingProxyType({spec.name: spec for spec in _ALL})


def literal_problem(spec: FactSpec, relation: str, bound: Fact) -> str:
    """Why `fact relation bound` can't be a row, or an empty string."""
    if not spec.usable(bound):
        allowed = f" ({', '.join(spec.choices)})" if spec.choices else ""
        return f"{bound!r} can't be a value of {spec.name}, which is a {spec.kind.value}{allowed}"
    if relation != "equals" and spec.kind in (Kind.BOOL, Kind.TEXT):
        return f"{spec.name} is a {spec.kind.value} and only takes equals"
    if relation == "equals" and spec.kind is Kind.NUMBER:
        return f"{spec.name} is measured and never exactly equal; use at-least or at-most"
    return ""
