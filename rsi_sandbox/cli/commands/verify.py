"""`verify`, `replay`, `reproduce`, `bisect`: whether the record is true."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import Generation, State, Target, duration
from rsi_sandbox.errors import Exit

Backend = Annotated[str, typer.Option("--sandbox", help="auto, docker or namespaces. A named one never falls back.")]
Budget = Annotated[str, typer.Option(help="Stop measuring after this long: 90s, 2m, 1h.")]
Record = Annotated[bool, typer.Option("--record/--no-record", help="Keep what is measured in the record.")]


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"


Output = Annotated[Format, typer.Option("--format", help="text for people, json for programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: rsi-sandbox verify targets/wordstat")(verify)
    app.command(epilog="Example: rsi-sandbox replay all targets/wordstat")(replay)
    app.command(epilog="Example: rsi-sandbox reproduce 1 targets/wordstat")(reproduce)
    app.command(epilog="Example: rsi-sandbox bisect targets/wordstat --good 2")(bisect)


def verify(
    path: Target = Path(),
    *,
    checkpoint: Annotated[
        list[str] | None, typer.Option(help="A checkpoint kept elsewhere: a file, or SIZE:ROOT; may be repeated.")
    ] = None,
    branch: Annotated[
        list[str] | None, typer.Option(help="A branch made by `export --branch`, whose commits keep checkpoints.")
    ] = None,
    signers: Annotated[
        Path | None, typer.Option(help="Keys to believe (OpenSSH allowed_signers).", exists=True, dir_okay=False)
    ] = None,
    if_recorded: Annotated[
        bool, typer.Option("--if-recorded", help="Where nothing is recorded, say so and exit 0.")
    ] = False,
    output: Output = Format.TEXT,
    state: State = None,
) -> None:
    """Check the whole record: bytes, roots, verdicts, references, evidence, signatures. Exit code 1 for a problem."""
    from rsi_sandbox.cli import checking, history

    if if_recorded and not history.state_of(path, state).is_dir():
        typer.echo("nothing is recorded")
        return
    as_json = output is Format.JSON
    if not checking.verify(path, state, checkpoint or [], branch or [], signers, as_json=as_json):
        raise typer.Exit(int(Exit.NO))


def replay(
    generation: Annotated[str, typer.Argument(help="Number of a generation, or `all`.")] = "all",
    path: Target = Path(),
    *,
    output: Output = Format.TEXT,
    state: State = None,
) -> None:
    """Compute a generation's facts again from its raw samples, judge again, and compare. Runs nothing."""
    from rsi_sandbox.cli import checking

    raise typer.Exit(int(checking.replay(path, state, generation, as_json=output is Format.JSON)))


def reproduce(
    number: Generation,
    path: Target = Path(),
    *,
    sandbox: Backend = "auto",
    budget: Budget = "10m",
    record: Record = True,
    state: State = None,
) -> None:
    """Run a generation again: confirmed (0), not confirmed (1), or not comparable (3)."""
    from rsi_sandbox.cli import checking

    seconds = duration(budget)
    raise typer.Exit(int(checking.reproduce(path, state, number, sandbox, seconds, record=record)))


def bisect(
    path: Target = Path(),
    *,
    good: Annotated[
        int | None, typer.Option(help="A generation that has the gain.", show_default="the fastest on record", min=0)
    ] = None,
    bad: Annotated[
        int | None, typer.Option(help="A generation that has lost it.", show_default="the head", min=0)
    ] = None,
    case: Annotated[str | None, typer.Option(help="Only this benchmark case.", show_default="all")] = None,
    sandbox: Backend = "auto",
    budget: Budget = "10m",
    record: Record = True,
    state: State = None,
) -> None:
    """Re-measure generations to find the one that lost a gain: none (0), found (1), can't be told (3)."""
    from rsi_sandbox.cli import checking

    seconds = duration(budget)
    raise typer.Exit(int(checking.bisect(path, state, (good, bad), case, sandbox, seconds, record=record)))
