"""Cases for glue_2."""

import random
from datetime import date, timedelta
from functools import cache

import pytest

from functions.glue_2 import describe_durations, due_dates, is_working_day, weekly_buckets


@cache
def _orders() -> tuple:
    rng = random.Random(2501)
    orders = [(date(2024, 1, 1) + timedelta(days=rng.randrange(700)), rng.randrange(0, 25)) for _ in range(14)]
    closed = [date(2024, 7, 1) + timedelta(days=n) for n in range(14)]
    return orders, closed


def bench_due_dates():
    return due_dates(*_orders())


def test_due_dates_over_a_weekend():
    friday = date(2024, 2, 2)
    assert due_dates([(friday, 0), (friday, 1), (date(2024, 2, 3), 0)]) == [
        (friday, 0),
        (date(2024, 2, 5), 3),
        (date(2024, 2, 5), 2),
    ]


def test_due_dates_over_easter():
    assert due_dates([(date(2024, 3, 27), 1)]) == [(date(2024, 4, 2), 6)]
    assert not is_working_day(date(2024, 5, 9))
    assert not is_working_day(date(2025, 12, 26))


def test_due_dates_when_closed():
    tuesday = date(2024, 2, 6)
    assert due_dates([(tuesday, 1)], closed=[date(2024, 2, 7)]) == [(date(2024, 2, 8), 2)]


def test_due_dates_of_nothing():
    assert due_dates([]) == []
    with pytest.raises(ValueError, match="negative"):
        due_dates([(date(2024, 1, 2), -1)])


@cache
def _entries() -> list:
    rng = random.Random(2502)
    kinds = ["bug", "task", "story"]
    return [(date(2022, 1, 1) + timedelta(days=rng.randrange(900)), rng.choice(kinds)) for _ in range(7000)]


def bench_weekly_buckets():
    return weekly_buckets(_entries())


def test_weekly_buckets_by_hand():
    entries = [(date(2024, 1, 15), "b"), (date(2024, 1, 1), "a"), (date(2024, 1, 7), "b"), (date(2024, 1, 16), "b")]
    assert weekly_buckets(entries) == [
        {"week": "2024-W01", "count": 2, "kinds": {"a": 1, "b": 1}},
        {"week": "2024-W02", "count": 0, "kinds": {}},
        {"week": "2024-W03", "count": 2, "kinds": {"b": 2}},
    ]


def test_weekly_buckets_at_the_turn_of_the_year():
    assert [b["week"] for b in weekly_buckets([(date(2021, 1, 3), "a"), (date(2021, 1, 4), "a")])] == [
        "2020-W53",
        "2021-W01",
    ]


def test_weekly_buckets_of_nothing():
    assert weekly_buckets([]) == []


def test_weekly_buckets_count_every_entry():
    buckets = weekly_buckets(_entries())
    assert sum(bucket["count"] for bucket in buckets) == 7000
    assert all(sum(bucket["kinds"].values()) == bucket["count"] for bucket in buckets)


@cache
def _seconds() -> list:
    rng = random.Random(2503)
    return [None if rng.random() < 0.05 else int(rng.lognormvariate(8, 3)) - 50 for _ in range(5000)]


def bench_describe_durations():
    return describe_durations(_seconds())


def test_describe_durations_by_hand():
    assert describe_durations([0, 59, 60, 3661, 90061, 1209600]) == [
        "0 s",
        "59 s",
        "1 min",
        "1 h 1 min",
        "1 d 1 h",
        "2 w",
    ]


def test_describe_durations_skips_units_that_are_zero():
    assert describe_durations([86405, 604800 + 61], parts=3) == ["1 d 5 s", "1 w 1 min 1 s"]


def test_describe_durations_negative_and_unknown():
    assert describe_durations([-65, None]) == ["-1 min 5 s", "-"]
    assert describe_durations([]) == []


def test_describe_durations_with_one_part():
    assert describe_durations([3599], parts=1) == ["59 min"]
