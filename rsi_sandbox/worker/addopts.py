"""The part of a target's `addopts` that decides which tests exist and how they are imported.

Everything else in `addopts` is left out: it may name plugins that are absent here (`--cov`), change what is printed,
or start processes (`-n`). Files that can't be read count as having no options.
"""

import configparser
import shlex
import tomllib
from pathlib import Path

_WITH_VALUE = ("-m", "-k", "-p", "--import-mode", "--doctest-glob", "--ignore", "--ignore-glob", "--deselect")
_ALONE = ("--doctest-modules", "--doctest-continue-on-failure", "--pyargs", "--noconftest")
_SECTIONS = (
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
)


def kept_options(tree: Path) -> list[str]:
    """Options to pass on to pytest, in their order."""
    words = _words(tree)
    kept: list[str] = []
    for index, word in enumerate(words):
        name, _, value = word.partition("=")
        if word in _ALONE or (name in _WITH_VALUE and value):
            kept.append(word)
        elif word in _WITH_VALUE and index + 1 < len(words) and _is_local(tree, word, words[index + 1]):
            kept += [word, words[index + 1]]
    return kept


def _is_local(tree: Path, option: str, value: str) -> bool:
    """Whether `-p` switches something off or names a module of the tree or of pytest; other options always."""
    if option != "-p" or value.startswith("no:") or value == "pytester":
        return True
    module = value.replace(".", "/")
    return any((tree / root / f"{module}{end}").exists() for root in ("", "src") for end in (".py", "/__init__.py"))


def _words(tree: Path) -> list[str]:
    for raw in _raw_options(tree):
        if isinstance(raw, list):
            return [str(word) for word in raw]
        if isinstance(raw, str):
            try:
                return shlex.split(raw)
            except ValueError:
                return []
    return []


def _raw_options(tree: Path) -> list[object]:
    found: list[object] = []
    for name, keys in (("pytest.toml", ("pytest",)), (".pytest.toml", ("pytest",))):
        found.append(_toml(tree / name, keys))
    for name, section in _SECTIONS[:2]:
        found.append(_ini(tree / name, section))
    found.append(_toml(tree / "pyproject.toml", ("tool", "pytest", "ini_options")))
    found.append(_toml(tree / "pyproject.toml", ("tool", "pytest")))
    for name, section in _SECTIONS[2:]:
        found.append(_ini(tree / name, section))
    return found


def _toml(path: Path, keys: tuple[str, ...]) -> object:
    try:
        table: object = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    for key in (*keys, "addopts"):
        if not isinstance(table, dict):
            return None
        table = table.get(key)
    return table


def _ini(path: Path, section: str) -> object:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text("utf-8"))
    except (OSError, ValueError, configparser.Error):
        return None
    return parser.get(section, "addopts", fallback=None)
