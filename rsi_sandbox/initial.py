"""A first `[tool.rsi-sandbox]` for a target: what was detected, written so that it explains itself.

It only ever appends to pyproject.toml, so every comment stays; a file that has the table already is left alone.
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.config import TABLE, read_table
from rsi_sandbox.errors import ConfigError, StateError
from rsi_sandbox.lineage.durable import replace_file
from rsi_sandbox.target import Target

FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Initial:
    """What `init` would write, and where."""

    path: Path
    text: str
    """The table alone."""
    before: bytes | None
    """The file as it is; None: there is none."""
    exists: bool
    """Whether the table is there already."""

    @property
    def after(self) -> bytes:
        """The whole file with the table at its end, in the file's own line ends."""
        if self.before is None:
            return self.text.encode()
        newline = b"\r\n" if b"\r\n" in self.before else b"\n"
        kept = self.before.rstrip(b"\r\n")
        added = self.text.encode().replace(b"\n", newline)
        return kept + newline * 2 + added if kept else added


def plan(target: Target) -> Initial:
    """The table for a target, from what was found in it; writes nothing.

    Raises:
        ConfigError: pyproject.toml is no TOML.
    """
    path = target.root / FILE
    before = path.read_bytes() if path.is_file() else None
    exists = before is not None and (bool(read_table(before, path)) or _has_table(before))
    return Initial(path, "\n".join(_lines(target)) + "\n", before, exists)


def write(found: Initial) -> None:
    """Append the table.

    Raises:
        ConfigError: the result would not be TOML with this table; nothing is written.
        StateError: the file can't be written; it is as it was.
    """
    after = found.after
    try:
        written = tomllib.loads(after.decode())["tool"][TABLE]
    except tomllib.TOMLDecodeError:
        written = None
    if written != tomllib.loads(found.text)["tool"][TABLE]:
        raise ConfigError(f"{found.path} can't be extended safely", hint="copy the table in by hand: init --dry-run")
    try:
        replace_file(found.path, after)
    except OSError as error:
        raise StateError(f"{found.path} can't be written: {error.strerror}", hint="check its permissions") from error


def _has_table(text: bytes) -> bool:
    return TABLE in tomllib.loads(text.decode()).get("tool", {})


def _lines(target: Target) -> Iterator[str]:
    settings = target.settings
    yield f"[tool.{TABLE}]"
    yield f"# What may be rewritten ({_counted(len(target.source_files()), 'file')}). Nothing else is ever touched."
    yield f"source = {_listed(settings.source)}"
    yield "# What must stay true: run on every candidate, never rewritten."
    yield f"tests = {_listed(settings.tests)}"
    yield "# What is timed: functions named bench_..., or tests with the pytest-benchmark fixture."
    if settings.benchmarks:
        yield f"benchmarks = {_listed(settings.benchmarks)}"
    else:
        yield "# None were found, so calls recorded from the tests are timed instead."
        yield '# benchmarks = ["benchmarks"]'
    if settings.roots != (".",):
        yield "# Directories that are put on sys.path."
        yield f"roots = {_listed(settings.roots)}"
    yield "# Who decides: default, strict, no-regression, or the path of your own policy file."
    yield f"policy = {json.dumps(settings.policy)}"


def _listed(values: Sequence[str]) -> str:
    return "[" + ", ".join(json.dumps(value, ensure_ascii=False) for value in values) + "]"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
