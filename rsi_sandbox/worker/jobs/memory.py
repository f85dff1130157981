"""Peak traced memory of every benchmark case. Never combined with timing: tracing makes code several times slower.

Counts what Python's allocators hand out, not what native libraries take for themselves.
"""

import gc
import pickle
import tracemalloc
from typing import Any

from rsi_sandbox.worker import wire
from rsi_sandbox.worker.context import Context

REPEATS = 3


def run(args: dict[str, Any], context: Context) -> dict[str, Any]:
    """Peak bytes above the start of one round over each case's calls, the least of three rounds."""
    context.enter(args["roots"])
    peaks: dict[str, int] = {}
    for case in args["cases"]:
        found: Any = context.load(case["module"])
        for name in case["qualname"].split("."):
            found = getattr(found, name)
        calls = [wire.to_bytes(text) for text in case["calls"]]
        peaks[case["id"]] = min(_peak(found, calls) for _ in range(REPEATS))
    return {"peak": peaks}


def _peak(function: Any, calls: list[bytes]) -> int:
    block = [pickle.loads(call) for call in calls]
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for args, kwargs in block:
            try:
                result = function(*args, **kwargs)
                if hasattr(result, "__next__"):
                    for _ in result:
                        pass
            except Exception:  # noqa: S112 (a call that raises has used memory all the same)
                continue
        return max(0, tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
