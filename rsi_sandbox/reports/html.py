"""The report: one HTML file that needs nothing else, for browsers of people who have never seen this tool.

Everything shown comes from the record and is escaped: file names, details and messages were written by candidates. A
content security policy with the digests of our own script and style stops anything that got through. Needs jinja2.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from rsi_sandbox import __version__
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage.trees import proposed
from rsi_sandbox.model import Json, Tree
from rsi_sandbox.reports import chart, sidebyside
from rsi_sandbox.reports.samples import Summary, summaries
from rsi_sandbox.reports.story import Interval, Step, Story, interval, tell, times

AT_ONCE = 30
"""Lineages up to this many generations carry every detail as plain markup; larger ones unfold it when it is opened."""
VERDICTS = ("accepted", "held", "rejected", "quarantined", "error")


@dataclass(frozen=True, slots=True)
class Raw:
    """A summary with its drawings."""

    summary: Summary
    strip: chart.Strip | None
    growth: chart.Growth | None


def render(lineage: Lineage) -> str:
    """The whole lineage as the text of one HTML file.

    Raises:
        UsageError: jinja2 is not installed.
        DamagedRecordError: a tree or the log was altered.
    """
    story = tell(lineage)
    template = _environment().get_template("page.html")
    style, script = (_part(name) for name in ("page.css", "page.js"))
    text: str = template.render(
        story=story,
        chart=chart.speedup(story.steps),
        geometry=chart,
        rails=chart.rails(story.steps),
        details=_details(lineage, story),
        later=len(story.steps) > AT_ONCE,
        verdicts=VERDICTS,
        times=times,
        spent=_spent(story),
        version=__version__,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'",
    )
    return text


def _environment() -> Any:
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise UsageError("the HTML report needs an extra", hint="pip install 'rsi-sandbox[report]'") from error
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_part),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fact"] = fact
    environment.filters["next_one"] = next
    environment.filters["own"] = Markup
    return environment


@lru_cache
def _part(name: str) -> str:
    return resources.files("rsi_sandbox.reports").joinpath("page", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def fact(value: Json) -> str:
    """A fact as people read it."""
    if value is None:
        return "not measured"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _details(lineage: Lineage, story: Story) -> Iterator[Mapping[str, Any]]:
    """What is shown of each step when it is opened, in their order."""
    trees = _Trees(lineage)
    for step in story.steps:
        generation = step.generation
        before = Tree({}) if step.original else trees.of(generation.parent)
        diffs = [] if step.original else list(sidebyside.files(before, trees.proposed(step)))
        yield {
            "diffs": diffs,
            "evidence": [(piece, list(_raw(lineage, step, piece))) for piece in generation.evidence],
            "missing": [name for name, value in sorted(step.facts.items()) if value is None],
        }


class _Trees:
    """Trees by number; each is read from git once, and only the few that may be needed again are kept."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._known: dict[int, Tree] = {}

    def of(self, number: int) -> Tree:
        """A recorded tree."""
        if number not in self._known:
            if len(self._known) > 16:
                self._known.pop(next(iter(self._known)))
            self._known[number] = self._lineage.tree(number)
        return self._known[number]

    def proposed(self, step: Step) -> Tree:
        """What a step proposed."""
        if step.word in ("accepted", "held"):
            return self.of(step.generation.number)
        return proposed(self._lineage, step.generation.number)


def _raw(lineage: Lineage, step: Step, piece: Json) -> Iterator[Raw]:
    for one in summaries(piece, lineage.evidence):
        yield Raw(
            one,
            chart.strip(one.points, _interval_of(step, piece, one)) if one.points else None,
            chart.growth(dict(one.curve)) if one.curve else None,
        )


def _interval_of(step: Step, piece: Json, one: Summary) -> Interval | None:
    prefix = "generation0" if piece["oracle"] == "generation0" else one.name.removesuffix(".samples")
    return interval(step.facts, prefix)


def _spent(story: Story) -> Mapping[str, Any]:
    """Totals over the lineage."""
    wall = sum(step.generation.spent.wall_seconds for step in story.steps)
    budget = sum(run.seconds or 0.0 for run in story.runs)
    return {
        "wall": wall,
        "budget": budget,
        "share": min(1.0, wall / budget) if budget else 0.0,
        "candidates": sum(step.generation.spent.candidates for step in story.steps),
        "screened": sum(len(step.generation.screened) for step in story.steps),
    }
