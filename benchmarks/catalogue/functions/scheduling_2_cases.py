"""Cases for scheduling_2."""

import random
from functools import cache

import pytest

from functions.scheduling_2 import balance_jobs, best_bookings, double_bookings


@cache
def _jobs() -> list:
    rng = random.Random(3301)
    return [(f"job{n}", rng.randrange(1, 500)) for n in range(12000)]


def bench_balance_jobs():
    return balance_jobs(_jobs(), 40)


def test_balance_jobs_by_hand():
    jobs = [("a", 3), ("b", 5), ("c", 2), ("d", 4)]
    assert balance_jobs(jobs, 2) == [(["b", "c"], 7), (["d", "a"], 7)]


def test_balance_jobs_of_equal_length_by_name():
    assert balance_jobs([("b", 1), ("c", 1), ("a", 1)], 2) == [(["a", "c"], 2), (["b"], 1)]


def test_balance_jobs_of_nothing():
    assert balance_jobs([], 2) == [([], 0), ([], 0)]
    with pytest.raises(ValueError, match="at least one machine"):
        balance_jobs([], 0)


def test_balance_jobs_loses_none():
    plan = balance_jobs(_jobs(), 7)
    assert sum(len(names) for names, _ in plan) == 12000
    assert sum(load for _, load in plan) == sum(minutes for _, minutes in _jobs())


@cache
def _rows() -> list:
    rng = random.Random(3302)
    rows = []
    for n in range(30):
        day, hour = rng.randrange(1, 4), rng.randrange(8, 16)
        rows.append(
            {
                "id": n,
                "room": f"R{rng.randrange(4)}",
                "from": f"{day:02}.03.2024 {hour:02}:{rng.choice(['00', '30'])}",
                "to": f"{day:02}.03.2024 {hour + rng.randrange(1, 3):02}:45",
            }
        )
    return rows


def bench_double_bookings():
    return double_bookings(_rows())


def _row(number: int, room: str, start: str, end: str) -> dict:
    return {"id": number, "room": room, "from": f"01.03.2024 {start}", "to": f"01.03.2024 {end}"}


def test_double_bookings_by_hand():
    rows = [_row(1, "A", "09:00", "10:00"), _row(2, "B", "09:00", "10:00"), _row(3, "A", "08:00", "09:20")]
    assert double_bookings(rows) == [(1, 3, 20)]


def test_double_bookings_that_touch_are_none():
    assert double_bookings([_row(1, "A", "09:00", "10:00"), _row(2, "A", "10:00", "11:00")]) == []


def test_double_bookings_of_nothing():
    assert double_bookings([]) == []
    assert double_bookings([_row(1, "A", "09:00", "10:00")]) == []


def test_double_bookings_every_pair_in_order():
    rows = [_row(n, "A", "09:00", "09:30") for n in (7, 5, 6)]
    assert double_bookings(rows) == [(7, 5, 30), (7, 6, 30), (5, 6, 30)]


def test_double_bookings_refuses_bad_rows():
    with pytest.raises(ValueError, match="booking 4 ends before"):
        double_bookings([_row(4, "A", "09:00", "09:00")])
    with pytest.raises(ValueError, match="does not match format"):
        double_bookings([_row(4, "A", "9 am", "10:00")])


@cache
def _offers() -> list:
    rng = random.Random(3303)
    starts = [rng.randrange(20000) for _ in range(6000)]
    return [(start, start + rng.randrange(1, 300), rng.randrange(1, 900)) for start in starts]


def bench_best_bookings():
    return best_bookings(_offers())


def test_best_bookings_by_hand():
    offers = [(0, 10, 5), (0, 4, 3), (4, 10, 3), (10, 12, 1)]
    assert best_bookings(offers) == ([(0, 4, 3), (4, 10, 3), (10, 12, 1)], 7)


def test_best_bookings_a_later_offer_only_if_it_adds():
    assert best_bookings([(0, 5, 2), (5, 9, 2), (0, 9, 4)]) == ([(0, 9, 4)], 4)
    assert best_bookings([(0, 5, 4), (5, 9, 0)]) == ([(0, 5, 4)], 4)


def test_best_bookings_of_nothing():
    assert best_bookings([]) == ([], 0)
    assert best_bookings([(1, 2, -5)]) == ([], 0)


def test_best_bookings_do_not_overlap():
    chosen, total = best_bookings(_offers())
    assert all(a[1] <= b[0] for a, b in zip(chosen, chosen[1:], strict=False))
    assert total == sum(price for _, _, price in chosen)
