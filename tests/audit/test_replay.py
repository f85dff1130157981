"""Replay: facts from raw samples, the verdict from facts; whatever was touched in between shows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rsi_sandbox.audit.replay import replay
from rsi_sandbox.audit.verdicts import judged_again, runs_of, verdict_problems
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage, machine
from rsi_sandbox.lineage.records import generation_from, plain
from rsi_sandbox.model import Candidate, Decision, Edit, Evidence, Generation, Site, Spent, Tree, to_json
from rsi_sandbox.oracles import static
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import load_policy
from rsi_sandbox.target import may_change
from tests.reports.making import checked, timed

OTHERS = b"".join(
    b"\n\ndef g%d(a, b):\n    for c in a:\n        b += c * %d\n    return b\n" % (n, n) for n in range(9)
)


def recorded(state: Path, settings: object = None, **changes: object) -> None:
    """An original and one generation, as a run records them; `changes` forge the generation's fields."""
    import random

    from rsi_sandbox.config import Settings

    policy = load_policy("default")
    settled = Settings(source=("pkg",), tests=("tests",))
    original = Tree({"pkg/a.py": b"def f(x):\n    return x\n" + OTHERS, "tests/test_a.py": b"def test(): pass\n"})
    edit = Edit("pkg/a.py", 21, 22, "x + 0")
    candidate = Candidate(original.digest, (edit,), (Site("pkg/a.py", "f", 2, "r"),), "why", 1.2)
    tree = original.with_edits(candidate.edits)
    allowed = may_change(settled, original)
    evidence = [
        static.static_evidence(original, original, tree, lambda path: not allowed(path), (original.digest,)),
        *timed(random.Random(1), 1.5, 1.5),
        *checked(310, 0),
        Evidence("weather", {"noise.smallest_effect": 1.01}, {}),
    ]
    facts = {name: value for piece in evidence for name, value in piece.facts.items()} | {"seal.intact": True}
    verdict = judge(facts, policy)
    with Lineage.open(state, create=True, write=True) as lineage:
        lineage.begin_run(
            {
                "tree": original.digest,
                "policy": {**policy.to_json(), "digest": policy.digest},
                "settings": plain(settled) if settings is None else settings,
                "machine": machine.describe(),
            }
        )
        lineage.record(Generation(0, 0, original.digest, Decision.ACCEPTED, {}, {}, (), (), Spent(), ""), original, [])
        made = Generation(
            1, 0, tree.digest, verdict.decision, {**to_json(candidate), "digest": candidate.digest, "rules": ["r"]},
            plain(verdict), tuple(piece.to_json() for piece in evidence), (), Spent(), "",
        )  # fmt: skip
        forged = replace(made, **changes)  # type: ignore[arg-type]
        lineage.record(forged, tree if forged.decision is Decision.ACCEPTED else original, evidence)


def test_an_honest_generation_comes_out_the_same(tmp_path: Path) -> None:
    recorded(tmp_path / "s")
    with Lineage.open(tmp_path / "s", create=False, write=False) as lineage:
        found = replay(lineage, 1)
        assert found.differences == ()
        assert found.ok is True
        assert found.verdict["decision"] == "accepted"
        assert set(found.carried) == {"noise.smallest_effect", "seal.intact"}
        assert found.recomputed["tree.lines"] == 2
        assert found.recomputed["confirm.outcome"] == "faster"
        with pytest.raises(UsageError, match="original"):
            replay(lineage, 0)


def facts_changed(evidence: tuple[object, ...], name: str, value: object) -> tuple[object, ...]:
    text = json.loads(json.dumps(evidence))
    for piece in text:
        if name in piece["facts"]:
            piece["facts"][name] = value
    return tuple(text)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("confirm.low", 1.7),
        ("generation0.ratio", 9.0),
        ("tests.expected", 2),
        ("differential.calls", 9999),
        ("memory.peak_ratio", 0.5),
        ("tree.lines", 1),
        ("tree.protected", 1),
    ],
)
def test_a_forged_fact_shows(tmp_path: Path, fact: str, value: object) -> None:
    recorded(tmp_path / "honest")
    with Lineage.open(tmp_path / "honest", create=False, write=False) as lineage:
        evidence = lineage.generation(1).evidence
    recorded(tmp_path / "forged", evidence=facts_changed(evidence, fact, value))
    with Lineage.open(tmp_path / "forged", create=False, write=False) as lineage:
        found = replay(lineage, 1)
        assert found.ok is False
        assert any(fact in text for text in found.differences)


def test_a_forged_verdict_shows_in_replay_and_in_verify(tmp_path: Path) -> None:
    recorded(tmp_path / "honest")
    with Lineage.open(tmp_path / "honest", create=False, write=False) as lineage:
        verdict = json.loads(json.dumps(lineage.generation(1).verdict))
    verdict["rows"][0]["passed"] = False
    recorded(tmp_path / "forged", verdict=verdict)
    with Lineage.open(tmp_path / "forged", create=False, write=False) as lineage:
        assert replay(lineage, 1).ok is False
        found = verdict_problems(list(lineage.events()), lineage.generations())
        assert found.ok is False
        assert "generation 1" in found.sentences[0]


def test_a_rejected_generation_dressed_up_as_accepted_shows(tmp_path: Path) -> None:
    recorded(tmp_path / "honest")
    with Lineage.open(tmp_path / "honest", create=False, write=False) as lineage:
        evidence = facts_changed(lineage.generation(1).evidence, "confirm.low", 1.001)
    recorded(tmp_path / "forged", evidence=evidence)
    with Lineage.open(tmp_path / "forged", create=False, write=False) as lineage:
        assert verdict_problems(list(lineage.events()), lineage.generations()).ok is False


def test_what_can_not_be_replayed_is_unknown_and_never_the_same(tmp_path: Path) -> None:
    recorded(tmp_path / "s", settings="none")
    with Lineage.open(tmp_path / "s", create=False, write=True) as lineage:
        found = replay(lineage, 1)
        assert found.ok is None
        assert "settings" in found.missing[0]
        lineage.prune(0, "small disk", also_accepted=True)
        assert replay(lineage, 1).ok is None
        assert any("pruned" in text for text in replay(lineage, 1).missing)


def test_the_policy_that_judged_is_the_recorded_one(tmp_path: Path) -> None:
    recorded(tmp_path / "s")
    with Lineage.open(tmp_path / "s", create=False, write=False) as lineage:
        events = list(lineage.events())
        policy = runs_of(events)[1].policy
        assert policy is not None
        assert policy.digest == load_policy("default").digest
        record = generation_from(next(e.body for e in events if e.seq == 3))
        facts = {name: value for piece in record.evidence for name, value in piece["facts"].items()}
        assert judged_again({**facts, "seal.intact": False}, policy)["decision"] != "accepted"
