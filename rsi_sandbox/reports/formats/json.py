"""One JSON document for programs."""

import json

from rsi_sandbox.reports.summary import Summary


def render(summary: Summary) -> str:
    """Sorted keys, indented, a newline at the end."""
    return json.dumps(summary.to_json(), indent=2, sort_keys=True) + "\n"
