"""One question an audit asks, and its answer."""

from collections.abc import Iterable
from dataclasses import dataclass

_MOST = 20
"""Sentences per check; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer."""

    name: str
    ok: bool | None
    """None: nothing contradicts the record, and nothing could confirm it either."""
    sentences: tuple[str, ...]
    """What was found, for a person; at least one."""


def check(name: str, problems: Iterable[str], fine: str) -> Check:
    """A check that is fine when there are no problems."""
    found = list(problems)
    if not found:
        return Check(name, True, (fine,))
    if len(found) > _MOST:
        found = [*found[:_MOST], f"and {len(found) - _MOST} more"]
    return Check(name, False, tuple(found))
