"""Records calls of chosen functions while the tests or benchmark cases run, so that they can be repeated elsewhere.

The host stores the pickles and never opens them. A function of which no call can be repeated is listed with the reason.
"""

from typing import Any

from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.definitions import UnobservableError
from rsi_sandbox.worker.frames import Frames
from rsi_sandbox.worker.portable import Portable
from rsi_sandbox.worker.recorder import Recorder, Watched
from rsi_sandbox.worker.samples import Samples
from rsi_sandbox.worker.wire import to_text
from rsi_sandbox.worker.workload import run_workload

PER_FUNCTION = 64
MAX_BYTES = 1 << 20
TOTAL_BYTES = 24 << 20


def run(args: dict[str, Any], context: Context) -> dict[str, Any]:
    """`calls`, `seen`, `types`, `unobservable`."""
    roots = args.get("roots") or ["."]
    context.enter(roots)
    keep, max_bytes = int(args.get("per_function") or PER_FUNCTION), int(args.get("max_bytes") or MAX_BYTES)
    wanted = [
        Watched(context, roots, path, qualname, Samples(f"{path}::{qualname}", keep, 16 * max_bytes))
        for path, qualname in args["functions"]
    ]
    recorder = Recorder(Frames(context.tree), Portable(context, roots, max_bytes), wanted)
    recorder.start()
    try:
        found = run_workload(args, context, recorder)
    finally:
        recorder.stop()
    return {**_answer(wanted, TOTAL_BYTES // max(1, len(wanted))), **found}


def _answer(wanted: list[Watched], share: int) -> dict[str, Any]:
    calls: dict[str, list[str]] = {}
    unobservable = []
    for watched in wanted:
        kept = watched.samples.kept(share)
        if kept:
            calls[watched.key] = [to_text(data) for data in kept]
        else:
            unobservable.append({"function": watched.key, "reason": _reason(watched)})
    return {
        "calls": calls,
        "seen": {watched.key: watched.samples.seen for watched in wanted},
        "types": {watched.key: watched.samples.types for watched in wanted if watched.samples.types},
        "unobservable": unobservable,
    }


def _reason(watched: Watched) -> str:
    try:
        watched.definition()
    except UnobservableError as error:
        return str(error)
    if not watched.samples.seen:
        return "no test or case calls it"
    return watched.samples.reason or "its recorded calls are too large"
