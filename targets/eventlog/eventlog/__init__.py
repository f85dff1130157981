"""Aggregates application event logs."""

from eventlog.events import BadLine, Event, parse_line, read_events
from eventlog.report import build_report

__all__ = ["BadLine", "Event", "build_report", "parse_line", "read_events"]
