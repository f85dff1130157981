"""Bad candidates through the whole trial: each is refused for its own reason, and the run goes on."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsi_sandbox import baseline, sandbox, target
from rsi_sandbox.baseline import Baseline
from rsi_sandbox.model import Candidate, Decision, Edit, Site, Verdict
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import load_policy
from rsi_sandbox.sandbox.environment import describe
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.trial import Trial

SLOW_LINE = "        if word in second:  # the slow part\n"


@pytest.fixture
def trial(words: Path, backend: str) -> Iterator[Trial]:
    found = target.read(words)
    walls, _ = sandbox.choose(backend)
    environment = describe(found.tree.files, found.root, None)
    walls.prepare(environment)
    canary = secrets.token_hex(4)
    with Sandbox(walls, environment) as opened:
        *_, studied = baseline.study(found, opened, canary)
        assert isinstance(studied, Baseline)
        yield Trial(found, studied, opened, 0, canary, time.monotonic() + 120)


def replaced(trial: Trial, old: str, new: str) -> Candidate:
    tree = trial.target.tree
    at = tree.files["words.py"].index(old.encode())
    edit = Edit("words.py", at, at + len(old.encode()), new)
    return Candidate(tree.digest, (edit,), (Site("words.py", "shared", 1, "by-hand"),), "a test")


def judged(trial: Trial, candidate: Candidate) -> tuple[Verdict, str]:
    parent = trial.target.tree
    evidence = trial.examine(parent, parent.with_edits(candidate.edits), candidate, [parent.digest])
    facts = {name: value for item in evidence for name, value in item.facts.items()}
    return judge({**facts, "seal.intact": True}, load_policy("smoke")), " ".join(item.detail for item in evidence)


def test_bad_candidates_are_refused_each_for_its_reason_and_an_honest_one_is_not(trial: Trial) -> None:
    parent = trial.target.tree

    broken = replaced(trial, "            found.append(word)\n", "            found.insert(0, word)\n")
    screened = trial.screen(parent, broken)
    assert not screened.useful
    assert "tests/test_words.py::test_" in screened.why, "the test that failed is named"
    verdict, said = judged(trial, broken)
    assert verdict.decision is Decision.REJECTED
    assert "tests/test_words.py::test_" in said

    loop = replaced(trial, SLOW_LINE, "        while True:\n            pass\n" + SLOW_LINE)
    started = time.monotonic()
    screened = trial.screen(parent, loop)
    assert not screened.useful
    assert time.monotonic() - started < 200
    assert "did not end" in screened.why or "time" in screened.why

    slower = replaced(trial, SLOW_LINE, "        if word in sorted(list(second)):\n")
    screened = trial.screen(parent, slower)
    assert not screened.useful
    assert "slower" in screened.why
    verdict, _ = judged(trial, slower)
    assert verdict.decision is Decision.REJECTED

    nothing = replaced(trial, SLOW_LINE, SLOW_LINE)
    verdict, _ = judged(trial, nothing)
    assert verdict.decision is Decision.REJECTED
    assert next(row for row in verdict.rows if row.fact == "tree.changed").passed is False

    spawning = replaced(trial, "    found = []\n", "    __import__('os').system('true')\n    found = []\n")
    verdict, _ = judged(trial, spawning)
    assert verdict.decision is Decision.QUARANTINED

    tests = trial.target.tree.files["tests/test_words.py"]
    weaker = Candidate(
        parent.digest,
        (Edit("tests/test_words.py", 0, len(tests), "def test():\n    pass\n"),),
        (Site("tests/test_words.py", "test", 1, "by-hand"),),
        "weaker tests",
    )
    verdict, _ = judged(trial, weaker)
    assert verdict.decision is Decision.QUARANTINED

    honest = replaced(trial, "    found = []\n", "    second = set(second)\n    found = []\n")
    assert trial.screen(parent, honest).useful
    verdict, _ = judged(trial, honest)
    assert verdict.decision is Decision.ACCEPTED, verdict.reason
