"""The differential oracle: the candidate has to answer like the original on recorded and derived calls.

Expected answers come from the original, in the same kind of sandbox, and stay on the host; the candidate sees inputs
only. Answers are compared as text and never opened. A call that the original itself does not answer twice alike is
left out and counted, and a function that no call could compare is reported as unobserved, never as equal.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from rsi_sandbox.errors import BaselineError
from rsi_sandbox.model import Evidence, Facts, Json, Tree, canonical_json, digest_of
from rsi_sandbox.sandbox.contract import Job, JobResult, Limits

BATCH = 500
"""Calls per job: what bounds the time of a call is the job's limits over this number."""
UNUSABLE = ("unresolved:", "unreadable:")
ENDED = "ended:"
"""Stands for the answer of a call whose job did not come back, followed by how it ended."""

Call = tuple[str, str]
"""("path::qualname", base64 of the pickled arguments); the host never opens the pickle."""


class Runs(Protocol):
    """What is needed of a sandbox."""

    def run(self, job: Job) -> JobResult:
        """Run one job in a process of its own."""


@dataclass(frozen=True)
class Expected:
    """What the original answers. Never leaves the host."""

    original: Tree
    roots: tuple[str, ...]
    calls: tuple[Call, ...]
    answers: tuple[str, ...]
    excluded: Mapping[str, int]
    """Function -> calls left out because the original is slow on them or does not repeat itself."""
    opaque: frozenset[int]
    """Indexes of calls whose answer has parts that could not be looked into: they may object, never support."""
    seed: int
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def functions(self) -> frozenset[str]:
        """Keys of the functions with at least one comparable call."""
        return frozenset(key for index, (key, _) in enumerate(self.calls) if index not in self.opaque)

    @cached_property
    def inputs(self) -> bytes:
        """Canonical bytes of all inputs, stored as evidence."""
        return canonical_json({"seed": self.seed, "calls": [list(call) for call in self.calls]})


def prepare(
    sandbox: Runs,
    original: Tree,
    roots: Sequence[str],
    recorded: Mapping[str, Sequence[str]],
    *,
    seed: int,
    count: int,
    limits: Limits | None = None,
) -> Expected:
    """Derive inputs from recorded calls and ask the original for its answers, twice, in different processes.

    `recorded` maps "path::qualname" to base64 pickles of (args, kwargs); `count` is inputs per function.

    Raises:
        BaselineError: the original can't be replayed at all.
    """
    limits = limits or Limits()
    calls: list[Call] = []
    excluded: Counter[str] = Counter()
    for key in sorted(recorded):
        inputs, lost = _derived(sandbox, original, roots, {key: list(recorded[key])}, seed, count, limits)
        calls += [(key, item) for item in inputs]
        excluded[key] += lost
    if not calls:
        return Expected(original, tuple(roots), (), (), dict(excluded), frozenset(), seed, limits)
    first, opaque = _answers(sandbox, original, original, roots, calls, limits)
    second, _ = _answers(sandbox, original, original, roots, list(reversed(calls)), limits)
    second.reverse()
    if all(text.startswith(ENDED) for text in first):
        raise BaselineError(
            f"the original does not survive a replay of its own calls ({first[0]})",
            hint="raise the time or memory limit, or look at what its functions do to the process",
        )
    kept = [
        index for index, text in enumerate(first) if text == second[index] and not text.startswith((*UNUSABLE, ENDED))
    ]
    excluded.update(calls[index][0] for index in set(range(len(calls))) - set(kept))
    return Expected(
        original=original,
        roots=tuple(roots),
        calls=tuple(calls[index] for index in kept),
        answers=tuple(first[index] for index in kept),
        excluded={key: number for key, number in excluded.items() if number},
        opaque=frozenset(place for place, index in enumerate(kept) if index in opaque),
        seed=seed,
        limits=limits,
    )


def check(
    sandbox: Runs,
    candidate: Tree,
    expected: Expected,
    functions: Collection[str],
    *,
    everything: bool = False,
) -> Evidence:
    """Compare the candidate with the original on the calls of the changed functions, or on every call.

    Where they differ, the original is asked again in this same sandbox and its answer there is what counts: another
    worker has another hash seed, and the order of a set may legitimately show.
    """
    changed = sorted({_outermost(key) for key in functions})
    chosen = [index for index, (key, _) in enumerate(expected.calls) if everything or _outermost(key) in changed]
    calls = [expected.calls[index] for index in chosen]
    got, closed = _answers(sandbox, candidate, expected.original, expected.roots, calls, expected.limits)
    wanted = [expected.answers[index] for index in chosen]
    differing = [place for place in range(len(chosen)) if got[place] != wanted[place]]
    _ask_again(sandbox, expected, calls, differing, wanted)
    rows = [
        {
            "function": calls[place][0],
            "input": digest_of(calls[place][1].encode()),
            "expected": wanted[place],
            "got": got[place],
            "opaque": index in expected.opaque or place in closed,
        }
        for place, index in enumerate(chosen)
    ]
    raw = canonical_json({"changed": changed, "rows": rows})
    return Evidence(
        oracle="differential",
        facts=facts_from(raw),
        raw={"differential": raw, "differential-inputs": expected.inputs},
        detail=_detail(rows, changed),
    )


def _ask_again(
    sandbox: Runs, expected: Expected, calls: Sequence[Call], differing: Sequence[int], wanted: list[str]
) -> None:
    """Replace answers in `wanted` by what the original says in this sandbox, where it says anything."""
    asked = [calls[place] for place in differing]
    again, _ = _answers(sandbox, expected.original, expected.original, expected.roots, asked, expected.limits)
    for place, text in zip(differing, again, strict=True):
        if not text.startswith((*UNUSABLE, ENDED)):
            wanted[place] = text


def facts_from(raw: bytes) -> Facts:
    """The facts as a pure function of the stored rows, for `replay`."""
    record = json.loads(raw)
    rows = record["rows"]
    compared = [row for row in rows if not row["opaque"]]
    return {
        "differential.calls": len(compared),
        "differential.mismatches": sum(row["expected"] != row["got"] for row in rows),
        "differential.unobserved": len(_unobserved(rows, record["changed"])),
    }


def _unobserved(rows: Iterable[Json], changed: Iterable[str]) -> list[str]:
    """Changed functions without a compared call; module level counts as seen through any function of its file."""
    seen = {_outermost(row["function"]) for row in rows if not row["opaque"]}
    files = {key.partition("::")[0] for key in seen}
    return [
        key
        for key in changed
        if key not in seen and not (key.endswith("::<module>") and key.partition("::")[0] in files)
    ]


def _detail(rows: Sequence[Json], changed: Iterable[str]) -> str:
    for row in rows:
        if row["expected"] != row["got"]:
            wrong = sum(other["function"] == row["function"] and other["expected"] != other["got"] for other in rows)
            how = f" ({row['got']})" if row["got"].startswith((*UNUSABLE, ENDED)) else ""
            return f"{row['function']} answers differently in {wrong} calls{how}"
    missing = _unobserved(rows, changed)
    if missing:
        return f"{missing[0]} could not be compared on any call"
    return f"{len(rows)} calls answered alike"


def _outermost(key: str) -> str:
    """The importable function around a nested one: `a.py::f.<locals>.g` is observed through `a.py::f`."""
    return key.partition(".<locals>")[0]


def _derived(
    sandbox: Runs,
    original: Tree,
    roots: Sequence[str],
    functions: Mapping[str, Sequence[str]],
    seed: int,
    count: int,
    limits: Limits,
) -> tuple[list[str], int]:
    """Inputs of one function. When fuzzing ends the process, the recorded calls alone are used."""
    (key,) = functions
    for wanted in dict.fromkeys((count, 0)):
        args = {"roots": list(roots), "functions": dict(functions), "seed": seed, "count": wanted}
        result = sandbox.run(Job("derive", original, original, args, limits))
        if result.ok and _is_answer(result.value, key):
            return list(result.value["inputs"][key]), int(result.value["dropped"][key])
    return [], len(functions[key])


def _is_answer(value: Json, key: str) -> bool:
    if not isinstance(value, dict):
        return False
    inputs, dropped = value.get("inputs"), value.get("dropped")
    if not isinstance(inputs, dict) or not isinstance(dropped, dict):
        return False
    found = inputs.get(key)
    return isinstance(found, list) and all(isinstance(item, str) for item in found) and type(dropped.get(key)) is int


def _answers(
    sandbox: Runs, tree: Tree, base: Tree, roots: Sequence[str], calls: Sequence[Call], limits: Limits
) -> tuple[list[str], set[int]]:
    """One text per call whatever happens, and the indexes of those that are partly opaque."""
    answers: list[str] = []
    opaque: set[int] = set()
    for start in range(0, len(calls), BATCH):
        batch = calls[start : start + BATCH]
        args = {"roots": list(roots), "calls": [list(call) for call in batch]}
        result = sandbox.run(Job("replay", tree, base, args, limits))
        texts, closed = _replayed(result, len(batch))
        answers += texts
        opaque |= {start + place for place in closed}
    return answers, opaque


def _replayed(result: JobResult, size: int) -> tuple[list[str], set[int]]:
    """The worker's answer if it has the shape it must have; it comes from where the candidate ran."""
    value = result.value
    if not result.ok or not isinstance(value, dict):
        return [f"{ENDED}{result.status.value}"] * size, set()
    answers, opaque = value.get("answers"), value.get("opaque")
    if not isinstance(answers, list) or not isinstance(opaque, list) or len(answers) != size:
        return [f"{ENDED}malformed"] * size, set()
    texts = [text for text in answers if isinstance(text, str)]
    places = {place for place in opaque if type(place) is int and 0 <= place < size}
    if len(texts) != size or len(places) != len(opaque):
        return [f"{ENDED}malformed"] * size, set()
    return texts, places
