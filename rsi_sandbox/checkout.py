"""Reads a repository into a tree: as it lies on disk, or as one of its git revisions has it.

Follows no symlink, writes nothing, and runs no program that the repository's own git configuration names.
"""

import fnmatch
import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import TargetError, UsageError
from rsi_sandbox.model import Tree

LEFT_OUT = {".git", ".hg", ".rsi-sandbox", ".venv", "venv", "env", "node_modules", "__pycache__", "build", "dist"}
LEFT_OUT |= {".tox", ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".idea", ".vscode"}
LEFT_OUT_FILES = ("*.pyc", "*.pyo", "*.so", "*.egg-info", "*.swp", ".DS_Store")
MAX_FILE_BYTES = 8 << 20
MAX_TREE_BYTES = 128 << 20
MAX_FILES = 20_000
GIT_SECONDS = 60.0
_GIT = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
"""The repository's configuration may name programs to run; none of them is wanted here."""


def working_tree(root: Path) -> tuple[Tree, tuple[str, ...]]:
    """The files on disk that belong to the repository, and those left out, each with its reason.

    Raises:
        TargetError: it is too large.
    """
    gathered = _Gathered(root)
    for path in _listed(root):
        full = root / path
        status = full.lstat()
        if not stat.S_ISREG(status.st_mode):
            gathered.skipped.append(f"{path}: not a regular file")
        elif status.st_size > MAX_FILE_BYTES:
            gathered.skipped.append(f"{path}: larger than {MAX_FILE_BYTES >> 20} MiB")
        else:
            gathered.add(path, full.read_bytes(), executable=bool(status.st_mode & stat.S_IXUSR))
    return gathered.tree(), tuple(gathered.skipped)


def revision(root: Path, name: str) -> Tree:
    """The files below `root` as the git revision `name` has them.

    Raises:
        UsageError: `root` is in no git repository, or there is no such revision.
        TargetError: it is too large.
    """
    commit = commit_of(root, name)
    prefix = _git(root, "rev-parse", "--show-prefix").decode().strip()
    gathered = _Gathered(root)
    entries = list(_entries(root, commit, prefix))
    for entry, data in zip(entries, _contents(root, [entry.blob for entry in entries]), strict=True):
        if len(data) <= MAX_FILE_BYTES:
            gathered.add(entry.path, data, executable=entry.executable)
    return gathered.tree()


def commit_of(root: Path, name: str) -> str:
    """Full id of the commit that `name` means in the repository around `root`.

    Raises:
        UsageError: there is no repository, or no such commit.
    """
    if name.startswith("-"):
        raise UsageError(f"{name!r} is no git revision", hint="name a commit, a branch or a range such as main..HEAD")
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").decode().strip()


def merge_base(root: Path, one: str, other: str) -> str:
    """The commit where two commits parted.

    Raises:
        UsageError: they have no common history.
    """
    return _git(root, "merge-base", one, other).decode().strip()


@dataclass
class _Gathered:
    """Files on their way into a tree, bounded."""

    root: Path

    def __post_init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.executable: set[str] = set()
        self.skipped: list[str] = []
        self.total = 0

    def add(self, path: str, data: bytes, *, executable: bool) -> None:
        self.files[path] = data
        self.total += len(data)
        if executable:
            self.executable.add(path)
        if self.total > MAX_TREE_BYTES or len(self.files) > MAX_FILES:
            raise TargetError(
                f"{self.root} is too large: over {MAX_FILES} files or {MAX_TREE_BYTES >> 20} MiB",
                hint="point at the Python project inside it",
            )

    def tree(self) -> Tree:
        return Tree(dict(sorted(self.files.items())), frozenset(self.executable))


def _listed(root: Path) -> list[str]:
    """Files git would commit (tracked, or untracked and not ignored); without git all but the usual debris."""
    names = _git_listing(root)
    if names is None:
        names = []
        for directory, inside, found in os.walk(root):
            inside[:] = sorted(name for name in inside if name not in LEFT_OUT)
            names += [Path(directory, name).relative_to(root).as_posix() for name in found]
    return sorted(name for name in names if _kept(name) and ((root / name).is_file() or (root / name).is_symlink()))


def _git_listing(root: Path) -> list[str] | None:
    if not (root / ".git").exists():
        return None
    try:
        listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except UsageError:
        return None
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    blob: str
    executable: bool


def _entries(root: Path, commit: str, prefix: str) -> Iterator[_Entry]:
    """Every regular file below the prefix that belongs to a target."""
    listed = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *([prefix] if prefix else []))
    for line in filter(None, listed.split(b"\0")):
        about, _, name = line.partition(b"\t")
        mode, _, blob = about.decode().split()
        path = os.fsdecode(name).removeprefix(prefix)
        if mode in ("100644", "100755") and _kept(path):
            yield _Entry(path, blob, mode == "100755")


def _contents(root: Path, blobs: list[str]) -> Iterator[bytes]:
    packed = _git(root, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    position = 0
    for _ in blobs:
        end = packed.index(b"\n", position)
        size = int(packed[position:end].split()[2])
        yield packed[end + 1 : end + 1 + size]
        position = end + 1 + size + 1


def _git(root: Path, *words: str, given: bytes = b"") -> bytes:
    """Stdout of one git command that only reads.

    Raises:
        UsageError: it fails, is not installed or takes too long.
    """
    try:
        done = subprocess.run(
            [*_GIT, *words], cwd=root, input=given, capture_output=True, check=False, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            f"git could not be run in {root}: {error}", hint="install git, or give a patch file"
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        what = said[0].removeprefix("fatal: ") if said else f"there is no {words[-1].removesuffix('^{commit}')}"
        raise UsageError(
            f"git can't answer in {root}: {what}", hint="check the revision, and that this is a git repository"
        )
    return done.stdout


def _kept(path: str) -> bool:
    parts = path.split("/")
    return not LEFT_OUT.intersection(parts) and not any(
        fnmatch.fnmatch(part, pattern) for part in parts for pattern in LEFT_OUT_FILES
    )
