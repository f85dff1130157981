"""One renderer per format: a summary in, text out. Adding a format is adding a module with `render` and its word."""

from collections.abc import Callable
from importlib import import_module

from rsi_sandbox.reports.form import Format
from rsi_sandbox.reports.summary import Summary


def renderer(wanted: Format) -> Callable[[Summary], str]:
    """The function that renders a finished summary in a format; jsonl is a stream and has none."""
    found: Callable[[Summary], str] = import_module(f"{__name__}.{wanted.value}").render
    return found
