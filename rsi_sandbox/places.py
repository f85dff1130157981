"""Where things of the user's are kept outside any target, as the XDG base directory specification has it."""

import os
from pathlib import Path

NAME = "rsi-sandbox"


def state_home() -> Path:
    """For what a machine learns and must outlive a target's own record: checkpoints, priors, calibrations."""
    return _base("XDG_STATE_HOME", ".local/state") / NAME


def config_home() -> Path:
    """For what a person chose for all targets."""
    return _base("XDG_CONFIG_HOME", ".config") / NAME


def _base(variable: str, default: str) -> Path:
    named = os.environ.get(variable, "")
    # The specification: a path that is not absolute is to be ignored.
    return Path(named) if named.startswith("/") else Path(os.path.expanduser("~"), default)  # noqa: PTH111
