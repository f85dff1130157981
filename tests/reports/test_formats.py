"""Every format, read by the programs it is for."""

import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from junitparser import JUnitXml
from sarif import loader
from sarif_pydantic import Sarif

from rsi_sandbox.errors import Exit
from rsi_sandbox.model import Decision
from rsi_sandbox.reports.form import Format
from rsi_sandbox.reports.formats import renderer
from rsi_sandbox.reports.summary import Finding, Place, Replacement, Summary

EVIL = "a|b `c` <script> *x* \x1b[31m ::error::x % \n, : end"
RENDERED = [form for form in Format if form is not Format.JSONL]


def row(name: str, passed: bool | None, value: object) -> dict[str, object]:
    return {
        "row": name,
        "stage": "guard",
        "fact": "tests.failed",
        "relation": "equals",
        "bound": 0,
        "value": value,
        "passed": passed,
        "margin": None,
        "why": EVIL,
    }


def finding(decision: Decision, **changes: object) -> Finding:
    rows = {
        Decision.ACCEPTED: (row("good", True, 0),),
        Decision.REJECTED: (row("good", True, 0), row("bad", False, 2), row("lost", None, None)),
    }
    made = Finding(
        name=EVIL,
        decision=decision,
        reason=EVIL,
        title=EVIL,
        rules=("list-membership-in-loop",),
        rationale="Looks values up in a set.",
        places=(Place("pkg/odd name.py", 3, "f"),),
        replacements=(Replacement("pkg/odd name.py", 10, 14, "set(x)", 3, 3),),
        rows=rows.get(decision, ()),
        facts={"confirm.ratio": 2.0, "confirm.low": 1.9, "confirm.high": 2.1, "tests.failed": None},
        details={"tests": EVIL},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def summary(command: str = "judge", *findings: Finding) -> Summary:
    return Summary(command, "target", "sub/dir/", "default", findings, EVIL, Exit.NO, 12.5, "0.1.0")


@pytest.mark.parametrize("form", RENDERED)
@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("command", ["judge", "evolve"])
def test_every_format_renders_every_verdict_and_lets_no_control_character_through(
    form: Format, decision: Decision, command: str
) -> None:
    text = renderer(form)(summary(command, finding(decision)))
    assert text.endswith("\n")
    assert "\x1b" not in text or form is Format.JSON


@pytest.mark.parametrize("form", RENDERED)
def test_no_finding_is_rendered_too(form: Format) -> None:
    assert renderer(form)(summary("evolve"))


def test_sarif_is_read_by_two_consumers() -> None:
    text = renderer(Format.SARIF)(summary("evolve", finding(Decision.ACCEPTED), finding(Decision.REJECTED)))
    read = Sarif.model_validate_json(text)
    (result,) = read.runs[0].results or []
    assert result.level is not None and result.level.value == "note"
    assert result.fixes is not None
    assert result.locations is not None
    document = json.loads(text)
    place = document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "sub/dir/pkg/odd%20name.py"
    assert document["runs"][0]["results"][0]["partialFingerprints"]


def test_sarif_of_a_rejected_patch_is_an_error_for_a_second_consumer(tmp_path: object) -> None:
    path = str(tmp_path) + "/found.sarif"
    with open(path, "w") as file:  # noqa: PTH123
        file.write(renderer(Format.SARIF)(summary("judge", finding(Decision.REJECTED, rules=()))))
    (record,) = loader.load_sarif_files(path).get_records()
    assert record["Severity"] == "error"
    assert record["Line"] == 3


def test_junit_is_read_with_its_counts() -> None:
    text = renderer(Format.JUNIT)(summary("judge", finding(Decision.REJECTED)))
    suites = JUnitXml.fromroot(ET.fromstring(text.encode()))
    (suite,) = list(suites)
    assert (suite.tests, suite.failures, suite.errors) == (3, 1, 1)
    assert {case.name for case in suite} == {"good", "bad", "lost"}
    evolved = JUnitXml.fromroot(
        ET.fromstring(
            renderer(Format.JUNIT)(
                summary("evolve", finding(Decision.REJECTED), finding(Decision.QUARANTINED), finding(Decision.ACCEPTED))
            ).encode()
        )
    )
    assert [(one.failures, one.skipped) for one in evolved] == [(0, 1), (1, 0), (0, 0)]


def test_a_line_break_in_a_message_can_not_start_a_workflow_command() -> None:
    text = renderer(Format.GITHUB)(summary("judge", finding(Decision.REJECTED)))
    commands = [line for line in text.splitlines() if line.startswith("::")]
    assert len(commands) == 1
    assert commands[0].startswith("::error file=sub/dir/pkg/odd name.py,line=3,title=")
    assert "%0A" in commands[0]
    assert renderer(Format.GITHUB)(summary("evolve", finding(Decision.REJECTED))).count("::error") <= 1


def test_json_is_complete() -> None:
    document = json.load(io.StringIO(renderer(Format.JSON)(summary("judge", finding(Decision.ACCEPTED)))))
    assert document["exit"] == 1
    assert document["findings"][0]["speedup"] == {"ratio": 2.0, "low": 1.9, "high": 2.1, "confirmed": True}
    assert document["findings"][0]["rows"][0]["row"] == "good"


def test_markdown_keeps_a_table_whatever_the_text() -> None:
    text = renderer(Format.MARKDOWN)(summary("judge", finding(Decision.REJECTED)))
    (line,) = [line for line in text.splitlines() if line.startswith("| ") and "rejected" in line]
    assert line.replace("\\|", "").count("|") == 6
    assert "<script>" not in text
