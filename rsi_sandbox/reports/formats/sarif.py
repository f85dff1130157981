"""SARIF 2.1.0: accepted generations as suggestions with their edits as fixes, judged patches as results.

Written to the OASIS standard's schema and to what GitHub's code scanning reads: relative paths, a rule for every
result, a partial fingerprint that survives other changes of the file.
"""

import json

from rsi_sandbox.model import Decision, Json, canonical_json, digest_of
from rsi_sandbox.reports.summary import Finding, Replacement, Summary

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Decision.ACCEPTED: "note", Decision.HELD: "warning"}
SHOWN = {Decision.ACCEPTED, Decision.HELD, Decision.QUARANTINED}
"""Of a run; what it rolled back is no finding about the code as it is."""


def render(summary: Summary) -> str:
    """One run with one result per finding."""
    shown = [item for item in summary.findings if summary.command == "judge" or item.decision in SHOWN]
    rules = {_rule(item): _about(item) for item in shown}
    run = {
        "tool": {
            "driver": {
                "name": "rsi-sandbox",
                "version": summary.version,
                "rules": [{"id": name, "shortDescription": {"text": text}} for name, text in rules.items()],
            }
        },
        "invocations": [{"executionSuccessful": int(summary.exit) in (0, 1), "exitCode": int(summary.exit)}],
        "results": [_result(summary, item, list(rules).index(_rule(item))) for item in shown],
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, sort_keys=True) + "\n"


def _rule(finding: Finding) -> str:
    if finding.rules:
        return "+".join(finding.rules)
    failed = finding.objections
    return str(failed[0]["row"]) if failed else "gate"


def _about(finding: Finding) -> str:
    failed = finding.objections
    return finding.rationale or (str(failed[0]["why"]) if failed else "Every row of the policy passed.")


def _result(summary: Summary, finding: Finding, index: int) -> Json:
    result: dict[str, Json] = {
        "ruleId": _rule(finding),
        "ruleIndex": index,
        "level": LEVELS.get(finding.decision, "error"),
        "kind": "pass" if summary.command == "judge" and finding.decision is Decision.ACCEPTED else "fail",
        "message": {"text": f"{finding.decision.value}: {finding.title}. {finding.reason}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(summary.prefix + place.path)},
                    "region": {"startLine": place.line},
                },
                "logicalLocations": [{"fullyQualifiedName": place.function, "kind": "function"}],
            }
            for place in finding.places
        ],
        "partialFingerprints": {"change/v1": _fingerprint(finding)},
        "properties": {"facts": {name: value for name, value in sorted(finding.facts.items()) if value is not None}},
    }
    if result["kind"] == "pass":
        result["level"] = "none"
    if finding.replacements and finding.decision is Decision.ACCEPTED:
        result["fixes"] = [_fix(summary.prefix, finding)]
    return result


def _fingerprint(finding: Finding) -> str:
    texts = [[item.path, item.text] for item in finding.replacements]
    places = [[place.path, place.function] for place in finding.places]
    return digest_of(canonical_json([list(finding.rules), places, texts]))


def _fix(prefix: str, finding: Finding) -> Json:
    by_path: dict[str, list[Replacement]] = {}
    for item in finding.replacements:
        by_path.setdefault(item.path, []).append(item)
    changes = [
        {
            "artifactLocation": {"uri": _uri(prefix + path)},
            "replacements": [
                {
                    "deletedRegion": {"byteOffset": item.start, "byteLength": item.end - item.start},
                    "insertedContent": {"text": item.text},
                }
                for item in items
            ],
        }
        for path, items in by_path.items()
    ]
    return {"description": {"text": finding.rationale}, "artifactChanges": changes}


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)
