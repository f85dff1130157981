"""Candidates from patches somebody already has: files, a git range, another run. Proposes each one once."""

from collections.abc import Iterator, Sequence

from rsi_sandbox.model import Candidate
from rsi_sandbox.optimizers.brief import Brief, Refusal
from rsi_sandbox.optimizers.patches import PatchError, candidate_from, files_from_diff


class Replay:
    """Unified diffs as candidates, in the order given."""

    name = "replay"

    def __init__(self, patches: Sequence[tuple[str, bytes]]) -> None:
        """`patches` are pairs of a name for people and the diff's bytes."""
        self._patches = tuple(patches)
        self._done: set[int] = set()
        self.refusals: list[Refusal] = []

    def propose(self, brief: Brief) -> Iterator[Candidate]:
        """Those patches that fit this tree; the others are in `refusals` with the reason."""
        for index, (name, diff) in enumerate(self._patches):
            if index in self._done:
                continue
            self._done.add(index)
            try:
                files = files_from_diff(brief.tree.files, diff)
            except PatchError as error:
                self.refusals.append(Refusal(self.name, f"{name}: {error}"))
                continue
            found = candidate_from(brief, files, optimizer=self.name, rationale=f"Replays {name}.")
            if isinstance(found, Refusal):
                self.refusals.append(found)
            else:
                yield found

    def tell(self, digest: str, *, accepted: bool, objection: str) -> None:
        """Verdicts change nothing: a patch is what it is."""
