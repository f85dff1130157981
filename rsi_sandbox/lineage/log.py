"""The append-only table in SQLite: one row per entry, with its leaf hash and the root after it.

A row's COMMIT is the only commit point of the whole state directory. It refuses updates and deletions, and a
database that another version laid out.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rsi_sandbox.errors import DamagedRecordError, StateError
from rsi_sandbox.lineage.merkle import Frontier
from rsi_sandbox.lineage.records import Event, entry_leaf
from rsi_sandbox.model import Json, canonical_json

VERSION = 1

_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS kind (name TEXT PRIMARY KEY NOT NULL);
CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL REFERENCES kind (name),
    body TEXT NOT NULL,
    leaf TEXT NOT NULL CHECK (length(leaf) = 64),
    root TEXT NOT NULL CHECK (length(root) = 64)
);
CREATE TRIGGER IF NOT EXISTS log_keeps_rows BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS log_keeps_content BEFORE UPDATE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
PRAGMA user_version = 1;
COMMIT;
"""


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors in our words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StateError(
            f"{path} can't be used: {error}",
            hint="check the disk and the permissions, or use another state directory with --state DIR",
        ) from error
    except sqlite3.Error as error:
        raise DamagedRecordError(f"{path} is damaged: {error}", hint="see `rsi-sandbox verify`") from error


class Log:
    """The table, opened to read or to append."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        with _told(path):
            self._database = _connect(path, write=write)
            try:
                self._check_layout(write=write)
            except BaseException:
                self._database.close()
                raise

    def _check_layout(self, *, write: bool) -> None:
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and write:
            self._database.executescript(_SCHEMA)
        elif version != VERSION:
            raise StateError(
                f"{self.path} was laid out by another version (schema {version}, this one reads {VERSION})",
                hint="use the version of rsi-sandbox that made it, or another directory with --state DIR",
            )

    def close(self) -> None:
        """Let go of the database; a clean close by the writer folds the write-ahead log in."""
        self._database.close()

    def append(self, kind: str, body: Json, frontier: Frontier) -> tuple[Event, Frontier]:
        """Commit one entry; returns it and the edge of the tree that includes it."""
        grown = frontier.copy()
        seq = grown.size + 1
        leaf = entry_leaf(seq, kind, body)
        grown.append(leaf)
        event = Event(seq, kind, body, leaf.hex(), grown.root().hex())
        with _told(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.execute("INSERT OR IGNORE INTO kind VALUES (?)", (kind,))
                self._database.execute(
                    "INSERT INTO log VALUES (?, ?, ?, ?, ?)",
                    (seq, kind, canonical_json(body).decode(), event.leaf, event.root),
                )
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
        return event, grown

    def integrity(self) -> list[str]:
        """What SQLite's own check finds wrong, nothing when all is well."""
        with _told(self.path):
            found = [str(row[0]) for row in self._database.execute("PRAGMA integrity_check(20)")]
        return [] if found == ["ok"] else found

    def rows(self, after: int = 0) -> list[tuple[int, str, str, str, str]]:
        """(seq, kind, body text, leaf, root) as stored, in order, unchecked."""
        with _told(self.path):
            return self._database.execute(
                "SELECT seq, kind, body, leaf, root FROM log WHERE seq > ? ORDER BY seq", (after,)
            ).fetchall()

    def hashes(self) -> list[tuple[int, str, str]]:
        """(seq, leaf, root) as stored, in order, unchecked."""
        with _told(self.path):
            return self._database.execute("SELECT seq, leaf, root FROM log ORDER BY seq").fetchall()

    def events(self, after: int = 0) -> Iterator[Event]:
        """Entries in order.

        Raises:
            DamagedRecordError: a body does not hash to its leaf.
        """
        for seq, kind, text, leaf, root in self.rows(after):
            try:
                body = json.loads(text)
                found = entry_leaf(seq, kind, body).hex()
            except (TypeError, ValueError, RecursionError):
                found = ""
            if found != leaf:
                raise DamagedRecordError(
                    f"entry {seq} of {self.path} was altered", hint="see `rsi-sandbox verify` for everything"
                )
            yield Event(seq, kind, body, leaf, root)


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    if write:
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")
        return database
    address = path.resolve().as_uri()
    database = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None)
    try:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # A record on read-only media: SQLite can't make the shared-memory file next to it.
        database.close()
        waiting = path.with_name(path.name + "-wal")
        if waiting.exists() and waiting.stat().st_size:
            raise
        database = sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
    return database
