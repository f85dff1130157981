"""What every renderer is given: judged changes with their evidence, whether they come from a run or from `judge`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rsi_sandbox.errors import Exit
from rsi_sandbox.judging import Judgement
from rsi_sandbox.model import Decision, Edit, Fact, Generation, Json, Tree, to_json


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the target's source."""

    path: str
    line: int
    """1-based, in the tree the change starts from."""
    function: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """One edit as a reviewer's tool can make it: bytes `start:end` of the file become `text`."""

    path: str
    start: int
    end: int
    text: str
    first_line: int
    last_line: int
    """1-based lines that the replaced bytes lie on."""


@dataclass(frozen=True)
class Finding:
    """One judged change."""

    name: str
    """`generation 3`, or what `judge` was given."""
    decision: Decision
    reason: str
    title: str
    """One line: what it is and what it gains."""
    rules: tuple[str, ...]
    rationale: str
    places: tuple[Place, ...]
    replacements: tuple[Replacement, ...]
    rows: tuple[Json, ...]
    """The gate's rows: row, stage, fact, relation, bound, value, passed, margin, why."""
    facts: Mapping[str, Fact | None]
    details: Mapping[str, str]
    """Oracle -> its sentence."""

    @property
    def objections(self) -> list[Json]:
        """Rows that did not pass, the deciding one included."""
        return [row for row in self.rows if row["passed"] is not True]

    def to_json(self) -> Json:
        """As `--format json` has it."""
        return {**to_json(self), "speedup": speedup(self.facts)}


@dataclass(frozen=True)
class Summary:
    """Everything one command found."""

    command: str
    """`evolve` or `judge`."""
    target: str
    prefix: str
    """Directory of the target inside its repository, empty or ending in a slash; what paths of findings start from."""
    policy: str
    findings: tuple[Finding, ...]
    said: str
    """The sentence it ended with."""
    exit: Exit
    seconds: float
    version: str

    def to_json(self) -> Json:
        """As `--format json` prints it."""
        return {
            "command": self.command,
            "target": self.target,
            "prefix": self.prefix,
            "policy": self.policy,
            "findings": [finding.to_json() for finding in self.findings],
            "said": self.said,
            "exit": int(self.exit),
            "seconds": round(self.seconds, 3),
            "version": self.version,
        }


def speedup(facts: Mapping[str, Fact | None]) -> Json:
    """Ratio with its interval: the confirmed one, else the first one; None where nothing was timed."""
    for prefix in ("confirm", "speed"):
        ratio, low, high = (facts.get(f"{prefix}.{name}") for name in ("ratio", "low", "high"))
        if ratio is not None and low is not None and high is not None:
            return {"ratio": ratio, "low": low, "high": high, "confirmed": prefix == "confirm"}
    return None


def gain(facts: Mapping[str, Fact | None]) -> str:
    """`1.52x [1.49, 1.55]`, or an empty string."""
    found = speedup(facts)
    return "{ratio:.2f}x [{low:.2f}, {high:.2f}]".format(**found) if found else ""


def of_generation(item: Generation, parent: Tree) -> Finding:
    """A recorded generation; `parent` is the tree it started from."""
    facts = {name: value for piece in item.evidence for name, value in piece["facts"].items()}
    edits = [Edit(**edit) for edit in item.candidate["edits"]]
    rules = tuple(item.candidate["rules"])
    sites = item.candidate["sites"]
    where = ", ".join(dict.fromkeys(site["qualname"] for site in sites))
    return Finding(
        name=f"generation {item.number}",
        decision=item.decision,
        reason=str(item.verdict["reason"]),
        title=" ".join(filter(None, (gain(facts), ", ".join(rules), f"in {where}" if where else ""))),
        rules=rules,
        rationale=str(item.candidate["rationale"]),
        places=tuple(Place(site["path"], site["line"], site["qualname"]) for site in sites),
        replacements=tuple(_replacements(edits, parent)),
        rows=tuple(item.verdict["rows"]),
        facts=facts,
        details={piece["oracle"]: piece["detail"] for piece in item.evidence if piece["detail"]},
    )


def of_judgement(found: Judgement) -> Finding:
    """A patch that was judged."""
    facts = found.facts
    return Finding(
        name=found.name,
        decision=found.verdict.decision,
        reason=found.verdict.reason,
        title=" ".join(filter(None, (found.name, gain(facts)))),
        rules=(),
        rationale="",
        places=tuple(Place(site.path, site.line, site.qualname) for site in found.sites),
        replacements=(),
        rows=tuple(to_json(row) for row in found.verdict.rows),
        facts=facts,
        details={item.oracle: item.detail for item in found.evidence if item.detail},
    )


def _replacements(edits: Iterable[Edit], parent: Tree) -> Iterable[Replacement]:
    for edit in sorted(edits):
        source = parent.files.get(edit.path, b"")
        first = source.count(b"\n", 0, edit.start) + 1
        last = first + source[edit.start : max(edit.start, edit.end - 1)].count(b"\n")
        yield Replacement(edit.path, edit.start, edit.end, edit.text, first, last)


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """Decision -> how many, in the order of decisions, without zeros."""
    found = {decision.value: sum(item.decision is decision for item in findings) for decision in Decision}
    return {word: number for word, number in found.items() if number}


def printable(text: str) -> str:
    """Text of anybody's without control characters, line breaks excepted: nothing that could steer a terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
