"""`evolve`."""

from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import (
    Budget,
    Deselect,
    Output,
    Policy,
    Quiet,
    Rung,
    Seed,
    State,
    Target,
    Unsafe,
    duration,
)
from rsi_sandbox.reports.form import Format

SMOKE_SECONDS = 50.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: rsi-sandbox evolve targets/wordstat --budget 2m")(evolve)


def evolve(
    path: Target = Path(),
    *,
    generations: Annotated[int, typer.Option(help="Stop after this many generations.", min=1)] = 20,
    budget: Budget = "10m",
    seed: Seed = 0,
    sandbox: Rung = "auto",
    unsafe: Unsafe = False,
    policy: Policy = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="The CI run: one generation, under a minute.")] = False,
    deselect: Deselect = None,
    output: Output = Format.TEXT,
    state: State = None,
    quiet: Quiet = False,
) -> None:
    """Look for faster code, one judged generation after another. Changes nothing until `apply`."""
    from rsi_sandbox.cli import run

    seconds = duration(budget)
    if smoke:
        generations, seconds = 1, min(seconds, SMOKE_SECONDS)
    request = run.Request(
        path=path,
        generations=generations,
        seconds=seconds,
        seed=seed,
        sandbox="unsafe-no-sandbox" if unsafe else sandbox,
        policy=policy or ("smoke" if smoke else None),
        state=state,
        smoke=smoke,
        deselect=tuple(deselect or ()),
        form=output,
        quiet=quiet,
    )
    raise typer.Exit(run.evolve(request))
