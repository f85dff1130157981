"""`log`, `show`, `explain`, `diff`, `blame`: what was recorded."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import Generation, State, Target


class Verdict(StrEnum):
    """A generation's verdict, as `log` filters by it."""

    ORIGINAL = "original"
    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    ERROR = "error"


class Format(StrEnum):
    """How the list is printed."""

    TEXT = "text"
    JSONL = "jsonl"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: rsi-sandbox log targets/wordstat --graph")(log)
    app.command(epilog="Example: rsi-sandbox show 1 targets/wordstat")(show)
    app.command(epilog="Example: rsi-sandbox explain 1 targets/wordstat")(explain)
    app.command(epilog="Example: rsi-sandbox diff 0..2 targets/wordstat")(diff)
    app.command(epilog="Example: rsi-sandbox blame wordstat/text.py targets/wordstat")(blame)


def log(
    path: Target = Path(),
    *,
    graph: Annotated[bool, typer.Option("--graph", help="Draw which generation came from which.")] = False,
    oneline: Annotated[bool, typer.Option("--oneline", help="One line each, without plots.")] = False,
    decision: Annotated[list[Verdict] | None, typer.Option(help="Only these verdicts; may be repeated.")] = None,
    rule: Annotated[str, typer.Option(help="Only rewrites by this rule; a pattern such as 'list-*'.")] = "",
    touching: Annotated[str, typer.Option(help="Only changes of this path or function; a pattern.")] = "",
    since: Annotated[int, typer.Option(help="Only from this generation on.", min=0)] = 0,
    output: Annotated[Format, typer.Option("--format", help="text for people, jsonl for programs.")] = Format.TEXT,
    state: State = None,
) -> None:
    """List the recorded generations, accepted and rolled back alike."""
    from rsi_sandbox.cli import history

    wanted = history.Wanted(tuple(each.value for each in decision or ()), rule, touching, since)
    history.log(path, state, wanted, graph=graph, oneline=oneline, jsonl=output is Format.JSONL)


def show(number: Generation, path: Target = Path(), *, state: State = None) -> None:
    """Show one generation: what was tried, every row of the gate, what was measured."""
    from rsi_sandbox.cli import generation

    generation.show(path, state, number)


def explain(number: Generation, path: Target = Path(), *, state: State = None) -> None:
    """Say why: every row with its reason, the raw samples behind every fact, and what was not measured."""
    from rsi_sandbox.cli import generation

    generation.explain(path, state, number)


def diff(
    generation: Annotated[str, typer.Argument(help="Number of a generation, or two as in 0..3.")],
    path: Target = Path(),
    *,
    against: Annotated[int | None, typer.Option(help="Generation to compare with.", show_default="its parent")] = None,
    state: State = None,
) -> None:
    """Show a generation's change, or what lies between two, as a unified diff."""
    from rsi_sandbox.cli import differences

    differences.diff(path, state, generation, against)


def blame(
    file: Annotated[str, typer.Argument(help="A file of the target, relative to it.")],
    path: Target = Path(),
    *,
    generation: Annotated[
        int | None, typer.Option(help="As this generation has the file.", show_default="the head")
    ] = None,
    state: State = None,
) -> None:
    """Show which generation and rule changed each line of a file, and what it bought."""
    from rsi_sandbox.cli import differences

    differences.blame(path, state, file, generation)
