"""`apply`, `rollback`: the only commands that change the target. `prune` makes the record smaller."""

from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import State, Target


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: rsi-sandbox apply targets/wordstat")(apply)
    app.command(epilog="Example: rsi-sandbox rollback targets/wordstat")(rollback)
    app.command(epilog="Example: rsi-sandbox prune targets/wordstat --to 200M")(prune)


def apply(
    path: Target = Path(),
    *,
    generation: Annotated[
        int | None, typer.Option(help="Which accepted generation.", show_default="the last accepted one")
    ] = None,
    pick: Annotated[list[int] | None, typer.Option(help="Only this generation's change; may be repeated.")] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Merge with edits made since the run.")] = False,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Also change files whose edits are not committed.")
    ] = False,
    state: State = None,
) -> None:
    """Write an accepted generation into the working tree. `rollback` takes it back byte for byte."""
    from rsi_sandbox.cli import changing
    from rsi_sandbox.workspace import Told

    changing.apply(path, state, generation, pick or [], Told(merge=merge, dirty=allow_dirty))


def rollback(path: Target = Path(), *, state: State = None) -> None:
    """Restore the files as they were before the last `apply`."""
    from rsi_sandbox.cli import changing

    changing.rollback(path, state)


def prune(
    path: Target = Path(),
    *,
    to: Annotated[str, typer.Option(help="Size the raw evidence may have: 200M, 4G.")],
    also_accepted: Annotated[
        bool, typer.Option("--also-accepted", help="After the rest, also evidence of accepted generations.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "asked for on the command line",
    state: State = None,
) -> None:
    """Remove raw evidence of rejected generations, oldest first. Every entry, root and proof stays as it is."""
    from rsi_sandbox.cli import changing

    changing.prune(path, state, to, also_accepted=also_accepted, reason=reason)
