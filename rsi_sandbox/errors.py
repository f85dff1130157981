"""The exception tree: whose fault it is decides the exit code, and each error says what to do next.

Only the CLI catches these. A command that fails inside a sandbox is a result, not an exception; a sandbox
that fails is an exception and never the candidate's fault.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line."""

    YES = 0
    NO = 1
    USAGE = 2
    UNKNOWN = 3
    BROKEN = 4
    BISECT_SKIP = 125
    INTERRUPTED = 130


class RsiError(Exception):
    """Base of every expected error: a sentence about what happened, and a hint about what to do next."""

    exit_code: Exit = Exit.BROKEN

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(RsiError):
    """The command was asked wrongly: a bad option, path, generation number or configuration."""

    exit_code = Exit.USAGE


class ConfigError(UsageError):
    """`[tool.rsi-sandbox]`, a policy file or an option has a value that can't be used."""


class TargetError(UsageError):
    """The path is not a Python repository with tests that can be evolved."""


class CannotTellError(RsiError):
    """The question could not be answered: no sandbox, failing baseline, noisy machine. Never a yes or a no."""

    exit_code = Exit.UNKNOWN


class NoSandboxError(CannotTellError):
    """No sandbox backend works here, or the one that was named does not."""


class SandboxError(CannotTellError):
    """The sandbox itself failed (worker died, frame unreadable, engine gone): not the candidate's fault."""


class BaselineError(CannotTellError):
    """The unmodified target does not pass its own tests, passes them only sometimes, or can't be imported."""


class MeasurementError(CannotTellError):
    """A measurement could not be completed or its raw samples are not usable."""


class StateError(RsiError):
    """`.rsi-sandbox/` can't be read or written, or another run holds it."""

    exit_code = Exit.BROKEN


class DamagedRecordError(StateError):
    """The lineage does not verify: bytes, roots or references disagree."""


class RunInterruptedError(RsiError):
    """A person asked the run to stop (Ctrl-C, SIGTERM)."""

    exit_code = Exit.INTERRUPTED
