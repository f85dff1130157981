"""The user's own git repository, as far as it is touched: asked what is uncommitted, and given new branches.

No hook, filter or program named in its configuration is run, its index and working tree are never written, and a
branch that exists is never moved.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rsi_sandbox.errors import StateError, UsageError
from rsi_sandbox.lineage.checkpoint import Checkpoint

_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "core.fsync=all")
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_PREFIX"}
_ELSEWHERE |= {"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_EXTERNAL_DIFF", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES"}
"""What a hook or another git around us may have set, and what would make git act in another place."""
_SECONDS = 120.0
TRAILERS = ("Rsi-Log-Origin", "Rsi-Log-Size", "Rsi-Log-Root")
"""Trailers of exported commits that keep a checkpoint of the log where its owner can't quietly change it."""


def uncommitted(root: Path, paths: Sequence[str]) -> list[str]:
    """Those of `paths` that differ from the last commit or were never added; none where `root` is in no repository."""
    if not paths or top(root) is None:
        return []
    done = _git(root, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *paths)
    prefix = _text(root, "rev-parse", "--show-prefix")
    rows = [row[3:] for row in done.decode(errors="surrogateescape").split("\0") if len(row) > 3]
    return sorted(row.removeprefix(prefix) for row in rows)


def top(root: Path) -> Path | None:
    """The repository's directory that `root` is in; None where there is none."""
    try:
        return Path(_text(root, "rev-parse", "--show-toplevel"))
    except (StateError, OSError):
        return None


def _text(root: Path, *words: str) -> str:
    return _git(root, *words).decode(errors="surrogateescape").rstrip("\n")


def _git(root: Path, *words: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
    inherited = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    settled = {**inherited, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", **(environment or {})}
    try:
        done = subprocess.run(
            ["git", *_QUIET, *words],
            cwd=root,
            input=stdin,
            capture_output=True,
            check=False,
            env=settled,
            timeout=_SECONDS,
        )
    except FileNotFoundError as error:
        raise StateError("git was not found", hint="install git") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise StateError(f"git {words[0]} failed in {root}: {said[0] if said else 'no message'}")
    return done.stdout


class Branch:
    """A new branch, built commit by commit and named only when it is whole."""

    def __init__(self, root: Path, name: str, start: str) -> None:
        """Start at a revision of the repository that `root` is in.

        Raises:
            UsageError: there is no repository or no such revision, or the branch exists or can't be named so.
        """
        if top(root) is None:
            raise UsageError(f"{root} is in no git repository", hint="run `git init` and commit first")
        self.root = root
        self.reference = f"refs/heads/{name}"
        self.prefix = _text(root, "rev-parse", "--show-prefix")
        try:
            _git(root, "check-ref-format", "--branch", name)
        except StateError as error:
            raise UsageError(f"{name!r} can't be the name of a branch", hint="try rsi-sandbox/speed") from error
        if _text(root, "for-each-ref", "--format=%(refname)", self.reference):
            raise UsageError(f"branch {name} exists", hint="name another one, or delete it with git")
        try:
            self.commit = _text(root, "rev-parse", "--verify", "--end-of-options", f"{start}^{{commit}}")
        except StateError as error:
            raise UsageError(f"{start} is no commit of the repository", hint="commit the original first") from error
        self.start = self.commit

    def read(self, path: str) -> tuple[bytes, str] | None:
        """Content and mode of a file (relative to the target) as the branch has it now; None where there is none."""
        row = _text(self.root, "ls-tree", "--full-tree", self.commit, "--", self.prefix + path)
        if not row:
            return None
        mode, kind, blob = row.split("\t", 1)[0].split(" ")
        return (_git(self.root, "cat-file", "blob", blob), mode) if kind == "blob" else None

    def add(self, changes: Mapping[str, bytes], message: str) -> None:
        """One commit with these files changed. Until `finish`, nothing refers to it."""
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            _git(self.root, "read-tree", self.commit, environment=index)
            rows = []
            for path, data in sorted(changes.items()):
                found = self.read(path)
                blob = _git(self.root, "hash-object", "-w", "--no-filters", "--stdin", stdin=data).decode().strip()
                rows.append(f"{found[1] if found else '100644'} {blob}\t{self.prefix}{path}\0")
            # From the top: --cacheinfo and --index-info take paths relative to the whole repository.
            place = top(self.root) or self.root
            _git(place, "update-index", "-z", "--index-info", stdin="".join(rows).encode(), environment=index)
            tree = _git(place, "write-tree", environment=index).decode().strip()
        try:
            made = _git(self.root, "commit-tree", tree, "-p", self.commit, "-F", "-", stdin=message.encode())
        except StateError as error:
            raise UsageError(error.message, hint="tell git who you are: git config user.name and user.email") from error
        self.commit = made.decode().strip()

    def finish(self) -> str:
        """Name the branch, which must not exist yet; returns its last commit."""
        _git(self.root, "update-ref", self.reference, self.commit, "0" * 40)
        return self.commit


def checkpoints(root: Path, revision: str) -> list[Checkpoint]:
    """Sizes and roots of the log that the trailers of a branch's commits carry.

    Raises:
        UsageError: there is no such revision, or none of its commits has them.
    """
    trailers = "%x09".join(f"%(trailers:key={name},valueonly,separator=%x2C)" for name in TRAILERS)
    try:
        listed = _text(root, "log", f"--format={trailers}", "--end-of-options", revision)
    except StateError as error:
        raise UsageError(f"{revision} is no revision of the repository {root} is in", hint="name a branch") from error
    found = []
    for line in listed.splitlines():
        origin, size, value = ([*line.split("\t"), "", ""])[:3]
        if size.isdigit() and re.fullmatch(r"[0-9a-f]{64}", value):
            found.append(Checkpoint(int(size), value, origin))
    if not found:
        raise UsageError(
            f"no commit of {revision} says what the log looked like", hint="name a branch made by `export --branch`"
        )
    return found
