"""The event, and how lines become events and back."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


class BadLine(ValueError):
    """A line that is no event."""


@dataclass(slots=True)
class Event:
    """Something a user did; `at` is in seconds since the epoch, fields keep their text."""

    at: int
    user: str
    kind: str
    fields: dict[str, str] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """A field as a number, NaN when it is missing or none."""
        try:
            return float(self.fields[name])
        except (KeyError, ValueError):
            return float("nan")


def parse_time(text: str) -> int:
    """Seconds since the epoch of `2024-03-04T09:15:02`, read as UTC.

    Raises:
        BadLine: the text is no such time.
    """
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z?", text)
    if match is None:
        raise BadLine(f"not a time: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if year % 4 == 0 and year % 100 != 0 or year % 400 == 0:
        lengths[1] = 29
    if year < 1970 or not 1 <= month <= 12 or not 1 <= day <= lengths[month - 1]:
        raise BadLine(f"no such day: {text!r}")
    days = (year - 1970) * 365 + (year - 1969) // 4 - (year - 1901) // 100 + (year - 1601) // 400
    days += sum(lengths[: month - 1]) + day - 1
    return days * 86400 + hour * 3600 + minute * 60 + second


def parse_line(line: str) -> Event:
    """The event on a line.

    Raises:
        BadLine: the line has another form, or a field is given twice.
    """
    match = re.match(r"(\S+)\s+([\w.-]+)\s+([a-z_]+)((?:\s+\w+=\S*)*)\s*$", line)
    if match is None:
        raise BadLine(f"not an event: {line.strip()!r}")
    fields: dict[str, str] = {}
    for name, value in re.findall(r"(\w+)=(\S*)", match[4]):
        if name in fields:
            raise BadLine(f"field {name} is given twice")
        fields[name] = value
    return Event(parse_time(match[1]), match[2], match[3], fields)


def read_events(lines: Iterable[str], bad: list[str]) -> Iterator[Event]:
    """Yield events line by line; bad lines go to `bad`, blank ones and comments nowhere."""
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        try:
            yield parse_line(line)
        except BadLine:
            bad.append(line.rstrip("\n"))


def template_of(path: str) -> str:
    """A page's path with its ids replaced, so that pages of one kind count together."""
    parts = []
    for part in path.split("?")[0].split("/"):
        if re.fullmatch(r"\d+", part):
            parts.append(":id")
        elif re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", part):
            parts.append(":uuid")
        elif re.fullmatch(r"v\d+", part):
            parts.append(":version")
        else:
            parts.append(part)
    return "/".join(parts)


def templates(paths: list[str]) -> dict[str, int]:
    """How often each kind of page was asked for, in first-seen order."""
    counts: dict[str, int] = {}
    for path in paths:
        key = template_of(path)
        counts[key] = counts.get(key, 0) + 1
    return counts
