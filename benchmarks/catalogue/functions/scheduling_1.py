"""Calendars: free time, rooms, recurring jobs."""

import heapq
from datetime import timedelta

__all__ = ["assign_rooms", "free_slots", "next_runs"]


def to_minutes(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def to_text(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _is_busy(calendar, minute):
    for meeting in calendar:
        if to_minutes(meeting["from"]) <= minute < to_minutes(meeting["to"]):
            return True
    return False


def free_slots(calendars, duration, day_start="08:00", day_end="17:00"):
    """Stretches of the day of at least `duration` minutes in which nobody has a meeting."""
    slots = []
    slot_start = None
    minute = to_minutes(day_start)
    while minute < to_minutes(day_end):
        busy = False
        for person, calendar in calendars.items():
            if _is_busy(calendar, minute):
                busy = True
                break
        if not busy and slot_start is None:
            slot_start = minute
        if busy and slot_start is not None:
            if minute - slot_start >= duration:
                slots.append((to_text(slot_start), to_text(minute)))
            slot_start = None
        minute += 1
    if slot_start is not None and minute - slot_start >= duration:
        slots.append((to_text(slot_start), to_text(minute)))
    return slots


def assign_rooms(meetings):
    """A room number for each meeting (start, end) in the order given, with as few rooms as possible.

    A meeting gets the lowest room that is free when it starts; of those that start together the first goes first.
    """
    rooms = [0] * len(meetings)
    free = []
    busy = []
    opened = 0
    for number in sorted(range(len(meetings)), key=lambda number: meetings[number][0]):
        start, end = meetings[number]
        if end < start:
            raise ValueError(f"meeting {number} ends before it starts")
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            room = heapq.heappop(free)
        else:
            opened += 1
            room = opened
        rooms[number] = room
        heapq.heappush(busy, (end, room))
    return rooms


FIELDS = [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6)]


def _expand_field(text, low, high):
    values = []
    for part in text.split(","):
        step = 1
        if "/" in part:
            part, step_text = part.split("/")
            step = int(step_text)
        if part == "*":
            start, end = low, high
        elif "-" in part:
            start, end = [int(number) for number in part.split("-")]
        else:
            start = end = int(part)
        if start < low or end > high or step < 1:
            raise ValueError(f"{text!r} is not between {low} and {high}")
        for value in range(start, end + 1, step):
            if value not in values:
                values.append(value)
    return values


def _matches(expression, moment):
    fields = expression.split()
    if len(fields) != len(FIELDS):
        raise ValueError(f"five fields expected in {expression!r}")
    actual = [moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7]
    for text, value, (_, low, high) in zip(fields, actual, FIELDS):
        if value not in _expand_field(text, low, high):
            return False
    return True


def next_runs(jobs, start, count, horizon_hours=24):
    """The next runs of cron-like jobs after `start`: (moment, name), at most `count`, within the horizon."""
    runs = []
    moment = start.replace(second=0, microsecond=0)
    end = start + timedelta(hours=horizon_hours)
    while len(runs) < count:
        moment = moment + timedelta(minutes=1)
        if moment > end:
            break
        for name, expression in sorted(jobs.items()):
            if _matches(expression, moment):
                runs.append((moment, name))
    return runs[:count]
