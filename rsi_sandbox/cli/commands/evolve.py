"""`evolve`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import State, Target, Verbose, duration

SMOKE_SECONDS = 50.0


class Format(StrEnum):
    """How a run is shown."""

    TEXT = "text"
    JSONL = "jsonl"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: rsi-sandbox evolve targets/wordstat --budget 2m")(evolve)


def evolve(
    path: Target = Path(),
    *,
    generations: Annotated[int, typer.Option(help="Stop after this many generations.", min=1)] = 20,
    budget: Annotated[str, typer.Option(help="Stop after this long: 90s, 2m, 1h.")] = "10m",
    seed: Annotated[int, typer.Option(help="Of everything that is drawn by chance.")] = 0,
    sandbox: Annotated[str, typer.Option(help="auto, docker or namespaces. A named one never falls back.")] = "auto",
    unsafe: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run candidates with your own rights. Not a sandbox.")
    ] = False,
    policy: Annotated[str | None, typer.Option(help="Bundled policy or path of a policy file.")] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="The CI run: one generation, under a minute.")] = False,
    deselect: Annotated[
        list[str] | None, typer.Option(help="Id of a test to leave out, such as a flaky one; may be repeated.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="text for people, jsonl for programs.")] = Format.TEXT,
    wait: Annotated[str, typer.Option(help="Wait this long for another run on the same target.")] = "",
    state: State = None,
    verbose: Verbose = False,
) -> None:
    """Look for faster code, one judged generation after another. Changes nothing until `apply`."""
    from rsi_sandbox.cli import run

    del verbose
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
        wait=duration(wait) if wait else 0.0,
    )
    raise typer.Exit(run.evolve(request, jsonl=output is Format.JSONL))
