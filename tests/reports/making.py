"""A lineage as long as is wanted, with every verdict, real raw samples, real diffs and rollbacks, made in seconds."""

import math
import random
from pathlib import Path

from rsi_sandbox.lineage import Kind, Lineage, machine
from rsi_sandbox.lineage.records import plain
from rsi_sandbox.model import (
    Candidate,
    Decision,
    Edit,
    Evidence,
    Fact,
    Generation,
    Site,
    Spent,
    Tree,
    canonical_json,
    to_json,
)
from rsi_sandbox.oracles.recompute import facts_again
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import load_policy

RULES = ("list-membership-in-loop", "append-loop", "regex-literal", "constant-container", "sort-in-loop")
FUNCTION = '''def work_{n}(words, seen):
    """Words that were seen, with <angle> & "quotes"."""
    found = []
    for word in words:
        if word in seen:  # generation {g}
            found.append(word.lower())
    return found, {g}


'''


def source(functions: int = 6) -> Tree:
    text = "".join(FUNCTION.format(n=n, g=0) for n in range(functions))
    return Tree({"pkg/words.py": text.encode(), "pkg/__init__.py": b"", "tests/test_words.py": b"def test(): pass\n"})


def samples(chance: random.Random, ratio: float, launches: int = 6) -> bytes:
    made = []
    for _ in range(launches):
        factor = ratio * math.exp(chance.gauss(0, 0.015))
        pairs = []
        for _ in range(9):
            left = 1e6 * math.exp(chance.gauss(0, 0.02))
            right = left / factor * math.exp(chance.gauss(0, 0.02))
            pairs.append([left, right, left * 1.01, right * 1.01, 1e3, 1e3, 1e3, 1e3])
        cold = [2e6, 2e6 / factor, 2e6, 2e6 / factor]
        case = {"pairs": pairs, "cold": cold, "calls": 4, "same": True}
        made.append({"seed": 1, "wall_ns": 10**9, "status": "ok", "cases": {"bench_words": case}})
    return canonical_json(
        {
            "launches": made,
            "weights": {"bench_words": 1.0},
            "looks": [6, 9, 13],
            "seed": 1,
            "margin": 0.01,
            "alpha": 0.01,
            "trees": {},
        }
    )


def timed(chance: random.Random, ratio: float, total: float) -> list[Evidence]:
    found = []
    for oracle, prefix, value in (
        ("benchmark", "speed", ratio),
        ("benchmark", "confirm", ratio),
        ("generation0", "generation0", total),
    ):
        raw = {f"{prefix}.samples": samples(chance, value)}
        found.append(Evidence(oracle, facts_again(oracle, raw) or {}, raw, "faster by more than the margin"))
    return found


def checked(calls: int, mismatches: int) -> list[Evidence]:
    rows = [
        {"function": "pkg/words.py::work_0", "input": f"{n:064x}", "expected": "1", "got": "1", "opaque": False}
        for n in range(calls)
    ]
    for row in rows[:mismatches]:
        row["got"] = "2"
    raws = {
        "differential": {"differential": canonical_json({"changed": ["pkg/words.py::work_0"], "rows": rows})},
        "tests": {
            "tests": canonical_json(
                {
                    "expected": {"t::test": "passed"},
                    "outcomes": {"t::test": "passed", "rsi_canary_x": "failed"},
                    "canary": "x",
                }
            )
        },
        "memory": {
            "memory.peaks": canonical_json(
                {"arms": [{"status": "ok", "peak": {"b": 9000}, "resident": 1 << 20}] * 2, "cases": ["b"]}
            )
        },
    }
    details = {"differential": f"{calls} calls answered alike", "tests": "1 test as expected", "memory": ""}
    return [Evidence(name, facts_again(name, raw) or {}, raw, details[name]) for name, raw in raws.items()]


STATIC: dict[str, Fact | None] = {
    "tree.changed": True, "tree.protected": 0, "tree.files": 1, "tree.lines": 4, "tree.distance": 0.1,
    "tree.distance_generation0": 0.2, "tree.seen_before": False, "syntax.ok": True, "effects.new_imports": 0,
    "effects.new_calls": 0, "api.removed": 0, "complexity.total_ratio": 1.0, "complexity.worst_increase": 0,
    "maintainability.drop": 0.4,
}  # fmt: skip


def make(state: Path, generations: int, *, seed: int = 1, branching: bool = True, raw: bool = True) -> None:
    """Write a lineage with that many generations beside the original."""
    chance = random.Random(seed)
    policy = load_policy("default")
    with Lineage.open(state, create=True, write=True) as lineage:
        original = source()
        run = lineage.begin_run(
            {
                "at": "2026-01-01T00:00:00+00:00",
                "drawn": f"{seed:032x}",
                "target": "words",
                "tree": original.digest,
                "policy": {**policy.to_json(), "digest": policy.digest},
                "machine": machine.describe(),
                "options": {"seconds": 600.0, "seed": seed, "generations": generations},
                "surroundings": {"sandbox": "namespaces", "image": "0" * 64},
                "environment": "e" * 64,
                "settings": None,
            }
        )
        first = Generation(
            0, 0, original.digest, Decision.ACCEPTED, {}, {}, (), (), Spent(), "2026-01-01T00:00:01+00:00"
        )
        lineage.record(first, original, [])
        trees = {0: original}
        totals = {0: 1.0}
        parent = 0
        for number in range(1, generations + 1):
            kind = chance.choices(("good", "slow", "wrong", "held", "tamper"), (40, 30, 15, 10, 5))[0]
            ratio = math.exp(chance.uniform(0.03, 0.12)) if kind in ("good", "held") else chance.uniform(0.9, 1.02)
            before = trees[parent]
            text = before.files["pkg/words.py"].decode()
            spot = chance.randrange(6)
            old = f"    return found, {text.split('return found, ')[spot + 1].split(chr(10))[0]}\n"
            start = text.index("return found, ", 0)
            for _ in range(spot):
                start = text.index("return found, ", start + 1)
            start -= 4
            edit = Edit(
                "pkg/words.py", start, start + len(old), f"    return found, {number}  # by generation {number}\n"
            )
            tree = before.with_edits([edit])
            rule = chance.choice(RULES)
            candidate = Candidate(
                before.digest, (edit,), (Site("pkg/words.py", f"work_{spot}", 9 * spot + 7, rule),),
                "Looks values up in a set made once instead of searching the list each time.", 1.5,
            )  # fmt: skip
            evidence = [
                Evidence("static", {**STATIC, "tree.protected": 1 if kind == "tamper" else 0}, {}),
                *(timed(chance, ratio, totals[parent] * ratio) if raw else []),
                *(checked(310, 3 if kind == "wrong" else 0) if raw else []),
            ]
            facts = {name: value for piece in evidence for name, value in piece.facts.items()}
            facts["seal.intact"] = True
            if kind == "held":
                facts["tree.distance_generation0"] = 0.7
                evidence[0] = Evidence("static", {**STATIC, "tree.distance_generation0": 0.7}, {})
            verdict = judge(facts, policy)
            kept = verdict.decision in (Decision.ACCEPTED, Decision.HELD)
            rows = [
                {"candidate": "0" * 64, "rules": rule, "function": f"work_{n}", "path": "pkg/words.py",
                 "ratio": round(chance.uniform(0.8, 3), 3), "outcome": "rejected", "why": "no gain", "wall": 0.2}
                for n in range(6)
            ]  # fmt: skip
            generation = Generation(
                number, parent, tree.digest if kept else before.digest, verdict.decision,
                {**to_json(candidate), "digest": candidate.digest, "rules": [rule]}, plain(verdict),
                tuple(item.to_json() for item in evidence), tuple(rows),
                Spent(3.1, 2.0, 6, number),
                f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}+00:00",
            )  # fmt: skip
            lineage.record(generation, tree if kept else before, evidence)
            if verdict.decision is Decision.ACCEPTED:
                trees[number], totals[number] = tree, totals[parent] * ratio
                parent = number
                if branching and len(trees) > 4 and chance.random() < 0.06:
                    parent = sorted(trees)[-3]
                    lineage.retreat(parent, "the gain was not real")
        lineage.note(Kind.INCIDENT, {"what": "touched a protected path"})
        lineage.note(Kind.MEASURED, {"what": "reproduce", "generation": 1, "outcome": "confirmed"})
        lineage.end_run(run, {"reason": "budget spent"})
