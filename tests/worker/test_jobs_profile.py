import pickle
from pathlib import Path
from typing import Any

from job_process import run_job

from rsi_sandbox.worker.frames import Frames, function_name
from rsi_sandbox.worker.wire import to_text

PACKAGE = """
class Words:
    def count(self, items):
        return sum(weigh(item) for item in items)

def weigh(item):
    def inner():
        return sum([i * 2 for i in range(item)])
    return inner()

def unused():
    return 0
"""
TESTS = """
import json
import pytest
from pkg.words import Words, weigh

@pytest.fixture(scope="module")
def prepared():
    return weigh(3)

def test_words(prepared):
    assert Words().count([1, 2, 3000]) == 8997002
    json.loads("[1]")

def test_weigh():
    assert weigh(2) == 2
"""
FILES = {"src/pkg/__init__.py": "", "src/pkg/words.py": PACKAGE, "tests/test_words.py": TESTS}


def by_name(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{row['path']}::{row['qualname']}": row for row in answer["functions"]}


def test_functions_of_the_tree_are_counted_and_mapped_to_their_tests(tmp_path: Path) -> None:
    answer = run_job("profile", tmp_path, FILES, roots=["src"], paths=["tests"])
    rows = by_name(answer)
    weigh = rows["src/pkg/words.py::weigh"]
    assert (weigh["calls"], weigh["line"]) == (5, 6)
    assert rows["src/pkg/words.py::Words.count"]["calls"] == 1
    assert rows["src/pkg/words.py::weigh.<locals>.inner"]["calls"] == 5
    assert "src/pkg/words.py::unused" not in rows
    assert not any("<listcomp>" in key or "<genexpr>" in key or ".." in key for key in rows)
    assert 0 < sum(row["self"] for row in rows.values()) <= answer["total"]
    assert answer["covers"]["src/pkg/words.py::weigh"] == [
        "tests/test_words.py::test_words",
        "tests/test_words.py::test_weigh",
    ]
    assert answer["covers"]["src/pkg/words.py::Words.count"] == ["tests/test_words.py::test_words"]
    assert answer["callers"]["src/pkg/words.py::weigh.<locals>.inner"] == {"src/pkg/words.py::weigh": 5}
    assert answer["failed"] == []


def test_cases_are_profiled_under_their_own_ids(tmp_path: Path) -> None:
    case = {"module": "pkg.words", "qualname": "weigh", "calls": [to_text(pickle.dumps(((50,), {})))] * 3}
    broken = {"id": "gone", "module": "pkg.gone", "qualname": "x", "calls": []}
    answer = run_job("profile", tmp_path, FILES, roots=["src"], cases=[{"id": "w", **case}, broken])
    assert by_name(answer)["src/pkg/words.py::weigh"]["calls"] == 3
    assert answer["covers"]["src/pkg/words.py::weigh"] == ["w"]
    assert [problem["id"] for problem in answer["problems"]] == ["gone"]


def test_anonymous_code_belongs_to_the_function_it_is_written_in() -> None:
    assert function_name("f.<locals>.<listcomp>.<lambda>") == "f"
    assert function_name("f.<locals>.g.<locals>.<genexpr>") == "f.<locals>.g"
    assert function_name("<lambda>") == "<module>"
    assert function_name("C.<lambda>") == "C"


def test_code_from_elsewhere_has_no_key(tmp_path: Path) -> None:
    frames = Frames(str(tmp_path))
    assert frames.key(test_code_from_elsewhere_has_no_key.__code__) is None
    assert frames.path(str(tmp_path) + "-other/x.py") is None
    assert frames.path("<string>") is None
    assert frames.path(str(tmp_path / "a" / "x.py")) == "a/x.py"
