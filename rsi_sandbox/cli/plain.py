"""A run as plain lines on stderr, for pipes and logs."""

import sys
from collections.abc import Iterator

from rsi_sandbox.events import Event, Kind


def show(events: Iterator[Event]) -> Event | None:
    """Print each event as it comes; returns the last."""
    last = None
    for last in events:
        if last.kind is not Kind.STOPPED:
            print(f"{last.seconds:6.1f}s  {last.text}", file=sys.stderr, flush=True)  # noqa: T201
    return last
