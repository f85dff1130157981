"""Markdown for pull requests and step summaries: the verdict first, the evidence folded away."""

from collections.abc import Iterator

from rsi_sandbox.model import Decision, Json
from rsi_sandbox.reports.summary import Finding, Summary, gain

WORDS = {
    Decision.ACCEPTED: "accepted",
    Decision.HELD: "held for a person",
    Decision.REJECTED: "rejected",
    Decision.QUARANTINED: "quarantined",
    Decision.ERROR: "could not be judged",
}

_ESCAPES = str.maketrans({char: "\\" + char for char in "\\`*_[]|#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def render(summary: Summary) -> str:
    """One section per finding."""
    return "\n".join(_lines(summary)).rstrip() + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    yield f"## rsi-sandbox {summary.command}: {_text(summary.target)}"
    yield ""
    for line in summary.said.splitlines():
        yield _text(line)
        yield ""
    if summary.findings:
        yield "| change | verdict | speed-up | where | reason |"
        yield "|---|---|---|---|---|"
        for finding in summary.findings:
            where = ", ".join(dict.fromkeys(f"`{place.path}:{place.line}`" for place in finding.places[:3]))
            cells = [_text(finding.title), WORDS[finding.decision], gain(finding.facts), where, _text(finding.reason)]
            yield "| " + " | ".join(cells) + " |"
        yield ""
    for finding in summary.findings:
        yield from _details(finding)
    yield f"Policy `{summary.policy}`, {summary.seconds:.0f} s, rsi-sandbox {summary.version}."


def _details(finding: Finding) -> Iterator[str]:
    passed = sum(row["passed"] is True for row in finding.rows)
    yield f"<details><summary>{_text(finding.name)}: {passed} of {len(finding.rows)} rows of the gate passed</summary>"
    yield ""
    for oracle, detail in finding.details.items():
        yield f"- {oracle}: {_text(detail)}"
    if finding.details:
        yield ""
    yield "| row | fact | required | measured | passed |"
    yield "|---|---|---|---|---|"
    for row in finding.rows:
        passed_word = {True: "yes", False: "**no**", None: "**unknown**"}[row["passed"]]
        required = f"{row['relation']} {_value(row['bound'])}"
        yield f"| {row['row']} | {row['fact']} | {required} | {_value(row['value'])} | {passed_word} |"
    yield ""
    yield "</details>"
    yield ""


def _value(value: Json) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else _text(str(value))


def _text(text: str) -> str:
    """Text of anybody's as one cell: no markup, no table, no line of its own."""
    return "".join(char if char.isprintable() else " " for char in text).translate(_ESCAPES)
