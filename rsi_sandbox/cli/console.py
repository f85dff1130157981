"""A console for results: as wide as the terminal, and never cut off where the output goes to a file or a pipe."""

import sys

from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 400
STYLES = {
    "original": "dim",
    "accepted": "green",
    "held": "yellow",
    "rejected": "red",
    "quarantined": "bold red",
    "error": "bold red",
}
MARKS = {"original": "o", "accepted": "*", "held": "?", "rejected": "x", "quarantined": "!", "error": "!"}
"""What a verdict looks like where colours are not seen."""


def console() -> Console:
    """For stdout."""
    return Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)


def table(*columns: str, title: str = "") -> Table:
    """A plain table; the last column takes what is left."""
    made = Table(title=title or None, title_justify="left", box=None, padding=(0, 2, 0, 0), title_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def unicode() -> bool:
    """Whether the terminal's encoding has box and block characters."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
