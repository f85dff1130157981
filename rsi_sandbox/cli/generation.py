"""`show` and `explain`: one generation, in short and in full."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rsi_sandbox.cli import plots
from rsi_sandbox.cli.console import STYLES, console, table, unicode
from rsi_sandbox.cli.history import opened
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Json
from rsi_sandbox.reports.samples import Summary, summaries
from rsi_sandbox.reports.story import Step, Story, tell

WORDS = {True: "[green]yes[/]", False: "[red]no[/]", None: "[red]unknown[/]"}


def show(path: Path, state: Path | None, number: int) -> None:
    """One generation with the gate's table, plots of what was timed, and every candidate that was tried."""
    with opened(path, state) as lineage:
        lineage.generation(number)
        story = tell(lineage)
        step = story.steps[number]
        out = console()
        _head(out, step)
        if step.original:
            return
        _timed(out, lineage, step)
        out.print(_rows(list(step.rows)))
        out.print(_screened(list(step.generation.screened)))
        out.print(f"next: rsi-sandbox explain {number}, diff {number}, replay {number}", style="dim")


def explain(path: Path, state: Path | None, number: int) -> None:
    """Every row with its reason, what every fact was made from, and what was not measured."""
    with opened(path, state) as lineage:
        lineage.generation(number)
        story = tell(lineage)
        step = story.steps[number]
        out = console()
        _head(out, step)
        if step.original:
            return
        out.print("\n[bold]why[/]")
        for row in sorted(step.rows, key=lambda row: (row["passed"] is True, row["passed"] is None)):
            _reason(out, row)
        out.print("\n[bold]evidence[/]")
        for piece in step.generation.evidence:
            _evidence(out, piece, summaries(piece, lineage.evidence))
        _missing(out, step)
        _surroundings(out, story, step)


def _head(out: Console, step: Step) -> None:
    generation = step.generation
    notes = "".join(f" ({note})" for note, holds in (("head", step.head), ("applied", step.applied)) if holds)
    out.print(f"generation {generation.number}: [{STYLES[step.word]}]{step.word}[/]{notes}")
    out.print(f"tree {generation.tree[:12]}, {generation.at}")
    if step.original:
        return
    spent = generation.spent
    out.print(
        f"parent {generation.parent}, {spent.candidates} candidates tried in {spent.wall_seconds:.1f} s, "
        f"{spent.sandboxes} sandboxes so far"
    )
    out.print(f"rewrites: {escape(', '.join(step.rules))} in {escape(', '.join(step.sites))}")
    out.print(f"rationale: {escape(str(generation.candidate.get('rationale', '')))}")
    out.print(f"against the parent {escape(str(step.gain or 'not measured'))}")
    out.print(f"against the original {escape(str(step.total or 'not measured'))}")
    out.print(f"reason: {escape(step.reason)}")


def _timed(out: Console, lineage: Lineage, step: Step) -> None:
    axis = plots.span([step.gain, step.total])
    for name, found in (("parent", step.gain), ("original", step.total)):
        if found:
            drawn = plots.interval(found, axis, width=48, unicode=unicode())
            out.print(f"{name:>9} {axis[0]:.2f}x {escape(drawn)} {axis[1]:.2f}x", highlight=False)
    for piece in step.generation.evidence:
        if piece["detail"]:
            out.print(f"{piece['oracle']}: {escape(piece['detail'])}")
        for one in summaries(piece, lineage.evidence):
            if one.points and piece["oracle"] == "benchmark":
                line = plots.sparkline(one.points, unicode=unicode())
                out.print(f"  {escape(one.name)}: {line} {escape(one.text)}", highlight=False)


def _reason(out: Console, row: Json) -> None:
    words = {True: "passed", False: "FAILED", None: "NOT MEASURED"}
    style = "green" if row["passed"] else "red"
    margin = "" if row["margin"] is None else f", margin {row['margin']:+.4g}"
    found = "nothing was measured" if row["value"] is None else f"it is {value(row['value'])}{margin}"
    out.print(
        f"[{style}]{words[row['passed']]}[/] {escape(row['row'])} ({row['stage']}): {escape(row['fact'])} "
        f"{row['relation']} {value(row['bound'])}, {found}",
        highlight=False,
    )
    out.print(f"    {escape(row['why'])}", style="dim", highlight=False)


def _evidence(out: Console, piece: Json, found: list[Summary]) -> None:
    out.print(f"[bold]{escape(piece['oracle'])}[/] {escape(piece['detail'])}", highlight=False)
    facts = ", ".join(f"{name} {value(fact)}" for name, fact in sorted(piece["facts"].items()))
    out.print(f"  facts: {facts or 'none'}", highlight=False)
    for one in found:
        out.print(f"  {escape(one.name)} {one.digest[:12]}, {one.bytes} bytes: {escape(one.text)}", highlight=False)
        if one.points:
            out.print(f"    {plots.sparkline(one.points, unicode=unicode())}", highlight=False)
    if not found:
        out.print("  no raw evidence was kept", highlight=False)


def _missing(out: Console, step: Step) -> None:
    absent = [name for name, fact in sorted(step.facts.items()) if fact is None]
    absent += [row["fact"] for row in step.rows if row["value"] is None and row["fact"] not in step.facts]
    out.print("\n[bold]not measured[/]")
    out.print(f"  {escape(', '.join(dict.fromkeys(absent)) or 'nothing that a row asked for')}", highlight=False)


def _surroundings(out: Console, story: Story, step: Step) -> None:
    run = next((run for run in story.runs if run.number == step.run), None)
    if run is None:
        return
    out.print(f"\n[bold]run {run.number}[/]")
    for title in ("machine", "surroundings", "options"):
        parts = run.opened.get(title) or {}
        shown = ", ".join(f"{name} {fact}" for name, fact in parts.items() if fact not in ("", None))
        out.print(f"  {title}: {escape(shown)}", highlight=False)
    policy = run.opened.get("policy") or {}
    out.print(f"  policy: {policy.get('name')} {str(policy.get('digest'))[:12]}", highlight=False)


def _rows(rows: list[Json]) -> Table:
    found = table("row", "fact", "value", "bound", "passed", "margin", title="gate")
    for row in rows:
        margin = row["margin"]
        bound = f"{row['relation']} {value(row['bound'])}"
        passed = WORDS[row["passed"]]
        found.add_row(
            row["row"], row["fact"], value(row["value"]), bound, passed, "" if margin is None else f"{margin:+.4g}"
        )
    return found


def value(fact: Json) -> str:
    """A fact as text."""
    if fact is None:
        return "not measured"
    return f"{fact:.4g}" if isinstance(fact, float) else escape(str(fact))


def _screened(rows: list[Json]) -> Table:
    found = table("rewrite", "function", "screened", "outcome", title="candidates tried")
    for row in rows:
        ratio = f"{row['ratio']:.2f}x" if row.get("ratio") else ""
        found.add_row(
            escape(str(row["rules"])), escape(str(row["function"])), ratio, escape(str(row["why"] or row["outcome"]))
        )
    return found
