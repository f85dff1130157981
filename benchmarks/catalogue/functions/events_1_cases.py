"""Cases for events_1."""

import random
from functools import cache

import pytest

from functions.events_1 import Session, build_sessions, debounce, limit_rate


@cache
def _clicks() -> list:
    rng = random.Random(3001)
    pages = ["/", "/list", "/item", "/cart", "/thanks"]
    return [
        {"user": f"u{rng.randrange(90)}", "time": rng.randrange(86400), "page": rng.choice(pages)} for _ in range(1800)
    ]


def bench_build_sessions():
    return build_sessions(_clicks())


def test_build_sessions_by_hand():
    events = [
        {"user": "b", "time": 50, "page": "/"},
        {"user": "a", "time": 100, "page": "/x"},
        {"user": "a", "time": 10, "page": "/"},
        {"user": "a", "time": 105, "page": "/x"},
        {"user": "a", "time": 300, "page": "/"},
    ]
    assert build_sessions(events, gap=100) == [
        Session("a", 10, 105, ["/", "/x"]),
        Session("b", 50, 50, ["/"]),
        Session("a", 300, 300, ["/"]),
    ]
    assert build_sessions(events, gap=100)[0].seconds == 95


def test_build_sessions_the_goal_ends_one():
    events = [{"user": "a", "time": t, "page": p} for t, p in ((1, "/"), (2, "/thanks"), (3, "/thanks"), (4, "/"))]
    sessions = build_sessions(events)
    assert [(s.start, s.pages, s.converted) for s in sessions] == [
        (1, ["/", "/thanks"], True),
        (3, ["/thanks"], True),
        (4, ["/"], False),
    ]


def test_build_sessions_events_of_one_time_stay_in_order():
    events = [{"user": "a", "time": 5, "page": p} for p in ("/1", "/2", "/3")]
    assert build_sessions(events)[0].pages == ["/1", "/2", "/3"]


def test_build_sessions_of_nothing():
    assert build_sessions([]) == []


def test_build_sessions_that_start_together_by_user():
    events = [{"user": u, "time": 5, "page": "/"} for u in ("b", "a")]
    assert [s.user for s in build_sessions(events)] == ["a", "b"]


@cache
def _requests() -> list:
    rng = random.Random(3002)
    time = 0.0
    requests = []
    for _ in range(1900):
        time += rng.expovariate(2.0)
        requests.append((f"client{int(rng.triangular(0, 12, 2))}", time))
    return requests


def bench_limit_rate():
    return limit_rate(_requests(), [(5, 10), (40, 120)])


def test_limit_rate_by_hand():
    requests = [("a", 0.0), ("a", 1.0), ("b", 1.0), ("a", 2.0), ("a", 10.0)]
    assert limit_rate(requests, [(2, 10)]) == ([True, True, True, False, True], {"a": 1})


def test_limit_rate_refused_calls_do_not_count():
    requests = [("a", t) for t in (0.0, 1.0, 2.0, 4.0, 5.5)]
    assert limit_rate(requests, [(1, 5)])[0] == [True, False, False, False, True]


def test_limit_rate_all_limits_must_hold():
    requests = [("a", float(t)) for t in range(6)]
    assert limit_rate(requests, [(1, 2), (2, 100)]) == ([True, False, True, False, False, False], {"a": 4})


def test_limit_rate_of_nothing():
    assert limit_rate([], [(1, 1)]) == ([], {})
    assert limit_rate([("a", 1.0), ("a", 1.0)], []) == ([True, True], {})


def test_limit_rate_refuses_limits_of_zero():
    with pytest.raises(ValueError, match="above zero"):
        limit_rate([], [(0, 1)])


@cache
def _changes() -> list:
    rng = random.Random(3003)
    time = 0.0
    changes = []
    for n in range(15000):
        time += rng.expovariate(1.0)
        changes.append((time, f"key{rng.randrange(25)}", n))
    return changes


def bench_debounce():
    return debounce(_changes(), 10.0)


def test_debounce_by_hand():
    events = [(0.0, "a", 1), (1.0, "b", 2), (1.5, "a", 3), (5.0, "a", 4)]
    assert debounce(events, 2.0) == [(1.0, "b", 2), (1.5, "a", 3), (5.0, "a", 4)]


def test_debounce_exactly_at_the_end_is_separate():
    assert debounce([(0.0, "a", 1), (2.0, "a", 2)], 2.0) == [(0.0, "a", 1), (2.0, "a", 2)]


def test_debounce_of_nothing():
    assert debounce([], 1.0) == []
    assert debounce([(1.0, "a", None), (1.0, "a", 5)], 0.5) == [(1.0, "a", 5)]


def test_debounce_refuses_time_that_runs_backwards():
    with pytest.raises(ValueError, match=r"backwards at 1\.0"):
        debounce([(2.0, "a", 1), (1.0, "a", 1)], 1.0)
