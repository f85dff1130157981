"""Plain words and tables for a terminal: as wide as it is, coloured where it can be."""

import sys

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rsi_sandbox.model import Decision, Json
from rsi_sandbox.reports.summary import Finding, Summary, printable

STYLES = {
    Decision.ACCEPTED: "green",
    Decision.HELD: "yellow",
    Decision.REJECTED: "red",
    Decision.QUARANTINED: "bold red",
    Decision.ERROR: "bold red",
}
PASSED = {True: Text("yes", "green"), False: Text("no", "red"), None: Text("unknown", "red")}
WIDTH = 120
"""Of what is not a terminal."""


def render(summary: Summary) -> str:
    """The findings with their gate tables; what to know first comes last, where the eye is."""
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else WIDTH, force_terminal=terminal or None, highlight=False)
    with console.capture() as captured:
        for finding in summary.findings:
            console.print(section(finding))
        console.print(Text(printable(summary.said)))
    return captured.get()


def section(finding: Finding) -> RenderableType:
    """One finding: what it is, what each oracle said, every row of the gate."""
    head = Text.assemble(printable(finding.title), ": ", (finding.decision.value, STYLES[finding.decision]))
    said = [Text(f"  {oracle}: {printable(detail)}", "dim") for oracle, detail in finding.details.items()]
    return Group(head, *said, gate(finding.rows), "")


def gate(rows: tuple[Json, ...]) -> Table:
    """The rows of the gate, those that objected first."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("row", "fact", "measured", "required", "passed", "margin"):
        table.add_column(column)
    for row in sorted(rows, key=lambda row: row["passed"] is True):
        margin = row["margin"]
        table.add_row(
            escape(row["row"]),
            escape(row["fact"]),
            value(row["value"]),
            f"{row['relation']} {value(row['bound'])}",
            PASSED[row["passed"]],
            "" if margin is None else f"{margin:+.4g}",
        )
    return table


def value(found: Json) -> str:
    """A fact's value as it is read by people."""
    if found is None:
        return "not measured"
    return f"{found:.4g}" if isinstance(found, float) else escape(printable(str(found)))
