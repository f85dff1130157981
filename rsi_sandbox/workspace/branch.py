"""`export --branch`: one commit per accepted generation, so that people review it with their own tools.

The working tree, the index and every existing branch stay as they are; each message carries what was measured and a
checkpoint of the log. It refuses a start whose files were changed in the same places since the run.
"""

from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage.repository import TRAILERS, Branch
from rsi_sandbox.model import Decision, Facts, Generation
from rsi_sandbox.workspace.plan import merged

TESTED = ("tests", ("expected", "failed", "missing", "newly skipped"))
COMPARED = ("differential", ("calls", "mismatches"))


@dataclass(frozen=True, slots=True)
class Exported:
    """The branch that was made."""

    name: str
    commit: str
    generations: tuple[int, ...]
    moved: tuple[str, ...]
    """Files that had been edited since the run and were merged."""


def export(root: Path, lineage: Lineage, number: int, name: str, *, start: str = "HEAD") -> Exported:
    """A branch from `start` with a commit for each accepted generation up to `number`.

    Raises:
        UsageError: nothing was accepted, the branch exists, or a file was edited in the same place since the run.
    """
    chain = [each for each in reversed(lineage.chain(number)) if each.candidate]
    if not chain or any(each.decision is not Decision.ACCEPTED for each in chain):
        raise UsageError(
            f"generation {number} is not an accepted one", hint="`rsi-sandbox log` shows the accepted ones"
        )
    branch = Branch(root, name, start)
    moved: set[str] = set()
    for generation in chain:
        before, after = lineage.tree(generation.parent), lineage.tree(generation.number)
        changes: dict[str, bytes] = {}
        for path, data in after.changed_from(before).items():
            found = branch.read(path)
            base = before.files.get(path, b"")
            together = merged(base, found[0] if found else b"", data)
            if together is None:
                raise UsageError(
                    f"{path} was edited since the run where generation {generation.number} changes it",
                    hint="name the commit the run started from with --start, or run `rsi-sandbox evolve` again",
                )
            if together != data:
                moved.add(path)
            changes[path] = together
        branch.add(changes, message(lineage, generation))
    commit = branch.finish()
    return Exported(name, commit, tuple(each.number for each in chain), tuple(sorted(moved)))


def message(lineage: Lineage, generation: Generation) -> str:
    """The commit message: what changed, what it bought, how it was checked, and trailers for programs."""
    candidate = generation.candidate
    facts = {name: value for piece in generation.evidence for name, value in piece["facts"].items()}
    functions = ", ".join(dict.fromkeys(site["qualname"] for site in candidate["sites"]))
    rules = ", ".join(candidate["rules"])
    gain = interval(facts, "confirm")
    whole = interval(facts, "generation0")
    names = generation.verdict.get("policy", "")[:16]
    measured = f"{gain or 'not timed'} against the parent, {whole or 'not timed'} against the original"
    tests, calls = (_counts(facts, *counted) for counted in (TESTED, COMPARED))
    lines = [
        f"Make {functions or 'the code'} faster: {rules or candidate['optimizer']}"[:100],
        "",
        candidate["rationale"],
        "",
        f"Measured in a sandbox: {measured}.",
        f"Tests: {tests}.",
        f"Behaviour: {calls}.",
        f"Verdict: {generation.verdict.get('reason', '')}.",
        "",
        f"Rsi-Generation: {generation.number}",
        *(f"Rsi-Rule: {rule}" for rule in candidate["rules"]),
        f"Rsi-Speedup: {gain or 'not timed'}",
        f"Rsi-Candidate: {candidate['digest']}",
        f"Rsi-Tree: {generation.tree}",
        f"Rsi-Policy: {names}",
    ]
    now = lineage.checkpoint()
    lines += [f"{name}: {value}" for name, value in zip(TRAILERS, (now.origin, now.size, now.root), strict=True)]
    return "\n".join(lines) + "\n"


def _counts(facts: Facts, prefix: str, names: tuple[str, ...]) -> str:
    """`4 expected, 0 failed`; what was not counted says so."""
    found = [(name, facts.get(f"{prefix}.{name.replace(' ', '_')}")) for name in names]
    return ", ".join(f"{'unknown' if value is None else value} {name}" for name, value in found)


def interval(facts: Facts, prefix: str) -> str:
    """`1.52x [1.49, 1.55]`, empty where nothing was measured."""
    ratio, low, high = (facts.get(f"{prefix}.{name}") for name in ("ratio", "low", "high"))
    if not isinstance(ratio, float) or not isinstance(low, float) or not isinstance(high, float):
        return ""
    return f"{ratio:.3g}x [{low:.3g}, {high:.3g}]"
