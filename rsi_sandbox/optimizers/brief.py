"""What an optimizer is told, and the protocol it answers with. Holds nothing about policy or oracles."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rsi_sandbox.model import Candidate, HotFunction, Profile, Tree
from rsi_sandbox.rules import Observed

LEAST_REACH = 0.01
"""A function whose time with its callees is a smaller part of everything is not worth a candidate."""


@dataclass(frozen=True)
class Brief:
    """One parent to improve."""

    tree: Tree
    allowed: Callable[[str], bool]
    """Whether a candidate may change this path."""
    profile: Profile
    observed: Mapping[str, Observed] = field(default_factory=dict)
    """`path::qualname` -> what the record job saw."""
    roots: tuple[str, ...] = (".",)
    """Import roots relative to the tree."""
    seed: int = 0

    def hot(self) -> tuple[HotFunction, ...]:
        """Functions that may change and are worth it, the one with the largest addressable time first."""
        found = [
            one
            for one in self.profile.functions
            if one.reach >= LEAST_REACH and one.path in self.tree.files and self.allowed(one.path)
        ]
        return tuple(sorted(found, key=lambda one: (-weight(one), one.path, one.line, one.qualname)))


def weight(function: HotFunction) -> float:
    """Part of all time that a rewrite in this function can address: its own, and half of its callees'."""
    return function.share + max(0.0, function.reach - function.share) / 2


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something an optimizer returned that is not a candidate."""

    optimizer: str
    reason: str
    path: str = ""
    """The path it must not touch, when that was the reason: an attempt worth an incident."""


class Optimizer(Protocol):
    """A source of candidates for one run."""

    name: str

    def propose(self, brief: Brief) -> Iterator[Candidate]:
        """Candidates on the brief's tree, the best expected first, in an order that depends on the brief alone."""
        ...

    def tell(self, digest: str, *, accepted: bool, objection: str) -> None:
        """What became of a candidate: accepted, or the row that objected."""
        ...
