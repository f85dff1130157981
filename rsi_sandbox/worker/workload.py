"""What a profile or a recording watches: the target's tests, or the calls of benchmark cases.

A case whose call raises has still done its work; a case that can't be loaded is reported as a problem.
"""

import os
import pickle
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.definitions import walk
from rsi_sandbox.worker.suite import PhasePlugin, run_suite
from rsi_sandbox.worker.wire import to_bytes


def run_workload(args: dict[str, Any], context: Context, watcher: PhasePlugin) -> dict[str, Any]:
    """Run what `args` asks for with `watcher` told about every piece; returns `tests` and `problems`."""
    cases = args.get("cases")
    if cases is None:
        answer = run_suite(context, args, [watcher])
        failed = [test["id"] for test in answer["tests"] if test["outcome"] in ("failed", "error")]
        problems = [{"id": one["path"], "reason": one["message"]} for one in answer["collect_errors"]]
        return {"tests": len(answer["tests"]), "failed": failed, "problems": problems}
    os.chdir(context.tree)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return {"tests": 0, "failed": [], "problems": _run_cases(cases, context, watcher)}


def _run_cases(cases: Sequence[dict[str, Any]], context: Context, watcher: PhasePlugin) -> list[dict[str, str]]:
    problems = []
    for case in cases:
        try:
            function = walk(context.load(case["module"]), case["qualname"])
            calls = [pickle.loads(to_bytes(call)) for call in case["calls"]]
        except Exception as error:
            problems.append({"id": case["id"], "reason": f"{type(error).__name__}: {error}"})
            continue
        for args, kwargs in calls:
            watcher.enter(case["id"])
            try:
                with suppress(Exception, SystemExit):
                    function(*args, **kwargs)
            finally:
                watcher.leave(case["id"])
    return problems
