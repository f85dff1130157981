import pytest

from eventlog.events import Event
from eventlog.sessions import (
    Session,
    funnel,
    join_users,
    merge_retries,
    returning,
    sessionise,
    transitions,
)


def event(at, user, kind="view"):
    return Event(at, user, kind)


def test_sessionise():
    events = [event(0, "bob"), event(5000, "ann"), event(100, "bob"), event(9000, "bob")]
    sessions = sessionise(events)
    assert [(s.user, [e.at for e in s.events]) for s in sessions] == [
        ("bob", [0, 100]),
        ("bob", [9000]),
        ("ann", [5000]),
    ]
    assert sessions[0].events[0] is events[0]
    assert sessionise([]) == []


def test_sessions_end_after_more_than_the_pause():
    assert len(sessionise([event(0, "a"), event(60, "a")], pause=60)) == 1
    assert len(sessionise([event(0, "a"), event(61, "a")], pause=60)) == 2


def test_sessionise_sorts_late_events_and_keeps_order_of_equals():
    events = [event(7, "a", "x"), event(3, "a", "y"), event(7, "a", "z")]
    assert sessionise(events)[0].kinds == ["y", "x", "z"]
    assert [e.at for e in events] == [7, 3, 7]


def test_session_seconds():
    assert Session("a", [event(5, "a"), event(65, "a")]).seconds == 60
    with pytest.raises(IndexError):
        assert Session("a", []).seconds


def test_session_follows_its_events():
    session = Session("a", [event(5, "a")])
    assert session.seconds == 0
    session.events.append(event(9, "a", "login"))
    assert (session.seconds, session.kinds) == (4, ["view", "login"])


def test_join_users_takes_the_last_record():
    users = [
        {"name": "ann", "plan": "free"},
        {"name": "bob", "plan": "pro"},
        {"name": "ann", "plan": "pro"},
    ]
    events = [event(1, "ann"), event(2, "zed"), event(3, "bob", "login")]
    assert join_users(events, users) == [("ann", "pro", "view"), ("bob", "pro", "login")]
    assert join_users(events, []) == []


def test_join_users_asks_for_a_plan_only_when_the_user_appears():
    users = [{"name": "ann", "plan": "free"}, {"name": "ghost"}]
    assert join_users([event(1, "ann")], users) == [("ann", "free", "view")]
    with pytest.raises(KeyError, match="plan"):
        join_users([event(1, "ghost")], users)


def test_join_users_without_a_plan():
    assert join_users([event(1, "ann")], [{"name": "ann", "plan": None}]) == []


def test_funnel():
    sessions = [["view", "buy", "pay"], ["buy", "view"], ["view", "x", "pay"], []]
    assert funnel(sessions, ["view", "buy", "pay"]) == [3, 1, 1]
    assert funnel(sessions, []) == []
    assert funnel([], ["view"]) == [0]


def test_funnel_wants_a_step_twice_when_it_is_listed_twice():
    assert funnel([["view"], ["view", "view"]], ["view", "view"]) == [2, 1]


def test_funnel_leaves_sessions_alone():
    kinds = ["view", "buy"]
    funnel([kinds, kinds], ["buy"])
    assert kinds == ["view", "buy"]


def test_transitions():
    assert list(transitions(["a", "b", "a", "c", "a", "b"]).items()) == [
        (("a", "b"), 0.6667),
        (("b", "a"), 1.0),
        (("a", "c"), 0.3333),
        (("c", "a"), 1.0),
    ]
    assert transitions(["a"]) == transitions([]) == {}


def test_merge_retries_in_place():
    kinds = ["a", "a", "b", "b", "b", "a"]
    assert merge_retries(kinds) is kinds
    assert kinds == ["a", "b", "a"]
    assert merge_retries([]) == []


def test_returning():
    assert returning([["a", "b"], ["b", "c", "b"], [], ["a", "c", "d"]]) == [0, 2, 0, 2]
    assert returning([]) == []


def test_returning_leaves_weeks_alone():
    weeks = [["a"], ["b"]]
    returning(weeks)
    assert weeks == [["a"], ["b"]]
