"""What a run writes into the lineage: how it was opened, the original, each generation, how it was closed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rsi_sandbox import narrate
from rsi_sandbox.lineage import Kind, Lineage
from rsi_sandbox.model import Candidate, Decision, Evidence, Generation, Json, Spent, Tree, Verdict, to_json
from rsi_sandbox.policy.schema import Policy
from rsi_sandbox.proposal import Proposal
from rsi_sandbox.target import Target
from rsi_sandbox.trial import Screened

KEPT = (Decision.ACCEPTED, Decision.HELD)


def opening(target: Target, policy: Policy, environment: str, options: Json, surroundings: Mapping[str, str]) -> Json:
    """Under which settings a run is opened; `environment` is the digest of the sandbox's."""
    return {
        "target": target.name,
        "tree": target.tree.digest,
        "policy": {"name": policy.name, "digest": policy.digest},
        "environment": environment,
        "options": options,
        "surroundings": dict(surroundings),
    }


def record_original(lineage: Lineage, tree: Tree) -> int:
    """Generation 0 or a later original, unless this very tree is an accepted generation; returns its number."""
    known = [item.number for item in lineage.accepted() if item.tree == tree.digest]
    if known:
        return known[-1]
    number = lineage.next_number()
    original = Generation(
        number=number,
        parent=0,
        tree=tree.digest,
        decision=Decision.ACCEPTED,
        candidate={},
        verdict={},
        evidence=(),
        screened=(),
        spent=Spent(),
        at=_now(),
    )
    lineage.record(original, tree, ())
    return number


def record_generation(
    lineage: Lineage,
    *,
    parent: tuple[int, Tree],
    candidate: Candidate,
    tree: Tree,
    verdict: Verdict,
    evidence: Sequence[Evidence],
    screened: Sequence[Screened],
    spent: Spent,
) -> Generation:
    """Commit one judged composite: its own tree when it is kept, the parent's when it is rolled back.

    Raises:
        StateError: the record can't be kept.
    """
    number, before = parent
    after = tree if verdict.decision in KEPT else before
    record = Generation(
        number=lineage.next_number(),
        parent=number,
        tree=after.digest,
        decision=verdict.decision,
        candidate={**to_json(candidate), "digest": candidate.digest, "rules": list(candidate.rules)},
        verdict=to_json(verdict),
        evidence=tuple(item.to_json() for item in evidence),
        screened=tuple(narrate.row(item) for item in screened),
        spent=spent,
        at=_now(),
    )
    lineage.record(record, after, evidence)
    return record


def record_judgement(
    lineage: Lineage, proposal: Proposal, policy: Policy, verdict: Verdict, evidence: Sequence[Evidence]
) -> None:
    """Commit what the gate said of somebody's patch, with the raw bytes it rests on.

    Raises:
        StateError: the record can't be kept.
    """
    blobs = [data for item in evidence for data in item.raw.values()]
    body = {
        "at": _now(),
        "proposal": proposal.to_json(),
        "policy": {"name": policy.name, "digest": policy.digest},
        "verdict": to_json(verdict),
        "evidence": [item.to_json() for item in evidence],
        "blobs": {digest: digest for digest in lineage.keep(*blobs)},
    }
    lineage.note(Kind.JUDGED, body)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
