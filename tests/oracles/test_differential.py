import pickle
from dataclasses import replace

import pytest

from rsi_sandbox.errors import BaselineError
from rsi_sandbox.model import Tree
from rsi_sandbox.oracles.differential import check, facts_from, prepare
from rsi_sandbox.sandbox.contract import JobResult, Status
from rsi_sandbox.worker import wire
from tests.worker.job_process import run_job

SOURCE = """
import itertools
_calls = itertools.count()
def unique(xs):
    found = []
    for x in xs:
        if x not in found:
            found.append(x)
    return found
def outer(n):
    def inner(m): return m + 1
    return inner(n)
def counter(x): return next(_calls)
def shy(): return lambda: 1
"""
KEYS = {name: f"m.py::{name}" for name in ("unique", "outer", "counter", "shy")}


def call(*args):
    return wire.to_text(pickle.dumps((args, {}), 5))


RECORDED = {
    KEYS["unique"]: [call([3, 1, 3]), call(["a", "a"])],
    KEYS["outer"]: [call(4)],
    KEYS["counter"]: [call(1), call(2)],
    KEYS["shy"]: [call()],
}


class Local:
    """Runs jobs in plain processes; what the walls do is tested elsewhere."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0
        self.spoil = {}

    def run(self, job):
        self.count += 1
        place = self.folder / str(self.count)
        place.mkdir()
        done = JobResult(Status.OK, None, 0, 0, 0, 0, b"", b"", 0)
        if job.tree.digest in self.spoil:
            return replace(done, **self.spoil[job.tree.digest])
        files = {path: data.decode() for path, data in job.tree.files.items()}
        return replace(done, value=run_job(job.kind, place, files, **job.args))


ORIGINAL = Tree({"m.py": SOURCE.encode()})


def changed(old, new):
    assert old in SOURCE
    return Tree({"m.py": SOURCE.replace(old, new).encode()})


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    return Local(tmp_path_factory.mktemp("jobs"))


@pytest.fixture(scope="module")
def expected(sandbox):
    return prepare(sandbox, ORIGINAL, ["."], RECORDED, seed=7, count=30)


def test_preparing_derives_inputs_and_leaves_out_what_does_not_repeat(expected):
    assert expected.excluded[KEYS["counter"]] > 0
    assert {KEYS["unique"], KEYS["outer"]} <= expected.functions
    assert KEYS["shy"] not in expected.functions
    assert sum(key == KEYS["unique"] for key, _ in expected.calls) == 30


def test_the_original_agrees_with_itself(sandbox, expected):
    evidence = check(sandbox, ORIGINAL, expected, [KEYS["unique"]])
    assert evidence.facts == {
        "differential.calls": 30,
        "differential.mismatches": 0,
        "differential.unobserved": 0,
    }
    assert facts_from(evidence.raw["differential"]) == evidence.facts


@pytest.mark.parametrize("wrong", ["return sorted(found)", "return found[::-1]", "return tuple(found)", "return xs"])
def test_a_wrong_rewrite_is_named(sandbox, expected, wrong):
    evidence = check(sandbox, changed("return found", wrong), expected, [KEYS["unique"]])
    assert evidence.facts["differential.mismatches"] > 0
    assert "m.py::unique answers differently" in evidence.detail


def test_a_rewrite_that_is_right_for_hashables_only_is_caught(sandbox, expected):
    candidate = changed("    found = []\n", "    return list(dict.fromkeys(xs))\n    found = []\n")
    inputs = [wire.to_text(pickle.dumps((([[], []],), {}), 5))]
    strict = prepare(sandbox, ORIGINAL, ["."], {KEYS["unique"]: inputs}, seed=1, count=3)
    assert check(sandbox, candidate, strict, [KEYS["unique"]]).facts["differential.mismatches"] > 0


def test_nested_functions_are_observed_through_the_outer_one(sandbox, expected):
    key = KEYS["outer"] + ".<locals>.inner"
    assert check(sandbox, ORIGINAL, expected, [key]).facts["differential.unobserved"] == 0
    wrong = check(sandbox, changed("m + 1", "m + 2"), expected, [key])
    assert wrong.facts["differential.mismatches"] > 0


@pytest.mark.parametrize("name", ["counter", "shy"])
def test_what_cannot_be_compared_is_unobserved(sandbox, expected, name):
    evidence = check(sandbox, ORIGINAL, expected, [KEYS[name]])
    assert evidence.facts["differential.unobserved"] == 1
    assert evidence.facts["differential.calls"] == 0
    assert "could not be compared" in evidence.detail


def test_everything_also_looks_at_functions_that_were_not_touched(sandbox, expected):
    candidate = changed("m + 1", "m + 2")
    assert check(sandbox, candidate, expected, [KEYS["unique"]]).facts["differential.mismatches"] == 0
    whole = check(sandbox, candidate, expected, [KEYS["unique"]], everything=True)
    assert whole.facts["differential.mismatches"] > 0


@pytest.mark.parametrize(
    "spoiled",
    [
        {"status": Status.TIMEOUT}, {"status": Status.KILLED}, {"value": None}, {"value": {"answers": []}},
        {"value": {"answers": [1] * 30, "opaque": []}}, {"value": {"answers": ["x"] * 30, "opaque": ["y"]}},
        {"value": {"answers": ["x"] * 30, "opaque": [99]}}, {"value": {"answers": ["x"] * 30, "opaque": []}},
    ],
)  # fmt: skip
def test_a_job_that_does_not_answer_is_all_mismatches(sandbox, expected, spoiled):
    candidate = Tree({"m.py": SOURCE.encode() + b"# spoiled\n"})
    sandbox.spoil = {candidate.digest: spoiled}
    evidence = check(sandbox, candidate, expected, [KEYS["unique"]])
    assert evidence.facts["differential.mismatches"] == 30
    sandbox.spoil = {}


def test_an_original_that_does_not_answer_proves_nothing_for_a_candidate_that_does_not(sandbox, expected):
    candidate = Tree({"m.py": SOURCE.encode() + b"# both\n"})
    sandbox.spoil = {tree.digest: {"status": Status.TIMEOUT} for tree in (ORIGINAL, candidate)}
    evidence = check(sandbox, candidate, expected, [KEYS["unique"]])
    assert evidence.facts["differential.mismatches"] == 30
    sandbox.spoil = {}


def test_an_original_that_dies_is_a_baseline_error(tmp_path):
    class Dying(Local):
        def run(self, job):
            done = super().run(job)
            return done if job.kind == "derive" else replace(done, status=Status.KILLED, value=None)

    with pytest.raises(BaselineError):
        prepare(Dying(tmp_path), ORIGINAL, ["."], {KEYS["outer"]: [call(1)]}, seed=1, count=2)
