"""Arguments and options that several commands share, with one wording each."""

from pathlib import Path
from typing import Annotated

import typer

from rsi_sandbox.errors import UsageError

Target = Annotated[Path, typer.Argument(help="Repository with Python code and a pytest suite.")]
Generation = Annotated[int, typer.Argument(help="Number of a generation, as `log` shows it.", min=0)]
State = Annotated[
    Path | None, typer.Option("--state", help="Where runs are recorded.", show_default="PATH/.rsi-sandbox")
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show tracebacks.")]
"""Read by `main` from the arguments, so that it also holds for errors while parsing."""

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
