"""Renders the targets that have a name."""

import json

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rsi_sandbox import registry
from rsi_sandbox.errors import RsiError
from rsi_sandbox.registry import Known
from rsi_sandbox.target import read


def show(*, as_json: bool) -> None:
    """Name, path, and what there is, or why it can't be a target now."""
    rows = [(one, *_found(one)) for one in registry.known()]
    if as_json:
        documents = [
            {"name": one.name, "path": str(one.path), "bundled": one.bundled, **numbers, "problem": problem}
            for one, numbers, problem in rows
        ]
        print(json.dumps(documents, indent=2))  # noqa: T201 - the result of the command
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("name", "source", "tests", "benchmarks", "path"):
        table.add_column(column)
    for one, numbers, problem in rows:
        counted = [str(numbers.get(name, "")) for name in ("source", "tests", "benchmarks")]
        table.add_row(escape(one.name), *counted, escape(problem or str(one.path)))
    Console().print(table)


def _found(one: Known) -> tuple[dict[str, int], str]:
    try:
        target = read(one.path)
    except RsiError as error:
        return {}, error.message
    counted = {
        "source": len(target.source_files()),
        "tests": len(target.test_files()),
        "benchmarks": len(target.benchmark_files()),
    }
    return counted, ""
