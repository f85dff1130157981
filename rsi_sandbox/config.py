"""Settings: `[tool.rsi-sandbox]`, checked, completed by what was detected; each value knows where it came from."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from rsi_sandbox.errors import ConfigError
from rsi_sandbox.model import Json

TABLE = "rsi-sandbox"


@checked(frozen=True, config=ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True))
class Table:
    """`[tool.rsi-sandbox]` as it stands in pyproject.toml; every key is optional."""

    source: list[str] | None = None
    """Packages or modules that may be rewritten, relative to the target."""
    tests: list[str] | None = None
    """Test files or directories; never rewritten."""
    benchmarks: list[str] | None = None
    """Benchmark files, directories, or `path.py:function`; never rewritten."""
    roots: list[str] | None = None
    """Directories that are put on sys.path, such as `src`."""
    protected: list[str] | None = None
    """More paths that no candidate may touch (files, or directories ending in /)."""
    policy: str | None = None
    """Name of a bundled policy or path of a policy file."""
    python: str | None = None
    """Interpreter whose packages the target needs."""
    plugins: bool | None = None
    """Whether pytest plugins installed beside the target are loaded."""
    deselect: list[str] | None = None
    """Ids of tests to leave out, such as flaky ones."""


@dataclass(frozen=True)
class Settings:
    """What a run works with, complete. Paths are POSIX and relative to the target."""

    source: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    roots: tuple[str, ...] = (".",)
    protected: tuple[str, ...] = ()
    policy: str = "default"
    python: str = ""
    plugins: bool = False
    deselect: tuple[str, ...] = ()
    origin: Mapping[str, str] = field(default_factory=dict)
    """Setting -> where its value came from: `pyproject.toml`, `detected` or `default`."""


def schema() -> Json:
    """JSON Schema of `[tool.rsi-sandbox]`, for editors and for checking pyproject.toml files."""
    found: dict[str, Json] = TypeAdapter(Table).json_schema()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **found,
        "title": f"[tool.{TABLE}]",
        "description": "Settings of rsi-sandbox for one target, in its pyproject.toml.",
    }


def read_table(text: bytes, path: Path) -> dict[str, Any]:
    """The settings in the text of the pyproject.toml at `path`.

    Raises:
        ConfigError: it isn't TOML, or the table has an unknown key or a value of the wrong type.
    """
    try:
        document = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}", hint="mend the file, then run again") from error
    table = document.get("tool", {}).get(TABLE, {})
    known = [item.name for item in fields(Settings) if item.name != "origin"]
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            suggestion = f"did you mean {close[0]!r}?" if close else f"known settings: {', '.join(known)}"
            raise ConfigError(f"{path}: [tool.{TABLE}] has no setting {key!r}", hint=suggestion)
    try:
        checked_table = Table(**table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{path}: [tool.{TABLE}] {where}: {first['msg']}", hint="mend the value, then run again"
        ) from (error)
    return {name: value for name in known if (value := getattr(checked_table, name)) is not None}


def resolve(root: Path, files: Mapping[str, bytes], detected: Mapping[str, Any]) -> Settings:
    """The values of `files`' pyproject.toml where it has them, what was detected where not, defaults for the rest.

    `root` is for messages: the text may be of another revision than the file that lies there.
    """
    text = files.get("pyproject.toml")
    table = {} if text is None else read_table(text, root / "pyproject.toml")
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for item in fields(Settings):
        if item.name == "origin":
            continue
        for source, mapping in (("pyproject.toml", table), ("detected", detected)):
            if item.name in mapping:
                value = mapping[item.name]
                values[item.name] = tuple(value) if isinstance(value, list) else value
                origin[item.name] = source
                break
        else:
            origin[item.name] = "default"
    return Settings(**values, origin=origin)
