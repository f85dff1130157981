"""Cases for arrays_1."""

import random
from functools import cache

import numpy as np
import pytest

from functions.arrays_1 import nearest_points, rolling_extremes, standardise_columns


@cache
def _matrix():
    rng = random.Random(2201)
    rows = [[rng.gauss(10 * n, 1 + n) if rng.random() < 0.95 else np.nan for n in range(12)] for _ in range(350)]
    return np.array(rows)


def bench_standardise_columns():
    return standardise_columns(_matrix(), 2.0)


def test_standardise_columns_by_hand():
    result = standardise_columns(np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]]))
    assert result.tolist() == [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]


def test_standardise_columns_clips():
    column = np.array([[0.0]] * 99 + [[100.0]])
    result = standardise_columns(column, clip=2.0)
    assert result.max() == 2.0
    assert result.min() == pytest.approx(-1 / np.sqrt(99))


def test_standardise_columns_of_nothing():
    assert standardise_columns(np.zeros((0, 2))).shape == (0, 2)
    assert standardise_columns(np.array([[np.nan], [np.nan]])).tolist() == [[0.0], [0.0]]


def test_standardise_columns_leaves_the_input_alone():
    matrix = np.array([[1.0], [9.0]])
    standardise_columns(matrix)
    assert matrix.tolist() == [[1.0], [9.0]]


@cache
def _points():
    rng = random.Random(2202)
    points = np.array([[rng.uniform(0, 9) for _ in range(3)] for _ in range(60)])
    return points, np.array([[rng.uniform(0, 9) for _ in range(3)] for _ in range(25)])


def bench_nearest_points():
    return nearest_points(*_points())


def test_nearest_points_by_hand():
    indices, distances = nearest_points(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [3.0, 3.5]]))
    assert indices.tolist() == [0, 1]
    assert distances.tolist() == [1.0, 0.5]


def test_nearest_points_the_first_of_equals():
    indices, distances = nearest_points(np.array([[1.0], [-1.0], [1.0]]), np.array([[0.0]]))
    assert (indices.tolist(), distances.tolist()) == ([0], [1.0])


def test_nearest_points_without_queries():
    indices, distances = nearest_points(np.array([[1.0]]), np.zeros((0, 1)))
    assert indices.dtype == np.int64
    assert (len(indices), len(distances)) == (0, 0)


def test_nearest_points_needs_points():
    with pytest.raises(ValueError, match="no points"):
        nearest_points(np.zeros((0, 2)), np.zeros((1, 2)))


@cache
def _values():
    rng = random.Random(2203)
    return np.array([rng.gauss(0, 5) for _ in range(700)])


def bench_rolling_extremes():
    return rolling_extremes(_values(), 25)


def test_rolling_extremes_by_hand():
    lows, highs, spread, widest = rolling_extremes(np.array([3.0, 1.0, 4.0, 1.0]), 2)
    assert lows.tolist() == [1.0, 1.0, 1.0]
    assert highs.tolist() == [3.0, 4.0, 4.0]
    assert spread.tolist() == [2.0, 3.0, 3.0]
    assert widest == 1


def test_rolling_extremes_of_integers_are_floats():
    lows, _, _, _ = rolling_extremes(np.array([3, 1]), 1)
    assert lows.dtype == float


def test_rolling_extremes_of_too_few():
    lows, highs, spread, widest = rolling_extremes(np.array([1.0]), 2)
    assert (len(lows), len(highs), len(spread), widest) == (0, 0, 0, -1)


def test_rolling_extremes_needs_a_window():
    with pytest.raises(ValueError, match="at least one"):
        rolling_extremes(np.array([1.0]), 0)
