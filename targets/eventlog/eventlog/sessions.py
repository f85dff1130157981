"""Events to sessions, and what people do in them."""

from dataclasses import dataclass

from eventlog.events import Event


@dataclass
class Session:
    """Events of one user without a long pause, in time order; never empty."""

    user: str
    events: list[Event]

    @property
    def seconds(self) -> int:
        """From the first event to the last."""
        return self.events[-1].at - self.events[0].at

    @property
    def kinds(self) -> list[str]:
        """Kinds of the events, in order."""
        return [event.kind for event in self.events]


def sessionise(events: list[Event], pause: int = 1800) -> list[Session]:
    """Sessions user by user, users in first-seen order; a gap above `pause` ends a session."""
    users = []
    for event in events:
        if event.user not in users:
            users.append(event.user)
    sessions = []
    for user in users:
        own = sorted((e for e in events if e.user == user), key=lambda event: event.at)
        current = [own[0]]
        for event in own[1:]:
            if event.at - current[-1].at > pause:
                sessions.append(Session(user, current))
                current = [event]
            else:
                current = current + [event]
        sessions.append(Session(user, current))
    return sessions


def join_users(events: list[Event], users: list[dict]) -> list[tuple[str, str, str]]:
    """(user, plan, kind) of events whose user is known; the last record of a user counts."""
    rows = []
    for event in events:
        plan = None
        for user in users:
            if user["name"] == event.user:
                plan = user["plan"]
        if plan is not None:
            rows.append((event.user, plan, event.kind))
    return rows


def funnel(sessions: list[list[str]], steps: list[str]) -> list[int]:
    """How many sessions (as lists of kinds) got to each step, the steps taken in order."""
    reached = [0] * len(steps)
    for kinds in sessions:
        rest = list(kinds)
        for number, step in enumerate(steps):
            if step not in rest:
                break
            reached[number] += 1
            while rest.pop(0) != step:
                pass
    return reached


def transitions(kinds: list[str]) -> dict[tuple[str, str], float]:
    """Share of each next kind after a kind, in first-seen order, four decimals."""
    pairs = [(kinds[i], kinds[i + 1]) for i in range(len(kinds) - 1)]
    shares = {}
    for pair in pairs:
        if pair not in shares:
            total = kinds[:-1].count(pair[0])
            shares[pair] = round(pairs.count(pair) / total, 4)
    return shares


def merge_retries(kinds: list[str]) -> list[str]:
    """Drop repeats of a kind that follow at once, in place; returns the list."""
    for i in range(len(kinds) - 1, 0, -1):
        if kinds[i] == kinds[i - 1]:
            del kinds[i]
    return kinds


def returning(weeks: list[list[str]]) -> list[int]:
    """How many of each week's users had been there in an earlier week."""
    earlier: list[str] = []
    numbers = []
    for users in weeks:
        number = 0
        for user in users:
            if user in earlier:
                number += 1
        numbers.append(number)
        earlier = earlier + users
    return numbers
