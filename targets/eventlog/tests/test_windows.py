import math

import pytest

from eventlog.windows import (
    bursts,
    newest_first,
    normalise,
    records,
    reverse_log,
    rolling_mean,
    shard_count,
)


def test_rolling_mean():
    assert rolling_mean([2, 4, 6, 8], 2) == [2.0, 3.0, 5.0, 7.0]
    assert rolling_mean([1, 2], 5) == [1.0, 1.5]
    assert rolling_mean([], 3) == []


@pytest.mark.parametrize("width", [0, -2])
def test_rolling_mean_refuses_no_width(width):
    with pytest.raises(ValueError, match=f"not {width}"):
        rolling_mean([1], width)


def test_rolling_mean_does_not_drift():
    assert rolling_mean([0.1] * 8 + [1e16, 0.1, 0.1], 2)[-1] == 0.1


def test_bursts():
    times = [0, 1, 2, 10, 11, 12, 13, 30]
    assert bursts(times, 5, 3) == [(2, 3), (12, 3), (13, 4)]
    assert bursts(times, 100, 8) == [(30, 8)]
    assert bursts([], 5, 1) == []


def test_bursts_leave_out_what_is_exactly_too_old():
    assert bursts([0, 5], 5, 2) == []
    assert bursts([0, 4], 5, 2) == [(4, 2)]


def test_bursts_without_a_span():
    with pytest.raises(IndexError):
        bursts([1], 0, 1)


def test_records():
    assert records([3, 1, 3, 5, 4, 9]) == [0, 3, 5]
    assert records([7]) == [0]
    assert records([]) == []


def test_records_with_nan():
    assert records([math.nan, 5.0, 6.0]) == [0]
    assert records([1.0, math.nan, 2.0]) == [0, 2]


def test_normalise():
    assert normalise([5, 10, 15]) == [0.0, 0.5, 1.0]
    assert normalise([]) == []
    with pytest.raises(ZeroDivisionError):
        normalise([4, 4])


@pytest.mark.parametrize(
    ("least", "shards"), [(-5, 2), (0, 2), (3, 3), (8, 11), (90, 97), (25, 29), (7907, 7907)]
)
def test_shard_count(least, shards):
    assert shard_count(least) == shards


def test_newest_first():
    assert newest_first([1, 2, 1, 3, 2], 2) == [2, 3]
    assert newest_first([1, 1.0, True], 5) == [True]
    assert newest_first([], 3) == []


def test_newest_first_takes_values_that_have_no_hash():
    assert newest_first([[1], [2], [1]], 9) == [[1], [2]]


def test_newest_first_keeps_the_later_of_equals():
    first, later = [1], [1]
    assert newest_first([first, later], 1)[0] is later


def test_reverse_log():
    assert reverse_log(["a\n", "# c\n", "b  \n", "\n"]) == ["", "b", "a"]
    assert reverse_log([]) == []
