"""Cases for events_2."""

import random
from functools import cache

import pytest

from functions.events_2 import deliver_events, merge_streams, window_counts


@cache
def _traffic() -> tuple:
    rng = random.Random(3101)
    parts = ["home", "garden", "shed", "light", "door", "temp"]
    topics = ["/".join(rng.choices(parts, k=rng.randrange(1, 5))) for _ in range(70)]
    subscriptions = []
    for n in range(45):
        topic = rng.choice(topics).split("/")
        if rng.random() < 0.5:
            topic[rng.randrange(len(topic))] = "*"
        if rng.random() < 0.3:
            topic[-1] = "#"
        subscriptions.append((f"sub{n % 40}", "/".join(topic), rng.randrange(4), rng.random() < 0.1))
    events = [(rng.choice(topics), rng.randrange(5), f"event {n}") for n in range(350)]
    return events, subscriptions


def bench_deliver_events():
    return deliver_events(*_traffic())


def test_deliver_events_by_hand():
    events = [("a/b", 1, "x"), ("a/c", 3, "y"), ("d", 1, "z"), ("d", 0, "z"), ("a", 1, "w")]
    subscriptions = [("one", "a/*"), ("two", "a/#", 2), ("three", "a/b")]
    assert deliver_events(events, subscriptions) == (
        {"one": [("a/b", "x"), ("a/c", "y")], "two": [("a/c", "y")], "three": [("a/b", "x")]},
        ["d", "a"],
    )


def test_deliver_events_once_only():
    events = [("a", 0, "1"), ("a", 0, "2")]
    assert deliver_events(events, [("s", "a", 0, True)]) == ({"s": [("a", "1")]}, ["a"])


def test_deliver_events_a_cross_at_the_end_also_stands_for_nothing():
    events = [("a", 0, "1"), ("b/a", 0, "2")]
    assert deliver_events(events, [("s", "a/#")]) == ({"s": [("a", "1")]}, ["b/a"])
    assert deliver_events(events, [("s", "#")]) == ({"s": [("a", "1"), ("b/a", "2")]}, [])


def test_deliver_events_joins_subscriptions_of_one_name():
    result, _ = deliver_events([("a", 0, "1"), ("b", 0, "2")], [("s", "b"), ("s", "a")])
    assert result == {"s": [("b", "2"), ("a", "1")]}


def test_deliver_events_of_nothing():
    assert deliver_events([], []) == ({}, [])
    assert deliver_events([], [("s", "a")]) == ({"s": []}, [])


@cache
def _events() -> list:
    rng = random.Random(3102)
    return [
        {"time": rng.randrange(3600), "user": rng.randrange(80), "kind": rng.choice(["view", "click", "buy", "open"])}
        for _ in range(1000)
    ]


def bench_window_counts():
    return window_counts(_events(), 300, 40)


def test_window_counts_by_hand():
    events = [
        {"time": 5, "user": 1, "kind": "b"},
        {"time": 12, "user": 1, "kind": "a"},
        {"time": 14, "user": 2, "kind": "b"},
    ]
    assert window_counts(events, 10, 5) == [
        {"start": 5, "events": 3, "users": 2, "top": "b"},
        {"start": 10, "events": 2, "users": 2, "top": "a"},
    ]


def test_window_counts_with_empty_windows():
    events = [{"time": t, "user": 1, "kind": "a"} for t in (0, 25)]
    assert [(w["start"], w["events"], w["top"]) for w in window_counts(events, 10, 10)] == [
        (0, 1, "a"),
        (10, 0, None),
        (20, 1, "a"),
    ]


def test_window_counts_with_gaps_between_windows():
    events = [{"time": t, "user": 1, "kind": "a"} for t in (3, 7, 10)]
    assert [(w["start"], w["events"]) for w in window_counts(events, 5, 10)] == [(0, 1), (10, 1)]


def test_window_counts_of_nothing():
    assert window_counts([], 10, 5) == []
    with pytest.raises(ValueError, match="above zero"):
        window_counts([], 10, 0)


def test_window_counts_before_zero():
    assert [w["start"] for w in window_counts([{"time": -3, "user": 1, "kind": "a"}], 5, 5)] == [-5]


@cache
def _streams() -> list:
    rng = random.Random(3103)
    return [sorted((rng.randrange(10**6), rng.randrange(9000), f"text {n}") for n in range(1500)) for _ in range(6)]


def bench_merge_streams():
    return list(merge_streams(_streams(), range(0, 9000, 10)))


def test_merge_streams_by_hand():
    streams = [[(1, "a", "x"), (4, "b", "y")], [(2, "c", "z"), (3, "a", "again")]]
    assert list(merge_streams(streams)) == [(1, 1, "a", "x"), (2, 2, "c", "z"), (3, 4, "b", "y")]


def test_merge_streams_up_to_a_time():
    streams = [[(1, "a", "x"), (9, "b", "y")], [(5, "c", "z"), (6, "d", "w")]]
    assert list(merge_streams(streams, until=5)) == [(1, 1, "a", "x"), (2, 5, "c", "z")]
    assert list(merge_streams(streams, until=0)) == []


def test_merge_streams_leaves_out_what_was_seen():
    assert list(merge_streams([[(1, "a", "x"), (2, "b", "y")]], ["a"])) == [(1, 2, "b", "y")]


def test_merge_streams_of_nothing():
    assert list(merge_streams([])) == []
    assert list(merge_streams([[], []])) == []


def test_merge_streams_is_lazy():
    endless = ((n, n, "") for n in iter(int, 1))
    stream = merge_streams([endless])
    assert next(stream) == (1, 0, 0, "")


def test_merge_streams_needs_triples():
    with pytest.raises(ValueError, match="unpack"):
        list(merge_streams([[(1, 2)]]))
