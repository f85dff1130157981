"""What a rewrite rule is: a named finder of small edits, with the examples that test and document it.

A rule yields rewrites; it never applies them, never reads a clock and never decides whether one is worth keeping.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rsi_sandbox.model import Edit, Safety
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule


class Tier(StrEnum):
    """How much a rule can win, which is also the order rules are tried in."""

    P0 = "P0"
    """Changes the algorithm or the data structure: the gain grows with the input."""
    P1 = "P1"
    """A constant factor of about 1.5 or more."""
    P2 = "P2"
    """A small constant factor: all of one function's P2 rewrites are tried together."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One way to make one function faster."""

    edits: tuple[Edit, ...]
    line: int
    """1-based line of the pattern in the parent's source."""
    rationale: str
    """One sentence for a person."""
    gain: float
    """Expected speed-up of the function: a prior, never evidence."""
    safety: Safety | None = None
    """Overrides the rule's class where run-time evidence is missing."""


@dataclass(frozen=True, slots=True)
class Example:
    """A source the rule rewrites, the exact result, and calls that must answer alike on both."""

    before: str
    after: str
    calls: tuple[str, ...]
    """Python expressions over the module's names."""
    observed: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    """Qualified name -> parameter -> what the record job saw, as it reports it."""
    workload: str = ""
    """An expression in `n` that shows the gain, for the rule benchmark."""


Finder = Callable[[SourceModule, FunctionNode], Iterator[Rewrite]]


@dataclass(frozen=True)
class Rule:
    """A rewrite rule, as the decorator `rule` builds it from a finder function."""

    name: str
    safety: Safety
    tier: Tier
    speedup: float
    """Prior speed-up of the touched function."""
    acceptance: float
    """Prior probability that the gate accepts, 0..1."""
    finder: Finder
    examples: tuple[Example, ...]
    leaves: tuple[str, ...]
    """Sources the rule must leave alone."""

    @property
    def doc(self) -> str:
        """The finder's docstring: pattern, why it pays, and the `Safety:` line."""
        return (self.finder.__doc__ or "").strip()

    def find(self, module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
        """Every rewrite this rule sees directly in `function`, in order of source position."""
        return self.finder(module, function)


def rule(
    name: str,
    *,
    safety: Safety,
    tier: Tier,
    speedup: float,
    acceptance: float,
    examples: Iterable[Example],
    leaves: Iterable[str],
) -> Callable[[Finder], Rule]:
    """Turn a finder function into a `Rule`; its docstring becomes the rule's documentation."""

    def build(finder: Finder) -> Rule:
        return Rule(name, safety, tier, speedup, acceptance, finder, tuple(examples), tuple(leaves))

    return build
