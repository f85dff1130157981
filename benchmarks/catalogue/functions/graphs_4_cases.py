"""Cases for graphs_4."""

import random
from functools import cache

import pytest

from functions.graphs_4 import all_pairs, cabling, steps_to_exit


@cache
def _maze() -> tuple:
    rng = random.Random(1601)
    rows = ["".join("#" if rng.random() < 0.28 else "." for _ in range(110)) for _ in range(90)]
    rows[0] = "." + rows[0][1:]
    rows[-1] = rows[-1][:-1] + "E"
    return tuple(rows), (0, 0)


def bench_steps_to_exit():
    return steps_to_exit(*_maze())


def test_steps_to_exit_by_hand():
    assert steps_to_exit(["..#E", "#...", ".E#."], (0, 0)) == 3
    assert steps_to_exit(["..#E", "#...", "..#."], (0, 0)) == 5


def test_steps_to_exit_starting_there():
    assert steps_to_exit(["E"], (0, 0)) == 0


def test_steps_to_exit_without_a_way():
    assert steps_to_exit([".#E"], (0, 0)) is None
    assert steps_to_exit(["."], (0, 0)) is None


def test_steps_to_exit_on_lines_of_different_length():
    assert steps_to_exit(["....", ".", "..E"], (0, 3)) == 7


def test_steps_to_exit_refuses_a_wall():
    with pytest.raises(ValueError, match="wall"):
        steps_to_exit(["#E"], (0, 0))


@cache
def _offers() -> list:
    rng = random.Random(1602)
    offers = [(rng.randrange(1, 999), f"s{n}", f"s{rng.randrange(n)}") for n in range(1, 700)]
    return offers + [(rng.randrange(1, 999), f"s{rng.randrange(700)}", f"s{rng.randrange(700)}") for _ in range(4000)]


def bench_cabling():
    return cabling(_offers())


def test_cabling_by_hand():
    offers = [(5, "a", "b"), (1, "b", "c"), (4, "a", "c"), (9, "c", "d")]
    assert cabling(offers) == ([(1, "b", "c"), (4, "a", "c"), (9, "c", "d")], 14)


def test_cabling_equal_offers_in_order():
    assert cabling([(1, "b", "a"), (1, "a", "b"), (1, "a", "a")]) == ([(1, "a", "b")], 1)


def test_cabling_of_one_site():
    assert cabling([(3, "a", "a")]) == ([], 0)


def test_cabling_says_how_many_networks_there_are():
    with pytest.raises(ValueError, match="2 separate"):
        cabling([(1, "a", "b"), (1, "c", "d")])


def test_cabling_connects_everything_with_one_less():
    chosen, total = cabling(_offers())
    assert len(chosen) == 699
    assert total == sum(cost for cost, _, _ in chosen)


@cache
def _places() -> tuple:
    rng = random.Random(1603)
    names = [f"place {n}" for n in range(50)]
    edges = [(names[n], names[rng.randrange(n)], rng.randrange(1, 60)) for n in range(1, 48)]
    return names, edges + [(*rng.sample(names[:48], 2), rng.randrange(1, 60)) for _ in range(60)]


def bench_all_pairs():
    return all_pairs(*_places())


def test_all_pairs_by_hand():
    edges = [("a", "b", 3), ("b", "c", 4), ("a", "c", 9), ("a", "b", 5)]
    assert all_pairs(["a", "b", "c"], edges) == {
        ("a", "b"): 3,
        ("a", "c"): 7,
        ("b", "a"): 3,
        ("b", "c"): 4,
        ("c", "a"): 7,
        ("c", "b"): 4,
    }


def test_all_pairs_leaves_out_who_is_not_connected():
    assert all_pairs(["a", "b", "c"], [("a", "b", 1)]) == {("a", "b"): 1, ("b", "a"): 1}


def test_all_pairs_of_nothing():
    assert all_pairs([], []) == {}
    assert all_pairs(["a"], [("a", "a", 5)]) == {}


def test_all_pairs_refuses_unknown_places():
    with pytest.raises(KeyError, match="x"):
        all_pairs(["a"], [("a", "x", 1)])
