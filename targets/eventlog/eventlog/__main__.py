"""Command line: `python -m eventlog LOG`. The only module that opens files."""

import argparse
import sys
from pathlib import Path

from eventlog.events import read_events
from eventlog.filters import Everything, KindIs
from eventlog.report import build_report


def main(argv: list[str] | None = None) -> int:
    """Write a report over a log; exit code 1 when every line was bad, 2 without a log."""
    parser = argparse.ArgumentParser(prog="eventlog", description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--kind", help="look at events of this kind only")
    parser.add_argument("--report", type=Path, help="write here instead of standard output")
    options = parser.parse_args(argv)
    condition = KindIs([options.kind]) if options.kind else Everything()
    bad: list[str] = []
    try:
        with options.log.open(encoding="utf-8") as lines:
            events = [event for event in read_events(lines, bad) if condition.matches(event)]
    except OSError as error:
        print(f"eventlog: {options.log}: {error.strerror}", file=sys.stderr)
        return 2
    text = build_report(events, len(bad))
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 1 if bad and not events else 0


if __name__ == "__main__":
    sys.exit(main())
