import pickle
import pickletools
from functools import partial
from pathlib import Path
from typing import Any

from job_process import run_job

from rsi_sandbox.worker.samples import EVERY, Samples, hashable
from rsi_sandbox.worker.wire import to_bytes, to_text

PACKAGE = """
import functools
import threading

MISSING = object()

def drain(items, sink=None):
    while items: (sink if sink is not None else []).append(items.pop())

def stream(n):
    for i in range(n):
        yield i
        n = -1

def spread(a, /, b, *more, key=None, **named): return b
def sentinel(a, b=MISSING, c=1): return b is MISSING
def outer():
    def inner(): return 1
    return inner()
def never(): pass
def takes_generator(items): return list(items)
def takes_lambda(f): return f(1)
def at_import(n): return n
TABLE = at_import(5)
def many(n): return n
@functools.lru_cache
def cached(n): return n
def hide(f):
    def wrapper(*a): return f(*a)
    return wrapper
@hide
def hidden(n): return n

class Base:
    def __init__(self, n): self.n = n
    def get(self, k): self.n += k; return self.n
    @classmethod
    def make(cls, n): return cls(n)
    @classmethod
    def sub_only(cls, n): return cls(n)
    @staticmethod
    def twice(n): return 2 * n
    @property
    def double(self): return 2 * self.n
class Sub(Base): pass
def in_thread(n): return n
def start():
    thread = threading.Thread(target=in_thread, args=(4,)); thread.start(); thread.join()
"""
TESTS = """
import sys
import pkg

class Local:
    pass

def test_all():
    pkg.drain([1, 2, 3])
    assert list(pkg.stream(4)) == [0, 1, 2, 3]
    pkg.spread(1, 2, 3, 4, key=5, other=6)
    pkg.spread(1, b=2)
    pkg.sentinel(1)
    pkg.sentinel(1, c=7)
    pkg.outer()
    pkg.takes_generator(i for i in range(3))
    pkg.takes_lambda(lambda x: x)
    pkg.cached(3)
    pkg.hidden(3)
    base = pkg.Base.make(5)
    base.get(2)
    base.double
    pkg.Sub.sub_only(1)
    base.twice(8)
    pkg.start()

def test_many():
    for n in range(20000): pkg.many(n)

def test_profiler_of_its_own():
    sys.setprofile(None)

def test_local():
    pkg.many([1, 2])
    pkg.many(Local())
"""
FILES = {"pkg.py": PACKAGE, "tests/test_pkg.py": TESTS}


def record(tmp_path: Path, names: list[str], **args: Any) -> dict[str, Any]:
    args.setdefault("paths", ["tests"])
    answer = run_job("record", tmp_path, FILES, functions=[["pkg.py", name] for name in names], **args)
    assert answer["failed"] == []
    return answer


def opened(answer: dict[str, Any], name: str) -> list[Any]:
    return [pickle.loads(to_bytes(text)) for text in answer["calls"].get("pkg.py::" + name, [])]


def test_arguments_are_those_at_entry_and_repeat_the_call_by_name(tmp_path: Path) -> None:
    names = [
        "drain", "stream", "spread", "sentinel", "Base.twice", "Base.make", "at_import", "cached", "in_thread",
    ]  # fmt: skip
    answer = record(tmp_path, names)
    assert opened(answer, "drain") == [(([1, 2, 3], None), {})]
    assert opened(answer, "stream") == [((4,), {})]
    assert answer["seen"]["pkg.py::stream"] == 1
    assert opened(answer, "spread") == [((1, 2, 3, 4), {"key": 5, "other": 6}), ((1, 2), {"key": None})]
    assert sorted(opened(answer, "sentinel"), key=repr) == [((1,), {"c": 1}), ((1,), {"c": 7})]
    assert opened(answer, "Base.twice") == [((8,), {})]
    assert opened(answer, "Base.make") == [((5,), {})]
    assert opened(answer, "at_import") == [((5,), {})]
    assert opened(answer, "cached") == [((3,), {})]
    assert opened(answer, "in_thread") == [((4,), {})]
    assert answer["unobservable"] == []
    assert answer["types"]["pkg.py::drain"]["items"] == {"types": ["list"], "len_max": 3, "hashable": False}


def test_a_method_gets_its_object_as_it_was_before_the_call(tmp_path: Path) -> None:
    text = record(tmp_path, ["Base.get"])["calls"]["pkg.py::Base.get"][0]
    numbers = [value for _, value, _ in pickletools.genops(to_bytes(text)) if isinstance(value, int)]
    assert 5 in numbers
    assert 7 not in numbers, "the object was pickled after the call had changed it"
    get = {"id": "get", "module": "pkg", "qualname": "Base.get", "calls": [text]}
    repeated = run_job("record", tmp_path, FILES, functions=[["pkg.py", "Base.get"]], cases=[get])
    assert repeated["calls"]["pkg.py::Base.get"] == [text]


def test_functions_that_cannot_be_observed_are_listed_with_the_reason(tmp_path: Path) -> None:
    names = [
        "outer.<locals>.inner", "never", "takes_generator", "takes_lambda", "hidden", "Base.sub_only",
        "Base.double", "gone", "<module>",
    ]  # fmt: skip
    answer = record(tmp_path, names)
    reasons = {row["function"].removeprefix("pkg.py::"): row["reason"] for row in answer["unobservable"]}
    assert set(reasons) == set(names)
    assert reasons["outer.<locals>.inner"] == "it is defined inside another function"
    assert reasons["never"] == "no test or case calls it"
    assert reasons["takes_generator"].startswith("items (generator): ")
    assert reasons["takes_lambda"].startswith("f (function): ")
    assert "decorator" in reasons["hidden"]
    assert "subclass" in reasons["Base.sub_only"]
    assert "property" in reasons["Base.double"]
    assert answer["calls"] == {}


def test_a_function_called_often_is_sampled_within_bounds(tmp_path: Path) -> None:
    answer = record(tmp_path, ["many"], per_function=8)
    assert answer["seen"]["pkg.py::many"] == 20002
    values = [args[0] for args, _ in opened(answer, "many")]
    assert len(values) == 8
    assert all(isinstance(value, int) for value in values)
    assert max(values) >= 8192
    assert "int" in answer["types"]["pkg.py::many"]["n"]["types"]


def test_objects_of_a_test_module_are_refused_by_name(tmp_path: Path) -> None:
    tests = "import pkg\nclass Local: pass\ndef test_x(): pkg.many(Local())\n"
    files = {"pkg.py": PACKAGE, "tests/test_local.py": tests}
    answer = run_job("record", tmp_path, files, functions=[["pkg.py", "many"]], paths=["tests"])
    assert answer["calls"] == {}
    (row,) = answer["unobservable"]
    assert row["reason"] == ("n (test_local.Local): Local belongs to test_local, which can't be imported by name")


def test_cases_are_recorded_and_large_arguments_left_out(tmp_path: Path) -> None:
    calls = [to_text(pickle.dumps(((value,), {}))) for value in (b"x" * 5000, b"y")]
    case = {"id": "c", "module": "pkg", "qualname": "many", "calls": calls}
    answer = record(tmp_path, ["many"], cases=[case], max_bytes=1000, paths=[])
    assert opened(answer, "many") == [((b"y",), {})]


def test_distinct_kinds_and_the_largest_come_before_repetition() -> None:
    samples = Samples("k", keep=4, budget=1 << 20)
    for number in range(50):
        if samples.due():
            samples.offer({"a": number % 2}, partial(b"%d".__mod__, number))
    samples.offer({"a": "text"}, lambda: b"text")
    samples.offer({"a": list(range(100))}, lambda: b"largest")
    kept = samples.kept(1 << 20)
    assert len(kept) == 4
    assert kept[0] == b"largest"
    assert b"text" in kept


def test_looking_gets_rarer_and_failing_to_pickle_too() -> None:
    samples = Samples("k", keep=8, budget=1 << 20)
    looks = sum(samples.due() for _ in range(1_000_000))
    assert EVERY < looks < 4 * EVERY
    assert not hashable(([],))
    assert hashable((1, ("a", None)))
