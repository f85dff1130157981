"""`log`, `show`, `diff`: what was recorded."""

from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import Generation, State, Target


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: rsi-sandbox log targets/wordstat")(log)
    app.command(epilog="Example: rsi-sandbox show 1 targets/wordstat")(show)
    app.command(epilog="Example: rsi-sandbox diff 2 targets/wordstat --against 0")(diff)


def log(path: Target = Path(), *, state: State = None) -> None:
    """List the recorded generations, accepted and rolled back alike."""
    from rsi_sandbox.cli import history

    history.log(path, state)


def show(generation: Generation, path: Target = Path(), *, state: State = None) -> None:
    """Show one generation: what was tried, every row of the gate, what was measured."""
    from rsi_sandbox.cli import history

    history.show(path, state, generation)


def diff(
    generation: Generation,
    path: Target = Path(),
    *,
    against: Annotated[int | None, typer.Option(help="Generation to compare with.", show_default="its parent")] = None,
    state: State = None,
) -> None:
    """Show a generation's change as a unified diff."""
    from rsi_sandbox.cli import history

    history.diff(path, state, generation, against)
