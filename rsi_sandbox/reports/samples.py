"""Raw samples summarised: how many, how they spread, and the numbers a small plot of them needs.

A summary never replaces the samples: each names the digest of the bytes it was made from.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from rsi_sandbox.errors import RsiError
from rsi_sandbox.model import Json
from rsi_sandbox.oracles.samples import clock_for, log_of


@dataclass(frozen=True)
class Summary:
    """One piece of raw evidence in words, and in numbers where it has a shape."""

    oracle: str
    name: str
    digest: str
    bytes: int
    """Size of the raw bytes; 0 when they are not there any more."""
    text: str
    points: tuple[float, ...] = ()
    """Ratios of launches in order, above 1 is faster."""
    curve: Mapping[str, tuple[tuple[float, float], ...]] | None = None
    """Growth: arm -> (size, seconds) pairs."""


def summaries(evidence: Json, read: Callable[[str], bytes]) -> list[Summary]:
    """Every raw piece of one oracle's evidence; what can't be read any more says so."""
    found = []
    for name, digest in sorted((evidence.get("raw") or {}).items()):
        try:
            raw = read(digest)
        except RsiError as error:
            found.append(Summary(evidence["oracle"], name, digest, 0, error.message))
            continue
        found.append(summary(evidence["oracle"], name, digest, raw))
    return found


def summary(oracle: str, name: str, digest: str, raw: bytes) -> Summary:
    """One raw piece; of a kind that is not known only its size."""
    try:
        text, points, curve = _read(oracle, name, json.loads(raw))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, ZeroDivisionError):
        text, points, curve = "in a form this version does not summarise", (), None
    return Summary(oracle, name, digest, len(raw), text, points, curve)


Curve = Mapping[str, tuple[tuple[float, float], ...]]
_Shape = tuple[str, tuple[float, ...], Curve | None]


def _read(oracle: str, name: str, raw: Json) -> _Shape:
    if isinstance(raw, dict) and "launches" in raw and "weights" in raw:
        return _launches(raw)
    if oracle == "tests":
        counts = Counter((raw.get("outcomes") or {}).values())
        listed = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
        return f"{len(raw['expected'])} expected; reported: {listed or 'nothing'}", (), None
    if oracle == "differential" and isinstance(raw, dict) and "rows" in raw:
        per = Counter(row["function"] for row in raw["rows"])
        wrong = sum(row["expected"] != row["got"] for row in raw["rows"])
        listed = ", ".join(f"{count} of {function}" for function, count in per.most_common(4))
        return f"{len(raw['rows'])} calls ({listed}); {wrong} answered differently", (), None
    if oracle == "differential":
        return f"the inputs of {len(raw['calls'])} calls, seed {raw['seed']}", (), None
    if oracle == "memory":
        left, right = (sum((arm["peak"] or {}).values()) for arm in raw["arms"])
        return (
            f"peaks of {len(raw['cases'])} cases: {left / 1024:.0f} KiB before, {right / 1024:.0f} KiB after",
            (),
            None,
        )
    if oracle == "static":
        return f"digests of three trees and {len(raw['changed'])} changed paths", (), None
    if (curve := growth(raw)) is not None:
        return f"cost at {max(map(len, curve.values()), default=0)} sizes", (), curve
    return "in a form this version does not summarise", (), None


def _launches(raw: Json) -> _Shape:
    weights = raw["weights"]
    usable = [launch for launch in raw["launches"] if isinstance(launch.get("cases"), dict)]
    if not usable:
        return f"{len(raw['launches'])} launches, none of them usable", (), None
    clock = clock_for(usable, weights)
    ratios = tuple(math.exp(min(700.0, log_of(launch, weights, clock))) for launch in usable)
    pairs = sum(len(case["pairs"]) for launch in usable for case in launch["cases"].values())
    spread = f"{min(ratios):.3g}x to {max(ratios):.3g}x, median {median(ratios):.3g}x"
    return (
        f"{_count(len(usable), 'launch')} of {_count(len(weights), 'case')}, {pairs} pairs, {clock} clock: {spread}",
        ratios,
        None,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 'es' if noun.endswith('ch') else 's'}"


def growth(raw: Json) -> Curve | None:
    """Growth samples, in whatever of the two shapes: arm -> [[size, seconds], ...], or rows with size and both arms."""
    if not isinstance(raw, dict):
        return None
    arms = raw.get("growth") or raw.get("curves") or raw
    if not isinstance(arms, dict):
        return None
    found = {}
    for arm, points in arms.items():
        if isinstance(points, list) and len(points) > 1 and all(_is_point(point) for point in points):
            found[str(arm)] = tuple((float(point[0]), float(point[1])) for point in points)
    return found or None


def _is_point(point: object) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 2
        and all(isinstance(value, int | float) and not isinstance(value, bool) and value > 0 for value in point)
    )
