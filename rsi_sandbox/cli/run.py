"""`evolve` on the command line: open everything, run the loop, show its events, close everything."""

import json
import secrets
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from rsi_sandbox import target as targets
from rsi_sandbox.errors import Exit
from rsi_sandbox.events import Event, Kind
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
    wait: float = 0.0
    """Seconds to wait for another run on the same target."""


def read(request: Request) -> Target:
    """The target with what the command line adds to its settings."""
    found = targets.read(request.path)
    deselect = (*found.settings.deselect, *request.deselect)
    return replace(found, settings=replace(found.settings, deselect=deselect))


def evolve(request: Request, *, jsonl: bool) -> int:
    """Run the loop and show it; the exit code says whether a generation was accepted or nothing was to be had (both 0).

    Raises:
        RsiError: the run could not be started or its record could not be kept.
    """
    from rsi_sandbox import evolve as loop
    from rsi_sandbox import sandbox as walls
    from rsi_sandbox import workspace
    from rsi_sandbox.lineage import Lineage
    from rsi_sandbox.optimizers import Catalogue
    from rsi_sandbox.policy.schema import load_policy
    from rsi_sandbox.sandbox.environment import describe
    from rsi_sandbox.sandbox.session import Sandbox

    target = read(request)
    state = request.state or target.root / ".rsi-sandbox"
    policy = load_policy(request.policy or target.settings.policy)
    python = Path(target.settings.python) if target.settings.python else None
    environment = describe(target.tree.files, target.root, python)
    backend, probe = walls.choose(request.sandbox)
    with ExitStack() as stack:
        stack.enter_context(_terminated_like_interrupted())
        lineage = stack.enter_context(Lineage.open(state, create=True, write=True, wait=request.wait, told=_say))
        for healed in [*lineage.healed, *workspace.recover(target.root, lineage)]:
            print(f"healed: {healed}", file=sys.stderr)  # noqa: T201 - people must know what a crash left
            target = read(request)
        image = backend.prepare(environment)
        sandbox = stack.enter_context(Sandbox(backend, environment))
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
            surroundings={"sandbox": backend.name, "image": image, "found": probe.reason, **probe.facts},
        )
        events = loop.evolve(setup)
        return _show(events, jsonl=jsonl)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - people must know what is waited for


def _show(events: Generator[Event, None, None], *, jsonl: bool) -> int:
    if jsonl:
        show = _stream
    elif sys.stderr.isatty():
        from rsi_sandbox.cli.live import show
    else:
        from rsi_sandbox.cli.plain import show
    try:
        last = show(events)
    except KeyboardInterrupt:
        # It was caught between two events, outside the loop: the loop has to hear of it to close the record.
        last = show(iter([events.throw(KeyboardInterrupt())]))
    if last is None or last.kind is not Kind.STOPPED:
        return int(Exit.UNKNOWN)
    if not jsonl:
        print(last.text)  # noqa: T201 - the result of the command
    return int(last.data.get("exit", Exit.YES))


def _stream(events: Iterator[Event]) -> Event | None:
    last = None
    for last in events:
        print(json.dumps(last.to_json(), sort_keys=True), flush=True)  # noqa: T201 - the result of the command
    return last


class _terminated_like_interrupted:  # noqa: N801 - reads as a phrase in a with statement
    """SIGTERM ends a run as Ctrl-C does: finished generations are kept and no container is left."""

    def __enter__(self) -> None:
        self.before = signal.signal(signal.SIGTERM, self._interrupt)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self.before)

    @staticmethod
    def _interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt
