"""Trees of generations as people ask for them: what was proposed, also where it was not kept."""

from rsi_sandbox.lineage.store import Lineage
from rsi_sandbox.model import Decision, Edit, Tree


def proposed(lineage: Lineage, number: int) -> Tree:
    """The tree a generation proposed: its own when it was kept, otherwise its edits made on the parent.

    Raises:
        UsageError: there is no such generation.
        DamagedRecordError: its tree was altered.
    """
    generation = lineage.generation(number)
    if generation.decision in (Decision.ACCEPTED, Decision.HELD) or not generation.candidate:
        return lineage.tree(number)
    edits = [Edit(**edit) for edit in generation.candidate.get("edits", [])]
    return lineage.tree(generation.parent).with_edits(edits)
