"""`init`: a first configuration that explains itself."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import Target


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Examples: rsi-sandbox init | rsi-sandbox init path/to/repo --dry-run")(init)


def init(
    path: Target = Path(),
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the table and write nothing.")] = False,
) -> None:
    """Write what was detected into pyproject.toml. Asks nothing, keeps every comment, never overwrites."""
    from rsi_sandbox import initial
    from rsi_sandbox.target import read

    target = read(path)
    found = initial.plan(target)
    if dry_run:
        sys.stdout.write(found.text)
        return
    if found.exists:
        typer.echo(f"{found.path} has [tool.rsi-sandbox] already, so it was left alone")
        return
    initial.write(found)
    typer.echo(f"{'extended' if found.before is not None else 'wrote'} {found.path}")
    typer.echo("next: rsi-sandbox evolve " + ("." if path == Path() else str(path)))
