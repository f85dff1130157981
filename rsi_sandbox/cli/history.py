"""`log`: the recorded generations, as a list with plots, as a tree, one a line, or as JSON lines."""

import fnmatch
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape
from rich.text import Text

from rsi_sandbox.cli import plots
from rsi_sandbox.cli.console import MARKS, STYLES, console, table, unicode
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage.records import plain
from rsi_sandbox.reports.story import Step, Story, tell


def state_of(path: Path, state: Path | None) -> Path:
    """The state directory that a command means."""
    return state or path.resolve() / ".rsi-sandbox"


@contextmanager
def opened(path: Path, state: Path | None, *, write: bool = False) -> Iterator[Lineage]:
    """The recorded lineage.

    Raises:
        UsageError: nothing was recorded there.
        StateError: it can't be read, or another run holds it.
    """
    directory = state_of(path, state)
    if not directory.is_dir():
        raise UsageError(f"nothing is recorded in {directory}", hint=f"run `rsi-sandbox evolve {path}` first")
    with Lineage.open(directory, create=False, write=write) as lineage:
        yield lineage


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which generations to list."""

    decision: tuple[str, ...] = ()
    rule: str = ""
    """A pattern such as `list-*`."""
    touching: str = ""
    """A pattern for a path or function."""
    since: int = 0
    """Number of the first generation."""

    def matches(self, step: Step) -> bool:
        """Whether a step is wanted."""
        return (
            step.generation.number >= self.since
            and (not self.decision or step.word in self.decision)
            and (not self.rule or any(fnmatch.fnmatch(rule, self.rule) for rule in step.rules))
            and (not self.touching or any(_touches(site, self.touching) for site in step.sites))
        )


def _touches(site: str, pattern: str) -> bool:
    path, _, function = site.partition("::")
    return any(fnmatch.fnmatch(part, pattern) for part in (site, path, function))


def log(path: Path, state: Path | None, wanted: Wanted, *, graph: bool, oneline: bool, jsonl: bool) -> None:
    """The generations that are wanted, oldest first."""
    with opened(path, state) as lineage:
        story = tell(lineage)
    steps = [step for step in story.steps if wanted.matches(step)]
    if jsonl:
        for step in steps:
            print(json.dumps(as_json(step), sort_keys=True))  # noqa: T201 - the result of the command
    elif oneline or graph:
        _lines(steps, graph=graph)
    else:
        _listed(story, steps)


def as_json(step: Step) -> dict[str, object]:
    """A step as one line of `--format jsonl`."""
    generation = step.generation
    return {
        "number": generation.number,
        "parent": generation.parent,
        "decision": step.word,
        "rules": list(step.rules),
        "sites": list(step.sites),
        "reason": step.reason,
        "gain": plain(step.gain),
        "total": plain(step.total),
        "tree": generation.tree,
        "run": step.run,
        "at": generation.at,
        "head": step.head,
        "applied": step.applied,
        "spent": plain(generation.spent),
    }


def _lines(steps: list[Step], *, graph: bool) -> None:
    out = console()
    for step in steps:
        drawn = plots.branch(step, unicode=unicode()) if graph else MARKS[step.word]
        line = Text(f"{drawn}  ", style=STYLES[step.word])
        line.append(f"{step.generation.number} {step.word}", style=STYLES[step.word])
        for note, holds in (("head", step.head), ("applied", step.applied)):
            line.append(f" ({note})" if holds else "", style="bold")
        line.append(f" {step.gain}" if step.gain else "")
        line.append(f" {', '.join(step.rules)}")
        if step.word not in ("accepted", "original"):
            line.append(f" -- {step.reason}", style="dim")
        out.print(line)


def _listed(story: Story, steps: list[Step]) -> None:
    out = console()
    found = table("gen", "parent", "verdict", "against parent", "", "rewrites", "reason", "at")
    axis = plots.span([step.gain for step in steps])
    for step in steps:
        found.add_row(
            f"{step.generation.number}{'*' if step.head else ''}",
            "" if step.original else str(step.generation.parent),
            f"[{STYLES[step.word]}]{step.word}[/]",
            str(step.gain or ""),
            plots.interval(step.gain, axis, unicode=unicode()),
            escape(", ".join(step.rules)),
            "" if step.word in ("accepted", "original") else escape(step.reason),
            step.generation.at.replace("+00:00", "Z"),
        )
    out.print(found)
    totals = [step.total for step in story.steps if step.word == "accepted" and step.total]
    if totals:
        line = plots.sparkline([total.ratio for total in totals], unicode=unicode())
        out.print(f"against the original {line} {escape(str(totals[-1]))}")
    counts = ", ".join(f"{count} {word}" for word, count in story.counts.items() if word != "original")
    out.print(f"{counts or 'nothing tried yet'}; * is the head; log of {story.size} entries", style="dim")


def now() -> str:
    """UTC time as it is recorded."""
    return datetime.now(UTC).isoformat(timespec="seconds")
