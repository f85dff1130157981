"""The commands about recorded runs: they read the lineage and, for `apply` and `rollback`, write the working tree."""

import difflib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Decision, Generation, Json, Tree

STYLES = {"accepted": "green", "rejected": "red", "held": "yellow", "quarantined": "bold red", "error": "bold red"}


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


def log(path: Path, state: Path | None) -> None:
    """One line per generation."""
    with opened(path, state) as lineage:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in ("gen", "parent", "verdict", "speed-up", "rewrites", "reason", "at"):
            table.add_column(column)
        for item in lineage.generations():
            decision = item.decision.value
            table.add_row(
                str(item.number),
                "" if not item.candidate else str(item.parent),
                f"[{STYLES[decision]}]{decision}[/]" if item.candidate else "original",
                speed(item),
                escape(", ".join(item.candidate.get("rules", []))),
                "" if item.decision is Decision.ACCEPTED else escape(str(item.verdict.get("reason", ""))),
                item.at,
            )
        Console().print(table)


def speed(item: Generation) -> str:
    """The confirmed speed-up against the parent, or the first measured one, with its interval."""
    facts = facts_of(item)
    for prefix in ("confirm", "speed"):
        found = [facts.get(f"{prefix}.{name}") for name in ("ratio", "low", "high")]
        if all(isinstance(value, int | float) for value in found):
            return "{:.2f}x [{:.2f}, {:.2f}]".format(*found)
    return ""


def facts_of(item: Generation) -> Json:
    """All facts of a generation's evidence."""
    return {name: value for evidence in item.evidence for name, value in evidence["facts"].items()}


def show(path: Path, state: Path | None, number: int) -> None:
    """One generation with the gate's table and every candidate that was tried."""
    with opened(path, state) as lineage:
        item = lineage.generation(number)
        console = Console()
        console.print(f"generation {item.number}: [{STYLES[item.decision.value]}]{item.decision.value}[/]")
        if not item.candidate:
            console.print("the original")
            return
        console.print(f"parent {item.parent}, tree {item.tree[:12]}, {item.at}, {item.spent.wall_seconds:.1f} s")
        console.print(f"speed-up {speed(item) or 'not measured'}")
        console.print(f"reason: {escape(str(item.verdict['reason']))}")
        console.print(f"rationale: {escape(str(item.candidate['rationale']))}")
        for evidence in item.evidence:
            if evidence["detail"]:
                console.print(f"{evidence['oracle']}: {escape(evidence['detail'])}")
        console.print(_rows(item.verdict["rows"]))
        console.print(_screened(list(item.screened)))


def _rows(rows: list[Json]) -> Table:
    table = Table(title="gate", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("row", "fact", "value", "bound", "passed", "margin"):
        table.add_column(column)
    words = {True: "[green]yes[/]", False: "[red]no[/]", None: "[red]unknown[/]"}
    for row in rows:
        margin = row["margin"]
        table.add_row(
            row["row"],
            row["fact"],
            _value(row["value"]),
            f"{row['relation']} {_value(row['bound'])}",
            words[row["passed"]],
            "" if margin is None else f"{margin:+.4g}",
        )
    return table


def _value(value: Json) -> str:
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def _screened(rows: list[Json]) -> Table:
    table = Table(title="candidates tried", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("rewrite", "function", "screened", "outcome"):
        table.add_column(column)
    for row in rows:
        ratio = f"{row['ratio']:.2f}x" if row["ratio"] else ""
        table.add_row(escape(row["rules"]), escape(row["function"]), ratio, escape(row["why"] or row["outcome"]))
    return table


def diff(path: Path, state: Path | None, number: int, against: int | None) -> None:
    """A generation's change as a unified diff; coloured on a terminal."""
    with opened(path, state) as lineage:
        item = lineage.generation(number)
        base = item.parent if against is None else against
        text = "".join(unified(lineage.tree(base), _proposed(lineage, item)))
    if sys.stdout.isatty():
        Console().print(Syntax(text, "diff", theme="ansi_dark", background_color="default"))
    else:
        sys.stdout.write(text)


def _proposed(lineage: Lineage, item: Generation) -> Tree:
    """The generation's own tree; for a rejected one the tree that was proposed."""
    if item.decision in (Decision.ACCEPTED, Decision.HELD) or not item.candidate:
        return lineage.tree(item.number)
    from rsi_sandbox.model import Edit

    edits = [Edit(**edit) for edit in item.candidate["edits"]]
    return lineage.tree(item.parent).with_edits(edits)


def unified(before: Tree, after: Tree) -> Iterator[str]:
    """The difference of two trees in the form that `git apply` and `patch -p1` read."""
    for path in sorted({*before.files, *after.files}):
        old, new = before.files.get(path, b""), after.files.get(path, b"")
        if old == new:
            continue
        before_lines, after_lines = (
            data.decode("utf-8", "surrogateescape").splitlines(keepends=True) for data in (old, new)
        )
        for line in difflib.unified_diff(before_lines, after_lines, f"a/{path}", f"b/{path}"):
            yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def apply(path: Path, state: Path | None, number: int | None) -> None:
    """Write an accepted generation into the working tree."""
    from rsi_sandbox import workspace

    with opened(path, state, write=True) as lineage:
        head = lineage.head()
        chosen = number if number is not None else head.number if head is not None else 0
        done = workspace.apply(path.resolve(), lineage, chosen, at=_now())
        print(done.message)  # noqa: T201 - the result of the command


def rollback(path: Path, state: Path | None) -> None:
    """Restore what the last `apply` replaced."""
    from rsi_sandbox import workspace

    with opened(path, state, write=True) as lineage:
        print(workspace.rollback(path.resolve(), lineage, at=_now()).message)  # noqa: T201 - the result


def verify(path: Path, state: Path | None) -> bool:
    """Check the whole record and print what was checked; False when something disagrees."""
    from rsi_sandbox import audit

    directory = state_of(path, state)
    if not directory.is_dir():
        raise UsageError(f"nothing is recorded in {directory}", hint=f"run `rsi-sandbox evolve {path}` first")
    report = audit.verify(directory)
    words = {True: "ok", False: "PROBLEM", None: "unknown"}
    for check in report.checks:
        for sentence in check.sentences:
            print(f"{words[check.ok]:8}{check.name}: {sentence}")  # noqa: T201 - the result of the command
    print(f"{report.size} entries, root {report.root}")  # noqa: T201
    return report.ok


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
