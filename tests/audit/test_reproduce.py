"""Reproduction: what must be the same, what must overlap, and what can't be compared."""

from pathlib import Path

from rsi_sandbox.audit.again import Settled
from rsi_sandbox.audit.reproduce import Outcome, Reproduction, concluded, overlap
from rsi_sandbox.audit.verdicts import Run
from rsi_sandbox.config import Settings
from rsi_sandbox.model import Decision, Evidence, Fact, Generation, Spent, Tree
from rsi_sandbox.target import Target

HERE = {"cpu": "A", "cores": "2", "architecture": "x86_64", "python": "CPython 3.11.7"}
FACTS: dict[str, Fact | None] = {
    "tests.failed": 0,
    "differential.mismatches": 0,
    "confirm.ratio": 1.5,
    "confirm.low": 1.45,
    "confirm.high": 1.55,
    "generation0.ratio": 1.5,
    "generation0.low": 1.45,
    "generation0.high": 1.55,
}


def answer(changes: dict[str, Fact | None], here: dict[str, str] | None = None, environment: str = "e") -> Reproduction:
    """A recorded generation against what is measured now."""
    before = Evidence("tests", FACTS).to_json()
    generation = Generation(1, 0, "", Decision.ACCEPTED, {"digest": "d"}, {}, (before,), (), Spent(), "")
    opened = {"machine": HERE, "environment": "e"}
    settled = Settled(Target(Path(), Tree({}), Settings()), Run(1, opened), 0)
    now = {**FACTS, **changes}
    exact = {name: value for name, value in now.items() if name.startswith(("tests.", "differential."))}
    timed = {name: value for name, value in now.items() if name not in exact}
    evidence = [Evidence("tests", exact), Evidence("benchmark", timed)]
    return concluded(generation, settled, evidence, environment, here or HERE)


def test_the_same_again_is_confirmed() -> None:
    found = answer({"confirm.ratio": 1.52, "confirm.low": 1.47, "confirm.high": 1.57})
    assert found.outcome is Outcome.CONFIRMED
    assert any("1.52x" in text for text in found.reasons)


def test_sessions_may_differ_a_little() -> None:
    found = answer({"confirm.ratio": 1.60, "confirm.low": 1.57, "confirm.high": 1.62})
    assert found.outcome is Outcome.CONFIRMED


def test_another_speed_is_not_confirmed() -> None:
    assert answer({"confirm.ratio": 1.1, "confirm.low": 1.05, "confirm.high": 1.15}).outcome is Outcome.NOT_CONFIRMED
    assert answer({"generation0.ratio": 3.0, "generation0.low": 2.9, "generation0.high": 3.1}).outcome is (
        Outcome.NOT_CONFIRMED
    )


def test_another_behaviour_is_not_confirmed_on_any_machine() -> None:
    found = answer({"tests.failed": 1}, {**HERE, "cpu": "B"})
    assert found.outcome is Outcome.NOT_CONFIRMED
    assert "tests.failed was 0 and is 1" in found.reasons


def test_another_machine_or_environment_can_not_be_compared() -> None:
    found = answer({"confirm.ratio": 9.0, "confirm.low": 8.0, "confirm.high": 10.0}, {**HERE, "cpu": "B"})
    assert found.outcome is Outcome.NOT_COMPARABLE
    assert any("cpu was A and is B" in text for text in found.reasons)
    assert answer({}, environment="other").outcome is Outcome.NOT_COMPARABLE
    assert answer({}, {"cores": "2"}).outcome is Outcome.NOT_COMPARABLE


def test_what_could_not_be_timed_is_not_confirmed_silently() -> None:
    found = answer({"confirm.ratio": None, "confirm.low": None, "confirm.high": None})
    assert found.outcome is Outcome.NOT_COMPARABLE


def test_overlap_is_symmetrical_and_total() -> None:
    low: dict[str, Fact | None] = {"x.low": 1.0, "x.ratio": 1.1, "x.high": 1.2}
    high: dict[str, Fact | None] = {"x.low": 1.3, "x.ratio": 1.4, "x.high": 1.5}
    assert overlap(low, high, "x")[0] is overlap(high, low, "x")[0] is False
    assert overlap(low, low, "x")[0] is True
    assert overlap({}, {}, "x") == (None, "")
    assert overlap(low, {"x.low": 0.0, "x.ratio": 0.0, "x.high": 0.0}, "x")[0] is None
