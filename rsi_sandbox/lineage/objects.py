"""Trees as commits in a private bare git repository, one reference per generation.

git runs only in that repository, with no configuration but ours and no hooks. It refuses symbolic links,
submodules and every path that `paths.check_paths` refuses, on the way in and on the way out.
"""

import hashlib
import os
import re
import subprocess
from pathlib import Path
from types import MappingProxyType

from rsi_sandbox.errors import DamagedRecordError, StateError
from rsi_sandbox.lineage.paths import check_paths, objection
from rsi_sandbox.model import Tree

REFERENCES = "refs/rsi/"
_STAGED = "refs/staged/next"
_ABSENT = "0" * 40
_MODES = {"100644": False, "100755": True}
_IDENTITY = "rsi-sandbox <rsi-sandbox@localhost> 946684800 +0000"
"""Fixed author and date, so that equal histories have equal commit ids."""
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.attributesFile": "/dev/null",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
}
_COMMIT = re.compile(r"[0-9a-f]{40}")


class ObjectStore:
    """The repository `objects.git`; `keep` is a descriptor every git process holds open (the writer's lock)."""

    def __init__(self, directory: Path, *, keep: int | None = None) -> None:
        self.directory = directory
        self._keep = () if keep is None else (keep,)

    def _git(self, *words: str, stdin: bytes = b"") -> bytes:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C",
            "GIT_DIR": str(self.directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        try:
            done = subprocess.run(
                ["git", *settings, *words],
                input=stdin,
                capture_output=True,
                env=environment,
                cwd=self.directory.parent,
                pass_fds=self._keep,
                check=False,
            )
        except FileNotFoundError as error:
            raise StateError("git is needed to record trees and was not found", hint="install git") from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise StateError(f"git {words[0]} failed in {self.directory}: {said[0] if said else 'no message'}")
        return done.stdout

    def create(self) -> None:
        """Make the repository, or complete one whose making was interrupted."""
        self._git("init", "--quiet", "--bare", "--template=", "--initial-branch=none", str(self.directory))

    def clear_locks(self) -> int:
        """Remove lock files of git processes that were killed; the caller is the only writer."""
        left = [path for path in self.directory.rglob("*.lock") if path.is_file()]
        for path in left:
            path.unlink()
        return len(left)

    def stage(self, number: int, tree: Tree, parent: str | None) -> str:
        """Write a tree as a commit that no generation's reference names yet; returns its id, durable.

        Raises:
            UsageError: a path can't be recorded.
        """
        check_paths(tree.files)
        before = self._listing(parent) if parent else {}
        after = {path: ("100755" if path in tree.executable else "100644") for path in tree.files}
        message = f"generation {number}\n\ntree: {tree.digest}\n".encode()
        stream = [
            b"feature done\n",
            f"commit {_STAGED}\nmark :1\nauthor {_IDENTITY}\ncommitter {_IDENTITY}\n".encode(),
            b"data %d\n%s\n" % (len(message), message),
        ]
        if parent:
            stream.append(f"from {parent}\n".encode())
        stream += [b"D " + _quoted(path) + b"\n" for path in sorted(before.keys() - after.keys())]
        for path, mode in sorted(after.items()):
            data = tree.files[path]
            if before.get(path) != (mode, _blob_id(data)):
                stream.append(f"M {mode} inline ".encode() + _quoted(path) + b"\n")
                stream.append(b"data %d\n%s\n" % (len(data), data))
        stream.append(b"\nget-mark :1\ndone\n")
        answer = self._git("fast-import", "--quiet", "--force", "--date-format=raw", "--done", stdin=b"".join(stream))
        commit = answer.decode().strip()
        if not _COMMIT.fullmatch(commit):
            raise StateError(f"git fast-import named no commit in {self.directory}")
        return commit

    def publish(self, number: int, commit: str) -> None:
        """Point a generation's reference, which must not exist yet, at its commit."""
        self._git("update-ref", f"{REFERENCES}{number}", commit, _ABSENT)

    def references(self) -> dict[str, str]:
        """Every name under refs/rsi/ without that prefix -> commit id."""
        listing = self._git("for-each-ref", "--format=%(objectname) %(refname)", REFERENCES).decode()
        rows = (line.split(" ", 1) for line in listing.splitlines())
        return {name.removeprefix(REFERENCES): commit for commit, name in rows}

    def parents(self, commit: str) -> list[str]:
        """Ids of the commits a commit was made from."""
        return self._git("rev-parse", f"{_commit(commit)}^@").decode().split()

    def tree_id(self, commit: str) -> str:
        """git's own id of a commit's tree; equal ids are equal trees."""
        return self._git("rev-parse", f"{_commit(commit)}^{{tree}}").decode().strip()

    def read(self, commit: str) -> Tree:
        """The tree of a commit.

        Raises:
            DamagedRecordError: it holds something that could not have been recorded, or objects are missing.
        """
        listing = self._listing(commit)
        wanted = "".join(f"{blob}\n" for _, blob in listing.values())
        answer = self._git("cat-file", "--batch", stdin=wanted.encode())
        files: dict[str, bytes] = {}
        position = 0
        for path, (_, blob) in listing.items():
            end = answer.index(b"\n", position)
            words = answer[position:end].split()
            if len(words) != 3 or words[1] != b"blob":
                raise DamagedRecordError(f"the content of {path!r} is missing from commit {commit[:12]}")
            start = end + 1
            position = start + int(words[2]) + 1
            files[path] = answer[start : position - 1]
            if _blob_id(files[path]) != blob:
                raise DamagedRecordError(f"the content of {path!r} in commit {commit[:12]} was altered")
        executable = frozenset(path for path, (mode, _) in listing.items() if _MODES[mode])
        return Tree(MappingProxyType(files), executable)

    def _listing(self, commit: str) -> dict[str, tuple[str, str]]:
        """Path -> (mode, blob id)."""
        found: dict[str, tuple[str, str]] = {}
        for row in self._git("ls-tree", "-r", "-z", _commit(commit)).split(b"\0")[:-1]:
            about, name = row.split(b"\t", 1)
            mode, _, blob = about.decode().split(" ")
            path = name.decode(errors="surrogateescape")
            if mode not in _MODES:
                raise DamagedRecordError(f"{path!r} in commit {commit[:12]} is a link or a submodule")
            if objection(path):
                raise DamagedRecordError(f"{path!r} in commit {commit[:12]} is refused: {objection(path)}")
            found[path] = (mode, blob)
        return found


def _commit(text: str) -> str:
    """A commit id, and never an option or another revision expression."""
    if not _COMMIT.fullmatch(text):
        raise DamagedRecordError(f"{text!r} is not a commit id")
    return text


def _blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _quoted(path: str) -> bytes:
    return b'"' + path.replace('"', '\\"').encode() + b'"'
