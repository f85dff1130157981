"""A run on a terminal: one calm screen with the stage, the candidates of this generation and the budget left."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from rsi_sandbox.events import Event, Kind

COLOURS = {"useful": "green", "accepted": "bold green", "rejected": "red", "held": "yellow", "no gain": "dim"}
SHOWN = 12


def show(events: Iterator[Event]) -> Event | None:
    """Draw the run until it ends; returns the last event. What has been decided scrolls up and stays."""
    console = Console(stderr=True)
    screen = _Screen()
    last = None
    with Live(console=console, refresh_per_second=4, transient=True, get_renderable=screen.render) as live:
        for last in events:
            screen.take(last)
            if last.kind in (Kind.OPENED, Kind.BASELINE, Kind.GENERATION, Kind.NOTE):
                style = COLOURS.get(str(last.data.get("decision", "")), "")
                live.console.print(Text(last.text, style=style))
    return last


class _Screen:
    def __init__(self) -> None:
        self.stage = "starting"
        self.budget = 0.0
        self.seconds = 0.0
        self.candidates: list[Event] = []

    def take(self, event: Event) -> None:
        self.seconds = event.seconds
        self.budget = float(event.data.get("budget", self.budget))
        if event.kind is Kind.STAGE:
            self.stage = event.text
        if event.kind is Kind.CANDIDATE:
            self.candidates.append(event)
        if event.kind is Kind.GENERATION:
            self.candidates.clear()

    def render(self) -> RenderableType:
        table = Table(box=None, padding=(0, 2, 0, 0), expand=False)
        for column in ("function", "rewrite", "effect", "outcome"):
            table.add_column(column, overflow="ellipsis", no_wrap=True)
        for event in self.candidates[-SHOWN:]:
            data = event.data
            colour = COLOURS.get(str(data["outcome"]), "")
            table.add_row(
                escape(str(data["function"])),
                escape(str(data["rules"])),
                f"{data['ratio']:.2f}x" if data.get("ratio") else "",
                Text(str(data["why"] or data["outcome"]), style=colour),
            )
        left = max(0.0, self.budget - self.seconds)
        bar = ProgressBar(total=max(self.budget, 1.0), completed=min(self.seconds, self.budget), width=24)
        footer = Table.grid(padding=(0, 1))
        footer.add_row(Text(self.stage, style="bold"), bar, f"{left:.0f} s of budget left")
        return Group(table, footer) if self.candidates else footer
