"""The commands and their options. Each parses, calls one function and renders what it returns."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox import __version__
from rsi_sandbox.cli import history
from rsi_sandbox.errors import Exit, UsageError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Makes Python code faster by itself, safely: every rewrite is tested and measured in a sandbox, "
    "judged by a policy, recorded, and left for you to apply.",
)

Target = Annotated[Path, typer.Argument(help="Repository with Python code and a pytest suite.")]
Generation = Annotated[int, typer.Argument(help="Number of a generation, as `log` shows it.", min=0)]
State = Annotated[
    Path | None, typer.Option("--state", help="Where runs are recorded.", show_default="PATH/.rsi-sandbox")
]


class Format(StrEnum):
    """How a run is shown."""

    TEXT = "text"
    JSONL = "jsonl"


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"rsi-sandbox {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Options of every command."""
    _version(wanted=version)


@app.command(
    epilog="Example: rsi-sandbox evolve targets/wordstat --budget 2m",
)
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
    state: State = None,
    verbose: Annotated[bool, typer.Option("-v", help="Show tracebacks.")] = False,
) -> None:
    """Look for faster code, one judged generation after another. Changes nothing until `apply`."""
    from rsi_sandbox.cli import run

    del verbose  # read by `main` from the arguments, so that it also holds for errors while parsing
    seconds = duration(budget)
    if smoke:
        generations, seconds = 1, min(seconds, 50.0)
    name = "unsafe-no-sandbox" if unsafe else sandbox
    chosen = policy or ("smoke" if smoke else None)
    request = run.Request(
        path, generations, seconds, seed, name, chosen, state, smoke=smoke, deselect=tuple(deselect or ())
    )
    raise typer.Exit(run.evolve(request, jsonl=output is Format.JSONL))


@app.command(epilog="Example: rsi-sandbox log targets/wordstat")
def log(path: Target = Path(), *, state: State = None) -> None:
    """List the recorded generations, accepted and rolled back alike."""
    history.log(path, state)


@app.command(epilog="Example: rsi-sandbox show 1 targets/wordstat")
def show(generation: Generation, path: Target = Path(), *, state: State = None) -> None:
    """Show one generation: what was tried, every row of the gate, what was measured."""
    history.show(path, state, generation)


@app.command(epilog="Example: rsi-sandbox diff 2 targets/wordstat --against 0")
def diff(
    generation: Generation,
    path: Target = Path(),
    *,
    against: Annotated[int | None, typer.Option(help="Generation to compare with.", show_default="its parent")] = None,
    state: State = None,
) -> None:
    """Show a generation's change as a unified diff."""
    history.diff(path, state, generation, against)


@app.command(epilog="Example: rsi-sandbox apply targets/wordstat")
def apply(
    path: Target = Path(),
    *,
    generation: Annotated[
        int | None, typer.Option(help="Which accepted generation.", show_default="the last accepted one")
    ] = None,
    state: State = None,
) -> None:
    """Write an accepted generation into the working tree. `rollback` takes it back byte for byte."""
    history.apply(path, state, generation)


@app.command(epilog="Example: rsi-sandbox rollback targets/wordstat")
def rollback(path: Target = Path(), *, state: State = None) -> None:
    """Restore the files as they were before the last `apply`."""
    history.rollback(path, state)


@app.command(epilog="Example: rsi-sandbox verify targets/wordstat")
def verify(path: Target = Path(), *, state: State = None) -> None:
    """Check the whole record: bytes, roots, references, evidence. Exit code 1 when something disagrees."""
    if not history.verify(path, state):
        raise typer.Exit(int(Exit.NO))


UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def duration(text: str) -> float:
    """Seconds in `90`, `90s`, `2m` or `1h`.

    Raises:
        UsageError: it is none of these, or not above zero.
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    try:
        seconds = float(number) * UNITS[unit]
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"--budget {text!r} is not a duration", hint="write it as 90s, 2m or 1h")
    return seconds
