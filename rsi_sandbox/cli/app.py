"""The program: a tuple of modules, each of which registers the commands it holds."""

from typing import Annotated

import typer

from rsi_sandbox import __version__
from rsi_sandbox.cli.commands import config, evolve, history, init, judge, target, verify, workingtree

COMMANDS = (init, evolve, judge, workingtree, history, verify, target, config)
"""In the order `--help` shows them. A module of commands imports at its top only what parsing needs."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Makes Python code faster by itself, safely: every rewrite is tested and measured in a sandbox, "
    "judged by a policy, recorded, and left for you to apply.",
)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"rsi-sandbox {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show tracebacks; may stand anywhere on the command line.")
    ] = False,
) -> None:
    """Options of every command."""
    del verbose  # `main` has taken it out of the arguments; it is here for --help
    _version(wanted=version)


for module in COMMANDS:
    module.register(app)
