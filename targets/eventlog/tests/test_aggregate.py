import pytest

from eventlog.aggregate import (
    CountBy,
    DistinctUsers,
    Latency,
    merge_settings,
    pivot,
    run,
    severities,
    severity,
)
from eventlog.events import Event

EVENTS = [
    Event(1, "bob", "view", {"ms": "30"}),
    Event(2, "ann", "view", {"ms": "10"}),
    Event(3, "bob", "view", {"ms": "20.5"}),
    Event(4, "ann", "login"),
    Event(5, "bob", "login", {"ms": "nan"}),
]


def test_count_by():
    assert run(EVENTS, [CountBy()]) == [
        [
            ("view", "bob", 2, 0.6667),
            ("login", "ann", 1, 0.5),
            ("login", "bob", 1, 0.5),
            ("view", "ann", 1, 0.3333),
        ]
    ]


def test_aggregators_can_go_on_after_a_table():
    counts = CountBy()
    counts.add(EVENTS[0])
    assert counts.table() == [("view", "bob", 1, 1.0)]
    counts.add(EVENTS[1])
    assert counts.table() == [("view", "ann", 1, 0.5), ("view", "bob", 1, 0.5)]


def test_distinct_users_in_first_seen_order():
    assert run(EVENTS, [DistinctUsers()]) == [[("login", ["ann", "bob"]), ("view", ["bob", "ann"])]]


def test_tables_belong_to_the_caller():
    users = DistinctUsers()
    users.add(EVENTS[0])
    users.table()[0][1].append("zed")
    assert users.table() == [("view", ["bob"])]


def test_distinct_users_can_be_read_while_counting():
    users = DistinctUsers()
    for event in EVENTS:
        users.add(event)
        assert event.user in users.users[event.kind]
    assert users.users == {"view": ["bob", "ann"], "login": ["ann", "bob"]}


def test_latency():
    latency = Latency()
    assert run(EVENTS, [latency]) == [[("view", 3, 10.0, 20.5, 30.0)]]
    assert latency.missing == 2
    assert latency.values == {"view": [30.0, 10.0, 20.5]}


def test_latency_of_an_even_number():
    latency = Latency()
    for ms in ("4", "1", "3", "2"):
        latency.add(Event(1, "a", "view", {"ms": ms}))
    assert latency.table() == [("view", 4, 1.0, 3.0, 4.0)]


def test_run_without_events():
    assert run([], [CountBy(), DistinctUsers(), Latency()]) == [[], [], []]
    assert run(EVENTS, []) == []


def test_pivot():
    rows = [("ann", "mon", 1), ("bob", "tue", 2), ("ann", "mon", 3), ("ann", "wed", 4)]
    assert pivot(rows) == [
        {"row": "ann", "mon": 4, "tue": 0, "wed": 4},
        {"row": "bob", "mon": 0, "tue": 2, "wed": 0},
    ]
    assert list(pivot(rows)[1]) == ["row", "mon", "tue", "wed"]
    assert pivot([]) == []


def test_pivot_with_a_column_called_row():
    assert pivot([("ann", "row", 1)]) == [{"row": 1}]


def test_merge_settings_share_no_nested_part():
    defaults = {"limits": {"cpu": 1, "disk": [1]}, "name": "x"}
    small, large = merge_settings(defaults, [{"name": "s"}, {"limits": {"cpu": 8}, "new": 1}])
    assert small == {"limits": {"cpu": 1, "disk": [1]}, "name": "s"}
    assert large == {"limits": {"cpu": 8, "disk": [1]}, "name": "x", "new": 1}
    large["limits"]["disk"].append(2)
    assert small["limits"]["disk"] == defaults["limits"]["disk"] == [1]


def test_merge_settings_of_nothing():
    assert merge_settings({"a": {}}, []) == []
    assert merge_settings({}, [{"a": {"b": 1}}]) == [{"a": {"b": 1}}]


@pytest.mark.parametrize(
    ("kind", "code", "level"),
    [
        ("view", 200, "low"),
        ("view", 500, "mid"),
        ("login", 503, "high"),
        ("refund", 502, "critical"),
        ("view", 429, "mid"),
        ("login", 408, "mid"),
        ("purchase", 425, "high"),
        ("something", 404, "low"),
    ],
)
def test_severity(kind, code, level):
    assert severity(kind, code) == level


def test_severities_in_first_seen_order():
    rows = [("login", 200), ("view", 200), ("view", 500)]
    assert list(severities(rows).items()) == [("mid", 2), ("low", 1)]
