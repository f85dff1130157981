"""Renders the settings of a target."""

import json
from dataclasses import fields

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rsi_sandbox.model import to_json
from rsi_sandbox.target import Target


def show(target: Target, *, as_json: bool) -> None:
    """Setting, value and origin, and what they amount to."""
    settings = target.settings
    names = [item.name for item in fields(settings) if item.name != "origin"]
    if as_json:
        values = {name: {"value": to_json(getattr(settings, name)), "from": settings.origin[name]} for name in names}
        files = {"source": target.source_files(), "benchmarks": target.benchmark_files()}
        document = {"root": str(target.root), "settings": values, "files": files, "skipped": list(target.skipped)}
        print(json.dumps(document, indent=2))  # noqa: T201 - the result of the command
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("setting", "value", "from"):
        table.add_column(column)
    for name in names:
        value = getattr(settings, name)
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        table.add_row(name, escape(shown), settings.origin[name])
    console = Console()
    console.print(table)
    console.print(f"{len(target.source_files())} files may be rewritten", highlight=False)
    for reason in target.skipped:
        console.print(escape(f"left out: {reason}"), highlight=False)
