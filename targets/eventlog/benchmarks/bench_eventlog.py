"""Benchmarks on a made-up week of a small shop's log."""

import random

from eventlog.aggregate import CountBy, DistinctUsers, Latency, pivot, run, severities
from eventlog.events import Event, read_events, templates
from eventlog.filters import FieldLike, KindIs, first_of_each, without_users
from eventlog.report import align, build_report
from eventlog.sessions import funnel, join_users, returning, sessionise, transitions
from eventlog.windows import (
    bursts,
    normalise,
    records,
    reverse_log,
    rolling_mean,
    shard_count,
)

_RANDOM = random.Random(40)
_KINDS = ["view", "search", "login", "purchase", "refund", "error", "logout"]
_USERS = [f"user{i}" for i in range(400)]
_START = 1_709_510_400


def _event(number: int) -> Event:
    fields = {"page": f"/shop/{number * 31 % 700}/v{number % 3}", "ms": str(20 + number * 7 % 400)}
    user = _USERS[int(400 * _RANDOM.random() ** 2)]
    return Event(_START + number * 45, user, _KINDS[number * number % 11 % 7], fields)


_EVENTS = [_event(number) for number in range(2400)]
_LINES = [
    f"2024-03-{4 + i // 400:02}T{i // 60 % 24:02}:{i % 60:02}:07 {e.user} {e.kind} ms={20 + i % 9}"
    for i, e in enumerate(_EVENTS[:1600])
]
_PAGES = [event.fields["page"] for event in _EVENTS]
_PEOPLE = [{"name": name, "plan": "free" if len(name) % 2 else "pro"} for name in _USERS[:200]]
_ACTIVE = [event.user for event in _EVENTS]
_WEEKS = [_ACTIVE[i * 200 : (i + 1) * 200] for i in range(12)]
_PATH = [event.kind + str(i % 5) for i, event in enumerate(_EVENTS)]
_LONG_VISIT = _PATH * 5 + ["checkout", "thanks"]
_VALUES = [_RANDOM.randrange(1, 900) for _ in range(1500)]
_RISING = [i + value // 9 for i, value in enumerate(_VALUES)]
_CELLS = [(f"u{i % 300}", f"day {i * 7 % 60}", i % 13) for i in range(3000)]
_STATUS = [(_KINDS[i % 7], (200, 404, 500, 429, 503)[i % 5]) for i in range(8000)]


def _plain(events: list[Event]) -> list[tuple[int, str]]:
    return [(event.at, event.user) for event in events]


def bench_read_events():
    return _plain(read_events(_LINES, []))


def bench_templates():
    return templates(_PAGES)


def bench_field_like():
    return len(FieldLike("page", r"/shop/\d*5/v[12]$").select(_EVENTS * 5))


def bench_kind_is():
    return len(KindIs(["refund", "error", "purchase"]).select(_EVENTS * 40))


def bench_without_users():
    return _plain(without_users(_EVENTS * 3, ["Bot", "Crawler", *_USERS[40:60]]))


def bench_first_of_each():
    return _plain(first_of_each(_EVENTS, "page"))


def bench_sessionise():
    return [(s.user, s.seconds, len(s.events)) for s in sessionise(_EVENTS[:1100])]


def bench_join_users():
    return join_users(_EVENTS[:1200], _PEOPLE)


def bench_funnel():
    return funnel(
        [_LONG_VISIT] * 2 + [_PATH[:500]] * 20, ["view1", "purchase3", "checkout", "thanks"]
    )


def bench_transitions():
    return list(transitions(_PATH + _PATH[::-1]).items())


def bench_returning():
    return returning(_WEEKS)


def bench_run():
    return run(_EVENTS * 2, [DistinctUsers(), Latency()])


def bench_count_by():
    return run(_EVENTS[:700], [CountBy()])


def bench_pivot():
    return pivot(_CELLS)


def bench_severities():
    return severities(_STATUS * 2)


def bench_rolling_mean():
    return rolling_mean(_VALUES * 2, 365)


def bench_bursts():
    return bursts(list(range(20000)), 15000, 14990)


def bench_records():
    return records(_RISING)


def bench_normalise():
    return normalise(_VALUES[:500])


def bench_shard_count():
    return [shard_count(least) for least in (20000, 60000, 90000, 120000)]


def bench_reverse_log():
    return reverse_log(_LINES * 6)


def bench_align():
    return align([(event.kind, event.user, event.at) for event in _EVENTS[:170]])


def bench_report():
    return build_report(_EVENTS[:600], 3)
