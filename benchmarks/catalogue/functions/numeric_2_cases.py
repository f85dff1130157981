"""Cases for numeric_2."""

import random
from functools import cache

import pytest

from functions.numeric_2 import longest_rising, polynomial_table, recurrence_term


def bench_recurrence_term():
    return recurrence_term([1, 0, 2, 1], [1, 2, 3, 5], 450)


def test_recurrence_term_fibonacci():
    assert [recurrence_term([1, 1], [0, 1], n) for n in range(10)] == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
    assert recurrence_term([1, 1], [0, 1], 90) == 2880067194370816120 % 1_000_000_007


def test_recurrence_term_of_powers():
    assert recurrence_term([3], [1], 5) == 243
    assert recurrence_term([3], [1], 5, modulus=100) == 43
    assert recurrence_term([-1], [2], 3, modulus=7) == 5


def test_recurrence_term_among_the_initial_ones():
    assert recurrence_term([1, 1], [5, 12], 1, modulus=10) == 2
    assert recurrence_term([1, 1], [5, 12], 0, modulus=10) == 5


def test_recurrence_term_needs_enough_initial_terms():
    with pytest.raises(ValueError, match="as many"):
        recurrence_term([1, 1], [0], 5)


@cache
def _polynomial() -> tuple:
    rng = random.Random(2001)
    return [rng.randrange(-9, 10) for _ in range(25)], [rng.randrange(-40, 40) for _ in range(300)]


def bench_polynomial_table():
    return polynomial_table(*_polynomial())


def test_polynomial_table_by_hand():
    assert polynomial_table([-4, 0, 1], [0, 2, 3]) == [
        {"x": 0, "value": -4, "slope": 0, "changes": 0, "difference": None},
        {"x": 2, "value": 0, "slope": 4, "changes": 0, "difference": 4},
        {"x": 3, "value": 5, "slope": 6, "changes": 1, "difference": 5},
    ]


def test_polynomial_table_of_a_constant():
    assert polynomial_table([7], [5]) == [{"x": 5, "value": 7, "slope": 0, "changes": 0, "difference": None}]
    assert polynomial_table([], [5]) == [{"x": 5, "value": 0, "slope": 0, "changes": 0, "difference": None}]


def test_polynomial_table_of_nothing():
    assert polynomial_table([1, 2], []) == []


def test_polynomial_table_counts_every_change():
    assert [row["changes"] for row in polynomial_table([0, 1], [1, -1, 0, -2, 3])] == [0, 1, 1, 1, 2]


@cache
def _values() -> list:
    rng = random.Random(2002)
    return [rng.randrange(5000) + n for n in range(500)]


def bench_longest_rising():
    return longest_rising(_values())


def test_longest_rising_by_hand():
    assert longest_rising([3, 1, 2, 2, 5, 4]) == [1, 2, 5]
    assert longest_rising([5, 4, 3]) == [5]


def test_longest_rising_of_equals():
    assert longest_rising([2, 2, 2]) == [2]


def test_longest_rising_of_nothing():
    assert longest_rising([]) == []
    assert longest_rising([9]) == [9]


def test_longest_rising_takes_the_earliest_parts():
    assert longest_rising([1, 9, 2, 3, 8, 4, 10, 5]) == [1, 2, 3, 8, 10]


def test_longest_rising_is_rising():
    found = longest_rising(_values())
    assert all(a < b for a, b in zip(found, found[1:], strict=False))
