"""`judge` on the command line: open everything, judge one change, show the verdict, close everything."""

import secrets
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rsi_sandbox.cli import output
from rsi_sandbox.cli.opening import sandbox_for, terminated_like_interrupted
from rsi_sandbox.errors import CannotTellError, Exit
from rsi_sandbox.events import Event
from rsi_sandbox.judging import Judgement, Setup, judge_patch
from rsi_sandbox.model import Decision
from rsi_sandbox.policy.schema import load_policy
from rsi_sandbox.proposal import Proposal, find
from rsi_sandbox.reports.form import Format
from rsi_sandbox.reports.recorded import summary_of_judgement


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one judgement, parsed."""

    change: str | None
    path: Path
    seconds: float
    seed: int
    sandbox: str
    policy: str | None
    state: Path | None
    record: bool
    source_only: bool
    bisect: bool
    deselect: tuple[str, ...]
    form: Format
    quiet: bool = False
    stdin: bytes = b""


def judge(request: Request) -> int:
    """Judge a change and show the verdict: 0 accepted, 1 not, 3 (with `bisect` 125) could not find out.

    Raises:
        RsiError: it could not be judged; its exit code says the same.
    """
    try:
        found = _judged(request)
    except CannotTellError as error:
        if request.bisect:
            error.exit_code = Exit.BISECT_SKIP
        raise
    code = exit_of(found, bisect=request.bisect)
    return int(code)


def exit_of(found: Judgement, *, bisect: bool) -> Exit:
    """The exit code of a verdict."""
    if found.verdict.decision is Decision.ACCEPTED:
        return Exit.YES
    if found.undecided or found.verdict.decision is Decision.ERROR:
        return Exit.BISECT_SKIP if bisect else Exit.UNKNOWN
    return Exit.NO


def _judged(request: Request) -> Judgement:
    from rsi_sandbox.lineage import Lineage

    proposal = _proposal(request)
    target = proposal.target
    policy = load_policy(request.policy or target.settings.policy)
    with ExitStack() as stack:
        stack.enter_context(terminated_like_interrupted())
        sandbox, surroundings = stack.enter_context(sandbox_for(target, request.sandbox))
        lineage = None
        if request.record:
            state = request.state or target.root / ".rsi-sandbox"
            lineage = stack.enter_context(Lineage.open(state, create=True, write=True))
        setup = Setup(
            proposal=proposal,
            sandbox=sandbox,
            policy=policy,
            lineage=lineage,
            seconds=request.seconds,
            seed=request.seed,
            canary=secrets.token_hex(8),
            surroundings=surroundings,
        )
        found = _shown(judge_patch(setup), request)
    summary = summary_of_judgement(found, target, policy.name, exit_of(found, bisect=request.bisect))
    output.write(summary, request.form)
    return found


def _proposal(request: Request) -> Proposal:
    found = find(request.path, request.change, request.stdin)
    settings = found.target.settings
    settings = replace(settings, deselect=(*settings.deselect, *request.deselect))
    found = replace(found, target=replace(found.target, settings=settings))
    return found.source_only() if request.source_only else found


def _shown(events: Generator[Event, None, Judgement], request: Request) -> Judgement:
    found: list[Judgement] = []

    def kept() -> Iterator[Event]:
        found.append((yield from events))

    output.shown(request.form, quiet=request.quiet)(kept())
    return found[0]
