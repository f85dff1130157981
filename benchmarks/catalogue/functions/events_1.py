"""Visits, rate limits and debouncing of an event stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["build_sessions", "debounce", "limit_rate"]


@dataclass
class Session:
    user: str
    start: int
    end: int
    pages: list[str] = field(default_factory=list)
    converted: bool = False

    @property
    def seconds(self) -> int:
        return self.end - self.start


def build_sessions(events: list[dict[str, Any]], gap: int = 1800, goal: str = "/thanks") -> list[Session]:
    """Sessions of each user: a pause longer than `gap` seconds or the goal page ends one. In order of their start."""
    users = []
    for event in events:
        if event["user"] not in users:
            users.append(event["user"])
    sessions: list[Session] = []
    for user in users:
        own = sorted([event for event in events if event["user"] == user], key=lambda event: event["time"])
        current = None
        for event in own:
            if current is None or current.converted or event["time"] - current.end > gap:
                current = Session(user, event["time"], event["time"])
                sessions.append(current)
            current.end = event["time"]
            if not current.pages or current.pages[-1] != event["page"]:
                current.pages = current.pages + [event["page"]]
            if event["page"] == goal:
                current.converted = True
        sessions = sorted(sessions, key=lambda session: (session.start, session.user))
    return sessions


class RateLimiter:
    def __init__(self, limits: list[tuple[int, int]]) -> None:
        """Limits are (number of calls, seconds); all of them must hold."""
        self.limits = limits
        self.calls: dict[str, list[float]] = {}

    def allow(self, client: str, now: float) -> bool:
        history = self.calls.get(client, [])
        for number, seconds in self.limits:
            recent = [time for time in history if time > now - seconds]
            if len(recent) >= number:
                return False
        self.calls[client] = history + [now]
        return True


def limit_rate(requests: list[tuple[str, float]], limits: list[tuple[int, int]]) -> tuple[list[bool], dict[str, int]]:
    """Which requests (client, time), in order of time, are allowed, and how many each client was refused."""
    if any(number < 1 or seconds <= 0 for number, seconds in limits):
        raise ValueError("a limit needs a number and a time above zero")
    limiter = RateLimiter(limits)
    verdicts = []
    refused: dict[str, int] = {}
    for client, now in requests:
        allowed = limiter.allow(client, now)
        verdicts.append(allowed)
        if not allowed:
            refused[client] = refused.get(client, 0) + 1
    return verdicts, refused


def debounce(events: list[tuple[float, str, Any]], quiet: float) -> list[tuple[float, str, Any]]:
    """Only the last of several events (time, key, value) of a key that follow one another within `quiet` seconds.

    An event is delivered `quiet` after it happened, so the result is in the order of that; times never fall.
    """
    pending: dict[str, tuple[float, str, Any]] = {}
    delivered = []
    latest = float("-inf")
    for event in events:
        time, key, _ = event
        if time < latest:
            raise ValueError(f"time runs backwards at {time}")
        latest = time
        while pending:
            oldest = next(iter(pending))
            if pending[oldest][0] + quiet > time:
                break
            delivered.append(pending.pop(oldest))
        pending.pop(key, None)
        pending[key] = event
    delivered.extend(pending.values())
    return delivered
