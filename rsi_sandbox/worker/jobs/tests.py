"""Runs the target's tests once. A gate's input, never proof: whatever runs here may lie about itself."""

from typing import Any

from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.suite import run_suite


def run(args: dict[str, Any], context: Context) -> dict[str, Any]:
    """One outcome per test id; see `suite.run_suite`."""
    context.enter(args.get("roots") or ["."])
    return run_suite(context, args)
