"""Checking somebody's record: every byte that claims something is compared with what it claims.

`verify` reads and never repairs, runs nothing of the target, and turns whatever it can't read into a problem.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.audit import outside
from rsi_sandbox.audit.check import Check, check
from rsi_sandbox.audit.verdicts import verdict_problems
from rsi_sandbox.errors import RsiError, UsageError
from rsi_sandbox.lineage import checkpoint, trust
from rsi_sandbox.lineage.checkpoint import Checkpoint
from rsi_sandbox.lineage.evidence import EvidenceStore
from rsi_sandbox.lineage.log import Log, Row
from rsi_sandbox.lineage.merkle import Frontier
from rsi_sandbox.lineage.objects import ObjectStore
from rsi_sandbox.lineage.records import (
    Event,
    Kind,
    entry_leaf,
    generation_from,
    inheritance_problem,
    named_blobs,
)
from rsi_sandbox.model import Generation, canonical_json


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of `verify`."""

    size: int
    """Entries in the log."""
    root: str
    """Root over them as recomputed, to compare with one kept elsewhere."""
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether no check found a problem."""
        return all(check.ok is not False for check in self.checks)

    @property
    def problems(self) -> tuple[str, ...]:
        """Every problem, in order of check."""
        return tuple(text for check in self.checks if check.ok is False for text in check.sentences)


def verify(state_dir: Path, *, expected: Sequence[Checkpoint] = (), signers: str | None = None) -> Report:
    """Check the record in a state directory, also against checkpoints that were kept elsewhere.

    `signers` are lines of an allowed_signers file to believe instead of those this machine trusts.

    Raises:
        UsageError: there is no record there.
    """
    database = state_dir / "lineage.db"
    if not database.exists() and not (state_dir / "objects.git").exists():
        raise UsageError(f"there is no lineage in {state_dir}", hint="name the directory that holds lineage.db")
    try:
        log = Log(database, write=False)
        try:
            damage = log.integrity()
            rows = list(log.rows())
        finally:
            log.close()
    except RsiError as error:
        return Report(0, "", (Check("log", False, (error.message,)),))
    events, roots, problems = _read_log(rows)
    generations, commits, unreadable = _read_generations(events)
    origin = checkpoint.origin_of(rows[0][3]) if rows else ""
    known = checkpoint.trusted_signers() if signers is None else signers
    checks = (
        check("log", [*damage, *problems], f"{len(rows)} entries hash to their leaves and roots"),
        check(
            "generations",
            [*unreadable, *_numbers(generations), *_moves(events, generations)],
            f"{len(generations)} generations are numbered without gaps and have earlier parents",
        ),
        verdict_problems(events, generations),
        _evidence(EvidenceStore(state_dir / "evidence"), events),
        _trees(ObjectStore(state_dir / "objects.git"), generations, commits),
        _clock(events),
        _checkpoint(state_dir, roots),
        outside.signatures(state_dir / checkpoint.FOLDER, roots, origin, known),
        *outside.compared(expected, roots, origin),
    )
    return Report(len(rows), roots[-1] if roots else Frontier().root().hex(), checks)


def _read_log(rows: Sequence[Row]) -> tuple[list[Event], list[str], list[str]]:
    """Readable entries, the recomputed roots, and the problems."""
    frontier = Frontier()
    events: list[Event] = []
    roots: list[str] = []
    problems: list[str] = []
    for expected, (seq, kind, text, leaf, root) in enumerate(rows, 1):
        if seq != expected:
            problems.append(f"entry {expected} is numbered {seq}")
        try:
            body = json.loads(text)
            canonical = canonical_json(body) == text.encode()
            found = entry_leaf(seq, kind, body)
        except (AttributeError, TypeError, ValueError, RecursionError):
            problems.append(f"entry {seq} is not JSON")
            continue
        if not canonical or not isinstance(body, dict):
            problems.append(f"entry {seq} is not in canonical form")
        if found.hex() != leaf:
            problems.append(f"entry {seq} does not hash to its leaf")
        if kind not in list(Kind):
            problems.append(f"entry {seq} is of an unknown kind {kind!r}")
        frontier.append(found)
        roots.append(frontier.root().hex())
        if roots[-1] != root:
            problems.append(f"the root after entry {seq} does not recompute")
        if isinstance(body, dict):
            events.append(Event(seq, kind, body, leaf, root))
    return events, roots, problems


def _read_generations(events: list[Event]) -> tuple[list[Generation], list[str], list[str]]:
    """Generations, their commit ids, and the problems."""
    found: list[Generation] = []
    commits: list[str] = []
    problems: list[str] = []
    for event in events:
        if event.kind != Kind.GENERATION:
            continue
        try:
            found.append(generation_from(event.body))
            commits.append(str(event.body.get("commit")))
        except RsiError as error:
            problems.append(f"entry {event.seq}: {error.message}")
    return found, commits, problems


def _numbers(generations: list[Generation]) -> Iterator[str]:
    known: dict[int, Generation] = {}
    for expected, generation in enumerate(generations):
        if generation.number != expected:
            yield f"generation {expected} is numbered {generation.number}"
        if problem := inheritance_problem(generation, known):
            yield f"generation {generation.number}: {problem}"
        decided = generation.verdict.get("decision") if isinstance(generation.verdict, dict) else None
        if decided is not None and decided != generation.decision:
            yield f"generation {generation.number} is {generation.decision} and its verdict says {decided}"
        known[generation.number] = generation


def _moves(events: list[Event], generations: list[Generation]) -> Iterator[str]:
    """Entries that name generations name existing ones, and runs open and close in turn."""
    numbers = {generation.number for generation in generations}
    running: object = None
    for event in events:
        if event.kind in (Kind.APPLIED, Kind.ROLLED_BACK, Kind.RETREATED):
            named = event.body.get("to" if event.kind == Kind.RETREATED else "generation")
            if named not in numbers:
                yield f"entry {event.seq} ({event.kind}) names generation {named}, which is not recorded"
        elif event.kind == Kind.RUN_OPENED:
            if running is not None:
                yield f"entry {event.seq} opens a run while run {running} is open"
            running = event.body.get("run")
        elif event.kind == Kind.RUN_CLOSED:
            if running is None or event.body.get("run") != running:
                yield f"entry {event.seq} closes a run that is not open"
            running = None


def _evidence(store: EvidenceStore, events: list[Event]) -> Check:
    problems: list[str] = []
    seen: set[str] = set()
    pruned = _pruned(events)
    gone = 0
    for event in events:
        try:
            for digest in set(named_blobs(event.body)) - seen:
                seen.add(digest)
                if digest in pruned and not store.length(digest):
                    gone += 1
                elif problem := store.problem(digest):
                    problems.append(f"entry {event.seq}: {problem}")
        except (RsiError, TypeError) as error:
            problems.append(f"entry {event.seq}: {error}")
    fine = f"{len(seen) - gone} pieces of evidence are there and match their digests"
    return check("evidence", problems, fine + (f"; {gone} were pruned, and the log says so" if gone else ""))


def _pruned(events: list[Event]) -> set[str]:
    """Digests that an entry says were removed and no later entry relies on."""
    found: set[str] = set()
    for event in events:
        if event.kind == Kind.PRUNED and isinstance(event.body.get("digests"), list):
            found.update(str(digest) for digest in event.body["digests"])
        elif found:
            found.difference_update(named_blobs(event.body))
    return found


def _clock(events: list[Event]) -> Check:
    """Order comes from the entries' numbers, never from a clock; one that was set back is only worth a remark."""
    last, back = "", []
    for event in events:
        generation = event.body.get("generation")
        at = str((generation if isinstance(generation, dict) else event.body).get("at") or "")
        if at and last and at < last:
            back.append(event.seq)
        last = at or last
    if back:
        text = f"the clock was set back before entry {back[0]}" + (f" and {len(back) - 1} more" if back[1:] else "")
        return Check("clock", None, (f"{text}; the order of entries does not depend on it",))
    return Check("clock", True, ("times never go back",))


def _trees(store: ObjectStore, generations: list[Generation], commits: list[str]) -> Check:
    problems: list[str] = []
    try:
        references = store.references()
    except RsiError as error:
        return Check("trees", False, (error.message,))
    except OSError as error:
        return Check("trees", False, (f"objects.git can't be read: {error.strerror}",))
    by_number = {generation.number: commit for generation, commit in zip(generations, commits, strict=True)}
    digests: dict[str, str] = {}
    pending = ""
    for generation, commit in zip(generations, commits, strict=True):
        number = generation.number
        pointed = references.pop(str(number), None)
        if pointed is None and number == len(generations) - 1:
            pending = f"the reference of generation {number} is still to be made; the next run makes it"
        elif pointed != commit:
            problems.append(f"the reference of generation {number} is not what the log says")
        try:
            above = [by_number[generation.parent]] if number and generation.parent in by_number else []
            if store.parents(commit) != above:
                problems.append(f"the commit of generation {number} was made from another parent")
            listing = store.tree_id(commit)
            if listing not in digests:
                digests[listing] = store.read(commit).digest
            if digests[listing] != generation.tree:
                problems.append(f"the tree of generation {number} is not the one that was recorded")
        except RsiError as error:
            problems.append(f"generation {number}: {error.message}")
    problems += [f"the trees hold a generation {name} that the log lacks" for name in sorted(references)]
    if pending and not problems:
        return Check("trees", None, (pending,))
    return check("trees", problems, f"{len(generations)} trees match their digests and references")


def _checkpoint(state_dir: Path, roots: list[str]) -> Check:
    """Compare with the checkpoint kept outside: the only thing that shows a well-made rewrite of everything."""
    name = "checkpoint"
    try:
        last = trust.recall(state_dir)
    except (OSError, ValueError):
        return Check(name, False, (f"the checkpoint {trust.checkpoint_file(state_dir)} can't be read",))
    if last is None:
        text = "no checkpoint of this lineage is kept on this machine, so compare the root with one you trust"
        return Check(name, None, (text,))
    if problem := outside.disagreement(last, roots):
        return Check(name, False, (f"{problem}, according to what was last written here",))
    return Check(name, True, (f"the first {last.size} entries are the ones that were written here",))
