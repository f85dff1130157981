"""Cases for scheduling_1."""

import random
from datetime import datetime
from functools import cache

import pytest

from functions.scheduling_1 import assign_rooms, free_slots, next_runs


@cache
def _calendars() -> dict:
    rng = random.Random(3201)
    calendars = {}
    for n in range(5):
        meetings = []
        for _ in range(3):
            start = rng.randrange(480, 1000)
            end = start + rng.choice([15, 30, 45])
            meetings.append(
                {"from": f"{start // 60:02}:{start % 60:02}", "to": f"{end // 60:02}:{end % 60:02}", "title": f"m{n}"}
            )
        calendars[f"p{n}"] = meetings
    return calendars


def bench_free_slots():
    return free_slots(_calendars(), 30)


def test_free_slots_by_hand():
    calendars = {
        "ann": [{"from": "09:00", "to": "10:00"}, {"from": "15:30", "to": "16:00"}],
        "bob": [{"from": "09:30", "to": "11:15"}],
    }
    assert free_slots(calendars, 60) == [("08:00", "09:00"), ("11:15", "15:30"), ("16:00", "17:00")]
    assert free_slots(calendars, 61) == [("11:15", "15:30")]


def test_free_slots_without_meetings():
    assert free_slots({}, 30) == [("08:00", "17:00")]
    assert free_slots({"ann": []}, 30, "10:00", "10:29") == []


def test_free_slots_of_a_full_day():
    assert free_slots({"ann": [{"from": "00:00", "to": "24:00"}]}, 1) == []


def test_free_slots_meetings_that_touch_leave_nothing_between():
    calendar = [{"from": "07:00", "to": "12:00"}, {"from": "12:00", "to": "16:59"}]
    assert free_slots({"ann": calendar}, 1) == [("16:59", "17:00")]
    assert free_slots({"ann": [{"from": "10:00", "to": "10:00"}]}, 1) == [("08:00", "17:00")]


def test_free_slots_refuses_bad_times():
    with pytest.raises(ValueError, match="unpack"):
        free_slots({"ann": [{"from": "9", "to": "10:00"}]}, 30)


@cache
def _meetings() -> list:
    rng = random.Random(3202)
    starts = [rng.randrange(0, 20000) for _ in range(6000)]
    return [(start, start + rng.randrange(15, 120)) for start in starts]


def bench_assign_rooms():
    return assign_rooms(_meetings())


def test_assign_rooms_by_hand():
    assert assign_rooms([(9, 11), (8, 10), (10, 12), (11, 12)]) == [2, 1, 1, 2]


def test_assign_rooms_together():
    assert assign_rooms([(1, 5), (1, 2), (1, 3), (2, 4), (3, 9)]) == [1, 2, 3, 2, 3]


def test_assign_rooms_of_nothing():
    assert assign_rooms([]) == []
    assert assign_rooms([(3, 3), (3, 3)]) == [1, 1]


def test_assign_rooms_nobody_shares_a_room():
    meetings = _meetings()[:400]
    by_room = {}
    for (start, end), room in zip(meetings, assign_rooms(meetings), strict=True):
        by_room.setdefault(room, []).append((start, end))
    for own in by_room.values():
        own.sort()
        assert all(a[1] <= b[0] for a, b in zip(own, own[1:], strict=False))


def test_assign_rooms_refuses_meetings_that_end_before_they_start():
    with pytest.raises(ValueError, match="meeting 1 ends"):
        assign_rooms([(1, 2), (2, 1)])


JOBS = {
    "backup": "30 2 * * *",
    "poll": "*/20 8-17 * * 1-5",
    "report": "0 7 1,15 * *",
    "cleanup": "15 */6 * 1-6 0",
}


def bench_next_runs():
    return next_runs(JOBS, datetime(2024, 2, 29, 23, 50, 12), 30)


def test_next_runs_by_hand():
    runs = next_runs({"b": "0 9 * * *", "a": "0,30 9 * * *"}, datetime(2024, 1, 1, 9, 0, 30), 3)
    assert runs == [(datetime(2024, 1, 1, 9, 30), "a"), (datetime(2024, 1, 2, 9), "a"), (datetime(2024, 1, 2, 9), "b")]


def test_next_runs_on_weekdays_only():
    saturday = datetime(2024, 3, 2, 12, 0)
    assert next_runs({"a": "0 12 * * 1-5"}, saturday, 1, 72) == [(datetime(2024, 3, 4, 12), "a")]
    assert next_runs({"a": "0 12 * * 1-5"}, saturday, 1, 24) == []


def test_next_runs_on_the_last_of_february():
    assert next_runs({"a": "0 0 29 2 *"}, datetime(2024, 2, 28, 12), 5) == [(datetime(2024, 2, 29), "a")]


def test_next_runs_of_nothing():
    assert next_runs({}, datetime(2024, 1, 1), 5, 1) == []
    assert next_runs({"a": "* * * * *"}, datetime(2024, 1, 1), 0) == []


def test_next_runs_refuses_bad_expressions():
    for expression, message in (("* * *", "five fields"), ("60 * * * *", "between 0 and 59"), ("x * * * *", "invalid")):
        with pytest.raises(ValueError, match=message):
            next_runs({"a": expression}, datetime(2024, 1, 1), 1)


def test_next_runs_reads_a_field_only_when_it_gets_there():
    assert next_runs({"a": "5 25 * * *"}, datetime(2024, 1, 1, 0, 10), 1, 0.5) == []
    with pytest.raises(ValueError, match="between 0 and 23"):
        next_runs({"a": "5 25 * * *"}, datetime(2024, 1, 1, 0, 10), 1, 1)
