"""Evidence by content: raw bytes under the SHA-256 of those bytes, compressed, written once, durable.

It refuses to hand out bytes that do not have the digest they were asked for by.
"""

import hashlib
import os
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

from rsi_sandbox.errors import DamagedRecordError
from rsi_sandbox.lineage.durable import TEMPORARY, sync_directory, write_synced
from rsi_sandbox.model import digest_of

LARGEST = 1 << 30
"""Bytes one blob may have after decompression; more is a damaged or hostile file."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class EvidenceStore:
    """Blobs in `<directory>/ab/cdef...`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, digest: str) -> Path:
        """Where a blob is or would be.

        Raises:
            DamagedRecordError: the text is not a digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise DamagedRecordError(f"{digest!r} is not the digest of a piece of evidence")
        return self.directory / digest[:2] / digest[2:]

    def put(self, blobs: Iterable[bytes]) -> int:
        """Store blobs; all are durable on return. What is there already and sound is left alone.

        Returns the bytes that were added to the disk.
        """
        folders: set[Path] = set()
        added = 0
        for data in blobs:
            digest = digest_of(data)
            path = self.path(digest)
            folders.add(path.parent)
            if self.problem(digest) is None:
                # A crashed writer may have renamed the file without making its name durable.
                continue
            path.parent.mkdir(exist_ok=True)
            temporary = path.parent / f"{TEMPORARY}{os.getpid()}-{digest[2:18]}"
            temporary.unlink(missing_ok=True)
            packed = zlib.compress(data, 6)
            try:
                write_synced(temporary, packed)
                temporary.replace(path)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
            added += len(packed)
        for folder in sorted(folders):
            sync_directory(folder)
        if folders:
            sync_directory(self.directory)
        return added

    def length(self, digest: str) -> int:
        """Bytes a blob takes on disk, 0 when it is missing."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return 0

    def size(self) -> int:
        """Bytes all blobs take on disk."""
        return sum(path.stat().st_size for path in self.directory.glob("??/*") if path.is_file())

    def remove(self, digests: Iterable[str]) -> int:
        """Remove blobs that the log says are pruned; returns how many were there."""
        count = 0
        for digest in digests:
            path = self.path(digest)
            if path.exists():
                path.unlink()
                count += 1
        return count

    def read(self, digest: str) -> bytes:
        """The bytes with this digest.

        Raises:
            DamagedRecordError: they are missing, unreadable, or have another digest.
        """
        data, problem = self._load(digest)
        if problem:
            raise DamagedRecordError(problem, hint="see `rsi-sandbox verify` for everything that is damaged")
        return data

    def problem(self, digest: str) -> str | None:
        """A sentence about what is wrong with a blob, or None."""
        return self._load(digest)[1]

    def _load(self, digest: str) -> tuple[bytes, str | None]:
        try:
            packed = self.path(digest).read_bytes()
        except FileNotFoundError:
            return b"", f"evidence {digest[:12]} is missing"
        except OSError as error:
            return b"", f"evidence {digest[:12]} can't be read: {error.strerror}"
        opener = zlib.decompressobj()
        try:
            data = opener.decompress(packed, LARGEST)
        except zlib.error:
            return b"", f"evidence {digest[:12]} is not a compressed blob"
        if not opener.eof or opener.unused_data:
            return b"", f"evidence {digest[:12]} is cut short, too long or has bytes after its end"
        if hashlib.sha256(data).hexdigest() != digest:
            return b"", f"evidence {digest[:12]} holds other bytes than its digest says"
        return data, None

    def sweep(self) -> int:
        """Remove what crashed writers left behind; the caller is the only writer. Returns how many files."""
        left = [path for path in self.directory.glob(f"*/{TEMPORARY}*") if path.is_file()]
        for path in left:
            path.unlink()
        return len(left)
