"""Patches from outside: exact context, allowed paths, bounded programs."""

import json
import sys
from typing import Any

import pytest

from rsi_sandbox.model import Candidate, HotFunction, Profile, Tree
from rsi_sandbox.optimizers import Brief, External, Replay
from rsi_sandbox.optimizers.patches import PatchError, edits_between, files_from_diff

SOURCE = b"def f(x):\n    return x + x\n\n\ndef g(x):\n    return f(x)\n"
BETTER = b"def f(x):\n    return 2 * x\n\n\ndef g(x):\n    return f(x)\n"
DIFF = b"""\
diff --git a/m.py b/m.py
--- a/m.py
+++ b/m.py
@@ -1,3 +1,3 @@
 def f(x):
-    return x + x
+    return 2 * x
\x20
"""


@pytest.fixture
def brief() -> Brief:
    profile = Profile((HotFunction("m.py", "f", 1, 3, 1.0, 1.0, 1.0, 1.0),), 1.0)
    tree = Tree({"m.py": SOURCE, "tests/test_m.py": b"x = 1\n"})
    return Brief(tree, lambda path: not path.startswith("tests/"), profile)


def run(brief: Brief, answer: Any, **bounds: Any) -> tuple[list[Candidate], External]:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    program = f"import sys, json; json.load(sys.stdin); sys.stdout.write({text!r})"
    optimizer = External([sys.executable, "-c", program], **bounds)
    return list(optimizer.propose(brief)), optimizer


def test_a_diff_becomes_a_candidate(brief: Brief) -> None:
    replay = Replay([("faster.patch", DIFF)])
    (found,) = replay.propose(brief)
    assert brief.tree.with_edits(found.edits).files["m.py"] == BETTER
    assert found.functions == (("m.py", "f"),)
    assert list(replay.propose(brief)) == []


@pytest.mark.parametrize(
    "diff",
    [
        b"",
        DIFF.replace(b"x + x", b"x - x"),
        DIFF.replace(b"1,3 +1,3", b"2,3 +2,3"),
        DIFF.replace(b"1,3 +1,3", b"1,4 +1,4"),
        DIFF.replace(b"--- a/m.py", b"--- /dev/null"),
        DIFF.replace(b"m.py", b"new.py"),
        DIFF.replace(b"+++ b/m.py", b"+++ /dev/null"),
    ],
)
def test_a_diff_that_does_not_fit_is_refused(brief: Brief, diff: bytes) -> None:
    with pytest.raises(PatchError):
        files_from_diff(brief.tree.files, diff)
    replay = Replay([("bad.patch", diff)])
    assert list(replay.propose(brief)) == []
    assert len(replay.refusals) == 1


def test_missing_newline_at_the_end() -> None:
    diff = b"--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    assert files_from_diff({"m.py": b"a"}, diff) == {"m.py": b"b"}


def test_edits_are_small_and_exact() -> None:
    (edit,) = edits_between("m.py", SOURCE, BETTER)
    assert edit.text == "    return 2 * x\n"
    with pytest.raises(PatchError):
        edits_between("m.py", SOURCE, b"\xff\n")


def test_an_external_program_proposes(brief: Brief) -> None:
    found, optimizer = run(
        brief, {"candidates": [{"rationale": "One\nmultiplication.", "files": {"m.py": BETTER.decode()}}, {"diff": 1}]}
    )
    assert [one.rationale for one in found] == ["One multiplication."]
    assert found[0].optimizer == "external"
    assert len(optimizer.refusals) == 1


def test_a_protected_path_is_refused_and_named(brief: Brief) -> None:
    found, optimizer = run(brief, {"candidates": [{"files": {"m.py": BETTER.decode(), "tests/test_m.py": ""}}]})
    assert found == []
    assert optimizer.refusals[0].path == "tests/test_m.py"


@pytest.mark.parametrize("path", ["../m.py", "/etc/passwd", "new.py", ""])
def test_other_paths_are_refused(brief: Brief, path: str) -> None:
    found, optimizer = run(brief, {"candidates": [{"files": {path: "x = 1\n"}}]})
    assert found == []
    assert len(optimizer.refusals) == 1


@pytest.mark.parametrize("answer", ["", "no json", "[]", '{"candidates": 1}', "[" * 100_000])
def test_other_answers_are_refused(brief: Brief, answer: str) -> None:
    found, optimizer = run(brief, answer)
    assert found == []
    assert len(optimizer.refusals) == 1


def test_source_that_does_not_parse_is_refused(brief: Brief) -> None:
    found, optimizer = run(brief, {"candidates": [{"files": {"m.py": "def"}}, {"files": {"m.py": SOURCE.decode()}}]})
    assert found == []
    assert len(optimizer.refusals) == 2


def test_a_program_is_bounded_in_bytes_and_time(brief: Brief) -> None:
    assert "more than 10 bytes" in run(brief, {"candidates": []}, most_bytes=10)[1].refusals[0].reason
    slow = External([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.2)
    assert list(slow.propose(brief)) == []
    assert "within 0.2 s" in slow.refusals[0].reason


def test_a_program_that_fails_or_is_missing(brief: Brief) -> None:
    for command in ([sys.executable, "-c", "raise SystemExit(3)"], ["/no/such/program"]):
        optimizer = External(command)
        assert list(optimizer.propose(brief)) == []
        assert len(optimizer.refusals) == 1


def test_the_program_learns_the_row_and_no_values(brief: Brief) -> None:
    program = "import sys, json; q = json.load(sys.stdin); assert q['verdicts'][0]['objection'] == 'faster'"
    optimizer = External([sys.executable, "-c", program + "; print('{\"candidates\": []}')"], rounds=1)
    optimizer.tell("d", accepted=False, objection="faster")
    assert list(optimizer.propose(brief)) == []
    assert optimizer.refusals == []
    assert list(optimizer.propose(brief)) == []
