"""Calls joined with stops and trips, departures, running times, headways."""

import re


def clock_to_minutes(clock: str) -> int:
    """Minutes after midnight of `hh:mm`; hours go on past 24 for trips after midnight.

    Raises:
        ValueError: the text is no clock time.
    """
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d)", clock)
    if match is None:
        raise ValueError(f"not a clock time: {clock!r}")
    return int(match[1]) * 60 + int(match[2])


def minutes_to_clock(minutes: int) -> str:
    """`hh:mm` of minutes after midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def add_minutes(clock: str, minutes: int) -> str:
    """A clock time so many minutes later."""
    return minutes_to_clock(clock_to_minutes(clock) + minutes)


def join_calls(calls: list[dict], stops: list[dict]) -> list[dict]:
    """Calls with the name and zone of their stop; calls at unknown stops are left out.

    A stop id used twice gives two rows, as in a database.
    """
    joined = []
    for call in calls:
        for stop in stops:
            if call["stop"] == stop["id"]:
                joined.append({**call, "name": stop["name"], "zone": stop["zone"]})
    return joined


def trip_names(calls: list[dict], trips: list[dict]) -> list[str]:
    """The headsign of each call's trip; the first trip with the id counts, `?` without one."""
    names = []
    for call in calls:
        name = "?"
        for trip in trips:
            if trip["id"] == call["trip"]:
                name = trip["headsign"]
                break
        names.append(name)
    return names


def departures(calls: list[dict], stop: str, after: str) -> list[tuple[str, str]]:
    """(clock, trip) of departures at a stop from a time on, earliest first."""
    rows = []
    for call in calls:
        if call["stop"] == stop and clock_to_minutes(call["at"]) >= clock_to_minutes(after):
            rows.append((clock_to_minutes(call["at"]), call["trip"]))
    rows.sort()
    return [(minutes_to_clock(minutes), trip) for minutes, trip in rows]


def first_departure(calls: list[dict], stop: str) -> str | None:
    """Clock time of a stop's first departure, None when nothing leaves there."""
    times = [clock_to_minutes(call["at"]) for call in calls if call["stop"] == stop]
    try:
        return minutes_to_clock(sorted(times)[0])
    except IndexError:
        return None


def arrival_offsets(rides: list[int], dwell: int) -> list[int]:
    """Minutes from the start until each stop of a trip is reached, stops of `dwell` between."""
    offsets = []
    for i in range(len(rides)):
        offsets.append(sum(rides[: i + 1]) + i * dwell)
    return offsets


def clockface_headways(period: int) -> list[int]:
    """Intervals (minutes) that repeat exactly within a period, shortest first."""
    headways = []
    for minutes in range(1, period + 1):
        if period % minutes == 0:
            headways.append(minutes)
    return headways


def busiest_minute(times: list[int]) -> tuple[int, int]:
    """(minute, departures) of the busiest minute, the earliest among equals.

    Raises:
        ValueError: there are no departures.
    """
    if not times:
        raise ValueError("no departures")
    busiest = sorted(set(times), key=lambda minute: (-times.count(minute), minute))[0]
    return busiest, times.count(busiest)
