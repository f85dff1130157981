"""Cases for graphs_2."""

import random
from functools import cache

import pytest

from functions.graphs_2 import CyclicDependencyError, build_order, find_cycle, rank_pages


@cache
def _definitions() -> list:
    rng = random.Random(1401)
    tasks = [
        {
            "name": f"task{n:02}",
            "requires": [f"task{rng.randrange(n):02}" for _ in range(rng.randrange(4))] if n else ["system"],
            "priority": rng.randrange(3),
        }
        for n in range(58)
    ]
    rng.shuffle(tasks)
    return tasks


def bench_build_order():
    return build_order(_definitions())


def test_build_order_by_hand():
    tasks = [
        {"name": "app", "requires": ["lib", "assets"]},
        {"name": "lib", "requires": ["libc"]},
        {"name": "assets", "priority": 5},
        {"name": "docs"},
    ]
    assert build_order(tasks) == ["assets", "docs", "lib", "app"]


def test_build_order_a_late_task_of_high_priority_goes_as_soon_as_it_can():
    tasks = [{"name": "z"}, {"name": "a", "requires": ["z"], "priority": 9}, {"name": "zz"}]
    assert build_order(tasks) == ["z", "a", "zz"]


def test_build_order_of_nothing():
    assert build_order([]) == []
    assert build_order([{"name": "x", "requires": ["not here"]}]) == ["x"]


def test_build_order_names_the_cycle_and_what_waits_for_it():
    tasks = [{"name": "a", "requires": ["b"]}, {"name": "b", "requires": ["a"]}, {"name": "c", "requires": ["a"]}]
    with pytest.raises(CyclicDependencyError, match="among a, b, c") as caught:
        build_order([{"name": "free"}, *tasks])
    assert caught.value.names == ["a", "b", "c"]


def test_build_order_two_tasks_of_one_name_are_both_waited_for():
    tasks = [{"name": "a"}, {"name": "a", "priority": -1}, {"name": "b", "requires": ["a"], "priority": 5}]
    assert build_order(tasks) == ["a", "a", "b"]


@cache
def _links() -> list:
    rng = random.Random(1402)
    return [(f"page{rng.randrange(26)}", f"page{int(rng.triangular(0, 30, 3))}") for _ in range(130)]


def bench_rank_pages():
    return rank_pages(_links(), rounds=4)


def test_rank_pages_of_two_that_link_each_other():
    assert rank_pages([("a", "b"), ("b", "a")]) == [("a", 0.5), ("b", 0.5)]


def test_rank_pages_prefers_what_is_linked_to():
    ranked = rank_pages([("a", "c"), ("b", "c"), ("c", "a")])
    assert [page for page, _ in ranked] == ["c", "a", "b"]
    assert sum(value for _, value in ranked) == pytest.approx(1.0)


def test_rank_pages_one_round_by_hand():
    ranked = dict(rank_pages([("a", "b"), ("a", "b"), ("a", "c")], rounds=1, damping=0.5))
    third = 1 / 3
    assert ranked["b"] == pytest.approx(0.5 * third + 0.5 * (2 * third * third + 2 * third * third))
    assert ranked["a"] == pytest.approx(0.5 * third + 0.5 * (2 * third * third))


def test_rank_pages_of_nothing():
    assert rank_pages([]) == []
    assert rank_pages([("a", "a")]) == [("a", 1.0)]


def test_rank_pages_without_rounds():
    assert rank_pages([("b", "a")], rounds=0) == [("a", 0.5), ("b", 0.5)]


@cache
def _acyclic() -> dict:
    rng = random.Random(1403)
    return {n: [rng.randrange(n + 1, 8001) for _ in range(3)] for n in reversed(range(8000))}


@cache
def _cyclic() -> dict:
    return {**_acyclic(), -1: [-2, 5], -2: [-3], -3: [-1]}


def bench_find_cycle():
    return find_cycle(_cyclic())


def test_find_cycle_by_hand():
    assert find_cycle({"a": ["b"], "b": ["c", "d"], "c": [], "d": ["b"]}) == ["b", "d"]


def test_find_cycle_of_one_node():
    assert find_cycle({"a": ["a"]}) == ["a"]


def test_find_cycle_of_none():
    assert find_cycle({}) is None
    assert find_cycle({"a": ["b", "c"], "b": ["c"]}) is None
    assert find_cycle(_acyclic()) is None


def test_find_cycle_on_a_long_path():
    ring = {n: [n + 1] for n in range(5000)}
    ring[5000] = [4998]
    assert find_cycle(ring) == [4998, 4999, 5000]
