"""What a Python interpreter has installed, read from its metadata; nothing of the target is imported here.

The interpreter answers one inquiry in a process of its own; distributions are then read from disk, also when the
interpreter is not the one we run on. Names are normalised as PyPI does. Refuses interpreters older than 3.11.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from rsi_sandbox.errors import BaselineError

OLDEST = (3, 11)
INQUIRY_SECONDS = 60


def normal(name: str) -> str:
    """A distribution's name in the one form that compares."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Interpreter:
    """One interpreter with the distributions it can import."""

    facts: Mapping[str, Any]
    """What `inquiry.py` printed."""

    @cached_property
    def installed(self) -> dict[str, Distribution]:
        """Normal name -> distribution; the first on the interpreter's path wins, as in an import."""
        found: dict[str, Distribution] = {}
        for distribution in distributions(path=self.facts["path"]):
            name = distribution.metadata["Name"]
            if name:
                found.setdefault(normal(name), distribution)
        return found

    @cached_property
    def providers(self) -> dict[str, set[str]]:
        """Top-level module name -> normal names of the distributions that have it."""
        found: dict[str, set[str]] = {}
        for name, distribution in self.installed.items():
            for module in _top_level(distribution):
                found.setdefault(module, set()).add(name)
        return found

    def closure(self, wanted: Iterable[Requirement], *, without: str = "") -> dict[str, Distribution]:
        """The wanted distributions and what they require, as far as installed; `without` is left out."""
        chosen: dict[str, Distribution] = {}
        seen: set[tuple[str, str]] = set()
        waiting = [(normal(item.name), extra) for item in wanted for extra in ("", *item.extras)]
        while waiting:
            name, extra = waiting.pop()
            if (name, extra) in seen or name == without or name not in self.installed:
                continue
            seen.add((name, extra))
            chosen[name] = self.installed[name]
            for item in requirements(self.installed[name].requires or []):
                if self.applies(item, extra):
                    waiting += [(normal(item.name), more) for more in ("", *item.extras)]
        return chosen

    def applies(self, item: Requirement, extra: str = "") -> bool:
        """Whether the requirement's marker holds for this interpreter."""
        return item.marker is None or item.marker.evaluate({**self.facts["markers"], "extra": extra})


def ask(python: str, names: Iterable[str] = ()) -> Interpreter:
    """Asks the interpreter at `python` about itself, and where the modules `names` would come from.

    Raises:
        BaselineError: it does not run, or is too old.
    """
    source = Path(__file__).with_name("inquiry.py").read_text()
    # Not -I, which hides what was installed with `pip install --user`.
    command = [python, "-E", "-B", "-c", source, *sorted(names)]
    hint = "name a working interpreter with --python"
    try:
        done = subprocess.run(command, capture_output=True, timeout=INQUIRY_SECONDS, check=True, cwd="/")
        facts = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise BaselineError(
            f"the interpreter {python} does not answer: {error.__class__.__name__}", hint=hint
        ) from error
    version = tuple(facts["version_info"])
    if version < OLDEST:
        said = ".".join(map(str, version))
        raise BaselineError(f"{python} is Python {said}, too old to run the target in a sandbox", hint=hint)
    return Interpreter(facts)


def requirements(lines: Iterable[str]) -> Iterator[Requirement]:
    """The requirements that can be read; a line that can't is somebody else's mistake and is passed over."""
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def files_of(distribution: Distribution, cache_tag: str) -> Iterator[tuple[str, Path]]:
    """(path below its site directory, file) of an installed distribution, with compiled files that are there.

    Scripts and data outside the site directory are left out. Installers that do not record compiled files (uv)
    are helped by looking next to each source.
    """
    for relative in _recorded(distribution):
        path = Path(str(distribution.locate_file(relative)))
        if relative.startswith(("/", "..")) or path.suffix == ".pyc" or not path.is_file():
            continue
        yield relative, path
        if path.suffix == ".py":
            compiled = path.parent / "__pycache__" / f"{path.stem}.{cache_tag}.pyc"
            if compiled.is_file():
                yield str(Path(relative).parent / "__pycache__" / compiled.name), compiled


def editable_at(distribution: Distribution) -> str:
    """The file URL an editable install points to, else an empty string."""
    try:
        record = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        return ""
    return str(record.get("url", "")) if record.get("dir_info", {}).get("editable") else ""


def _recorded(distribution: Distribution) -> list[str]:
    files = distribution.files
    if files is not None:
        return [file.as_posix() for file in files]
    # Distributions of an operating system often come without a list of files.
    root = Path(str(distribution.locate_file("")))
    found: list[str] = []
    for module in (distribution.read_text("top_level.txt") or "").split():
        for start in (root / module, root / f"{module}.py"):
            inside = sorted(start.rglob("*")) if start.is_dir() else [start]
            found += [path.relative_to(root).as_posix() for path in inside if path.is_file()]
    return found


def _top_level(distribution: Distribution) -> set[str]:
    declared = (distribution.read_text("top_level.txt") or "").split()
    if declared:
        return set(declared)
    names = set()
    for file in distribution.files or []:
        first = file.parts[0]
        if len(file.parts) > 1 and file.suffix in (".py", ".so", ".pyd", ".pyi"):
            names.add(first)
        elif len(file.parts) == 1 and file.suffix in (".py", ".so", ".pyd"):
            names.add(first.partition(".")[0])
    return {name for name in names if name.isidentifier()}
