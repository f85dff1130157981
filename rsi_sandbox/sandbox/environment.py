"""Which interpreter and which packages go inside a wall with the target, found on the host.

The target's own distribution never goes in: its files come from the tree under test, or a candidate could be judged
by the installed original. `archive.py` turns an environment into files.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from packaging.requirements import Requirement

from rsi_sandbox.errors import BaselineError
from rsi_sandbox.model import canonical_json, digest_of
from rsi_sandbox.sandbox import imports, interpreter
from rsi_sandbox.sandbox.archive import members, unpacked, write_tar
from rsi_sandbox.sandbox.interpreter import Interpreter, normal

__all__ = ["Environment", "describe", "members", "unpacked", "write_tar"]

SITE = "/rsi/site"
TEST_EXTRAS = ("test", "tests", "testing", "dev")
LAYOUT = 1
"""Counted up whenever the same environment would be packed differently."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter and the files of the distributions that a target needs beside it."""

    python: str
    """The interpreter on the host that was asked, possibly a virtual environment's."""
    base_executable: str
    base_prefix: str
    version: str
    platform: str
    """System, machine and C library."""
    cache_tag: str
    standard: tuple[str, ...]
    """Directories of the standard library."""
    distributions: tuple[tuple[str, str], ...]
    """(name, version), the lock, in order of name."""
    files: tuple[tuple[str, str], ...]
    """(path below the site directory inside, file on the host)."""
    digest: str
    """Hash of interpreter, platform and lock; goes into the record."""
    key: str
    """Hash of the digest and of the files' sizes and times; names images and unpacked directories."""

    @property
    def inside_python(self) -> str:
        """The interpreter's path inside, below the same prefix as outside."""
        return str(Path(self.base_prefix) / "bin" / f"python{'.'.join(self.version.split('.')[:2])}")

    @property
    def inside_path(self) -> list[str]:
        """What goes on the worker's sys.path after the standard library."""
        return [SITE]


def describe(
    tree_files: Mapping[str, bytes],
    root: Path,
    python: Path | None = None,
    extra_distributions: Iterable[str] = ("pytest",),
) -> Environment:
    """What the target at `root`, whose files are `tree_files`, needs to be imported and tested.

    Editable installs of other projects are followed where the target imports them itself. Test extras are taken as
    far as they are installed.

    Raises:
        BaselineError: something is not installed without which the target can't be imported.
    """
    scanned = imports.scan(tree_files)
    wished = scanned.wished | scanned.needed.keys()
    chosen = choose_python(root, python)
    host = interpreter.ask(chosen, wished)
    project = _project(tree_files)
    own = _own_name(host, project, root)
    loose = _loose(host, wished, root)
    _check_declared(host, project, own, chosen)
    _check_imports(host, scanned, set(loose), chosen)

    wanted = [*_declared(project, own, host), *interpreter.requirements(_own_requires(host, own))]
    names = {name for module in wished for name in host.providers.get(module, ())}
    closure = host.closure([*wanted, *(Requirement(name) for name in sorted(names))], without=own)
    for name, distribution in _tools(host, own, extra_distributions).items():
        closure.setdefault(name, distribution)
    return _environment(host, chosen, closure, loose)


def choose_python(root: Path, python: Path | None) -> str:
    """The interpreter that was named, else the target's own virtual environment's, else the one we run on."""
    if python is not None:
        return str(python.absolute())
    own = root / ".venv" / "bin" / "python"
    return str(own.absolute()) if own.exists() else sys.executable


def _project(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        return tomllib.loads(files.get("pyproject.toml", b"").decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BaselineError(f"pyproject.toml can't be read: {error}", hint="correct it and try again") from error


def _own_name(host: Interpreter, project: Mapping[str, Any], root: Path) -> str:
    """Normal name of the target's distribution, from its metadata or from an editable install; "" if unknown."""
    named = project.get("project", {}).get("name") or project.get("tool", {}).get("poetry", {}).get("name")
    if named:
        return normal(str(named))
    for name, distribution in host.installed.items():
        url = urlparse(interpreter.editable_at(distribution))
        if url.scheme == "file" and Path(unquote(url.path)).resolve() == root.resolve():
            return name
    return ""


def _own_requires(host: Interpreter, own: str) -> list[str]:
    """What the installed target says it needs: the only source when dependencies are dynamic (setup.py)."""
    return list(host.installed[own].requires or []) if own in host.installed else []


def _declared(project: Mapping[str, Any], own: str, host: Interpreter) -> list[Requirement]:
    """Everything declared that is wanted: dependencies, test extras and groups, with references to itself resolved."""
    table = project.get("project", {})
    extras: Mapping[str, list[str]] = table.get("optional-dependencies", {})
    groups: Mapping[str, list[Any]] = project.get("dependency-groups", {})
    lines: list[str] = list(table.get("dependencies", []))
    waiting: list[Any] = [item for name in TEST_EXTRAS for item in (*extras.get(name, ()), *groups.get(name, ()))]
    taken: set[str] = set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            name = "group:" + str(item.get("include-group", ""))
            if name not in taken:
                taken.add(name)
                waiting += groups.get(name.removeprefix("group:"), ())
            continue
        for found in interpreter.requirements([str(item)]):
            if normal(found.name) != own:
                lines.append(str(item))
                continue
            waiting += [line for extra in found.extras - taken for line in extras.get(extra, ())]
            taken |= found.extras
    return [item for item in interpreter.requirements(lines) if host.applies(item)]


def _check_declared(host: Interpreter, project: Mapping[str, Any], own: str, python: str) -> None:
    mandatory = interpreter.requirements(project.get("project", {}).get("dependencies", []))
    for item in mandatory:
        name = normal(item.name)
        if host.applies(item) and name != own and name not in host.installed:
            raise BaselineError(
                f"the target depends on {item.name}, which {python} does not have",
                hint=f"pip install {item.name}  (into {python})",
            )


def _check_imports(host: Interpreter, scanned: imports.Imports, loose: set[str], python: str) -> None:
    standard = {*host.facts["standard_names"], "__main__"}
    for module, path in sorted(scanned.needed.items()):
        if module not in standard and module not in host.providers and module not in loose:
            raise BaselineError(
                f"{path} imports {module}, which {python} does not have",
                hint=f"pip install {module}  (into {python})",
            )


def _tools(host: Interpreter, own: str, names: Iterable[str]) -> dict[str, Distribution]:
    """What the worker itself needs, from the target's interpreter, else from ours."""
    wanted = [Requirement(name) for name in names]
    source = host
    if any(normal(item.name) not in host.installed for item in wanted):
        source = interpreter.ask(sys.executable)
    found = source.closure(wanted)
    if own in found:
        # Loaded before any candidate is, it would answer in every candidate's place.
        raise BaselineError(
            f"{own} is part of what runs the tests and can't be replaced by a candidate there",
            hint="this target can't be evolved; pytest and what it is built on are ours",
        )
    return found


def _loose(host: Interpreter, wished: Iterable[str], root: Path) -> dict[str, list[Path]]:
    """Imported modules that no regular distribution has a file for: editable installs and paths of .pth files."""
    standard = [Path(entry) for entry in host.facts["standard"]]
    found: dict[str, list[Path]] = {}
    for module in sorted(wished):
        answer = host.facts["found"].get(module)
        owners = [host.installed[name] for name in host.providers.get(module, ())]
        regular = any(not interpreter.editable_at(owner) for owner in owners)
        if not answer or regular or module in host.facts["standard_names"]:
            continue
        origin, locations = answer
        paths = [Path(entry) for entry in locations] or [Path(origin)]
        paths = [path for path in paths if path.exists() and not path.resolve().is_relative_to(root.resolve())]
        if paths and not any(path.parent == entry for path in paths for entry in standard):
            found[module] = paths
    return found


def _loose_files(loose: Mapping[str, list[Path]]) -> dict[str, str]:
    files = {}
    for paths in loose.values():
        for start in paths:
            inside = sorted(start.rglob("*")) if start.is_dir() else [start]
            for path in inside:
                if path.is_file() and path.suffix != ".pyc":
                    files[path.relative_to(start.parent).as_posix()] = str(path)
    return files


def _environment(
    host: Interpreter, python: str, closure: Mapping[str, Distribution], loose: Mapping[str, list[Path]]
) -> Environment:
    facts = host.facts
    files = _loose_files(loose)
    for name in sorted(closure):
        found = interpreter.files_of(closure[name], facts["cache_tag"])
        files.update((inside, str(path)) for inside, path in found)
    lock = [(name, str(closure[name].version)) for name in sorted(closure)]
    if bad := [name for name, version in lock if not re.fullmatch(r"[A-Za-z0-9.!+_-]+", version)]:
        raise BaselineError(f"the version of {bad[0]} can't be read", hint=f"pip install --force-reinstall {bad[0]}")
    version = ".".join(map(str, facts["version_info"]))
    platform = " ".join(filter(None, (facts["system"], facts["machine"], facts["libc"])))
    identity = [LAYOUT, facts["version"], facts["base_prefix"], platform, lock]
    digest = digest_of(canonical_json(identity))
    stamps = [_stamp(inside, files[inside]) for inside in sorted(files)]
    stamps.append(_stamp("", str(Path(facts["base_executable"]).resolve())))
    return Environment(
        python=python,
        base_executable=facts["base_executable"],
        base_prefix=facts["base_prefix"],
        version=version,
        platform=platform,
        cache_tag=facts["cache_tag"],
        standard=tuple(facts["standard"]),
        distributions=tuple(lock),
        files=tuple(sorted(files.items())),
        digest=digest,
        key=digest_of(canonical_json([digest, stamps])),
    )


def _stamp(inside: str, path: str) -> list[Any]:
    found = Path(path).stat()
    return [inside, found.st_size, int(found.st_mtime)]
