"""Summaries of runs and of judgements."""

from pathlib import Path

from rsi_sandbox import __version__
from rsi_sandbox.errors import Exit
from rsi_sandbox.events import Event
from rsi_sandbox.judging import Judgement
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.reports.summary import Summary, of_generation, of_judgement
from rsi_sandbox.target import Target


def summary_of_run(lineage: Lineage, target: Target, policy: str, first: int, last: Event) -> Summary:
    """The generations from number `first` on, and the event the run ended with."""
    made = [item for item in lineage.generations() if item.number >= first and item.candidate]
    return Summary(
        command="evolve",
        target=target.name,
        prefix=prefix_of(target.root),
        policy=policy,
        findings=tuple(of_generation(item, lineage.tree(item.parent)) for item in made),
        said=last.text,
        exit=Exit(int(last.data.get("exit", Exit.YES))),
        seconds=last.seconds,
        version=__version__,
    )


def summary_of_judgement(found: Judgement, target: Target, policy: str, code: Exit) -> Summary:
    """One judged patch."""
    return Summary(
        command="judge",
        target=target.name,
        prefix=prefix_of(target.root),
        policy=policy,
        findings=(of_judgement(found),),
        said=f"{found.verdict.decision.value}: {found.verdict.reason}",
        exit=code,
        seconds=found.seconds,
        version=__version__,
    )


def prefix_of(root: Path) -> str:
    """Where the target lies in the git repository around it: empty, or a path ending in a slash."""
    around = next((place for place in (root, *root.parents) if (place / ".git").exists()), root)
    inside = root.relative_to(around).as_posix()
    return "" if inside == "." else f"{inside}/"
