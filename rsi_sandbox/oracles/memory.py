"""How much memory the benchmark cases need in two trees. Refuses to answer when either tree gives no number.

Traced bytes are counted inside the candidate's process, so its resident size, seen from outside, has a veto.
"""

import json
from collections.abc import Mapping, Sequence

from rsi_sandbox.errors import MeasurementError
from rsi_sandbox.model import BenchmarkCase, Evidence, Fact, Json, Tree, canonical_json
from rsi_sandbox.oracles.benchmark import Runner, plain
from rsi_sandbox.sandbox.contract import Job, Limits

SLACK_BYTES = 64 << 10
"""Added to both sides: a few objects more are no growth of memory."""
RESIDENT_SLACK_BYTES = 16 << 20


def compare_memory(
    sandbox: Runner,
    *,
    base: Tree,
    left: Tree,
    right: Tree,
    cases: Sequence[BenchmarkCase],
    roots: Sequence[str],
    limits: Limits | None = None,
) -> Evidence:
    """Fact memory.peak_ratio: `right` over `left`, of the case that grew most. Raw evidence: `memory.peaks`.

    Raises:
        MeasurementError: `left` itself gives no number.
    """
    arms: list[Json] = []
    for tree in (left, right):
        job = Job(
            "memory", tree, base, {"roots": list(roots), "cases": [plain(case) for case in cases]}, limits or Limits()
        )
        result = sandbox.run(job)
        peaks = result.value.get("peak") if result.ok and isinstance(result.value, dict) else None
        arms.append({"status": result.status.value, "peak": peaks, "resident": result.max_rss_bytes})
    try:
        raw = canonical_json({"arms": arms, "cases": sorted(case.id for case in cases)})
    except ValueError:
        return Evidence("memory", {"memory.peak_ratio": None}, {}, "a peak is not a finite number")
    if not _sound(arms[0], [case.id for case in cases]):
        raise MeasurementError(f"the tree to compare with gives no memory peak ({arms[0]['status']})")
    return Evidence("memory", memory_facts(raw), {"memory.peaks": raw})


def memory_facts(raw: bytes) -> Mapping[str, Fact | None]:
    """The facts in `compare_memory`'s raw evidence.

    Raises:
        MeasurementError: the bytes are not such evidence.
    """
    try:
        recorded = json.loads(raw)
        left, right = recorded["arms"]
        cases = recorded["cases"]
        if not cases or not _sound(left, cases) or not _sound(right, cases):
            return {"memory.peak_ratio": None}
        ratios = [(right["peak"][name] + SLACK_BYTES) / (left["peak"][name] + SLACK_BYTES) for name in cases]
        resident = (right["resident"] + RESIDENT_SLACK_BYTES) / (left["resident"] + RESIDENT_SLACK_BYTES)
    except (ValueError, TypeError, KeyError) as error:
        raise MeasurementError("raw memory peaks are not readable") from error
    grew = right["resident"] - left["resident"] > RESIDENT_SLACK_BYTES
    return {"memory.peak_ratio": max([*ratios, *([resident] if grew else [])])}


def _sound(arm: Json, cases: Sequence[str]) -> bool:
    peaks = arm["peak"]
    return (
        isinstance(peaks, dict)
        and set(peaks) == set(cases)
        and all(isinstance(peak, int) and not isinstance(peak, bool) and peak >= 0 for peak in peaks.values())
    )
