import pickle
from pathlib import Path
from typing import Any

from job_process import run_job

from rsi_sandbox.worker.wire import to_bytes

PACKAGE = """
class Box:
    def __init__(self, size): self.size = size
    def fill(self, n=1): return [0] * self.size * n
    @classmethod
    def make(cls, size): return cls(size)

def work(n, *, step=1): return sum(range(0, n, step))
"""
BENCHES = """
from pkg import work
from os.path import join as bench_join
LIMIT = 10
def helper(): return 1
def bench_b(): return work(100)
def bench_a(n=10): return work(n)
def bench_needs(n): return n
def bench_gen(): yield 1
async def bench_async(): pass
def bench_raises(): raise ValueError("no data")
"""
TESTS = """
import functools
import pytest
from pkg import Box, work

class Local: pass
def local_work(n): return n
def local_use(thing): return thing

def test_plain(benchmark): assert benchmark(work, 10, step=2) == 20
def test_partial(benchmark): assert benchmark(functools.partial(work, 10), step=5) == 5
def test_method(benchmark): assert benchmark(Box(3).fill, n=2) == [0] * 6
def test_class(benchmark): assert benchmark(Box.make, 3).size == 3
def test_pedantic(benchmark):
    done = []
    assert benchmark.pedantic(work, setup=lambda: ((4,), {}), teardown=done.append, rounds=9) == 6
    assert done == [4]
def test_decorator(benchmark):
    @benchmark
    def result(): return 5
    assert result == 5
def test_lambda(benchmark): benchmark(lambda: work(3))
def test_elsewhere(benchmark): benchmark(sorted, [1])
def test_local(benchmark): benchmark(local_work, 7)
def test_local_class(benchmark): benchmark(local_use, Local())
def test_two(benchmark):
    benchmark(work, 1)
    benchmark(work, 2)
def test_fails(benchmark): assert benchmark(work, 3) == 99
def test_unpicklable(benchmark): benchmark(work, (i for i in ()), step=1)
"""
FILES = {"pkg.py": PACKAGE, "benchmarks/bench_words.py": BENCHES, "tests/test_speed.py": TESTS}


def index(answer: dict[str, Any]) -> dict[str, tuple[str, str, list[Any]]]:
    return {case["id"]: (case["module"], case["qualname"], case["calls"]) for case in answer["cases"]}


def test_bench_functions_without_parameters_become_cases(tmp_path: Path) -> None:
    modules = ["benchmarks/bench_words.py", "benchmarks/bench_words.py:helper", "gone.py", "pkg:nothing"]
    answer = run_job("cases", tmp_path, FILES, modules=modules)
    path = "benchmarks/bench_words.py"
    assert list(index(answer)) == [f"{path}::bench_b", f"{path}::bench_a", f"{path}::helper"]
    module, qualname, calls = index(answer)[f"{path}::bench_b"]
    assert (module, qualname) == (path, "bench_b")
    assert [pickle.loads(to_bytes(call)) for call in calls] == [((), {})]
    reasons = {problem["id"]: problem["reason"] for problem in answer["problems"]}
    assert set(reasons) == {
        f"{path}::bench_needs",
        f"{path}::bench_gen",
        f"{path}::bench_async",
        f"{path}::bench_raises",
        "gone.py",
        "pkg::nothing",
    }
    assert "'n'" in reasons[f"{path}::bench_needs"]
    assert reasons[f"{path}::bench_raises"] == "raised ValueError: no data"


def test_pytest_benchmark_tests_become_cases_or_problems_with_a_reason(tmp_path: Path) -> None:
    answer = run_job("cases", tmp_path, FILES, tests=["tests/test_speed.py"])
    found = {key.removeprefix("tests/test_speed.py::"): value for key, value in index(answer).items()}
    assert list(found) == [
        "test_plain", "test_partial", "test_method", "test_class", "test_pedantic", "test_local",
        "test_two", "test_two+",
    ]  # fmt: skip
    plain = {
        name: pickle.loads(to_bytes(found[name][2][0]))
        for name in ("test_plain", "test_partial", "test_class", "test_pedantic", "test_two+")
    }
    assert plain == {
        "test_plain": ((10,), {"step": 2}),
        "test_partial": ((10,), {"step": 5}),
        "test_class": ((3,), {}),
        "test_pedantic": ((4,), {}),
        "test_two+": ((2,), {}),
    }
    assert found["test_plain"][:2] == ("pkg", "work")
    assert found["test_method"][:2] == ("pkg", "Box.fill")
    assert found["test_class"][:2] == ("pkg", "Box.make")
    assert found["test_local"][:2] == ("tests/test_speed.py", "local_work")
    reasons = {problem["id"].removeprefix("tests/test_speed.py::"): problem["reason"] for problem in answer["problems"]}
    assert set(reasons) == {
        "test_decorator", "test_lambda", "test_elsewhere", "test_local_class", "test_fails",
        "test_unpicklable",
    }  # fmt: skip
    assert "nested function" in reasons["test_decorator"]
    assert "Local belongs to test_speed" in reasons["test_local_class"]
    assert "not defined in this tree" in reasons["test_elsewhere"]
    assert "generator" in reasons["test_unpicklable"]
