"""`replay`: a generation's facts computed again from its raw samples, and its verdict judged again from those facts.

Nothing is measured. Facts come from each oracle's own pure function, or from the recorded trees for what is static;
those that no evidence was kept for are taken from the record and named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rsi_sandbox.audit.verdicts import Run, differences, judged_again, recorded_facts, runs_of
from rsi_sandbox.config import Settings
from rsi_sandbox.errors import MeasurementError, UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage.records import plain
from rsi_sandbox.lineage.trees import proposed
from rsi_sandbox.model import Decision, Fact, Generation, Json, Tree
from rsi_sandbox.oracles import static
from rsi_sandbox.oracles.recompute import facts_again
from rsi_sandbox.target import may_change


@dataclass(frozen=True)
class Replay:
    """What came out."""

    number: int
    recomputed: dict[str, Fact | None]
    """Facts that were computed again."""
    carried: tuple[str, ...]
    """Facts that were taken from the record because nothing to compute them from was kept."""
    differences: tuple[str, ...]
    """How facts or verdict differ from the record, a clause each."""
    verdict: Json
    """The verdict as judged again; empty where it could not be."""
    missing: tuple[str, ...]
    """Why something could not be replayed, a sentence each."""

    @property
    def ok(self) -> bool | None:
        """True: the same again. False: something differs. None: it could not all be replayed."""
        if self.differences:
            return False
        return None if self.missing else True


def replay(lineage: Lineage, number: int) -> Replay:
    """Facts and verdict of one generation again.

    Raises:
        UsageError: there is no such generation, or it is an original, which nobody judged.
        DamagedRecordError: its evidence or its trees are damaged.
    """
    generation = lineage.generation(number)
    if not generation.candidate:
        raise UsageError(f"generation {number} is an original: nothing was judged", hint="replay a later one")
    run = runs_of(list(lineage.events()))[number]
    facts: dict[str, Fact | None] = {}
    carried: list[str] = []
    found: list[str] = []
    missing: list[str] = []
    for piece in generation.evidence:
        recorded = dict(piece["facts"])
        again = _facts(lineage, generation, run, piece, missing)
        if again is None:
            carried += list(recorded)
            continue
        facts |= again
        for name in sorted(recorded.keys() | again.keys()):
            if recorded.get(name) != plain(again.get(name)):
                found.append(f"fact {name} was {recorded.get(name)!r} and is {again.get(name)!r}")
    every, only_in_rows = recorded_facts(generation)
    carried += only_in_rows
    verdict: Json = {}
    if run.policy is None:
        missing.append("the text of the policy was not recorded, so the verdict can't be judged again")
    else:
        verdict = judged_again({name: every[name] for name in carried} | facts, run.policy)
        found += differences(generation.verdict, verdict)
    return Replay(number, facts, tuple(dict.fromkeys(carried)), tuple(found), verdict, tuple(missing))


def _facts(
    lineage: Lineage, generation: Generation, run: Run, piece: Json, missing: list[str]
) -> dict[str, Fact | None] | None:
    """Facts of one piece of evidence again; None where they have to be taken from the record."""
    oracle = str(piece["oracle"])
    try:
        if oracle == "static":
            return _static(lineage, generation, run, missing)
        if not piece["raw"]:
            return None
        again = facts_again(oracle, {name: lineage.evidence(digest) for name, digest in piece["raw"].items()})
    except (MeasurementError, UsageError) as error:
        missing.append(f"{oracle}: {error.message}")
        return None
    return None if again is None else dict(again)


def _static(lineage: Lineage, generation: Generation, run: Run, missing: list[str]) -> dict[str, Fact | None] | None:
    """Static facts from the recorded trees."""
    settings = settings_of(run)
    if settings is None:
        missing.append("static: the run's settings were not recorded, so what is protected is not known")
        return None
    original = lineage.tree(started_from(lineage, generation, run))
    allowed = may_change(settings, original)
    evidence = static.static_evidence(
        original,
        lineage.tree(generation.parent),
        proposed(lineage, generation.number),
        lambda path: not allowed(path),
        tuple(_seen(lineage, generation, run, original)),
    )
    return dict(evidence.facts)


def settings_of(run: Run) -> Settings | None:
    """The settings a run was opened with; None where they were not recorded in a form that can be read."""
    stored = run.opened.get("settings")
    if not isinstance(stored, dict):
        return None
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    try:
        return Settings(**known)
    except TypeError:
        return None


def started_from(lineage: Lineage, generation: Generation, run: Run) -> int:
    """The generation that the run compared everything with: the ancestor with the tree it was opened on."""
    chain = lineage.chain(generation.parent)
    return next((each.number for each in chain if each.tree == run.opened.get("tree")), chain[-1].number)


def _seen(lineage: Lineage, generation: Generation, run: Run, original: Tree) -> Iterator[str]:
    """Digests of the trees the run had before this generation."""
    yield original.digest
    runs = runs_of(list(lineage.events()))
    for each in lineage.generations():
        same_run = runs[each.number].number == run.number and each.candidate
        if each.number < generation.number and same_run and each.decision is Decision.ACCEPTED:
            yield each.tree
