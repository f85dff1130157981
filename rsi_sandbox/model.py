"""The nouns: frozen records that every layer passes around, and nothing that acts.

Digests are lowercase hexadecimal SHA-256. Durations are seconds unless the name says nanoseconds. Ratios are
parent time divided by candidate time, so above 1 is faster.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

Json = Any
Fact = bool | int | float | str
Facts = Mapping[str, Fact | None]


def canonical_json(value: Json) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, no NaN.

    Raises:
        ValueError: the value holds NaN or an infinity.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def digest_of(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Tree:
    """A target's files as they are at one moment, named by their content."""

    files: Mapping[str, bytes]
    """POSIX path relative to the target -> content."""
    executable: frozenset[str] = frozenset()
    """Paths whose file mode has the executable bit."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the sorted listing of path, mode and content digest."""
        listing = [[path, path in self.executable, digest_of(self.files[path])] for path in sorted(self.files)]
        return digest_of(canonical_json(listing))

    def with_files(self, changes: Mapping[str, bytes]) -> "Tree":
        """A tree in which `changes` replace or add files."""
        return Tree(MappingProxyType({**self.files, **changes}), self.executable)

    def with_edits(self, edits: Iterable["Edit"]) -> "Tree":
        """A tree with the edits made; see `apply_edits`."""
        by_path: dict[str, list[Edit]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(edit)
        return self.with_files({path: apply_edits(self.files[path], found) for path, found in by_path.items()})

    def taking(self, other: "Tree", paths: Iterable[str]) -> "Tree":
        """This tree with the given paths as `other` has them: its content and mode, or no such file."""
        taken = set(paths)
        files = {path: data for path, data in self.files.items() if path not in taken}
        files |= {path: data for path, data in other.files.items() if path in taken}
        executable = (self.executable - taken) | (other.executable & taken)
        return Tree(MappingProxyType(dict(sorted(files.items()))), executable)

    def differing(self, other: "Tree") -> list[str]:
        """Paths that are added, removed, or have another content or mode than in `other`, sorted."""
        return sorted(
            path
            for path in self.files.keys() | other.files.keys()
            if self.files.get(path) != other.files.get(path) or (path in self.executable) != (path in other.executable)
        )

    def changed_from(self, other: "Tree") -> dict[str, bytes]:
        """Files of this tree that `other` lacks or has with other content (removed files are not listed)."""
        return {path: data for path, data in self.files.items() if other.files.get(path) != data}


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Bytes `start:end` of one file become `text`. start == end inserts."""

    path: str
    start: int
    end: int
    text: str

    def overlaps(self, other: "Edit") -> bool:
        """Whether both can't be made: spans that share a byte, or an insertion inside the other's span."""
        if self.path != other.path or self == other:
            return False
        if self.start == self.end or other.start == other.end:
            return self.start < other.end and other.start < self.end
        return max(self.start, other.start) < min(self.end, other.end)


def apply_edits(source: bytes, edits: Iterable[Edit]) -> bytes:
    """The source with all edits made; equal edits count once, insertions at one place go in order of text.

    Raises:
        ValueError: two edits overlap, or a span lies outside the source.
    """
    ordered = sorted(set(edits))
    out: list[bytes] = []
    position = 0
    for edit in ordered:
        if edit.start < position or edit.end < edit.start or edit.end > len(source):
            raise ValueError(f"edits overlap or leave the file at byte {edit.start} of {edit.path}")
        out += [source[position : edit.start], edit.text.encode()]
        position = edit.end
    out.append(source[position:])
    return b"".join(out)


class Safety(StrEnum):
    """What a rule needs before its rewrite may be believed."""

    EXACT = "exact"
    """Provable from the syntax tree with scope and alias analysis."""
    GUARDED = "guarded"
    """Needs types, sizes or values seen while tracing, or carries its own run-time guard."""
    SPECULATIVE = "speculative"
    """Only the differential oracle can license it."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a rule can act."""

    path: str
    qualname: str
    """Dotted name of the enclosing function inside its module, `<module>` at module level."""
    line: int
    rule: str


@dataclass(frozen=True)
class Candidate:
    """One rewritten tree: edits on a parent, and who proposed them why."""

    parent: str
    """Digest of the parent tree."""
    edits: tuple[Edit, ...]
    sites: tuple[Site, ...]
    rationale: str
    """One sentence for a person."""
    expected: float = 1.0
    """Expected speed-up of the touched function (a prior, never evidence)."""
    safety: Safety = Safety.SPECULATIVE
    optimizer: str = "catalogue"

    @cached_property
    def digest(self) -> str:
        """Identity: the parent and the edits, and nothing else."""
        rows = [[edit.path, edit.start, edit.end, edit.text] for edit in sorted(set(self.edits))]
        return digest_of(canonical_json([self.parent, rows]))

    @property
    def rules(self) -> tuple[str, ...]:
        """Rules that made the edits, each once, in order of site."""
        return tuple(dict.fromkeys(site.rule for site in self.sites))

    @property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """(path, qualified name) of every function touched, each once."""
        return tuple(dict.fromkeys((site.path, site.qualname) for site in self.sites))

    def conflicts_with(self, other: "Candidate") -> bool:
        """Whether the two can't be combined on one parent."""
        return self.parent != other.parent or any(
            mine.overlaps(theirs) for mine in self.edits for theirs in other.edits
        )


def combine(candidates: Iterable[Candidate]) -> Candidate:
    """One candidate with the edits of all.

    Raises:
        ValueError: there is none, or two of them conflict.
    """
    members = list(candidates)
    if not members:
        raise ValueError("nothing to combine")
    if len(members) == 1:
        return members[0]
    for index, one in enumerate(members):
        if any(one.conflicts_with(other) for other in members[index + 1 :]):
            raise ValueError("candidates conflict")
    return Candidate(
        parent=members[0].parent,
        edits=tuple(sorted({edit for member in members for edit in member.edits})),
        sites=tuple(site for member in members for site in member.sites),
        rationale="; ".join(dict.fromkeys(member.rationale for member in members)),
        expected=max(member.expected for member in members),
        safety=max((member.safety for member in members), key=list(Safety).index),
        optimizer=members[0].optimizer,
    )


@dataclass(frozen=True, slots=True)
class HotFunction:
    """A function of the target as the profiler saw it."""

    path: str
    qualname: str
    line: int
    calls: int
    self_seconds: float
    total_seconds: float
    share: float
    """Self time over the self time of everything profiled, 0..1."""
    reach: float
    """Time of the function with its callees over everything profiled, 0..1."""
    tests: tuple[str, ...] = ()
    """Ids of the tests that called it, when known."""
    cases: tuple[str, ...] = ()
    """Ids of the benchmark cases that called it, when known."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time of one tree goes, hottest first."""

    functions: tuple[HotFunction, ...]
    total_seconds: float


@dataclass(frozen=True, slots=True)
class BenchmarkCase:
    """Something to time: calls of one importable callable, with pickled arguments the host never opens."""

    id: str
    module: str
    """Dotted import name, or a file path ending in .py relative to the target."""
    qualname: str
    calls: tuple[bytes, ...]
    """Pickles of (args, kwargs), opened in the sandbox only; they are cycled through."""
    weight: float = 1.0
    source: str = "config"
    """`config`, `pytest-benchmark` or `recorded`."""


class Outcome(StrEnum):
    """What a comparison of two trees on one clock says."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A ratio with its interval, from independent launches."""

    outcome: Outcome
    ratio: float
    low: float
    high: float
    launches: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.ratio:.3g}x [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True)
class Evidence:
    """What one oracle found out about one candidate: facts, and the raw bytes they are computed from."""

    oracle: str
    facts: Facts
    raw: Mapping[str, bytes] = field(default_factory=dict)
    """Name -> canonical bytes, stored content-addressed; facts are a pure function of them."""
    detail: str = ""
    """One line for a person, such as the name of the test that failed."""

    def to_json(self) -> Json:
        """The record without the raw bytes, which it names by digest."""
        return {
            "oracle": self.oracle,
            "facts": dict(self.facts),
            "raw": {name: digest_of(data) for name, data in self.raw.items()},
            "detail": self.detail,
        }


class Decision(StrEnum):
    """A verdict's word, friendliest first."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class RowResult:
    """One policy row against the evidence."""

    row: str
    stage: str
    fact: str
    relation: str
    """`at-least`, `at-most` or `equals`."""
    bound: Fact
    value: Fact | None
    passed: bool | None
    """None: the fact is missing or unusable, which is never an accept."""
    margin: float | None
    """Distance to the bound in the fact's unit, positive when passed; None where there is no distance."""
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided, with every row it looked at."""

    decision: Decision
    rows: tuple[RowResult, ...]
    reason: str
    """One sentence for a person."""
    objection: str = ""
    """Id of the row that decided, empty when accepted."""
    policy: str = ""
    """Digest of the policy it was judged under."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a generation or a run has used, on host-side meters."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    candidates: int = 0
    sandboxes: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.wall_seconds + other.wall_seconds,
            self.cpu_seconds + other.cpu_seconds,
            self.candidates + other.candidates,
            self.sandboxes + other.sandboxes,
        )


@dataclass(frozen=True)
class Generation:
    """One step of the loop: what was tried from one parent, and at most one accepted candidate."""

    number: int
    """0 is the original; accepted, held and rejected generations share one count."""
    parent: int
    """Number of the generation it started from."""
    tree: str
    """Digest of the tree: the candidate's when accepted or held, otherwise the parent's."""
    decision: Decision
    candidate: Json
    """The composite as JSON: digest, rules, sites, rationale, safety, edits; empty for generation 0."""
    verdict: Json
    """The verdict as JSON."""
    evidence: tuple[Json, ...]
    """`Evidence.to_json` of each oracle."""
    screened: tuple[Json, ...]
    """Every candidate that was tried in this generation and what became of it."""
    spent: Spent
    at: str
    """UTC time, ISO 8601."""


def to_json(record: Any) -> Json:
    """A dataclass as JSON values: enums by value, tuples as lists, bytes by digest."""
    from dataclasses import fields, is_dataclass

    if is_dataclass(record) and not isinstance(record, type):
        return {item.name: to_json(getattr(record, item.name)) for item in fields(record)}
    if isinstance(record, StrEnum):
        return record.value
    if isinstance(record, bytes):
        return digest_of(record)
    if isinstance(record, Mapping):
        return {str(key): to_json(value) for key, value in record.items()}
    if isinstance(record, list | tuple | set | frozenset):
        items = sorted(record) if isinstance(record, set | frozenset) else record
        return [to_json(item) for item in items]
    return record
