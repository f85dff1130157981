"""Cases for arrays_2."""

import random
from functools import cache

import numpy as np
import pytest

from functions.arrays_2 import bin_summary, blur_image, drawdowns


@cache
def _image():
    rng = random.Random(2301)
    image = np.array([[float(rng.randrange(256)) for _ in range(30)] for _ in range(26)])
    return image, np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]])


def bench_blur_image():
    return blur_image(*_image())


def test_blur_image_by_hand():
    image = np.array([[0.0, 3.0], [6.0, 9.0]])
    assert blur_image(image, np.ones((1, 3))).tolist() == [[1.5, 1.5], [7.5, 7.5]]
    assert blur_image(image, np.ones((3, 3))).tolist() == [[4.5, 4.5], [4.5, 4.5]]


def test_blur_image_with_one_weight_changes_nothing():
    image = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert blur_image(image, np.array([[5.0]])).tolist() == image.tolist()


def test_blur_image_keeps_pixels_without_weight():
    image = np.array([[1.0, 2.0]])
    assert blur_image(image, np.array([[1.0, 0.0, -1.0]])).tolist() == [[2.0, 1.0]]
    assert blur_image(image, np.array([[0.0]])).tolist() == [[1.0, 2.0]]


def test_blur_image_of_nothing():
    assert blur_image(np.zeros((0, 4)), np.ones((3, 3))).shape == (0, 4)


def test_blur_image_needs_a_middle():
    with pytest.raises(ValueError, match="middle"):
        blur_image(np.zeros((2, 2)), np.ones((2, 3)))


@cache
def _sample():
    rng = random.Random(2302)
    return np.array([rng.gauss(50, 25) for _ in range(60000)]), list(range(0, 101, 5))


def bench_bin_summary():
    return bin_summary(*_sample())


def test_bin_summary_by_hand():
    counts, sums, means = bin_summary(np.array([0.0, 1.5, 2.0, 9.0, 10.0, -1.0, np.nan]), [0, 2, 5, 10])
    assert counts.tolist() == [2, 1, 1]
    assert sums.tolist() == [1.5, 2.0, 9.0]
    assert means.tolist() == [0.75, 2.0, 9.0]


def test_bin_summary_of_nothing():
    counts, sums, means = bin_summary(np.array([]), [0.0, 1.0])
    assert (counts.tolist(), sums.tolist(), means.tolist()) == ([0], [0.0], [0.0])


def test_bin_summary_refuses_bad_edges():
    for edges in ([], [1], [1, 1], [2, 1]):
        with pytest.raises(ValueError, match="rising"):
            bin_summary(np.array([1.0]), edges)


def test_bin_summary_counts_everything_inside():
    values, edges = _sample()
    counts, sums, _ = bin_summary(values, edges)
    inside = values[(values >= 0) & (values < 100)]
    assert counts.sum() == len(inside)
    assert sums.sum() == pytest.approx(inside.sum())


@cache
def _returns():
    rng = random.Random(2303)
    return np.array([[rng.gauss(0.004, 0.05) for _ in range(250)] for _ in range(300)])


def bench_drawdowns():
    return drawdowns(_returns())


def test_drawdowns_by_hand():
    falls, ends = drawdowns(np.array([[1.0, -0.5, 0.5, -0.75], [0.5, 0.5, 0.5, 0.5]]))
    assert falls.tolist() == [0.8125, 0.0]
    assert ends.tolist() == [3, 0]


def test_drawdowns_count_from_the_start():
    falls, ends = drawdowns(np.array([[-0.5, 0.5]]))
    assert (falls.tolist(), ends.tolist()) == ([0.5], [0])


def test_drawdowns_of_nothing():
    falls, ends = drawdowns(np.zeros((2, 0)))
    assert (falls.tolist(), ends.tolist()) == ([0.0, 0.0], [-1, -1])
    assert len(drawdowns(np.zeros((0, 3)))[0]) == 0


def test_drawdowns_needs_rows():
    with pytest.raises(ValueError, match="one row per path"):
        drawdowns(np.zeros(3))
