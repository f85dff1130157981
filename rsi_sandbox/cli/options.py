"""Arguments and options that several commands share, with one wording each."""

from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.errors import UsageError
from rsi_sandbox.reports.form import Format


def _located(path: Path) -> Path:
    from rsi_sandbox.registry import locate

    return locate(path)


def _names(incomplete: str) -> list[str]:
    from rsi_sandbox.registry import known

    return [one.name for one in known() if one.name.startswith(incomplete)]


Target = Annotated[
    Path,
    typer.Argument(
        help="Repository with Python code and a pytest suite, or the name of one that `target list` shows.",
        callback=_located,
        autocompletion=_names,
    ),
]
Generation = Annotated[int, typer.Argument(help="Number of a generation, as `log` shows it.", min=0)]
State = Annotated[
    Path | None, typer.Option("--state", help="Where runs are recorded.", show_default="PATH/.rsi-sandbox")
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only the result: nothing on stderr but errors.")]
Budget = Annotated[str, typer.Option(help="Stop after this long: 90s, 2m, 1h.")]
Seed = Annotated[int, typer.Option(help="Of everything that is drawn by chance.")]
Rung = Annotated[str, typer.Option(help="auto, docker or namespaces. A named one never falls back.")]
Unsafe = Annotated[
    bool, typer.Option("--unsafe-no-sandbox", help="Run candidates with your own rights. Not a sandbox.")
]
Policy = Annotated[
    str | None, typer.Option(help="Bundled policy or path of a policy file.", show_default="the target's, or default")
]
Deselect = Annotated[
    list[str] | None, typer.Option(help="Id of a test to leave out, such as a flaky one; may be repeated.")
]
Output = Annotated[Format, typer.Option("--format", help="text for people, the others for programs.")]

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
