"""Reading and replacing files under one directory, by descriptors, so that no symbolic link is ever followed.

It refuses anything that is not a regular file or a real directory, and never writes a file in place.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage.paths import objection
from rsi_sandbox.model import digest_of

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Folder:
    """The user's directory, held open; paths are relative and POSIX."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self._handle = os.open(root.resolve(), _DIRECTORY)
        except OSError as error:
            raise UsageError(f"{root} can't be opened: {error.strerror}", hint="name a directory") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def read(self, path: str) -> tuple[bytes, int] | None:
        """Content and mode bits, or None where there is nothing.

        Raises:
            UsageError: something other than a regular file in a real directory is there.
        """
        try:
            with self._parent(path) as (parent, name), _opened(name, _FILE, parent) as handle:
                about = os.fstat(handle)
                if not stat.S_ISREG(about.st_mode):
                    raise _refused(path, "it is not a regular file")
                with os.fdopen(os.dup(handle), "rb") as file:
                    return file.read(), stat.S_IMODE(about.st_mode)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refused(path, f"it or a directory above it is a link or can't be read ({error.strerror})") from error

    def write(self, path: str, data: bytes, mode: int) -> None:
        """Put a file there at once: old content or new content, never a mixture. Keeps the old file's owner."""
        with self._parent(path) as (parent, name):
            temporary = _temporary(path)
            _discard(temporary, parent)
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                with os.fdopen(os.open(temporary, flags, 0o600, dir_fd=parent), "wb") as file:
                    file.write(data)
                    file.flush()
                    _take_owner(file.fileno(), name, parent)
                    os.fchmod(file.fileno(), mode)
                    os.fsync(file.fileno())
                os.replace(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
            finally:
                _discard(temporary, parent)
            os.fsync(parent)

    def remove(self, path: str) -> None:
        """Remove a file; it may be gone already."""
        try:
            with self._parent(path) as (parent, name):
                _discard(name, parent)
                os.fsync(parent)
        except FileNotFoundError:
            return

    def tidy(self, path: str) -> None:
        """Remove the unfinished file that a killed `write` to this path may have left."""
        try:
            with self._parent(path) as (parent, _):
                _discard(_temporary(path), parent)
        except FileNotFoundError:
            return

    def missing_directories(self, path: str) -> list[str]:
        """Directories above a path that do not exist yet, outermost first."""
        parts = path.split("/")[:-1]
        above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        found: list[str] = []
        for directory in above:
            try:
                with self._parent(f"{directory}/x"):
                    continue
            except FileNotFoundError:
                found.append(directory)
            except OSError as error:
                raise _refused(directory, "it is not a real directory") from error
        return found

    def make_directory(self, path: str) -> None:
        """Make one directory; it may be there already."""
        with self._parent(path) as (parent, name):
            try:
                os.mkdir(name, dir_fd=parent)
            except FileExistsError:
                return
            os.fsync(parent)

    def remove_directory(self, path: str) -> None:
        """Remove a directory if it is there and empty."""
        try:
            with self._parent(path) as (parent, name):
                os.rmdir(name, dir_fd=parent)
                os.fsync(parent)
        except OSError:
            return

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The directory a path is in, opened step by step, and the path's last part."""
        why = objection(path)
        if why:
            raise _refused(path, why)
        *above, name = path.split("/")
        handle = os.dup(self._handle)
        try:
            for part in above:
                inner = os.open(part, _DIRECTORY, dir_fd=handle)
                os.close(handle)
                handle = inner
            yield handle, name
        finally:
            os.close(handle)


def _refused(path: str, why: str) -> UsageError:
    return UsageError(f"{path!r} can't be changed: {why}", hint="put a regular file there, or leave it out")


def _temporary(path: str) -> str:
    return f".rsi-sandbox-{digest_of(path.encode())[:16]}.tmp"


@contextmanager
def _opened(name: str, flags: int, parent: int) -> Iterator[int]:
    handle = os.open(name, flags, dir_fd=parent)
    try:
        yield handle
    finally:
        os.close(handle)


def _discard(name: str, parent: int) -> None:
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return


def _take_owner(handle: int, name: str, parent: int) -> None:
    """Give the new file the owner of the one it replaces, where that is allowed."""
    try:
        old = os.stat(name, dir_fd=parent, follow_symlinks=False)
        new = os.fstat(handle)
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            os.fchown(handle, old.st_uid, old.st_gid)
    except (FileNotFoundError, PermissionError):
        return
