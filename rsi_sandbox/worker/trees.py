"""Trees of files inside a worker: base trees are written once, each job gets hard links and its own changes.

A job's tree belongs to the worker and is not writable by the candidate, so tests and sources stay as they were sent.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from rsi_sandbox.worker import wire


class TreeStore:
    """The trees under one worker's root directory."""

    def __init__(self, root: Path) -> None:
        self.bases = root / "base"
        self.jobs = root / "job"
        self.counter = 0
        self.listing: dict[str, set[str]] = {}
        for directory in (self.bases, self.jobs):
            directory.mkdir(mode=0o755, parents=True, exist_ok=True)

    def add(self, digest: str, files: Mapping[str, str], executable: Iterable[str]) -> None:
        """Write a base tree.

        Raises:
            ValueError: a path would leave the tree.
        """
        home = self.bases / digest
        wanted = set(executable)
        for path, text in files.items():
            write(home, path, wire.to_bytes(text), 0o755 if path in wanted else 0o644)
        self.listing[digest] = set(files)

    def new_job(self) -> Path:
        """A directory for one job, unique in this worker's life."""
        self.counter += 1
        home = self.jobs / str(self.counter)
        home.mkdir(mode=0o755)
        (home / "tmp").mkdir(mode=0o700)
        return home

    def materialise(self, home: Path, digest: str, overlay: Mapping[str, str], removed: Iterable[str]) -> Path:
        """`home/tree` with the base's files, the overlay's content in place of theirs; `home/tmp` beside it."""
        tree = home / "tree"
        tree.mkdir(mode=0o755, parents=True)
        (home / "tmp").mkdir(mode=0o700, exist_ok=True)
        gone = set(removed)
        made: set[str] = set()
        base = self.bases / digest
        for path in sorted(self.listing[digest]):
            if path in overlay or path in gone:
                continue
            target = tree / path
            parent = os.path.dirname(path)  # noqa: PTH120 - strings, not Path objects: this runs per file and job
            if parent and parent not in made:
                target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                made.add(parent)
            os.link(base / path, target)
        for path, text in overlay.items():
            write(tree, path, wire.to_bytes(text), 0o644)
        return tree


def write(home: Path, path: str, data: bytes, mode: int) -> None:
    """Create one file under `home`.

    Raises:
        ValueError: the path is absolute or climbs out.
    """
    parts = path.split("/")
    if path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"not a path inside a tree: {path!r}")
    target = home.joinpath(*parts)
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    target.write_bytes(data)
    target.chmod(mode)


def remove(path: Path) -> None:
    """Remove a directory whatever owner and modes a candidate left in it.

    The worker may lack the right to look into another user's directory but may take ownership (CAP_CHOWN), so it takes
    each directory before listing it. Never follows a symlink; what can't be removed is left to the end of the wall.
    """
    try:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            path.unlink()
            return
        if status.st_uid != os.getuid():
            os.lchown(path, os.getuid(), os.getgid())
        path.chmod(0o700)
        for entry in list(path.iterdir()):
            remove(entry)
        path.rmdir()
    except OSError:
        return
