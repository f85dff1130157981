"""Aggregators: they take events one by one and give a table when asked.

A table is a list of rows that belong to the caller; asking twice gives two.
"""

import copy

from eventlog.events import Event


class CountBy:
    """Events by kind and user."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}

    def add(self, event: Event) -> None:
        """Take one event."""
        key = (event.kind, event.user)
        self.counts[key] = self.counts.get(key, 0) + 1

    def table(self) -> list[tuple]:
        """(kind, user, count, share of its kind), most frequent first."""
        rows = []
        for (kind, user), count in self.counts.items():
            total = sum(n for (other, _), n in self.counts.items() if other == kind)
            rows.append((kind, user, count, round(count / total, 4)))
        return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


class DistinctUsers:
    """Which users did each kind of thing."""

    def __init__(self) -> None:
        self.users: dict[str, list[str]] = {}

    def add(self, event: Event) -> None:
        """Take one event."""
        users = self.users.setdefault(event.kind, [])
        if event.user not in users:
            users.append(event.user)

    def table(self) -> list[tuple[str, list[str]]]:
        """(kind, users in first-seen order), by kind."""
        return [(kind, list(users)) for kind, users in sorted(self.users.items())]


class Latency:
    """Durations (`ms`) by kind; events without one are counted apart."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}
        self.missing = 0

    def add(self, event: Event) -> None:
        """Take one event."""
        value = event.number("ms")
        if value != value:
            self.missing += 1
            return
        self.values.setdefault(event.kind, []).append(value)

    def table(self) -> list[tuple]:
        """(kind, number, best, median, worst), by kind."""
        rows = []
        for kind in sorted(self.values):
            values = self.values[kind]
            rows.append(
                (
                    kind,
                    len(values),
                    sorted(values)[0],
                    sorted(values)[len(values) // 2],
                    sorted(values)[-1],
                )
            )
        return rows


def run(events: list[Event], aggregators: list) -> list:
    """Feed every event to every aggregator; returns their tables."""
    for event in events:
        for aggregator in aggregators:
            aggregator.add(event)
    return [aggregator.table() for aggregator in aggregators]


def pivot(rows: list[tuple[str, str, int]]) -> list[dict]:
    """(row, column, number) to one dict per row; absent numbers are 0, repeats add up."""
    columns = []
    for _, column, _ in rows:
        if column not in columns:
            columns.append(column)
    empty = dict.fromkeys(columns, 0)
    table: dict[str, dict[str, int]] = {}
    for row, column, number in rows:
        if row not in table:
            table[row] = copy.deepcopy(empty)
        table[row][column] += number
    return [{"row": row, **cells} for row, cells in table.items()]


def merge_settings(defaults: dict, overrides: list[dict]) -> list[dict]:
    """A full set of settings for each override; none shares a nested part with another."""
    merged = []
    for override in overrides:
        settings = copy.deepcopy(defaults)
        for name, value in override.items():
            if isinstance(value, dict):
                settings.setdefault(name, {}).update(value)
            else:
                settings[name] = value
        merged.append(settings)
    return merged


def severity(kind: str, code: int) -> str:
    """How bad an event is, by its kind and status code."""
    levels = {"view": "low", "search": "low", "login": "mid", "purchase": "high", "refund": "high"}
    raised = {"low": "mid", "mid": "high", "high": "critical"}
    level = levels.get(kind, "low")
    if code in [500, 502, 503, 504]:
        return raised[level]
    if code in [408, 425, 429]:
        return max(level, "mid", key=list(raised).index)
    return level


def severities(rows: list[tuple[str, int]]) -> dict[str, int]:
    """Number of events by severity, in first-seen order."""
    counts: dict[str, int] = {}
    for kind, code in rows:
        level = severity(kind, code)
        counts[level] = counts.get(level, 0) + 1
    return counts
