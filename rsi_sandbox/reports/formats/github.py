"""Workflow commands of GitHub Actions: a verdict becomes an annotation at the code it is about.

What was rolled back in a run is no problem of the code and gets none; every judged patch gets one.
"""

from collections.abc import Iterator

from rsi_sandbox.model import Decision
from rsi_sandbox.reports.summary import Finding, Place, Summary, printable

LEVELS = {Decision.ACCEPTED: "notice", Decision.HELD: "warning"}
MOST = 10
"""GitHub shows this many annotations of one level per step."""


def render(summary: Summary) -> str:
    """One command per line, the closing sentence last."""
    return "".join(f"{line}\n" for line in _lines(summary))


def _lines(summary: Summary) -> Iterator[str]:
    shown = [item for item in summary.findings if summary.command == "judge" or item.decision in LEVELS]
    for finding in shown[:MOST]:
        yield _command(summary, finding)
    yield from (line for line in printable(summary.said).splitlines() if not line.lstrip().startswith("::"))


def _command(summary: Summary, finding: Finding) -> str:
    level = LEVELS.get(finding.decision, "error")
    place = finding.places[0] if finding.places else Place("", 0, "")
    properties = {"title": f"rsi-sandbox: {finding.decision.value}"}
    if place.path:
        properties = {"file": summary.prefix + place.path, "line": str(place.line)} | properties
    text = finding.title if finding.decision is Decision.ACCEPTED else f"{finding.title}: {finding.reason}"
    if finding.details and finding.decision is not Decision.ACCEPTED:
        text += "\n" + "\n".join(f"{oracle}: {detail}" for oracle, detail in finding.details.items())
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{_data(text)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
