"""`judge`."""

import sys
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

EXAMPLES = """Examples: rsi-sandbox judge fix.patch | git diff --relative | rsi-sandbox judge - |
rsi-sandbox judge main..HEAD --policy no-regression |
git bisect run rsi-sandbox judge v1.0..HEAD --bisect --policy no-regression"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EXAMPLES)(judge)


def judge(
    change: Annotated[
        str | None,
        typer.Argument(
            help="A patch file, - for a patch on stdin, a commit or a range such as main..HEAD.",
            show_default="what differs in the working tree from HEAD",
        ),
    ] = None,
    path: Target = Path(),
    *,
    policy: Policy = None,
    budget: Budget = "10m",
    seed: Seed = 0,
    sandbox: Rung = "auto",
    unsafe: Unsafe = False,
    source_only: Annotated[
        bool, typer.Option("--source-only", help="Judge the source alone: leave out tests and whatever may not change.")
    ] = False,
    bisect: Annotated[
        bool, typer.Option("--bisect", help="For `git bisect run`: exit 125 when it could not be measured.")
    ] = False,
    record: Annotated[bool, typer.Option(help="Write the verdict and its evidence into the lineage.")] = True,
    deselect: Deselect = None,
    output: Output = Format.TEXT,
    state: State = None,
    quiet: Quiet = False,
) -> None:
    """Put any patch through the gate: all tests, the same answers, no slower. Exit 0 accepted, 1 not, 3 unknown.

    The target's own tests, benchmarks and settings judge, as they are without the change.
    """
    from rsi_sandbox.cli import judge as judging

    request = judging.Request(
        change=change,
        path=path,
        seconds=duration(budget),
        seed=seed,
        sandbox="unsafe-no-sandbox" if unsafe else sandbox,
        policy=policy,
        state=state,
        record=record,
        source_only=source_only,
        bisect=bisect,
        deselect=tuple(deselect or ()),
        form=output,
        quiet=quiet,
        stdin=sys.stdin.buffer.read() if change == "-" else b"",
    )
    raise typer.Exit(judging.judge(request))
