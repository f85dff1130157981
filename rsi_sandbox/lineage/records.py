"""What a log entry is, and how generations become entries and come back.

It refuses fields it does not know and numbers that JSON can't hold.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rsi_sandbox.errors import DamagedRecordError
from rsi_sandbox.lineage.merkle import leaf_hash
from rsi_sandbox.model import Decision, Generation, Json, Spent, canonical_json, to_json


class Kind(StrEnum):
    """What an entry tells."""

    RUN_OPENED = "run-opened"
    GENERATION = "generation"
    RUN_CLOSED = "run-closed"
    APPLIED = "applied"
    ROLLED_BACK = "rolled-back"
    INCIDENT = "incident"
    JUDGED = "judged"
    """What the gate said of a patch that somebody brought."""
    RETREATED = "retreated"
    """The head moved back to an earlier accepted generation."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log as stored."""

    seq: int
    """1, 2, 3, without gaps."""
    kind: str
    body: Json
    leaf: str
    root: str
    """Root over all leaves up to and including this one."""


def entry_bytes(seq: int, kind: str, body: Json) -> bytes:
    """The bytes a leaf is the hash of; also one line of an export."""
    return canonical_json({"body": body, "kind": kind, "seq": seq})


def entry_leaf(seq: int, kind: str, body: Json) -> bytes:
    """RFC 6962 leaf hash of one entry."""
    return leaf_hash(entry_bytes(seq, kind, body))


def plain(value: Json) -> Json:
    """JSON values from records; NaN and infinities become text, which no gate takes for a number."""
    return _finite(to_json(value))


def _finite(value: Json) -> Json:
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def generation_from(body: Json) -> Generation:
    """The generation of a log entry's body.

    Raises:
        DamagedRecordError: the body is not one that this version writes.
    """
    try:
        record = dict(body["generation"])
        numbers_are_numbers = type(record["number"]) is int and type(record["parent"]) is int
        record["decision"] = Decision(record["decision"])
        record["spent"] = Spent(**record["spent"])
        record["evidence"] = tuple(record["evidence"])
        record["screened"] = tuple(record["screened"])
        generation = Generation(**record)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedRecordError(f"a generation in the log can't be read: {error}") from error
    if not numbers_are_numbers:
        raise DamagedRecordError("a generation in the log has a number that is not one")
    return generation


def named_blobs(body: Json) -> Iterator[str]:
    """Digests of evidence that an entry's body relies on: `blobs` of any entry, `raw` of a generation's evidence."""
    if not isinstance(body, Mapping):
        return
    blobs = body.get("blobs")
    if isinstance(blobs, Mapping):
        yield from (str(digest) for digest in blobs.values())
    generation = body.get("generation")
    if isinstance(generation, Mapping):
        for piece in generation.get("evidence") or ():
            raw = piece.get("raw") if isinstance(piece, Mapping) else None
            if isinstance(raw, Mapping):
                yield from (str(digest) for digest in raw.values())


def inheritance_problem(generation: Generation, known: dict[int, Generation]) -> str | None:
    """What is wrong between a generation and the earlier ones, or None."""
    if generation.number == 0:
        return None if generation.parent == 0 else "generation 0 has no other parent"
    parent = known.get(generation.parent)
    if parent is None or generation.parent >= generation.number:
        return f"its parent {generation.parent} is not an earlier generation"
    if parent.number and parent.decision not in (Decision.ACCEPTED, Decision.HELD):
        return f"its parent {parent.number} was {parent.decision}"
    kept = generation.decision in (Decision.ACCEPTED, Decision.HELD)
    if not kept and generation.tree != parent.tree:
        return f"it was {generation.decision} and yet has another tree than its parent"
    return None
