import pickle
import random

from hypothesis import given
from hypothesis import strategies as st

from rsi_sandbox.worker import wire
from rsi_sandbox.worker.jobs.mutate import mutated
from tests.worker.job_process import run_job

MODULE = """
import itertools
def total(xs): return sum(xs)
def strict(x):
    if x != 5: raise ValueError(x)
    return x
def slow(n):
    if n != 3:
        for _ in itertools.count(): pass
    return n
def deep(n): return deep(n + 1)
def nothing(): return 1
"""


def call(*args, **kwargs):
    return wire.to_text(pickle.dumps((args, kwargs)))


def derive(tmp_path, seed=1, count=40, **functions):
    found = {f"m.py::{name}": calls for name, calls in functions.items()}
    return run_job("derive", tmp_path, {"m.py": MODULE}, functions=found, seed=seed, count=count, deadline=0.3)


def test_recorded_come_first_then_distinct_mutations(tmp_path):
    recorded = [call([1, 2, 3]), call([4.5])]
    inputs = derive(tmp_path, total=recorded)["inputs"]["m.py::total"]
    assert inputs[:2] == recorded
    assert len(inputs) == len(set(inputs)) == 40
    opened = [pickle.loads(wire.to_bytes(item)) for item in inputs]
    assert any(args == ([],) for args, _ in opened)
    assert any(len(args[0]) > 3 for args, _ in opened if isinstance(args[0], list))


def test_same_seed_same_inputs_other_seed_other_inputs(tmp_path):
    recorded = [call([1, 2, 3])]
    runs = [derive(tmp_path, seed=seed, total=recorded)["inputs"]["m.py::total"] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_calls_that_raise_are_a_minority(tmp_path):
    inputs = derive(tmp_path, strict=[call(5)])["inputs"]["m.py::strict"]
    values = [pickle.loads(wire.to_bytes(item))[0][0] for item in inputs]
    assert 1 <= len(values) <= 3
    assert 5 in values


def test_too_slow_and_too_deep_inputs_are_dropped(tmp_path):
    answer = derive(tmp_path, count=2, slow=[call(3)], deep=[call(1)])
    assert answer["inputs"]["m.py::slow"] == [call(3)]
    assert answer["inputs"]["m.py::deep"] == []
    assert answer["dropped"]["m.py::deep"] == 1


def test_nothing_to_mutate_and_nothing_to_resolve(tmp_path):
    answer = derive(tmp_path, nothing=[call()], missing=[call()])
    assert answer["inputs"] == {"m.py::nothing": [call()], "m.py::missing": []}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.frozensets(st.integers(), max_size=3)
    ),
    max_leaves=8,
)


@given(st.tuples(values, values), st.integers(0, 10**6))
def test_mutating_never_breaks_on_plain_values(args, seed):
    made_args, made_kwargs = mutated(args, {"k": 1}, (args, {}), random.Random(seed))
    assert len(made_args) == 2
    assert set(made_kwargs) == {"k"}


def test_the_shapes_that_break_rewrites_turn_up():
    rng = random.Random(3)
    seen = [repr(mutated(([1, 2.0, "a"],), {}, (([],), {}), rng)[0][0]) for _ in range(3000)]
    for shape in ("nan", "-0.0", "True", "None", "[]", "[None]", "\\x00"):
        assert any(shape in text for text in seen), shape
