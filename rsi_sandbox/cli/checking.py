"""`verify`, `replay`, `reproduce` and `bisect`: asking the record, and the machine, whether it is true."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rsi_sandbox.cli import laboratory
from rsi_sandbox.cli.changing import chosen
from rsi_sandbox.cli.history import opened, state_of
from rsi_sandbox.errors import Exit, UsageError
from rsi_sandbox.lineage import Kind, Lineage, checkpoint, repository
from rsi_sandbox.lineage.records import plain
from rsi_sandbox.model import Evidence, Json

WORDS = {True: "ok", False: "PROBLEM", None: "unknown"}


def verify(
    path: Path, state: Path | None, kept: list[str], branches: list[str], signers: Path | None, *, as_json: bool
) -> bool:
    """Check the whole record and print what was checked; False when something disagrees."""
    from rsi_sandbox import audit

    directory = state_of(path, state)
    if not directory.is_dir():
        raise UsageError(f"nothing is recorded in {directory}", hint=f"run `rsi-sandbox evolve {path}` first")
    expected = [checkpoint.given(word) for word in kept]
    for name in branches:
        expected += repository.checkpoints(path.resolve(), name)
    report = audit.verify(directory, expected=expected, signers=None if signers is None else signers.read_text())
    if as_json:
        print(json.dumps({"ok": report.ok, **plain(report)}, indent=1))  # noqa: T201 - the result of the command
        return report.ok
    for check in report.checks:
        for sentence in check.sentences:
            print(f"{WORDS[check.ok]:8}{check.name}: {sentence}")  # noqa: T201 - the result of the command
    print(f"{report.size} entries, root {report.root}")  # noqa: T201
    return report.ok


def replay(path: Path, state: Path | None, word: str, *, as_json: bool) -> Exit:
    """Facts from raw samples and the verdict from facts, again; `word` is a number, or `all` judged generations."""
    from rsi_sandbox.audit.replay import replay as again

    if word != "all" and not word.isdigit():
        raise UsageError(f"{word!r} names no generation", hint="write its number, or all")
    worst = Exit.YES
    with opened(path, state) as lineage:
        judged = [each.number for each in lineage.generations() if each.candidate]
        numbers = judged if word == "all" else [int(word)]
        for each in numbers:
            found = again(lineage, each)
            code = {True: Exit.YES, False: Exit.NO, None: Exit.UNKNOWN}[found.ok]
            worst = Exit.NO if Exit.NO in (worst, code) else max(worst, code)
            if as_json:
                print(json.dumps({"ok": found.ok, **plain(found)}, sort_keys=True))  # noqa: T201 - the result
                continue
            head = f"generation {each}: {len(found.recomputed)} facts from raw evidence"
            carried = f", {len(found.carried)} from the record ({', '.join(found.carried)})" if found.carried else ""
            words = {True: "the same again", False: "DIFFERS", None: "could not all be replayed"}
            print(f"{head}{carried}: {words[found.ok]}")  # noqa: T201
            for text in (*found.differences, *found.missing):
                print(f"  {text}")  # noqa: T201
    return worst


def reproduce(path: Path, state: Path | None, number: int, backend: str, seconds: float, *, record: bool) -> Exit:
    """Run a generation again in a sandbox."""
    from rsi_sandbox.audit.reproduce import Outcome
    from rsi_sandbox.audit.reproduce import reproduce as run_again

    with opened(path, state, write=record) as lineage:
        if not lineage.generation(number).candidate:
            raise UsageError(f"generation {number} is an original: nothing was measured", hint="name a later one")
        with laboratory.opened(lineage, number, path.resolve(), backend, seconds) as lab:
            trial = lab.trial()
            laboratory.say(f"running generation {number} again")
            found = run_again(lineage, lab.settled, number, trial)
        if record:
            body = {"what": "reproduce", "generation": number, "outcome": found.outcome.value}
            _keep(lineage, {**body, "reasons": list(found.reasons)}, found.evidence)
    print(f"generation {number}: {found.outcome.value}")  # noqa: T201 - the result of the command
    for text in found.reasons:
        print(f"  {text}")  # noqa: T201
    if found.verdict:
        print(f"  the gate says now: {found.verdict['decision']} ({found.verdict['reason']})")  # noqa: T201
    codes = {Outcome.CONFIRMED: Exit.YES, Outcome.NOT_CONFIRMED: Exit.NO, Outcome.NOT_COMPARABLE: Exit.UNKNOWN}
    return codes[found.outcome]


def bisect(
    path: Path,
    state: Path | None,
    ends: tuple[int | None, int | None],
    case: str | None,
    backend: str,
    seconds: float,
    *,
    record: bool,
) -> Exit:
    """Re-measure generations until the one that lost a gain is found."""
    from rsi_sandbox.audit.bisect import Answer, search

    answer: Answer | None = None
    with opened(path, state, write=record) as lineage:
        bad = chosen(lineage, ends[1])
        chain = [each.number for each in reversed(lineage.chain(bad))]
        good = ends[0] if ends[0] is not None else _fastest(lineage, chain)
        if good not in chain or good == bad:
            raise UsageError(
                f"generation {good} is no ancestor of generation {bad}", hint="give --good and --bad of one line"
            )
        with laboratory.opened(lineage, bad, path.resolve(), backend, seconds) as lab:
            trial = lab.trial()
            cases = [each for each in trial.baseline.cases if case is None or each.id == case]
            if not cases:
                known = ", ".join(each.id for each in trial.baseline.cases)
                raise UsageError(f"there is no benchmark case {case!r}", hint=f"one of: {known}")

            def compare(number: int) -> Evidence:
                laboratory.say(f"measuring generation {number} against generation {good}")
                return trial.again(lineage.tree(good), lineage.tree(number), cases)

            for said in search(chain[chain.index(good) :], compare):
                if isinstance(said, Answer):
                    answer = said
                else:
                    laboratory.say(f"  generation {said.number}: {said.interval}, {said.held.value}")
        assert answer is not None
        if record:
            _keep(lineage, {"what": "bisect", **answer.to_json()}, [each.evidence for each in answer.measured])
    print(answer.sentence)  # noqa: T201 - the result of the command
    for each in answer.measured:
        print(f"  generation {each.number} against {answer.good}: {each.interval}, {each.held.value}")  # noqa: T201
    if answer.lost_at is not None:
        print(f"next: rsi-sandbox diff {answer.lost_at}", file=sys.stderr)  # noqa: T201
        return Exit.NO
    return Exit.UNKNOWN if answer.between or "can't be told" in answer.sentence else Exit.YES


def _fastest(lineage: Lineage, chain: list[int]) -> int:
    """The generation of a line with the highest recorded speed-up against the original, the last one left out."""
    from rsi_sandbox.reports.story import tell

    steps = {step.generation.number: step for step in tell(lineage).steps}
    known = [(steps[number].total, number) for number in chain[:-1]]
    return max(((total.ratio, -number) for total, number in known if total), default=(0.0, -chain[0]))[1] * -1


def _keep(lineage: Lineage, body: Json, pieces: Sequence[Evidence]) -> None:
    """Store what was measured with its raw samples: every printed number can be looked up."""
    raw = [(f"{place}:{name}", data) for place, piece in enumerate(pieces) for name, data in piece.raw.items()]
    digests = lineage.keep(*(data for _, data in raw))
    facts = [{"oracle": piece.oracle, "facts": dict(piece.facts)} for piece in pieces]
    blobs = dict(zip((name for name, _ in raw), digests, strict=True))
    lineage.note(Kind.MEASURED, {**body, "evidence": facts, "blobs": blobs})
