"""`config show|check|schema`: the settings of a target, and where each comes from."""

import json
from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import Target

app = typer.Typer(
    no_args_is_help=True, help="The settings of a target: the table tool.rsi-sandbox in its pyproject.toml."
)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="config")


@app.command(epilog="Example: rsi-sandbox config show path/to/repo")
def show(
    path: Target = Path(),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show every setting with its value and where the value comes from."""
    from rsi_sandbox.cli import settings
    from rsi_sandbox.target import read

    settings.show(read(path), as_json=as_json)


@app.command(epilog="Example: rsi-sandbox config check path/to/repo (as a pre-commit hook, for example)")
def check(path: Target = Path()) -> None:
    """Check the settings: known keys, right types, paths that exist, a policy that loads. Exit 2 when not."""
    from rsi_sandbox.policy.schema import load_policy
    from rsi_sandbox.target import read

    target = read(path)
    policy = load_policy(target.settings.policy)
    sources, files = len(target.source_files()), len(target.tree.files)
    typer.echo(f"ok: {sources} of {files} files may be rewritten, policy {policy.name} version {policy.version}")


@app.command(epilog="Example: rsi-sandbox config schema > rsi-sandbox.schema.json")
def schema() -> None:
    """Print the JSON Schema of the settings."""
    from rsi_sandbox.config import schema as of_settings

    typer.echo(json.dumps(of_settings(), indent=2))
