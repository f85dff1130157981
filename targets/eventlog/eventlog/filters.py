"""Conditions on events. They combine with `&`, `|` and `~`, and never change an event."""

import re
from collections.abc import Iterable

from eventlog.events import Event


class Condition:
    """Something an event does or doesn't match."""

    def matches(self, event: Event) -> bool:
        """Whether the event matches."""
        raise NotImplementedError

    def select(self, events: Iterable[Event]) -> list[Event]:
        """The events that match, in order."""
        return [event for event in events if self.matches(event)]

    def __and__(self, other: "Condition") -> "Condition":
        return AllOf([self, other])

    def __or__(self, other: "Condition") -> "Condition":
        return AnyOf([self, other])

    def __invert__(self) -> "Condition":
        return Not(self)


class Everything(Condition):
    """Matches every event."""

    def matches(self, event: Event) -> bool:
        return True


class KindIs(Condition):
    """The event is of one of some kinds. The list stays the caller's and may grow."""

    def __init__(self, kinds: list[str]) -> None:
        self.kinds = kinds

    def matches(self, event: Event) -> bool:
        return event.kind in self.kinds


class FieldLike(Condition):
    """A field is there and matches a regular expression anywhere."""

    def __init__(self, name: str, pattern: str) -> None:
        self.name = name
        self.pattern = pattern

    def matches(self, event: Event) -> bool:
        value = event.fields.get(self.name)
        return value is not None and re.search(self.pattern, value) is not None


class AllOf(Condition):
    """Every part matches; parts after the first that doesn't are not asked."""

    def __init__(self, parts: list[Condition]) -> None:
        self.parts = parts

    def matches(self, event: Event) -> bool:
        return all(part.matches(event) for part in self.parts)


class AnyOf(Condition):
    """A part matches; parts after the first that does are not asked."""

    def __init__(self, parts: list[Condition]) -> None:
        self.parts = parts

    def matches(self, event: Event) -> bool:
        return any(part.matches(event) for part in self.parts)


class Not(Condition):
    """The other condition doesn't match."""

    def __init__(self, part: Condition) -> None:
        self.part = part

    def matches(self, event: Event) -> bool:
        return not self.part.matches(event)


def without_users(events: list[Event], excluded: list[str]) -> list[Event]:
    """Events of everybody but the excluded users, whose names may be in any case."""
    kept = []
    for event in events:
        if event.user.lower() not in [name.lower() for name in excluded]:
            kept.append(event)
    return kept


def first_of_each(events: list[Event], name: str) -> list[Event]:
    """The first event for each value of a field; events without the field are left out."""
    values = []
    firsts = []
    for event in events:
        value = event.fields.get(name)
        if value is not None and value not in values:
            values.append(value)
            firsts.append(event)
    return firsts
