"""Cases for numeric_3."""

import random
from functools import cache

import pytest

from functions.numeric_3 import collatz_records, running_medians, smooth_series


def bench_collatz_records():
    return collatz_records(2500)


def test_collatz_records_by_hand():
    assert collatz_records(8) == [(1, 0, 1), (2, 1, 2), (3, 7, 16), (6, 8, 16), (7, 16, 52)]


def test_collatz_records_of_nothing():
    assert collatz_records(1) == []
    assert collatz_records(-4) == []
    assert collatz_records(2) == [(1, 0, 1)]


def test_collatz_records_known_ones():
    assert collatz_records(100)[-1] == (97, 118, 9232)
    assert [number for number, _, _ in collatz_records(60)] == [1, 2, 3, 6, 7, 9, 18, 25, 27, 54]


@cache
def _stream() -> list:
    rng = random.Random(2101)
    return [rng.randrange(100000) for _ in range(12000)]


def bench_running_medians():
    return running_medians(_stream())


def test_running_medians_by_hand():
    assert running_medians([5, 1, 3, 4]) == [5, 3.0, 3, 3.5]


def test_running_medians_of_nothing():
    assert running_medians([]) == []
    assert running_medians([2, 2]) == [2, 2.0]


def test_running_medians_of_negatives():
    assert running_medians([-1, -5, -3]) == [-1, -3.0, -3]


def test_running_medians_against_sorting():
    values = _stream()[:300]
    medians = running_medians(values)
    for count in (1, 2, 17, 200, 299):
        ordered = sorted(values[:count])
        assert medians[count - 1] == (ordered[(count - 1) // 2] + ordered[count // 2]) / 2


@cache
def _series() -> list:
    rng = random.Random(2102)
    return [None if rng.random() < 0.05 else rng.gauss(100, 15) for _ in range(30000)]


def bench_smooth_series():
    return smooth_series(_series())


def test_smooth_series_by_hand():
    levels, error = smooth_series([10, 20, 20], alpha=0.5, beta=0.5)
    assert levels == [10.0, 15.0, 18.75]
    assert error == pytest.approx((100 + 2.5**2) / 2)


def test_smooth_series_fills_what_is_missing():
    levels, error = smooth_series([4, None, 4], alpha=0.5, beta=0.0)
    assert levels == [4.0, 4.0, 4.0]
    assert error == 0.0
    assert smooth_series([4, -1, 4], alpha=0.5, beta=0.0, missing=-1) == ([4.0, 4.0, 4.0], 0.0)


def test_smooth_series_of_nothing():
    assert smooth_series([]) == ([], 0.0)
    assert smooth_series([None, None]) == ([0.0, 0.0], 0.0)


def test_smooth_series_refuses_other_factors():
    for alpha, beta in ((0, 0.1), (1.5, 0.1), (0.5, -1)):
        with pytest.raises(ValueError, match="between"):
            smooth_series([1], alpha, beta)
