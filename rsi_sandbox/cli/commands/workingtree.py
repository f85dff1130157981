"""`apply` and `rollback`: the only commands that change the target."""

from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import State, Target


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: rsi-sandbox apply targets/wordstat")(apply)
    app.command(epilog="Example: rsi-sandbox rollback targets/wordstat")(rollback)


def apply(
    path: Target = Path(),
    *,
    generation: Annotated[
        int | None, typer.Option(help="Which accepted generation.", show_default="the last accepted one")
    ] = None,
    state: State = None,
) -> None:
    """Write an accepted generation into the working tree. `rollback` takes it back byte for byte."""
    from rsi_sandbox.cli import history

    history.apply(path, state, generation)


def rollback(path: Target = Path(), *, state: State = None) -> None:
    """Restore the files as they were before the last `apply`."""
    from rsi_sandbox.cli import history

    history.rollback(path, state)
