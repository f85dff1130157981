"""Tables to text."""

from eventlog.aggregate import CountBy, DistinctUsers, Latency, run
from eventlog.events import Event
from eventlog.sessions import sessionise


def align(rows: list[tuple]) -> list[str]:
    """Rows as lines with columns of equal width; numbers to the right, text to the left."""
    lines: list[str] = []
    for row in rows:
        cells = []
        for column, value in enumerate(row):
            width = max(len(str(other[column])) for other in rows)
            if isinstance(value, (int, float)):
                cells.append(str(value).rjust(width))
            else:
                cells.append(str(value).ljust(width))
        lines = lines + ["  ".join(cells).rstrip()]
    return lines


def build_report(events: list[Event], bad_lines: int) -> str:
    """The whole report; an empty log has a report too."""
    counts, users, latency = run(events, [CountBy(), DistinctUsers(), Latency()])
    sessions = sessionise(events)
    longest = max((session.seconds for session in sessions), default=0)
    text = f"{len(events)} events, {bad_lines} bad lines\n"
    text += f"{len(sessions)} sessions, the longest {longest} s\n"
    text += "\nUsers\n"
    for line in align([(kind, len(names)) for kind, names in users]):
        text += f"  {line}\n"
    text += "\nMost active\n"
    for line in align(counts[:10]):
        text += f"  {line}\n"
    text += "\nLatency\n"
    for line in align(latency):
        text += f"  {line}\n"
    return text
