"""Writing small files so that a crash leaves the old content or the new one, never a mixture.

It refuses to return before the bytes and the name are on the disk.
"""

import os
from pathlib import Path

TEMPORARY = "tmp-"
"""Prefix of files that a crash may leave behind and that a writer may remove."""


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: Path, data: bytes) -> None:
    """A new file with these bytes on the disk; its name is durable after `sync_directory`."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Write or overwrite one file at once, durably."""
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    temporary.unlink(missing_ok=True)
    try:
        write_synced(temporary, data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def remove_file(path: Path) -> None:
    """Remove one file durably; it may be gone already."""
    path.unlink(missing_ok=True)
    sync_directory(path.parent)
