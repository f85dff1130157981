"""Cases for glue_6."""

import random
from functools import cache

import pytest

from functions.glue_6 import Budget, group_errors, order_records, plan_retries


@cache
def _messages() -> list:
    rng = random.Random(2901)
    shapes = [
        "timeout after {0} ms for user '{1}'",
        "no such file /srv/data/{1}/x{0}.csv",
        "job 0x{0:x} failed with code {0}",
        "disk full",
        "request 12345678-1234-1234-1234-{0:012} refused by node{1}",
    ]
    return [rng.choice(shapes).format(rng.randrange(10**6), rng.randrange(90)) for _ in range(3000)]


def bench_group_errors():
    return group_errors(_messages())


def test_group_errors_by_hand():
    messages = ["took 5 s", "took 7.5 s", "bad '1 2' in /a/b.c", "bad 'x' in /d/e/f", "took 6 s"]
    assert group_errors(messages) == [
        ("took <number> s", 3, "took 5 s"),
        ("bad <quoted> in <path>", 2, "bad '1 2' in /a/b.c"),
    ]


def test_group_errors_top_and_ties_in_order():
    assert group_errors(["b", "a", "c", "a"], 2) == [("a", 2, "a"), ("b", 1, "b")]


def test_group_errors_leaves_out_what_is_to_be_ignored():
    assert group_errors(["a 1", "b 2", "ab 3"], ignore=["a "]) == [("b <number>", 1, "b 2"), ("ab <number>", 1, "ab 3")]


def test_group_errors_of_nothing():
    assert group_errors([]) == []
    assert group_errors([""]) == [("", 1, "")]


def test_group_errors_words_with_digits_stay():
    assert group_errors(["node7 0xff 7node"])[0][0] == "node7 <hex> 7node"


@cache
def _records() -> list:
    rng = random.Random(2902)
    return [
        {
            "city": rng.choice(["Oslo", "Bergen", "Hamar", None]),
            "age": rng.choice([None, *range(20, 70)]),
            "name": f"name {rng.randrange(3000)}",
        }
        for _ in range(6000)
    ]


def bench_order_records():
    return order_records(_records(), ["city", "-age", "name"])


def test_order_records_by_hand():
    a, b, c, d = {"x": 1, "y": 2}, {"x": 1, "y": 3}, {"x": 0}, {"y": 9}
    assert order_records([a, b, c, d], ["x", "-y"]) == [c, b, a, d]
    assert order_records([a, b, c, d], ["-y"]) == [d, b, a, c]


def test_order_records_keeps_the_order_of_equals():
    records = [{"x": 1, "n": n} for n in range(5)]
    assert order_records(records, ["-x"]) == records


def test_order_records_of_nothing():
    assert order_records([], ["a"]) == []
    records = [{"a": 1}]
    assert order_records(records, []) == records
    assert order_records(records, []) is not records


def test_order_records_cannot_compare_everything():
    with pytest.raises(TypeError):
        order_records([{"a": 1}, {"a": "x"}], ["a"])


@cache
def _failures() -> tuple:
    rng = random.Random(2903)
    failures = [(n * 0.05, n) for n in range(6000)]
    return failures, [rng.choice([1, 1, 2, 3, 7]) for _ in failures]


def bench_plan_retries():
    failures, needed = _failures()
    return plan_retries(failures, lambda job, number: number >= needed[job], budget=Budget(200, 30))


def test_plan_retries_by_hand():
    asked = []

    def attempt(job, number):
        asked.append((job, number))
        return number == 3

    assert plan_retries([(10.0, "a")], attempt) == [("a", 3, 11.5)]
    assert asked == [("a", 1), ("a", 2), ("a", 3)]


def test_plan_retries_gives_up_after_six():
    assert plan_retries([(0.0, "a")], lambda job, number: False) == [("a", 6, None)]


def test_plan_retries_with_a_budget():
    failures = [(0.0, "a"), (0.0, "b"), (5.0, "c")]
    outcome = plan_retries(failures, lambda job, number: True, budget=Budget(1, 1))
    assert outcome == [("a", 1, 0.0), ("b", 0, None), ("c", 1, 5.0)]


def test_plan_retries_of_nothing():
    assert plan_retries([], None) == []


def test_plan_retries_lets_errors_through():
    with pytest.raises(ZeroDivisionError):
        plan_retries([(0.0, "a")], lambda job, number: 1 / 0)
