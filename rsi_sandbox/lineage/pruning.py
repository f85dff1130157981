"""Which raw evidence goes first when a record has to become smaller.

Only bytes go, and only after the log says which: entries, roots, trees, facts and verdicts stay, so every proof
holds. What can no longer be done for a pruned generation is to compute its facts again.
"""

from collections.abc import Iterable, Iterator

from rsi_sandbox.lineage.evidence import EvidenceStore
from rsi_sandbox.lineage.records import Event, Kind, named_blobs
from rsi_sandbox.model import Decision, Generation

PER_ENTRY = 500
"""Digests in one entry of the log."""


def choose(
    generations: Iterable[Generation],
    store: EvidenceStore,
    needed: set[str],
    target_bytes: int,
    *,
    also_accepted: bool,
) -> tuple[list[str], int]:
    """Digests to remove, in that order, and their bytes: just enough to get down to `target_bytes`."""
    every = list(generations)
    excess = store.size() - target_bytes
    kept = [each for each in every if each.decision in (Decision.ACCEPTED, Decision.HELD)]
    others = [each for each in every if each not in kept]
    used_by_kept = {digest for each in kept for digest in raw_of(each)}
    spare = [digest for each in others for digest in raw_of(each) if digest not in used_by_kept]
    if also_accepted:
        spare += [digest for each in kept for digest in raw_of(each)]
    chosen: list[str] = []
    size = 0
    for digest in dict.fromkeys(spare):
        if size >= excess:
            break
        length = store.length(digest)
        if length and digest not in needed:
            chosen.append(digest)
            size += length
    return chosen, size


def needed(events: Iterable[Event]) -> set[str]:
    """Evidence that entries other than generations rely on, such as the files an apply can put back."""
    return {digest for event in events if event.kind != Kind.GENERATION for digest in named_blobs(event.body)}


def carry_out(store: EvidenceStore, pruned: Iterable[str]) -> int:
    """Remove what the log says is pruned and is still there; returns how many pieces that were."""
    return store.remove(pruned)


def raw_of(generation: Generation) -> Iterator[str]:
    """Digests of a generation's raw evidence."""
    for piece in generation.evidence:
        yield from (str(digest) for digest in (piece.get("raw") or {}).values())
