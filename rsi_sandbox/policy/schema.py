"""Policy files: TOML rows of `fact relation bound`, checked whole before anything runs.

There is no expression language, so every row has a margin and two policies can be compared. A file with an unknown
key, an unknown fact, a wrong type or a comparison that can't be is refused with its line; so is a policy that has no
objective, and one that replaces a row of the constitution it extends.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rsi_sandbox.errors import ConfigError
from rsi_sandbox.model import Decision, Fact, Json, canonical_json, digest_of
from rsi_sandbox.policy.facts import FACTS, literal_problem

_E = TypeVar("_E", bound=StrEnum)


class Stage(StrEnum):
    """When in a verdict a row is looked at; all rows are always evaluated."""

    CONSTITUTION = "constitution"
    BUDGET = "budget"
    ESCALATION = "escalation"
    GUARD = "guard"
    STEP = "step"
    OBJECTIVE = "objective"


class Relation(StrEnum):
    """How a fact is compared with the bound."""

    AT_LEAST = "at-least"
    AT_MOST = "at-most"
    EQUALS = "equals"


class OnFail(StrEnum):
    """What a failing row makes of the candidate."""

    QUARANTINE = "quarantine"
    REJECT = "reject"
    HELD = "held"

    @property
    def decision(self) -> Decision:
        """The verdict's word for it."""
        return _DECISIONS[self]


_DECISIONS = {
    OnFail.QUARANTINE: Decision.QUARANTINED,
    OnFail.REJECT: Decision.REJECTED,
    OnFail.HELD: Decision.HELD,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One threshold."""

    id: str
    stage: Stage
    fact: str
    relation: Relation
    bound: Fact
    on_fail: OnFail
    why: str
    objective: str = ""
    """Group of an objective row: all rows of at least one group must pass."""

    def to_json(self) -> Json:
        """The row under the keys of the file."""
        found = {"id": self.id, "stage": self.stage.value, "fact": self.fact, self.relation.value: self.bound}
        found |= {"on-fail": self.on_fail.value, "why": self.why}
        return found | ({"objective": self.objective} if self.objective else {})


@dataclass(frozen=True)
class Policy:
    """Rows in the order they are shown, with everything inherited already in place."""

    name: str
    version: int
    rows: tuple[Row, ...]

    @cached_property
    def digest(self) -> str:
        """Identity: name, version and every row with its reason."""
        return digest_of(canonical_json(self.to_json()))

    def to_json(self) -> Json:
        """The whole policy, enough for `policy_from_json` to judge the same way years later."""
        return {"name": self.name, "version": self.version, "rows": [row.to_json() for row in self.rows]}


class _RowText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(min_length=1, pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    stage: str
    fact: str
    why: str = Field(min_length=1)
    on_fail: str = Field(default=OnFail.REJECT.value, alias="on-fail")
    objective: str = ""
    at_least: bool | int | float | str | None = Field(default=None, alias="at-least")
    at_most: bool | int | float | str | None = Field(default=None, alias="at-most")
    equals: bool | int | float | str | None = None


class _PolicyText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1)
    version: int = Field(ge=1)
    extends: str = ""
    rows: list[_RowText] = Field(default_factory=list)


class _Lines:
    """Finds the line of a key in a TOML text; tomllib does not keep them."""

    def __init__(self, text: str, source: str) -> None:
        self.lines = text.splitlines()
        self.source = source
        self.headers = [n for n, line in enumerate(self.lines) if re.match(r"\s*\[\[\s*rows\s*\]\]", line)]

    def refuse(self, problem: str, row: int | None = None, key: str = "", hint: str = "") -> ConfigError:
        first, last = 0, self.headers[0] if self.headers else len(self.lines)
        if row is not None and row < len(self.headers):
            first = self.headers[row]
            last = self.headers[row + 1] if row + 1 < len(self.headers) else len(self.lines)
        wanted = re.compile(rf"\s*\[*[\"']?{re.escape(key)}[\"']?\s*[=\]]")
        found = next((n for n in range(first, last) if key and wanted.match(self.lines[n])), first)
        return ConfigError(f"{self.source}:{found + 1}: {problem}", hint=hint)


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}?" if close else "known: " + ", ".join(known)


def _validated(data: dict[str, Any], lines: _Lines) -> _PolicyText:
    try:
        return _PolicyText.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        in_row = len(place) > 1 and place[0] == "rows" and place[1].isdigit()
        row = int(place[1]) if in_row else None
        key = (place[2] if len(place) > 2 else "") if in_row else (place[0] if place else "")
        model = _RowText if in_row else _PolicyText
        known = [field.alias or name for name, field in model.model_fields.items()]
        if first["type"] == "extra_forbidden":
            raise lines.refuse(f"unknown key {key!r}", row, key, _did_you_mean(key, known)) from None
        raise lines.refuse(f"{key or 'policy'}: {first['msg']}", row, key) from None


def _word(kind: type[_E], value: str, lines: _Lines, index: int, key: str) -> _E:
    try:
        return kind(value)
    except ValueError:
        known = [item.value for item in kind]
        raise lines.refuse(f"{key} can't be {value!r}", index, key, _did_you_mean(value, known)) from None


def _row(text: _RowText, index: int, lines: _Lines) -> Row:
    stage = _word(Stage, text.stage, lines, index, "stage")
    on_fail = _word(OnFail, text.on_fail, lines, index, "on-fail")
    given = {Relation.AT_LEAST: text.at_least, Relation.AT_MOST: text.at_most, Relation.EQUALS: text.equals}
    bounds = [(relation, bound) for relation, bound in given.items() if bound is not None]
    if len(bounds) != 1:
        raise lines.refuse(
            f"row {text.id} has {len(bounds)} bounds", index, "id", "write one of at-least, at-most, equals"
        )
    relation, bound = bounds[0]
    if text.fact not in FACTS:
        raise lines.refuse(f"unknown fact {text.fact!r}", index, "fact", _did_you_mean(text.fact, FACTS))
    problem = literal_problem(FACTS[text.fact], relation.value, bound)
    if problem:
        raise lines.refuse(problem, index, relation.value)
    if (stage is Stage.OBJECTIVE) != bool(text.objective):
        wrong = "an objective row needs" if stage is Stage.OBJECTIVE else "only an objective row takes"
        raise lines.refuse(f"row {text.id}: {wrong} an objective name", index, "objective")
    if stage is Stage.OBJECTIVE and on_fail is not OnFail.REJECT:
        raise lines.refuse(f"row {text.id}: a missed objective is always a reject", index, "on-fail")
    return Row(text.id, stage, text.fact, relation, bound, on_fail, text.why, text.objective)


def _merged(inherited: tuple[Row, ...], own: list[Row], lines: _Lines) -> tuple[Row, ...]:
    rows = {row.id: row for row in inherited}
    seen: set[str] = set()
    for index, row in enumerate(own):
        if row.id in seen:
            raise lines.refuse(f"row {row.id} is written twice", index, "id")
        seen.add(row.id)
        replaced = rows.get(row.id)
        if replaced is not None and replaced.stage is Stage.CONSTITUTION:
            raise lines.refuse(f"row {row.id} belongs to the constitution", index, "id", "add a row with another id")
        if replaced is not None and replaced.fact != row.fact:
            raise lines.refuse(f"row {row.id} replaces a row about {replaced.fact}", index, "fact")
        rows[row.id] = row
    return tuple(rows.values())


def _parsed(text: str, source: str, base: Path | None, chain: tuple[str, ...]) -> Policy:
    lines = _Lines(text, source)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not TOML: {error}") from None
    checked = _validated(data, lines)
    inherited: tuple[Row, ...] = ()
    if checked.extends:
        if checked.extends in chain:
            raise lines.refuse(f"extends goes in a circle: {' -> '.join((*chain, checked.extends))}", key="extends")
        inherited = _load(checked.extends, base, (*chain, checked.extends)).rows
    own = [_row(row, index, lines) for index, row in enumerate(checked.rows)]
    return Policy(checked.name, checked.version, _merged(inherited, own, lines))


def _read(name: str, base: Path | None) -> tuple[str, str, Path | None]:
    """Text, name for messages, and the directory that relative names in it start from."""
    if name.endswith(".toml") or "/" in name:
        path = (base or Path()) / name
        try:
            return path.read_text(encoding="utf-8"), name, path.parent
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"policy {name} can't be read: {error}") from None
    files = _bundled()
    if name not in files:
        raise ConfigError(f"no policy is called {name!r}", hint=_did_you_mean(name, sorted(files)))
    return files[name], f"policies/{name}.toml", base


def _bundled() -> dict[str, str]:
    installed = resources.files("rsi_sandbox").joinpath("policies")
    checkout = Path(__file__).resolve().parents[2] / "policies"
    folder = installed if installed.is_dir() else checkout
    if not folder.is_dir():
        raise ConfigError("the bundled policies are missing", hint="reinstall rsi-sandbox")
    return {
        item.name.removesuffix(".toml"): item.read_text(encoding="utf-8")
        for item in folder.iterdir()
        if item.name.endswith(".toml")
    }


def _load(name: str, base: Path | None, chain: tuple[str, ...]) -> Policy:
    text, source, folder = _read(name, base)
    return _parsed(text, source, folder, chain)


def _judgeable(policy: Policy, source: str) -> Policy:
    if not policy.rows:
        raise ConfigError(f"{source}: no rows, so nothing could ever be refused", hint='extends = "default"')
    if not any(row.stage is Stage.OBJECTIVE for row in policy.rows):
        raise ConfigError(f"{source}: no objective, so nothing says what better is", hint='extends = "default"')
    return policy


def bundled_names() -> tuple[str, ...]:
    """Names of the policies that come with the package, the constitution included."""
    return tuple(sorted(_bundled()))


def load_policy(name_or_path: str | Path) -> Policy:
    """A policy that can judge: a bundled name, or the path of a TOML file (ending in .toml).

    Raises:
        ConfigError: it does not exist, is not valid, or has no objective.
    """
    name = str(name_or_path)
    return _judgeable(_load(name, None, (name,)), name)


def load_rows(name_or_path: str | Path) -> Policy:
    """Like `load_policy`, for policies that are only made to be extended, such as the constitution."""
    return _load(str(name_or_path), None, (str(name_or_path),))


def parse_policy(text: str, source: str = "<policy>") -> Policy:
    """A policy from TOML text; `extends` may only name bundled policies or files from the working directory."""
    return _judgeable(_parsed(text, source, None, ()), source)


def policy_from_json(value: Json) -> Policy:
    """The policy behind `Policy.to_json`, validated like a file."""
    lines = _Lines("", "<stored policy>")
    checked = _validated(value, lines)
    own = [_row(row, index, lines) for index, row in enumerate(checked.rows)]
    return _judgeable(Policy(checked.name, checked.version, _merged((), own, lines)), "<stored policy>")
