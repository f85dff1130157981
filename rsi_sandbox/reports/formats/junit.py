"""JUnit XML: the rows of the gate as test cases, so that any CI server shows which one objected.

A row that failed is a failure, one that could not be evaluated an error. What a run rolled back is skipped: trying and
refusing is the tool's work, not a broken build; a quarantine is a failure.
"""

import io
import xml.etree.ElementTree as ET

from rsi_sandbox.model import Decision, Json
from rsi_sandbox.reports.summary import Finding, Summary, printable

HARMLESS = {Decision.ACCEPTED, Decision.HELD, Decision.REJECTED}


def render(summary: Summary) -> str:
    """One suite per finding."""
    root = ET.Element("testsuites", name=f"rsi-sandbox {summary.command}")
    for finding in summary.findings:
        _suite(root, summary, finding)
    text = io.BytesIO()
    ET.indent(root)
    ET.ElementTree(root).write(text, encoding="utf-8", xml_declaration=True)
    return text.getvalue().decode() + "\n"


def _suite(root: ET.Element, summary: Summary, finding: Finding) -> None:
    cases = finding.rows if summary.command == "judge" else ()
    suite = ET.SubElement(root, "testsuite", name=printable(f"{summary.target}: {finding.name}"))
    bad = unknown = skipped = 0
    for row in cases:
        case = ET.SubElement(suite, "testcase", classname=f"rsi_sandbox.{row['stage']}", name=row["row"])
        if row["passed"] is False:
            bad += 1
            ET.SubElement(case, "failure", message=printable(_found(row)), type="gate").text = printable(row["why"])
        elif row["passed"] is None:
            unknown += 1
            ET.SubElement(case, "error", message=printable(_found(row)), type="unknown").text = printable(row["why"])
    if not cases:
        case = ET.SubElement(suite, "testcase", classname="rsi_sandbox.evolve", name=printable(finding.title))
        if finding.decision not in HARMLESS:
            bad += 1
            ET.SubElement(case, "failure", message=printable(finding.reason), type=finding.decision.value)
        elif finding.decision is not Decision.ACCEPTED:
            skipped += 1
            ET.SubElement(case, "skipped", message=printable(f"{finding.decision.value}: {finding.reason}"))
    totals = {"tests": len(cases) or 1, "failures": bad, "errors": unknown, "skipped": skipped}
    for name, number in totals.items():
        suite.set(name, str(number))
    suite.set("time", f"{summary.seconds:.3f}" if finding is summary.findings[0] else "0")


def _found(row: Json) -> str:
    value = "nothing was measured" if row["value"] is None else f"it is {row['value']}"
    return f"{row['fact']} {row['relation']} {row['bound']} is required, {value}"
