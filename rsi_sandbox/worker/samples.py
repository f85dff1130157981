"""Chooses which calls of one function to keep: every kind of argument first, the largest, then a spread in time.

The cost stops growing with the number of calls: each of the first thousand is looked at, later ones ever more rarely,
so type evidence is what was seen in those looks, not a proof about every call.
"""

import math
import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from rsi_sandbox.worker.portable import NotPortableError, type_name

EVERY = 1024
_MAX_FAILURES = 64
_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range, deque)


class Samples:
    """The kept calls and the type evidence of one function."""

    def __init__(self, key: str, keep: int, budget: int) -> None:
        self.seen = 0
        self.reason = ""
        """Why the last call that was not kept could not be."""
        self.types: dict[str, dict[str, Any]] = {}
        self._keep = keep
        self._budget = budget
        self._random = random.Random(key)  # noqa: S311  # a reproducible sample, not a secret
        self._next = 1
        self._looks = 0
        self._failures = 0
        self._kinds: dict[Any, bytes] = {}
        self._largest: tuple[int, bytes] | None = None
        self._spread: list[bytes] = []

    def due(self) -> bool:
        """Count a call; whether this one should be offered."""
        self.seen += 1
        if self.seen < self._next:
            return False
        self._next = self.seen + 1 + (self.seen >> 8 if self.seen >= EVERY else 0)
        return True

    def offer(self, values: Mapping[str, Any], pickled: Callable[[], bytes]) -> None:
        """Look at a call by its arguments; `pickled` is called only when the call is to be kept."""
        self._looks += 1
        for name, value in values.items():
            self._note_type(name, value)
        described = [_describe(value) for value in values.values()]
        kind = tuple(signature for signature, _ in described)
        size = sum(size for _, size in described)
        new = kind not in self._kinds and len(self._kinds) < self._keep
        larger = self._largest is None or size > self._largest[0]
        slot = self._slot()
        if not (new or larger or slot >= 0) or self._given_up():
            return
        try:
            data = pickled()
        except NotPortableError as error:
            self._failures += 1
            self.reason = str(error)
            return
        self._budget -= len(data)
        if new:
            self._kinds[kind] = data
        if larger:
            self._largest = (size, data)
        if 0 <= slot < len(self._spread):
            self._spread[slot] = data
        elif slot >= 0:
            self._spread.append(data)

    def kept(self, max_total: int) -> list[bytes]:
        """At most the asked number of different calls, together at most `max_total` bytes."""
        largest = [] if self._largest is None else [self._largest[1]]
        chosen: list[bytes] = []
        for data in dict.fromkeys([*largest, *self._kinds.values(), *self._spread]):
            if len(chosen) < self._keep and len(data) <= max_total:
                chosen.append(data)
                max_total -= len(data)
        return chosen

    def _slot(self) -> int:
        """Where this look goes in the reservoir, or -1."""
        if self._budget <= 0:
            return -1
        if len(self._spread) < self._keep:
            return len(self._spread)
        slot = self._random.randrange(self._looks)
        return slot if slot < self._keep else -1

    def _given_up(self) -> bool:
        """After many failures only every power of two is tried again."""
        return self._failures > _MAX_FAILURES and self._looks & (self._looks - 1) != 0

    def _note_type(self, name: str, value: Any) -> None:
        row = self.types.setdefault(name, {"types": [], "len_max": 0, "hashable": True})
        shown = type_name(type(value))
        if shown not in row["types"]:
            row["types"].append(shown)
        if isinstance(value, _SIZED) and type(value) in _SIZED:
            row["len_max"] = max(row["len_max"], len(value))
        row["hashable"] = row["hashable"] and hashable(value)


def hashable(value: Any, *, depth: int = 4) -> bool:
    """Whether `hash(value)` is known to work; asked of types only, so that no code of the target runs."""
    if type(value).__hash__ is None:
        return False
    if isinstance(value, tuple):
        return depth > 0 and len(value) <= 1000 and all(hashable(one, depth=depth - 1) for one in value)
    return True


def _describe(value: Any) -> tuple[Any, int]:
    """A value's kind (type, rough size, first element's type) and its size."""
    kind = type(value)
    if kind in _SIZED:
        size = len(value)
        first = type(value[0]) if kind in (list, tuple) and size else None
        return (kind, size.bit_length(), first), size
    if kind is int:
        bits = value.bit_length()
        return (kind, bits, value < 0), bits
    if kind is float:
        return (kind, math.isnan(value), value < 0, value == 0), 1
    return (kind, value if kind is bool else None), 0
