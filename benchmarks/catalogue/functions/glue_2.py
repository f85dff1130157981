"""Dates: working days, weekly buckets, readable durations."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import groupby

__all__ = ["describe_durations", "due_dates", "weekly_buckets"]

FIXED_HOLIDAYS = ["01-01", "05-01", "05-17", "12-25", "12-26"]
WEEKEND = ["Saturday", "Sunday"]


def _easter(year):
    """Easter Sunday (Gauss, in Butcher's form)."""
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _holidays(year):
    easter = _easter(year)
    days = [easter + timedelta(days=n) for n in (-3, -2, 1, 39, 50)]
    for fixed in FIXED_HOLIDAYS:
        days.append(datetime.strptime(f"{year}-{fixed}", "%Y-%m-%d").date())
    return days


def is_working_day(day, closed=()):
    if day.strftime("%A") in WEEKEND:
        return False
    if day in _holidays(day.year):
        return False
    return day not in closed


def due_dates(orders, closed=()):
    """For each (date, working days) the day the time is up, and how many calendar days that takes.

    Zero working days is the day itself if it is one, else the next.
    """
    result = []
    for start, days in orders:
        if days < 0:
            raise ValueError("working days can't be negative")
        day = start
        while not is_working_day(day, closed):
            day = day + timedelta(days=1)
        left = days
        while left > 0:
            day = day + timedelta(days=1)
            if is_working_day(day, closed):
                left -= 1
        result.append((day, (day - start).days))
    return result


def weekly_buckets(entries):
    """Entries (date, kind) by ISO week: number of entries and of each kind, empty weeks in between included."""
    buckets = []
    monday = None
    for ordinal, group in groupby(sorted((day.toordinal() - 1) // 7 for day, _ in entries)):
        if monday is not None:
            for missing in range(monday + 1, ordinal):
                buckets.append([missing, 0])
        buckets.append([ordinal, sum(1 for _ in group)])
        monday = ordinal
    kinds = Counter(((day.toordinal() - 1) // 7, kind) for day, kind in entries)
    by_week = {}
    for (week, kind), count in sorted(kinds.items()):
        by_week.setdefault(week, {})[kind] = count
    result = []
    for week, count in buckets:
        year, number, _ = date.fromordinal(week * 7 + 1).isocalendar()
        result.append({"week": f"{year}-W{number:02}", "count": count, "kinds": by_week.get(week, {})})
    return result


UNITS = (("w", 604800), ("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def describe_durations(seconds, parts=2):
    """`2 d 3 h` for each number of seconds, the largest units first; None gives a dash."""
    texts = []
    for value in seconds:
        if value is None:
            texts.append("-")
            continue
        sign, rest = ("-", -value) if value < 0 else ("", value)
        words = []
        for name, size in UNITS:
            if rest >= size:
                count, rest = divmod(rest, size)
                words.append(f"{count} {name}")
                if len(words) == parts:
                    break
        texts.append(sign + " ".join(words) if words else "0 s")
    return texts
