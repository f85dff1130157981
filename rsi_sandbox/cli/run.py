"""`evolve` on the command line: open everything, run the loop, show its events, close everything."""

import secrets
import sys
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rsi_sandbox import target as targets
from rsi_sandbox.cli import output
from rsi_sandbox.cli.opening import sandbox_for, terminated_like_interrupted
from rsi_sandbox.errors import Exit
from rsi_sandbox.events import Event, Kind
from rsi_sandbox.reports.form import Format
from rsi_sandbox.target import Target


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one run, parsed."""

    path: Path
    generations: int
    seconds: float
    seed: int
    sandbox: str
    policy: str | None
    state: Path | None
    smoke: bool = False
    deselect: tuple[str, ...] = ()
    form: Format = Format.TEXT
    quiet: bool = False


def read(request: Request) -> Target:
    """The target with what the command line adds to its settings."""
    found = targets.read(request.path)
    deselect = (*found.settings.deselect, *request.deselect)
    return replace(found, settings=replace(found.settings, deselect=deselect))


def evolve(request: Request) -> int:
    """Run the loop and show it; the exit code says whether a generation was accepted or nothing was to be had (both 0).

    Raises:
        RsiError: the run could not be started or its record could not be kept.
    """
    from rsi_sandbox import evolve as loop
    from rsi_sandbox import workspace
    from rsi_sandbox.lineage import Lineage
    from rsi_sandbox.optimizers import Catalogue
    from rsi_sandbox.policy.schema import load_policy

    target = read(request)
    policy = load_policy(request.policy or target.settings.policy)
    with ExitStack() as stack:
        stack.enter_context(terminated_like_interrupted())
        sandbox, surroundings = stack.enter_context(sandbox_for(target, request.sandbox))
        state = request.state or target.root / ".rsi-sandbox"
        lineage = stack.enter_context(Lineage.open(state, create=True, write=True))
        for healed in [*lineage.healed, *workspace.recover(target.root, lineage)]:
            print(f"healed: {healed}", file=sys.stderr)  # noqa: T201 - people must know what a crash left
            target = read(request)
        setup = loop.Setup(
            target=target,
            sandbox=sandbox,
            policy=policy,
            optimizer=Catalogue(),
            lineage=lineage,
            options=loop.Options(
                generations=request.generations,
                seconds=request.seconds,
                seed=request.seed,
                smoke=request.smoke,
                canary=secrets.token_hex(8),
            ),
            surroundings=surroundings,
        )
        first = lineage.next_number()
        last = _show(loop.evolve(setup), request)
        if request.form not in (Format.TEXT, Format.JSONL):
            from rsi_sandbox.reports.recorded import summary_of_run

            output.write(summary_of_run(lineage, target, policy.name, first, last), request.form)
        return int(last.data.get("exit", Exit.YES))


def _show(events: Generator[Event, None, None], request: Request) -> Event:
    show = output.shown(request.form, quiet=request.quiet)
    try:
        last = show(events)
    except KeyboardInterrupt:
        # It was caught between two events, outside the loop: the loop has to hear of it to close the record.
        last = show(iter([events.throw(KeyboardInterrupt())]))
    if last is None or last.kind is not Kind.STOPPED:
        return Event(Kind.STOPPED, "the run ended without saying why", {"exit": int(Exit.UNKNOWN)})
    if request.form is Format.TEXT:
        print(last.text)  # noqa: T201 - the result of the command
    return last
