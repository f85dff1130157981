from pathlib import Path
from typing import Any

from job_process import run_job


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {test["id"]: test["outcome"] for test in answer["tests"]}


KINDS = """
import unittest
import warnings
import pytest

@pytest.fixture
def broken():
    raise RuntimeError("no fixture")

@pytest.fixture
def late():
    yield
    raise RuntimeError("late")

def test_passes(): pass
def test_fails(): assert 1 == 2
def test_skipped(): pytest.skip("not today")
@pytest.mark.xfail
def test_xfailed(): assert 0
@pytest.mark.xfail
def test_xpassed(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass
def test_error(broken): pass
def test_late(late): pass
def test_fails_and_late(late): assert 0
@pytest.mark.parametrize("x", ["a b", "c"])
def test_many(x): pass
@pytest.mark.benchmark(group="g")
def test_benchmark(benchmark):
    assert benchmark(sorted, [2, 1]) == [1, 2]
    assert benchmark.pedantic(sum, setup=lambda: (([1, 2],), {}), rounds=5) == 3
class TestOld(unittest.TestCase):
    def test_unit(self): pass
"""


def test_every_kind_of_outcome_is_one_word_per_id(tmp_path: Path) -> None:
    answer = run_job("tests", tmp_path, {"tests/test_k.py": KINDS}, paths=["tests"], canary="77")
    found = {key.removeprefix("tests/test_k.py::"): value for key, value in outcomes(answer).items()}
    assert found == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_skipped": "skipped",
        "test_xfailed": "xfailed",
        "test_xpassed": "xpassed",
        "test_strict": "failed",
        "test_error": "error",
        "test_late": "error",
        "test_fails_and_late": "failed",
        "test_many[a b]": "passed",
        "test_many[c]": "passed",
        "test_benchmark": "passed",
        "TestOld::test_unit": "passed",
        "rsi_canary_77": "failed",
    }
    messages = {test["id"]: test["message"] for test in answer["tests"]}
    assert "assert 1 == 2" in messages["tests/test_k.py::test_fails"]
    assert messages["tests/test_k.py::test_skipped"] == "Skipped: not today"
    assert answer["collected"] == 13
    assert "rsi-running tests/test_k.py::test_many[a b]\n" in answer["stderr"]


def test_only_the_wanted_ids_run(tmp_path: Path) -> None:
    ids = ["tests/test_k.py::test_many[a b]", "tests/test_k.py::test_gone", "tests/test_lost.py::test_x"]
    answer = run_job("tests", tmp_path, {"tests/test_k.py": KINDS}, ids=ids)
    assert outcomes(answer) == {"tests/test_k.py::test_many[a b]": "passed"}
    assert answer["collect_errors"] == [{"path": "tests/test_lost.py", "message": "no such file or directory"}]


def test_deselected_tests_do_not_run(tmp_path: Path) -> None:
    deselect = ["tests/test_k.py::test_many", "tests/test_k.py::TestOld", "tests/test_k.py::test_fails"]
    answer = run_job("tests", tmp_path, {"tests/test_k.py": KINDS}, paths=["tests"], deselect=deselect)
    assert len(answer["tests"]) == answer["collected"] == 13 - 5
    assert not any(name.startswith(tuple(deselect)) for name in outcomes(answer))


def test_options_for_absent_plugins_do_no_harm_and_the_others_count(tmp_path: Path) -> None:
    ini = """
[tool.pytest.ini_options]
addopts = "--cov=pkg -n 4 --strict-markers --strict-config -m 'not slow' --import-mode=importlib"
required_plugins = ["pytest-absent"]
timeout = 30
filterwarnings = ["error"]
pythonpath = ["src"]
"""
    files = {
        "pyproject.toml": ini,
        "conftest.py": "def pytest_benchmark_update_json(config, benchmarks, output_json): pass\n",
        "src/pkg.py": "x = 1\n",
        "a/test_same.py": "import pkg, pytest\n@pytest.mark.nosuch\ndef test_x(): assert pkg.x\n",
        "b/test_same.py": "import pytest\n@pytest.mark.slow\ndef test_y(): assert 0\n",
    }
    answer = run_job("tests", tmp_path, files, paths=["a", "b"])
    assert outcomes(answer) == {"a/test_same.py::test_x": "passed"}
    assert answer["exit"] == 0


def test_a_module_that_cannot_be_imported_is_named_with_its_error(tmp_path: Path) -> None:
    files = {"test_a.py": "import nosuchmodule\n", "test_b.py": "def test_b(): pass\n"}
    answer = run_job("tests", tmp_path, files, paths=["."])
    assert answer["tests"] == []
    assert answer["collect_errors"] == [
        {"path": "test_a.py", "message": "ModuleNotFoundError: No module named 'nosuchmodule'"}
    ]


def test_a_tree_that_turns_failures_into_passes_is_shown_up_by_the_canary(tmp_path: Path) -> None:
    cheat = """
import _pytest.runner as r, _pytest.reports as p
make = p.TestReport.from_item_and_call.__func__
def lie(cls, item, call):
    call.excinfo = None
    return make(cls, item, call)
p.TestReport.from_item_and_call = classmethod(lie)
def test_x(): assert 0
"""
    answer = run_job("tests", tmp_path, {"test_x.py": cheat}, paths=["test_x.py"], canary="9")
    assert outcomes(answer) == {"test_x.py::test_x": "passed", "rsi_canary_9": "passed"}
