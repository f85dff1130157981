"""What the entries of a log amount to, taken in one after the other: generations, head, runs, applies, prunings.

It is derived and kept in memory only; the log is what counts.
"""

from dataclasses import dataclass, field

from rsi_sandbox.lineage.records import Event, Kind, generation_from, inheritance_problem, named_blobs
from rsi_sandbox.model import Decision, Generation


@dataclass
class Index:
    """The state after the entries that were taken in so far."""

    seen: int = 0
    """Number of the last entry."""
    first_leaf: str = ""
    generations: dict[int, tuple[Generation, str]] = field(default_factory=dict)
    """Number -> the generation and its commit."""
    head: int = 0
    run: int = 0
    """Number of the last run."""
    open_run: int | None = None
    applied: list[Event] = field(default_factory=list)
    """Applies that were not rolled back."""
    pruned: set[str] = field(default_factory=set)
    """Digests of evidence that was removed on record and that no later entry relies on."""

    def take_in(self, event: Event) -> None:
        """The next entry.

        Raises:
            DamagedRecordError: it is a generation that can't be read.
        """
        self.seen = event.seq
        self.first_leaf = self.first_leaf or event.leaf
        if self.pruned:
            self.pruned.difference_update(named_blobs(event.body))
        if event.kind == Kind.GENERATION:
            generation = generation_from(event.body)
            self.generations[generation.number] = (generation, str(event.body.get("commit")))
            if generation.decision is Decision.ACCEPTED:
                self.head = generation.number
        elif event.kind == Kind.RETREATED:
            self.head = event.body["to"]
        elif event.kind == Kind.RUN_OPENED:
            self.run = self.open_run = event.body["run"]
        elif event.kind == Kind.RUN_CLOSED:
            self.open_run = None
        elif event.kind == Kind.PRUNED:
            self.pruned.update(str(digest) for digest in event.body["digests"])
        elif event.kind == Kind.APPLIED:
            self.applied.append(event)
        elif event.kind == Kind.ROLLED_BACK and self.applied:
            self.applied.pop()

    def contradiction(self, generation: Generation, tree: str) -> str | None:
        """Why a generation with a tree of that digest can't come next, or None."""
        expected = max(self.generations, default=-1) + 1
        if generation.number != expected:
            return f"the next number is {expected}"
        if generation.tree != tree:
            return "its tree has another digest"
        return inheritance_problem(generation, {number: each for number, (each, _) in self.generations.items()})
