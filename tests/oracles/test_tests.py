from typing import Any

import pytest

from rsi_sandbox.errors import BaselineError
from rsi_sandbox.model import Tree
from rsi_sandbox.oracles import tests as oracle
from rsi_sandbox.sandbox.contract import Job, JobResult, Limits, Status
from rsi_sandbox.worker import suite

EXPECTED = {"t.py::a": "passed", "t.py::b": "passed", "t.py::c": "skipped", "t.py::d": "xfailed"}


def answer(*, errors: list[dict[str, str]] | None = None, canary: str | None = "failed", **outcomes: str) -> Any:
    rows = [{"id": f"t.py::{name}", "outcome": word, "message": f"{name} says"} for name, word in outcomes.items()]
    if canary:
        rows.append({"id": "rsi_canary_1", "outcome": canary, "message": "this test must fail"})
    return {"tests": rows, "collected": len(outcomes), "exit": 1, "collect_errors": errors or []}


def good() -> Any:
    return answer(a="passed", b="passed", c="skipped", d="xfailed")


def numbers(given: Any, canary: str = "1") -> tuple[Any, ...]:
    facts = oracle.test_facts(EXPECTED, given, canary).facts
    return tuple(facts[f"tests.{name}"] for name in ("expected", "missing", "failed", "newly_skipped", "canary_failed"))


def test_a_run_as_expected() -> None:
    assert numbers(good()) == (4, 0, 0, 0, True)
    evidence = oracle.test_facts(EXPECTED, good(), "1")
    assert evidence.detail == "4 tests as expected"
    assert oracle.facts_of(evidence.raw["tests"]) == evidence.facts


@pytest.mark.parametrize(
    ("given", "facts", "detail"),
    [
        (answer(a="failed", b="passed", c="skipped", d="xfailed"), (4, 0, 1, 0, True), "t.py::a failed: a says"),
        (answer(a="error", b="failed", c="skipped", d="xfailed"), (4, 0, 2, 0, True), "t.py::a error: a says"),
        (answer(a="xfailed", b="passed", c="skipped", d="xfailed"), (4, 0, 1, 0, True), "t.py::a xfailed: a says"),
        (answer(a="passed", c="skipped", d="xfailed"), (4, 1, 0, 0, True), "t.py::b did not run"),
        (
            answer(a="passed", b="skipped", c="skipped", d="skipped"),
            (4, 0, 0, 2, True),
            "t.py::b is skipped now: b says",
        ),
        (answer(a="passed", b="passed", c="passed", d="xpassed"), (4, 0, 0, 0, True), "4 tests as expected"),
        (
            answer(a="passed", b="passed", c="skipped", d="xfailed", new="failed"),
            (4, 0, 1, 0, True),
            "t.py::new failed: new says",
        ),
        (
            answer(a="passed", b="passed", c="skipped", d="xfailed", canary="passed"),
            (4, 0, 0, 0, False),
            "a test that must fail did not fail",
        ),
        (
            answer(a="passed", b="passed", c="skipped", d="xfailed", canary="skipped"),
            (4, 0, 0, 0, False),
            "a test that must fail did not fail",
        ),
        (
            answer(a="passed", b="passed", c="skipped", d="xfailed", canary=None),
            (4, 0, 0, 0, False),
            "a test that must fail did not fail",
        ),
        (
            answer(canary=None, errors=[{"path": "t.py", "message": "E: x"}]),
            (4, 4, 0, 0, False),
            "t.py can't be collected: E: x",
        ),
    ],
)
def test_every_deviation_is_counted_and_the_first_one_named(given: Any, facts: tuple[Any, ...], detail: str) -> None:
    assert numbers(given) == facts
    assert oracle.test_facts(EXPECTED, given, "1").detail == detail


@pytest.mark.parametrize(
    "garbled",
    [
        None,
        [],
        "tests",
        {},
        {"tests": {}},
        {"tests": [1]},
        {"tests": [{"id": 1, "outcome": "passed"}]},
        {"tests": [{"id": "t.py::a", "outcome": "great"}]},
        {"tests": [{"id": "t.py::a", "outcome": ["passed"]}]},
        {"tests": [{"id": "t.py::a", "outcome": "failed"}, {"id": "t.py::a", "outcome": "passed"}]},
    ],
)
def test_an_unreadable_answer_is_unknown_and_never_zero(garbled: Any) -> None:
    assert numbers(garbled) == (4, None, None, None, None)
    assert oracle.test_facts(EXPECTED, garbled, "1", problem="it timed out").detail == "it timed out"
    with pytest.raises(BaselineError):
        oracle.baseline([good(), garbled])


def test_without_a_canary_its_fact_is_unknown() -> None:
    assert numbers(answer(a="passed", b="passed", c="skipped", d="xfailed", canary=None), "")[-1] is None


def test_the_canary_of_another_run_does_not_count() -> None:
    assert numbers(good(), "2")[-1] is False


def test_text_from_a_candidate_is_made_printable() -> None:
    given = {"tests": [{"id": "t.py::a", "outcome": "failed", "message": "\x1b[2J\nx"}]}
    assert oracle.test_facts({"t.py::a": "passed"}, given, "1").detail == "t.py::a failed: ?[2J x"


def test_baseline_of_runs_that_agree() -> None:
    found = oracle.baseline([good(), good()])
    assert found.expected == EXPECTED
    assert found.passing == ("t.py::a", "t.py::b")
    assert found.flaky == ()


@pytest.mark.parametrize(
    ("answers", "message", "hint"),
    [
        ([], "were not run", ""),
        ([answer()], "no tests were collected", "--collect-only"),
        ([answer(canary=None)], "no tests were collected", "--collect-only"),
        (
            [answer(errors=[{"path": "t.py", "message": "ModuleNotFoundError: No module named 'yaml.x'"}])],
            "t.py can't be collected: ModuleNotFoundError: No module named 'yaml.x'",
            "install yaml ",
        ),
        (
            [answer(a="failed", b="error", c="failed", d="failed", e="passed")],
            "4 tests of the unmodified target fail: t.py::a, t.py::b, t.py::c and 1 more; the first says: a says",
            "deselect",
        ),
        (
            [answer(a="passed", b="passed"), answer(a="passed", b="failed")],
            "1 test did not end the same way in 2 runs: t.py::b",
            "deselect",
        ),
        ([answer(a="passed", b="passed"), answer(a="passed")], "1 test did not end", "deselect"),
        ([answer(a="skipped")], "none of the target's 1 test passes", ""),
        ([answer(a="passed", canary="passed")], "a test that must fail is reported as passed", "conftest"),
    ],
)
def test_a_target_that_cannot_be_judged_is_refused_with_what_to_do(answers: list[Any], message: str, hint: str) -> None:
    with pytest.raises(BaselineError) as caught:
        oracle.baseline(answers)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_flaky_tests_can_be_left_out() -> None:
    found = oracle.baseline([answer(a="passed", b="passed"), answer(a="passed", b="failed")], exclude_flaky=True)
    assert found.expected == {"t.py::a": "passed"}
    assert found.flaky == ("t.py::b",)


class Scripted:
    """Stands in for a sandbox: gives one prepared result and keeps the job."""

    def __init__(self, status: Status, value: Any = None, exit_code: int | None = 0, stderr: bytes = b"") -> None:
        self.result = JobResult(status, value, exit_code, 1, 1, 1, b"", stderr, 0)
        self.job: Job | None = None

    def run(self, job: Job) -> JobResult:
        self.job = job
        return self.result


RUNNING = b"rsi-running t.py::a\nnoise\nrsi-running t.py::slow[x y]\nmore noise\n"


@pytest.mark.parametrize(
    ("scripted", "problem"),
    [
        (Scripted(Status.OK, {"tests": []}), ""),
        (
            Scripted(Status.TIMEOUT, stderr=RUNNING),
            "the tests did not end within 7 s: they were stopped in t.py::slow[x y]",
        ),
        (Scripted(Status.TIMEOUT), "the tests did not end within 7 s: they were stopped before the first test"),
        (Scripted(Status.OOM, stderr=RUNNING), "the tests ran out of memory in t.py::slow[x y] (limit 1024 MiB)"),
        (
            Scripted(Status.KILLED, exit_code=-11),
            "the process that ran the tests ended by signal 11 before the first test",
        ),
        (
            Scripted(Status.TIMEOUT, stderr=RUNNING.ljust(Limits().output_bytes)),
            "the tests did not end within 7 s: they were stopped",
        ),
        (Scripted(Status.FLOOD), "the tests' answer was too large or not readable"),
        (Scripted(Status.RAISED, {"type": "KeyError", "message": "x"}), "running the tests raised KeyError: x"),
        (Scripted(Status.RAISED, None), "running the tests raised an error: "),
    ],
)
def test_how_a_job_ended_becomes_a_sentence(scripted: Scripted, problem: str) -> None:
    tree = Tree({"t.py": b""})
    run = oracle.run_tests(scripted, tree, tree, roots=["."], paths=["t.py"], canary="1", limits=Limits(wall_seconds=7))
    assert run.problem == problem
    assert (run.answer is None) == (scripted.result.status is not Status.OK)
    assert scripted.job is not None
    assert scripted.job.args["canary"] == "1"


def test_both_sides_agree_on_the_canary_and_the_running_line() -> None:
    assert oracle.CANARY == suite.CANARY
