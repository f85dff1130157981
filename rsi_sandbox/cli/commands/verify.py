"""`verify`: the whole record against itself."""

from pathlib import Path

import typer

from rsi_sandbox.cli.options import State, Target
from rsi_sandbox.errors import Exit


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: rsi-sandbox verify targets/wordstat")(verify)


def verify(path: Target = Path(), *, state: State = None) -> None:
    """Check the whole record: bytes, roots, references, evidence. Exit code 1 when something disagrees."""
    from rsi_sandbox.cli import history

    if not history.verify(path, state):
        raise typer.Exit(int(Exit.NO))
