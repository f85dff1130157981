import re

import pytest

from eventlog.events import Event
from eventlog.filters import (
    AllOf,
    AnyOf,
    Condition,
    Everything,
    FieldLike,
    KindIs,
    first_of_each,
    without_users,
)

VIEW = Event(1, "Ann", "view", {"page": "/shop/1"})
LOGIN = Event(2, "bob", "login")
OTHER = Event(3, "ann", "view", {"page": "/home"})
EVENTS = [VIEW, LOGIN, OTHER]


class Refuses(Condition):
    def matches(self, event):
        raise AssertionError("must not be asked")


def test_select_keeps_order_and_events():
    assert Everything().select(iter(EVENTS)) == EVENTS
    assert Everything().select(EVENTS)[0] is VIEW


def test_kind_is():
    assert KindIs(["login", "view"]).select(EVENTS) == EVENTS
    assert KindIs([]).select(EVENTS) == []


def test_kind_is_follows_the_callers_list():
    kinds = ["login"]
    condition = KindIs(kinds)
    assert condition.select(EVENTS) == [LOGIN]
    kinds.append("view")
    assert condition.select(EVENTS) == EVENTS


def test_field_like():
    assert FieldLike("page", r"^/shop/\d").select(EVENTS) == [VIEW]
    assert FieldLike("page", "o").select(EVENTS) == [VIEW, OTHER]


def test_field_like_reads_its_pattern_only_when_needed():
    condition = FieldLike("page", "(")
    assert condition.select([LOGIN]) == []
    with pytest.raises(re.error):
        condition.matches(VIEW)


def test_combinations():
    views, shop = KindIs(["view"]), FieldLike("page", "shop")
    assert (views & ~shop).select(EVENTS) == [OTHER]
    assert (~views | shop).select(EVENTS) == [VIEW, LOGIN]
    assert AllOf([]).matches(VIEW)
    assert not AnyOf([]).matches(VIEW)


def test_combinations_ask_no_further_than_needed():
    assert not (~Everything() & Refuses()).matches(VIEW)
    assert (Everything() | Refuses()).matches(VIEW)


def test_a_condition_of_no_kind():
    with pytest.raises(NotImplementedError):
        Condition().matches(VIEW)


def test_without_users_in_any_case():
    assert without_users(EVENTS, ["ANN"]) == [LOGIN]
    assert without_users(EVENTS, []) == EVENTS
    assert without_users([], [None]) == []
    with pytest.raises(AttributeError):
        without_users(EVENTS, [None])


def test_first_of_each():
    again = Event(9, "zed", "view", {"page": "/home"})
    assert first_of_each([OTHER, VIEW, again, LOGIN], "page") == [OTHER, VIEW]
    assert first_of_each(EVENTS, "nothing") == []
