"""Cases for numeric_1."""

import random
from functools import cache

import pytest

from functions.numeric_1 import correlation_table, prime_gaps, window_summary


def bench_prime_gaps():
    return prime_gaps(20_000, 23_000)


def test_prime_gaps_by_hand():
    assert prime_gaps(0, 20) == {
        1: {"count": 1, "first": 2},
        2: {"count": 4, "first": 3},
        4: {"count": 2, "first": 7},
    }


def test_prime_gaps_bounds():
    assert prime_gaps(3, 5) == {}
    assert prime_gaps(3, 6) == {2: {"count": 1, "first": 3}}
    assert prime_gaps(-10, 4) == {1: {"count": 1, "first": 2}}


def test_prime_gaps_of_nothing():
    assert prime_gaps(10, 10) == {}
    assert prime_gaps(24, 28) == {}


def test_prime_gaps_count_the_primes():
    assert sum(gap["count"] for gap in prime_gaps(0, 1000).values()) == 167


@cache
def _readings() -> list:
    rng = random.Random(1901)
    return [rng.randrange(-50, 400) for _ in range(1500)]


def bench_window_summary():
    return window_summary(_readings(), 40)


def test_window_summary_by_hand():
    first, second = window_summary([1, 3, 3, 2], 3)
    assert first == {"low": 1, "high": 3, "sum": 7, "distinct": 2, "rising": True}
    assert second == {"low": 2, "high": 3, "sum": 8, "distinct": 2, "rising": False}


def test_window_summary_of_single_readings():
    assert window_summary([5, 4], 1) == [{"low": n, "high": n, "sum": n, "distinct": 1, "rising": True} for n in (5, 4)]


def test_window_summary_of_too_few():
    assert window_summary([], 1) == []
    assert window_summary([1, 2], 3) == []


def test_window_summary_needs_a_size():
    with pytest.raises(ValueError, match="at least one"):
        window_summary([1], 0)


@cache
def _columns() -> dict:
    rng = random.Random(1902)
    base = [rng.gauss(0, 1) for _ in range(130)]
    columns = {f"c{n}": [b * n + rng.gauss(0, 2) for b in base] for n in range(9)}
    columns["flat"] = [1.5] * 130
    return columns


def bench_correlation_table():
    return correlation_table(_columns())


def test_correlation_table_by_hand():
    table = correlation_table({"a": [1, 2, 3], "b": [2, 4, 6], "c": [3, 2, 1], "d": [1, 2, 1]})
    assert table["a"] == {"a": 1.0, "b": 1.0, "c": -1.0, "d": 0.0}
    assert table["d"]["d"] == 1.0


def test_correlation_table_of_a_constant():
    assert correlation_table({"a": [1, 2], "b": [5, 5]}) == {"a": {"a": 1.0, "b": 0.0}, "b": {"a": 0.0, "b": 0.0}}


def test_correlation_table_of_nothing():
    assert correlation_table({}) == {}
    with pytest.raises(ValueError, match="empty"):
        correlation_table({"a": []})


def test_correlation_table_needs_equal_lengths():
    with pytest.raises(ValueError, match="different length"):
        correlation_table({"a": [1], "b": [1, 2]})


def test_correlation_table_is_symmetric():
    table = correlation_table(_columns())
    assert all(table[a][b] == table[b][a] for a in table for b in table)
