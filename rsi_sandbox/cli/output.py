"""Where things go: the result to stdout and nothing else, what happens meanwhile to stderr."""

import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from rsi_sandbox.events import Event
from rsi_sandbox.reports.form import Format
from rsi_sandbox.reports.formats import renderer
from rsi_sandbox.reports.summary import Summary


def shown(form: Format, *, quiet: bool = False) -> Callable[[Iterator[Event]], Event | None]:
    """How events are shown while they happen: a live screen, plain lines, or a stream on stdout."""
    if form is Format.JSONL:
        return _stream
    if quiet:
        return _silent
    if sys.stderr.isatty():
        from rsi_sandbox.cli.live import show

        return show
    from rsi_sandbox.cli.plain import show as lines

    return lines


def write(summary: Summary, form: Format) -> None:
    """The finished result; the last line of a stream. In GitHub Actions the step summary gets it as Markdown too."""
    if form is Format.JSONL:
        print(json.dumps({"event": "result", **summary.to_json()}, sort_keys=True))  # noqa: T201
        return
    sys.stdout.write(renderer(form)(summary))
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if form is Format.GITHUB and place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(renderer(Format.MARKDOWN)(summary))


def _stream(events: Iterator[Event]) -> Event | None:
    last = None
    for last in events:
        print(json.dumps(last.to_json(), sort_keys=True), flush=True)  # noqa: T201 - the result of the command
    return last


def _silent(events: Iterator[Event]) -> Event | None:
    kept = deque(events, maxlen=1)
    return kept[0] if kept else None
