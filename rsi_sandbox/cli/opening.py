"""What `evolve` and `judge` open before they start, and close whatever happens."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.target import Target


@contextmanager
def sandbox_for(target: Target, name: str) -> Iterator[tuple[Sandbox, Mapping[str, str]]]:
    """A sandbox with what the target needs in it, and what the record says of it.

    Raises:
        NoSandboxError: the one of that name, or none, works here.
        SandboxError: its image or root could not be built.
    """
    from rsi_sandbox import sandbox as walls
    from rsi_sandbox.sandbox.environment import describe

    python = Path(target.settings.python) if target.settings.python else None
    environment = describe(target.tree.files, target.root, python)
    backend, probe = walls.choose(name)
    image = backend.prepare(environment)
    with Sandbox(backend, environment) as sandbox:
        yield sandbox, {"sandbox": backend.name, "image": image, "found": probe.reason, **probe.facts}


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: finished generations are kept and no container is left."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
