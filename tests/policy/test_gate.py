import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_sandbox.errors import ConfigError
from rsi_sandbox.model import Decision
from rsi_sandbox.policy.facts import FACTS, Kind, literal_problem
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import OnFail, Policy, Relation, Row, Stage, bundled_names, load_policy

GOOD = {
    "seal.intact": True, "tree.changed": True, "tree.protected": 0, "tree.files": 1, "tree.lines": 12,
    "tree.distance": 0.05, "tree.distance_generation0": 0.05, "tree.seen_before": False, "syntax.ok": True,
    "effects.new_imports": 0, "effects.new_calls": 0, "api.removed": 0, "tests.expected": 40, "tests.missing": 0,
    "tests.failed": 0, "tests.newly_skipped": 0, "tests.canary_failed": True, "differential.calls": 2000,
    "differential.mismatches": 0, "differential.unobserved": 0, "speed.same_answers": True,
    "confirm.outcome": "faster", "confirm.low": 1.4, "confirm.ratio": 1.5, "confirm.high": 1.6,
    "confirm.slowest_case": 1.1, "generation0.low": 1.3, "generation0.ratio": 1.5, "generation0.high": 1.7,
    "memory.peak_ratio": 1.0, "complexity.total_ratio": 1.0, "complexity.worst_increase": 0,
    "maintainability.drop": -0.5,
}  # fmt: skip
FRIENDLIEST = [Decision.ACCEPTED, Decision.HELD, Decision.REJECTED, Decision.QUARANTINED]
JUDGES = sorted(set(bundled_names()) - {"constitution", "self"})


def rank(decision):
    return FRIENDLIEST.index(decision)


@pytest.mark.parametrize("name", JUDGES)
def test_good_evidence_is_accepted(name):
    verdict = judge(GOOD, load_policy(name))
    assert verdict.decision is Decision.ACCEPTED, verdict.reason
    assert verdict.objection == ""
    assert verdict.policy == load_policy(name).digest


def test_the_tool_itself_is_never_accepted_without_a_person():
    verdict = judge(GOOD, load_policy("self"))
    assert (verdict.decision, verdict.objection) == (Decision.HELD, "self-step")


@pytest.mark.parametrize("name", sorted({*JUDGES, "self"}))
def test_no_facts_no_acceptance(name):
    assert judge({}, load_policy(name)).decision is Decision.REJECTED


@pytest.mark.parametrize(
    ("change", "decision", "objection"),
    [
        ({"tests.failed": 1}, Decision.REJECTED, "C05-tests-failed"),
        ({"tree.protected": 1, "tests.failed": 1}, Decision.QUARANTINED, "C02-protected-paths"),
        ({"seal.intact": False}, Decision.QUARANTINED, "C01-seal"),
        ({"effects.new_calls": 1}, Decision.QUARANTINED, "C03-new-effects"),
        ({"tests.canary_failed": False}, Decision.QUARANTINED, "C04-canary"),
        ({"tests.canary_failed": None}, Decision.REJECTED, "C04-canary"),
        ({"tests.canary_failed": 1}, Decision.QUARANTINED, "C04-canary"),
        ({"differential.unobserved": 1}, Decision.HELD, "observed"),
        ({"differential.unobserved": None}, Decision.REJECTED, "observed"),
        ({"differential.unobserved": 1, "confirm.low": 1.0}, Decision.REJECTED, "speed-gain"),
        ({"confirm.outcome": "inconclusive"}, Decision.REJECTED, "speed-outcome"),
        ({"confirm.low": math.nan}, Decision.REJECTED, "speed-gain"),
        ({"confirm.low": math.inf}, Decision.REJECTED, "speed-gain"),
        ({"tests.failed": -1}, Decision.REJECTED, "C05-tests-failed"),
        ({"tests.failed": False}, Decision.REJECTED, "C05-tests-failed"),
        ({"tests.failed": 0.0}, Decision.REJECTED, "C05-tests-failed"),
        ({"tree.changed": False}, Decision.REJECTED, "changed"),
        ({"memory.peak_ratio": 2.0}, Decision.REJECTED, "memory"),
        ({"memory.peak_ratio": 10**400}, Decision.REJECTED, "memory"),
    ],
)
def test_one_bad_fact_decides(change, decision, objection):
    verdict = judge({**GOOD, **change}, load_policy("default"))
    assert (verdict.decision, verdict.objection) == (decision, objection)
    assert verdict.reason.startswith(objection)


def test_a_measured_failure_is_named_before_missing_evidence():
    verdict = judge({"tests.failed": 2}, load_policy("default"))
    assert verdict.objection == "C05-tests-failed"
    assert "it is 2" in verdict.reason


def test_every_row_is_evaluated_and_has_a_margin():
    policy = load_policy("default")
    verdict = judge({**GOOD, "tree.protected": 3}, policy)
    assert [row.row for row in verdict.rows] == [row.id for row in policy.rows]
    margins = {row.row: row.margin for row in verdict.rows}
    assert margins["C02-protected-paths"] == -3
    assert margins["speed-gain"] == pytest.approx(0.38)
    assert margins["step-lines"] == 68
    assert margins["speed-outcome"] is None


def test_any_complete_objective_is_enough_but_halves_do_not_add_up():
    policy = load_policy("no-regression")
    slow = {**GOOD, "confirm.outcome": "equivalent", "confirm.low": 0.98, "generation0.low": 0.96}
    assert judge(slow, policy).decision is Decision.ACCEPTED
    assert judge(slow, load_policy("default")).decision is Decision.REJECTED
    assert judge({**slow, "generation0.low": 0.9}, policy).decision is Decision.REJECTED


def test_without_an_objective_it_refuses():
    with pytest.raises(ConfigError, match="no objective"):
        judge(GOOD, Policy("empty", 1, ()))


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just(b"1"),
    st.sampled_from(["faster", "slower"]), st.just(10**400), st.just(1 + 0j),
)  # fmt: skip


@st.composite
def rows(draw, stage=None):
    spec = draw(st.sampled_from(sorted(FACTS.values(), key=lambda item: item.name)))
    relations = [Relation.EQUALS] if spec.kind in (Kind.BOOL, Kind.TEXT) else list(Relation)
    if spec.kind is Kind.NUMBER:
        relations.remove(Relation.EQUALS)
    bound = {
        Kind.BOOL: st.booleans(),
        Kind.TEXT: st.sampled_from(spec.choices or ("-",)),
        Kind.INT: st.integers(0, 100),
        Kind.NUMBER: st.floats(0, 1 if spec.maximum else 100),
    }[spec.kind]
    chosen = stage or draw(st.sampled_from(list(Stage)))
    row = Row(
        id="extra",
        stage=chosen,
        fact=spec.name,
        relation=draw(st.sampled_from(relations)),
        bound=draw(bound),
        on_fail=OnFail.REJECT if chosen is Stage.OBJECTIVE else draw(st.sampled_from(list(OnFail))),
        why="drawn",
        objective=draw(st.sampled_from(["a", "b"])) if chosen is Stage.OBJECTIVE else "",
    )
    assert literal_problem(spec, row.relation.value, row.bound) == ""
    return row


@st.composite
def policies(draw):
    found = [draw(rows(stage=Stage.OBJECTIVE)), *draw(st.lists(rows(), max_size=6))]
    return Policy("drawn", 1, tuple(replace(row, id=f"r{index}") for index, row in enumerate(found)))


facts = st.dictionaries(st.sampled_from(sorted(FACTS)), values, max_size=len(FACTS))


@given(facts, policies())
def test_total_and_deterministic(found, policy):
    assert judge(found, policy) == judge(found, policy) or any(value != value for value in found.values())


@given(facts, policies())
def test_accepted_means_every_row_outside_objectives_passed(found, policy):
    verdict = judge(found, policy)
    outside = [row.passed is True for row in verdict.rows if row.stage != "objective"]
    assert verdict.decision is not Decision.ACCEPTED or all(outside)


@given(st.sampled_from(JUDGES), st.sampled_from(sorted(GOOD)), values)
def test_a_mangled_fact_never_turns_a_failing_row_into_an_accept(name, fact, value):
    spec = FACTS[fact]
    verdict = judge({**GOOD, fact: value}, load_policy(name))
    required = {row.fact for row in load_policy(name).rows if row.stage is not Stage.OBJECTIVE}
    if fact in required and not spec.usable(value):
        assert rank(verdict.decision) >= rank(Decision.REJECTED)


@given(facts, policies(), st.sampled_from(sorted(FACTS)), st.sampled_from([None, math.nan, math.inf, [], b""]))
def test_mangling_a_failing_fact_never_makes_it_an_accept(found, policy, fact, junk):
    before = judge(found, policy)
    failing = any(row.fact == fact and row.passed is not True and row.stage != "objective" for row in before.rows)
    if failing:
        assert judge({**found, fact: junk}, policy).decision is not Decision.ACCEPTED


@given(facts, policies(), rows())
def test_one_more_row_that_does_not_pass_never_makes_a_verdict_friendlier(found, policy, extra):
    wider = Policy("wider", 1, (*policy.rows, extra))
    before, after = judge(found, policy), judge(found, wider)
    added = {row.row: row for row in after.rows}[extra.id]
    if added.passed is not True:
        assert rank(after.decision) >= rank(before.decision)


@given(policies())
def test_the_order_of_rows_never_changes_the_decision(policy):
    turned = Policy("turned", 1, tuple(reversed(policy.rows)))
    assert judge(GOOD, policy).decision is judge(GOOD, turned).decision
