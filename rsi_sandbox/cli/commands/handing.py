"""`report`, `export`, `audit`: the record for people and machines that do not have this tool."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.cli.options import State, Target


class Form(StrEnum):
    """What `export` writes."""

    JSONL = "jsonl"
    PROVENANCE = "slsa-provenance"
    VERDICT = "in-toto-test-result"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: rsi-sandbox report targets/wordstat --out report.html")(report)
    app.command(epilog="Example: rsi-sandbox export targets/wordstat --branch rsi-sandbox/speed")(export)
    audit = typer.Typer(no_args_is_help=True, help="Bundles, checkpoints and witnesses for people who audit a run.")
    audit.command(epilog="Example: rsi-sandbox audit bundle run.tar.gz targets/wordstat")(bundle)
    audit.command(epilog="Example: rsi-sandbox audit checkpoint targets/wordstat")(checkpoint)
    audit.command(epilog="Example: rsi-sandbox audit witness BUNDLE --key ~/.ssh/id_ed25519 --name ada")(witness)
    audit.command(epilog="Example: rsi-sandbox audit accept 0000000012.ada.sig targets/wordstat")(accept)
    app.add_typer(audit, name="audit")


def report(
    path: Target = Path(),
    *,
    out: Annotated[
        Path | None, typer.Option(help="File to write, - for stdout.", show_default="rsi-sandbox-report.html")
    ] = None,
    state: State = None,
) -> None:
    """Write the whole lineage as one HTML file that needs nothing else."""
    from rsi_sandbox.cli import handing

    handing.report(path, state, out)


def export(
    path: Target = Path(),
    *,
    branch: Annotated[
        str | None, typer.Option(help="Make this branch, with one commit per accepted generation.")
    ] = None,
    start: Annotated[str, typer.Option(help="With --branch: the commit to start from.")] = "HEAD",
    generation: Annotated[int | None, typer.Option(help="Which generation.", show_default="the head")] = None,
    output: Annotated[Form, typer.Option("--format", help="Without --branch: what to write to stdout.")] = Form.JSONL,
    key: Annotated[
        Path | None,
        typer.Option(help="Sign the statement with this SSH key, as a DSSE envelope.", exists=True, dir_okay=False),
    ] = None,
    state: State = None,
) -> None:
    """Hand accepted generations to git, or the log and statements about it to other tools."""
    from rsi_sandbox.cli import changing, handing

    if branch is not None:
        changing.branch(path, state, generation, branch, start)
    else:
        handing.export(path, state, generation, handing.Statement(output.value), key)


def bundle(
    out: Annotated[Path, typer.Argument(help="A new directory, or a new file ending in .tar.gz.")],
    path: Target = Path(),
    *,
    state: State = None,
) -> None:
    """Pack log, evidence, trees, keys and a verifier that needs only Python."""
    from rsi_sandbox.cli import handing

    handing.bundle(path, state, out)


def checkpoint(path: Target = Path(), *, state: State = None) -> None:
    """Print the log's size and root, signed by this machine's key, to be kept elsewhere."""
    from rsi_sandbox.cli import handing

    handing.checkpoint(path, state)


def witness(
    unpacked: Annotated[Path, typer.Argument(help="An unpacked audit bundle.", exists=True, file_okay=False)],
    *,
    key: Annotated[Path, typer.Option(help="Your Ed25519 SSH key.", exists=True, dir_okay=False)],
    name: Annotated[str, typer.Option(help="Your name, as others know your key.")],
) -> None:
    """Sign somebody's log after checking that it only grew since you last signed it."""
    from rsi_sandbox.cli import handing

    handing.witness(unpacked, key, name)


def accept(
    signature: Annotated[Path, typer.Argument(help="A witness's signature.", exists=True, dir_okay=False)],
    path: Target = Path(),
    *,
    signers: Annotated[
        Path | None, typer.Option(help="Keys to believe (OpenSSH allowed_signers).", exists=True, dir_okay=False)
    ] = None,
    state: State = None,
) -> None:
    """Take a witness's signature into your record."""
    from rsi_sandbox.cli import handing

    handing.accept(signature, path, state, signers)
