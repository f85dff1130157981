"""Whether recorded verdicts follow from recorded facts under the recorded policy: the gate, asked again.

Pure functions of the log; nothing is measured, no file is read. What can't be judged again is said, never passed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rsi_sandbox.audit.check import Check, check
from rsi_sandbox.errors import RsiError
from rsi_sandbox.lineage.records import Event, Kind, plain
from rsi_sandbox.model import Fact, Generation, Json
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import Policy, policy_from_json


@dataclass(frozen=True)
class Run:
    """Under what a generation was made."""

    number: int
    opened: Json
    """Body of the entry that opened the run; empty where none did."""

    @property
    def policy(self) -> Policy | None:
        """The recorded policy; None where only its name was recorded, or it can't be read any more."""
        text = self.opened.get("policy") if isinstance(self.opened, Mapping) else None
        if not isinstance(text, Mapping) or "rows" not in text:
            return None
        try:
            return policy_from_json({key: text[key] for key in ("name", "version", "rows") if key in text})
        except RsiError:
            return None


def runs_of(events: Sequence[Event]) -> dict[int, Run]:
    """The run of each generation, by the generation's number."""
    found: dict[int, Run] = {}
    opened: dict[int, Json] = {}
    for event in events:
        number = event.body.get("run")
        if event.kind == Kind.RUN_OPENED and isinstance(number, int):
            opened[number] = event.body
        elif event.kind == Kind.GENERATION and isinstance(event.body.get("generation"), Mapping):
            run = number if isinstance(number, int) else 0
            found[event.body["generation"].get("number", -1)] = Run(run, opened.get(run, {}))
    return found


def recorded_facts(generation: Generation) -> tuple[dict[str, Fact | None], tuple[str, ...]]:
    """Facts of the recorded evidence, and names of those that only the verdict's rows hold (no evidence was kept)."""
    facts: dict[str, Fact | None] = {}
    for piece in generation.evidence:
        facts.update(piece.get("facts") or {})
    rows = generation.verdict.get("rows") or []
    carried = {row["fact"]: row["value"] for row in rows if row["fact"] not in facts and row["value"] is not None}
    return {**facts, **carried}, tuple(sorted(carried))


def differences(before: Json, after: Json) -> list[str]:
    """How a verdict that was judged again differs from the recorded one, a clause each."""
    found = [
        f"{name} was {before.get(name)!r} and is {after.get(name)!r}"
        for name in ("decision", "objection", "policy", "reason")
        if before.get(name) != after.get(name)
    ]
    old = {row["row"]: row for row in before.get("rows") or []}
    new = {row["row"]: row for row in after.get("rows") or []}
    found += [f"row {name} is only in one of the two" for name in sorted(old.keys() ^ new.keys())]
    for name in sorted(old.keys() & new.keys()):
        for part in ("fact", "relation", "bound", "value", "passed", "margin"):
            if old[name].get(part) != new[name].get(part):
                found.append(f"row {name}: {part} was {old[name].get(part)!r} and is {new[name].get(part)!r}")
    return found


def judged_again(facts: Mapping[str, Fact | None], policy: Policy) -> Json:
    """The gate's verdict as it would be recorded."""
    return plain(judge(facts, policy))


def verdict_problems(events: Sequence[Event], generations: Sequence[Generation]) -> Check:
    """Every recorded verdict against the gate's, from the recorded facts."""
    runs = runs_of(events)
    problems: list[str] = []
    done = unknown = 0
    for generation in generations:
        if not generation.verdict:
            continue
        run = runs.get(generation.number)
        policy = run.policy if run else None
        if policy is None:
            unknown += 1
            continue
        done += 1
        problems += [f"generation {generation.number}: {text}" for text in _compared(generation, policy)]
    if unknown and not problems:
        text = f"{unknown} verdicts name a policy whose text is not recorded, so they can't be judged again"
        return Check("verdicts", None, (f"{done} verdicts follow from their facts; {text}",))
    return check("verdicts", problems, f"{done} verdicts follow from their facts under the recorded policy")


def _compared(generation: Generation, policy: Policy) -> Iterator[str]:
    try:
        facts, _ = recorded_facts(generation)
        yield from differences(generation.verdict, judged_again(facts, policy))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"its verdict can't be read: {error!r}"
