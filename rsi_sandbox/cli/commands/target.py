"""`target list|add|remove|check`: repositories by name, and whether one can be evolved."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Repositories by name, and whether one can be evolved.")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="target")


@app.command("list", epilog="Example: rsi-sandbox target list")
def list_(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List the bundled targets and those that were added; each name can stand for its path in every command."""
    from rsi_sandbox.cli import targets

    targets.show(as_json=as_json)


@app.command(epilog="Example: rsi-sandbox target add path/to/repo --name shop")
def add(
    path: Annotated[Path, typer.Argument(help="Repository with Python code and a pytest suite.")],
    *,
    name: Annotated[str | None, typer.Option(help="What to call it.", show_default="its directory's name")] = None,
) -> None:
    """Give a repository a name, after looking whether it can be a target. Writes nothing into it."""
    from rsi_sandbox import registry
    from rsi_sandbox.target import read

    found = read(path)
    called = name or found.root.name
    registry.add(found.root, called)
    typer.echo(f"{called}: {found.root}")
    typer.echo(f"next: rsi-sandbox target check {called}")


@app.command(epilog="Example: rsi-sandbox target remove shop")
def remove(name: Annotated[str, typer.Argument(help="A name that was added.")]) -> None:
    """Forget a name. The repository is not touched."""
    from rsi_sandbox import registry

    registry.remove(name)
    typer.echo(f"{name} is forgotten; its repository is as it was")
