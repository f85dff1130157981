"""Targets by name: the ones bundled with a checkout of the tool, and those a person added.

The registry is a TOML table of names and paths in the user's configuration; it is read when a path that was given does
not exist. It says where a target is and nothing about it.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import ConfigError, StateError, UsageError
from rsi_sandbox.lineage.durable import replace_file
from rsi_sandbox.places import config_home

BUNDLED = Path(__file__).resolve().parents[1] / "targets"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Known:
    """A target that has a name."""

    name: str
    path: Path
    bundled: bool


def file() -> Path:
    """The registry's file."""
    return config_home() / "targets.toml"


def known() -> list[Known]:
    """Every target with a name, those that were added first.

    Raises:
        ConfigError: the registry can't be read.
    """
    added = [Known(name, Path(path), bundled=False) for name, path in sorted(_added().items())]
    names = {one.name for one in added}
    folders = sorted(BUNDLED.iterdir()) if BUNDLED.is_dir() else []
    bundled = [Known(path.name, path, bundled=True) for path in folders if (path / "pyproject.toml").is_file()]
    return added + [one for one in bundled if one.name not in names]


def locate(path: Path) -> Path:
    """The path itself, or the target of that name where there is no such path."""
    if path.exists() or len(path.parts) != 1:
        return path
    return next((one.path for one in known() if one.name == path.name), path)


def add(path: Path, name: str) -> None:
    """Give a target a name; a name that is taken moves to the new path.

    Raises:
        UsageError: the name is none.
        StateError: the registry can't be written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} can't name a target", hint="use letters, digits, dots, dashes and underscores")
    _write({**_added(), name: str(path.resolve())})


def remove(name: str) -> None:
    """Forget a name; the target itself is not touched.

    Raises:
        UsageError: nobody added it.
        StateError: the registry can't be written.
    """
    added = _added()
    if name not in added:
        raise UsageError(f"no target called {name!r} was added", hint="`rsi-sandbox target list` shows the names")
    _write({other: path for other, path in added.items() if other != name})


def _added() -> dict[str, str]:
    try:
        table = tomllib.loads(file().read_text(encoding="utf-8"))["targets"]
        return {str(name): str(path) for name, path in table.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ConfigError(f"{file()} can't be read: {error}", hint="mend or remove it; it only holds names") from error


def _write(added: dict[str, str]) -> None:
    lines = ["[targets]", *(f"{json.dumps(name)} = {json.dumps(path)}" for name, path in sorted(added.items()))]
    try:
        file().parent.mkdir(parents=True, exist_ok=True)
        replace_file(file(), ("\n".join(lines) + "\n").encode())
    except OSError as error:
        raise StateError(f"{file()} can't be written: {error.strerror}", hint="check its permissions") from error
