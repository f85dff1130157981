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

    def put(self, blobs: Iterable[bytes]) -> list[str]:
        """Store blobs; all are durable on return. What is there already and sound is left alone."""
        digests: list[str] = []
        folders: set[Path] = set()
        for data in blobs:
            digest = digest_of(data)
            digests.append(digest)
            if self.problem(digest) is None:
                # A crashed writer may have renamed the file without making its name durable.
                folders.add(self.path(digest).parent)
                continue
            path = self.path(digest)
            path.parent.mkdir(exist_ok=True)
            folders.add(path.parent)
            temporary = path.parent / f"{TEMPORARY}{os.getpid()}-{digest[2:18]}"
            temporary.unlink(missing_ok=True)
            write_synced(temporary, zlib.compress(data, 6))
            temporary.replace(path)
        for folder in sorted(folders):
            sync_directory(folder)
        if folders:
            sync_directory(self.directory)
        return digests

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
