"""Finds out which functions of the tree use the time of its tests or benchmark cases, and which of those call them.

One cProfile per test, built-ins counted to their caller, this thread only. Times are for ranking: the profiler slows
calls down more than loops, so no speed-up is ever computed from them.
"""

import cProfile
from collections.abc import Iterable
from types import CodeType
from typing import Any

from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.frames import Frames, function_name
from rsi_sandbox.worker.suite import PhasePlugin
from rsi_sandbox.worker.workload import run_workload

_MACHINERY = ("/_pytest/", "/pluggy/", "/pytest/", "/rsi_sandbox/worker/")


def run(args: dict[str, Any], context: Context) -> dict[str, Any]:
    """`functions`, hottest (self time) first, `total` seconds, `covers` and `callers`."""
    context.enter(args.get("roots") or ["."])
    table = _Table(Frames(context.tree))
    profiler = _Profiler(table)
    found = run_workload(args, context, profiler)
    profiler.finish()
    functions = sorted(table.functions.values(), key=lambda one: (-one["self"], one["path"], one["qualname"]))
    covers = {key: list(ids) for key, ids in sorted(table.covers.items())}
    callers = {key: dict(sorted(counts.items())) for key, counts in sorted(table.callers.items())}
    return {"functions": functions, "total": table.total, "covers": covers, "callers": callers, **found}


class _Profiler(PhasePlugin):
    """Keeps one profile per test, across its phases, and hands it to the table when the next one starts."""

    def __init__(self, table: "_Table") -> None:
        self._table = table
        self._id = ""
        self._profile: cProfile.Profile | None = None

    def enter(self, test: str) -> None:
        """Go on with this test's profile, or begin one."""
        if self._profile is None or test != self._id:
            self.finish()
            self._id, self._profile = test, cProfile.Profile(subcalls=True, builtins=False)
        try:
            self._profile.enable()
        except ValueError:
            pass  # 3.12+: the code under test has a profiler of its own active; this phase stays unseen

    def leave(self, test: str) -> None:
        """Pause."""
        if self._profile is not None:
            self._profile.disable()

    def finish(self) -> None:
        """Hand over what is there."""
        if self._profile is not None:
            entries: Iterable[Any] = self._profile.getstats()
            self._table.add(self._id, entries)
            self._profile = None


class _Table:
    """Sums of everything profiled, by function of the tree."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self.functions: dict[str, dict[str, Any]] = {}
        self.covers: dict[str, dict[str, None]] = {}
        self.callers: dict[str, dict[str, int]] = {}
        self.total = 0.0

    def add(self, test: str, entries: Iterable[Any]) -> None:
        """Add one test's or case's profile."""
        for entry in entries:
            if not isinstance(entry.code, CodeType):
                continue
            key = self._frames.key(entry.code)
            if key is not None or not any(part in entry.code.co_filename for part in _MACHINERY):
                self.total += entry.inlinetime
            if key is not None:
                self._add(key, entry)
                self.covers.setdefault(key, {})[test] = None

    def _add(self, key: str, entry: Any) -> None:
        path, _, qualname = key.partition("::")
        line = entry.code.co_firstlineno
        row = self.functions.setdefault(
            key,
            {"path": path, "qualname": qualname, "line": line, "calls": 0, "self": 0.0, "total": 0.0},
        )
        row["self"] += entry.inlinetime
        if function_name(entry.code.co_qualname) == entry.code.co_qualname:
            row["line"] = min(row["line"], line) if row["calls"] else line
            row["calls"] += entry.callcount
            row["total"] += entry.totaltime
        row["total"] = max(row["total"], row["self"])
        for call in entry.calls or ():
            if isinstance(call.code, CodeType):
                callee = self._frames.key(call.code)
                if callee is not None and callee != key:
                    counts = self.callers.setdefault(callee, {})
                    counts[key] = counts.get(key, 0) + call.callcount
