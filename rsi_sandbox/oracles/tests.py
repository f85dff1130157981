"""The tests oracle: what became of every expected test, told from bytes that a candidate's process sent.

The answer may be forged, so it is checked for shape and compared with what the host expects; it is never proof on its
own. An answer that is absent or unreadable gives unknown facts, never zeros.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rsi_sandbox.errors import BaselineError
from rsi_sandbox.model import Evidence, Fact, Json, Tree, canonical_json
from rsi_sandbox.sandbox.contract import Job, JobResult, Limits, Status

CANARY = "rsi_canary_"
RUNNING = b"rsi-running "
_OUTCOMES = frozenset({"passed", "failed", "skipped", "xfailed", "xpassed", "error"})
_BAD = frozenset({"failed", "error"})
_FACTS = ("tests.missing", "tests.failed", "tests.newly_skipped", "tests.canary_failed")


class Runs(Protocol):
    """Whatever can run a job: a sandbox."""

    def run(self, job: Job) -> JobResult:
        """Run it and say how it ended."""


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One run of the target's tests in a sandbox."""

    answer: Json
    """The job's answer, unchecked; None when there is none."""
    problem: str
    """Why there is no answer, one sentence; empty when there is one."""
    result: JobResult


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the unmodified target's tests do, over several runs."""

    expected: Mapping[str, str]
    """Test id -> outcome, the same in every run; what `test_facts` compares with."""
    flaky: tuple[str, ...]
    """Ids left out of `expected` because their outcome changed between runs."""

    @property
    def passing(self) -> tuple[str, ...]:
        """Ids that passed, in order of id."""
        return tuple(sorted(name for name, outcome in self.expected.items() if outcome == "passed"))


def run_tests(
    sandbox: Runs,
    tree: Tree,
    base: Tree,
    *,
    roots: Sequence[str],
    paths: Sequence[str] = (),
    ids: Sequence[str] = (),
    deselect: Sequence[str] = (),
    plugins: bool = False,
    canary: str = "",
    limits: Limits | None = None,
) -> SuiteRun:
    """Run tests by path or by id. With `canary` a nonce, a test that must fail runs with them.

    Raises:
        SandboxError: the sandbox itself failed.
    """
    args = {
        "roots": list(roots),
        "paths": list(paths),
        "ids": list(ids),
        "deselect": list(deselect),
        "plugins": plugins,
        "canary": canary,
    }
    limits = limits or Limits()
    result = sandbox.run(Job("tests", tree, base, args, limits))
    return SuiteRun(result.value if result.ok else None, _problem(result, limits), result)


def test_facts(expected: Mapping[str, str], answer: Json, canary: str, problem: str = "") -> Evidence:
    """The facts about one run of a candidate's tests.

    `expected` is the baseline's, `canary` the nonce the job was given (empty: no canary, and its fact is unknown),
    `problem` says why `answer` is None.
    """
    reported = _read(answer)
    outcomes = None if reported is None else {name: test["outcome"] for name, test in reported.items()}
    raw = canonical_json({"expected": dict(expected), "outcomes": outcomes, "canary": canary})
    if reported is None:
        detail = problem or "the answer of the tests job could not be read"
    else:
        detail = _detail(expected, reported, canary, answer)
    return Evidence("tests", facts_of(raw), {"tests": raw}, detail)


def facts_of(raw: bytes) -> dict[str, Fact | None]:
    """The facts again from the raw bytes that `test_facts` stored."""
    record = json.loads(raw)
    expected, outcomes, canary = record["expected"], record["outcomes"], record["canary"]
    facts: dict[str, Fact | None] = {"tests.expected": len(expected)}
    if outcomes is None:
        return facts | dict.fromkeys(_FACTS)
    own = {name: outcome for name, outcome in outcomes.items() if name != CANARY + canary}
    facts["tests.missing"] = sum(name not in own for name in expected)
    facts["tests.failed"] = len(_failed(expected, own))
    facts["tests.newly_skipped"] = len(_newly_skipped(expected, own))
    facts["tests.canary_failed"] = outcomes.get(CANARY + canary) == "failed" if canary else None
    return facts


def baseline(answers: Sequence[Json], *, exclude_flaky: bool = False) -> Baseline:
    """What to expect of a candidate, from runs of the unmodified target.

    With `exclude_flaky` tests whose outcome changes between runs are left out instead of refused.

    Raises:
        BaselineError: nothing was collected, something could not be imported, or tests fail or are flaky.
    """
    if not answers:
        raise BaselineError("the target's tests were not run")
    runs = []
    for answer in answers:
        reported = _read(answer)
        if reported is None:
            raise BaselineError(
                "the answer of the target's tests could not be read",
                hint="run pytest in the target and see whether it ends normally",
            )
        _check_collected(answer, reported)
        runs.append(_without_canary(reported))
    names = sorted(set().union(*runs))
    outcomes = {name: {run[name]["outcome"] if name in run else "missing" for run in runs} for name in names}
    _check_failing(runs[0], [name for name in names if outcomes[name] <= _BAD])
    flaky = tuple(name for name in names if len(outcomes[name]) > 1)
    if flaky and not exclude_flaky:
        raise BaselineError(
            f"{_count(len(flaky), 'test')} did not end the same way in {len(runs)} runs: {_first(flaky)}",
            hint="make them deterministic, or deselect them: a flaky test can't tell a good candidate from a bad one",
        )
    expected = {name: next(iter(outcomes[name])) for name in names if len(outcomes[name]) == 1}
    if "passed" not in expected.values():
        raise BaselineError(
            f"none of the target's {_count(len(names), 'test')} passes: all are skipped, flaky or expected to fail",
            hint="evolving needs tests that pass on the unmodified target",
        )
    return Baseline(expected, flaky)


def running_test(stderr: bytes) -> str:
    """Id of the test that was running when the stream ended, or empty. Text from a candidate: for people only."""
    lines = [line for line in stderr.splitlines() if line.startswith(RUNNING)]
    return lines[-1][len(RUNNING) :].decode(errors="replace").strip()[:500] if lines else ""


def _problem(result: JobResult, limits: Limits) -> str:
    if len(result.stderr) >= limits.output_bytes:
        where = ""  # its end was thrown away, and the last id in it is not the test that ran last
    else:
        test = running_test(result.stderr)
        where = f" in {test}" if test else " before the first test"
    match result.status:
        case Status.OK:
            return ""
        case Status.TIMEOUT:
            return f"the tests did not end within {limits.wall_seconds:g} s: they were stopped{where}"
        case Status.OOM:
            return f"the tests ran out of memory{where} (limit {limits.memory_bytes >> 20} MiB)"
        case Status.FLOOD:
            return "the tests' answer was too large or not readable"
        case Status.RAISED:
            value = result.value if isinstance(result.value, dict) else {}
            return f"running the tests raised {value.get('type', 'an error')}: {str(value.get('message', ''))[:300]}"
        case Status.KILLED:
            code = result.exit_code
            how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
            return f"the process that ran the tests ended {how}{where}"


def _read(answer: Json) -> dict[str, dict[str, Any]] | None:
    """Test id -> row, or None when this is not an answer: fail closed on any oddity."""
    if not isinstance(answer, dict) or not isinstance(answer.get("tests"), list):
        return None
    rows: dict[str, dict[str, Any]] = {}
    for row in answer["tests"]:
        if not isinstance(row, dict):
            return None
        name, outcome = row.get("id"), row.get("outcome")
        if not isinstance(name, str) or not isinstance(outcome, str) or outcome not in _OUTCOMES or name in rows:
            return None
        rows[name] = row
    return rows


def _failed(expected: Mapping[str, str], outcomes: Mapping[str, str]) -> list[str]:
    """Tests that fail now; one that passed and is now only expected to fail counts."""
    return [
        name
        for name, outcome in outcomes.items()
        if outcome in _BAD or (outcome == "xfailed" and expected.get(name) == "passed")
    ]


def _newly_skipped(expected: Mapping[str, str], outcomes: Mapping[str, str]) -> list[str]:
    return [name for name in expected if outcomes.get(name) == "skipped" and expected[name] != "skipped"]


def _detail(expected: Mapping[str, str], reported: Mapping[str, dict[str, Any]], canary: str, answer: Json) -> str:
    own = {name: row["outcome"] for name, row in reported.items() if name != CANARY + canary}
    if failed := _failed(expected, own):
        return f"{failed[0]} {own[failed[0]]}: {_message(reported[failed[0]])}"
    if errors := _collect_errors(answer):
        return f"{errors[0][0]} can't be collected: {errors[0][1]}"
    if missing := sorted(name for name in expected if name not in own):
        return f"{missing[0]} did not run"
    if skipped := _newly_skipped(expected, own):
        return f"{skipped[0]} is skipped now: {_message(reported[skipped[0]])}"
    if canary and (CANARY + canary not in reported or reported[CANARY + canary]["outcome"] != "failed"):
        return "a test that must fail did not fail"
    return f"{_count(len(expected), 'test')} as expected"


def _check_collected(answer: Json, reported: Mapping[str, Any]) -> None:
    if errors := _collect_errors(answer):
        path, message = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise BaselineError(f"{path} can't be collected{more}: {message}", hint=_import_hint(message))
    for name, row in reported.items():
        if name.startswith(CANARY) and row["outcome"] != "failed":
            raise BaselineError(
                f"a test that must fail is reported as {row['outcome']}",
                hint="something in the target's conftest.py or pytest settings hides failures; switch it off",
            )
    if all(name.startswith(CANARY) for name in reported):
        raise BaselineError(
            "no tests were collected",
            hint="run `pytest --collect-only` in the target and check the test paths in [tool.rsi-sandbox]",
        )


def _check_failing(run: Mapping[str, dict[str, Any]], failing: Sequence[str]) -> None:
    if not failing:
        return
    message = next((_message(run[name]) for name in failing if name in run), "")
    hint = "make them pass, or leave them out with --deselect ID: generation 0 has to pass its own tests"
    if "fixture '" in message and "not found" in message:
        hint = "if a pytest plugin provides the fixture, switch pytest plugins on for this target"
    elif "No module named" in message:
        hint = _import_hint(message)
    raise BaselineError(
        f"{_count(len(failing), 'test')} of the unmodified target fail: {_first(failing)}; the first says: {message}",
        hint=hint,
    )


def _collect_errors(answer: Json) -> list[tuple[str, str]]:
    errors = answer.get("collect_errors")
    rows = errors if isinstance(errors, list) else []
    return [(_line(row.get("path")), _line(row.get("message"))) for row in rows if isinstance(row, dict)]


def _import_hint(message: str) -> str:
    _, found, rest = message.partition("No module named ")
    if found:
        name = rest.split("'")[1] if rest.count("'") >= 2 else rest.strip()
        return (
            f"install {name.partition('.')[0]} where the target's tests run, or add its directory to the import roots"
        )
    return "run pytest in the target and fix what it reports first"


def _without_canary(reported: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: row for name, row in reported.items() if not name.startswith(CANARY)}


def _message(row: Mapping[str, Any]) -> str:
    return _line(row.get("message")) or "no message"


def _line(value: object) -> str:
    """One printable line: the text comes from a candidate and ends up in a terminal."""
    text = " ".join(str(value or "").split())
    return "".join(char if char.isprintable() else "?" for char in text)[:300]


def _first(names: Sequence[str]) -> str:
    return ", ".join(_line(name) for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
