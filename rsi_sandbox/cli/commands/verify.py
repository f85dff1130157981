"""`verify`: the whole record against itself."""

from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import State, Target
from rsi_sandbox.errors import Exit


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: rsi-sandbox verify targets/wordstat")(verify)


def verify(
    path: Target = Path(),
    *,
    if_recorded: Annotated[
        bool, typer.Option("--if-recorded", help="Where nothing is recorded, say so and exit 0.")
    ] = False,
    state: State = None,
) -> None:
    """Check the whole record: bytes, roots, references, evidence. Exit code 1 when something disagrees."""
    from rsi_sandbox.cli import history

    if if_recorded and not history.state_of(path, state).is_dir():
        typer.echo("nothing is recorded")
        return
    if not history.verify(path, state):
        raise typer.Exit(int(Exit.NO))
