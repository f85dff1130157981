"""The append-only table in SQLite: one row per entry, with its leaf hash and the root after it.

A row's COMMIT is the only commit point of the whole state directory. It refuses updates and deletions, and a
database laid out by a later version; an earlier layout is migrated by the next writer and can be read until then.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rsi_sandbox.errors import DamagedRecordError, StateError
from rsi_sandbox.lineage.merkle import Frontier
from rsi_sandbox.lineage.records import Event, text_leaf
from rsi_sandbox.model import Json, canonical_json

MIGRATIONS = (
    """
    CREATE TABLE kind (name TEXT PRIMARY KEY NOT NULL);
    CREATE TABLE log (
        seq INTEGER PRIMARY KEY,
        kind TEXT NOT NULL REFERENCES kind (name),
        body TEXT NOT NULL,
        leaf TEXT NOT NULL CHECK (length(leaf) = 64),
        root TEXT NOT NULL CHECK (length(root) = 64)
    );
    CREATE TRIGGER log_keeps_rows BEFORE DELETE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER log_keeps_content BEFORE UPDATE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    """,
    # Counters that are derived from the rest, so that no question about size has to read it all.
    """
    CREATE TABLE counter (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL);
    """,
)
"""Script n brings layout n to n + 1; a layout never changes afterwards."""
VERSION = len(MIGRATIONS)
OLDEST_READABLE = 1
STORED = "evidence-bytes"
BUSY_SECONDS = 10.0

Row = tuple[int, str, str, str, str]
"""(seq, kind, body text, leaf, root) as stored."""


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors in our words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StateError(
            f"{path} can't be used: {error}",
            hint="check the disk and the permissions, or use another state directory with --state DIR; "
            "what was recorded before is still there",
        ) from error
    except sqlite3.Error as error:
        raise DamagedRecordError(
            f"{path} is damaged: {error}",
            hint="`rsi-sandbox verify` says where; accepted trees are also in objects.git under refs/rsi/, "
            "and an audit bundle holds the whole log",
        ) from error


class Log:
    """The table, opened to read or to append."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        with _told(path):
            self._database = _connect(path, write=write)
            try:
                self.migrated = self._check_layout(write=write)
                """The layout a writer found and replaced; None when there was nothing to do."""
            except BaseException:
                self._database.close()
                raise

    def _check_layout(self, *, write: bool) -> int | None:
        version = int(self._database.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION or (version < OLDEST_READABLE and not write):
            raise StateError(
                f"{self.path} was laid out by another version (schema {version}, this one reads up to {VERSION})",
                hint="use the version of rsi-sandbox that made it, or another directory with --state DIR",
            )
        if version == VERSION or not write:
            return None
        migrate(self._database, version)
        return version or None

    def close(self) -> None:
        """Let go of the database; a clean close by the writer folds the write-ahead log in."""
        self._database.close()

    def append(self, kind: str, body: Json, frontier: Frontier, stored: int = 0) -> tuple[Event, Frontier]:
        """Commit one entry, with the count of `stored` new bytes; returns it and the edge of the tree it is in."""
        grown = frontier.copy()
        seq = grown.size + 1
        text = canonical_json(body).decode()
        leaf = text_leaf(seq, kind, text)
        grown.append(leaf)
        event = Event(seq, kind, body, leaf.hex(), grown.root().hex())
        with _told(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.execute("INSERT OR IGNORE INTO kind VALUES (?)", (kind,))
                self._database.execute(
                    "INSERT INTO log VALUES (?, ?, ?, ?, ?)", (seq, kind, text, event.leaf, event.root)
                )
                if stored:
                    self._add(STORED, stored)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
        return event, grown

    def _add(self, name: str, amount: int) -> None:
        self._database.execute(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, amount),
        )

    def stored(self) -> int | None:
        """Bytes of evidence as counted so far; None where nothing was counted yet."""
        with _told(self.path):
            row = self._database.execute("SELECT value FROM counter WHERE name = ?", (STORED,)).fetchone()
        return None if row is None else int(row[0])

    def count_stored(self, amount: int) -> None:
        """Start or correct the count of evidence bytes."""
        with _told(self.path):
            self._database.execute("INSERT OR REPLACE INTO counter VALUES (?, ?)", (STORED, amount))

    def integrity(self) -> list[str]:
        """What SQLite's own check finds wrong, nothing when all is well."""
        with _told(self.path):
            found = [str(row[0]) for row in self._database.execute("PRAGMA integrity_check(20)")]
        return [] if found == ["ok"] else found

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Rows as stored, in order, unchecked."""
        with _told(self.path):
            yield from self._database.execute(
                "SELECT seq, kind, body, leaf, root FROM log WHERE seq > ? ORDER BY seq", (after,)
            )

    def root_at(self, size: int) -> str | None:
        """The stored root over the first `size` entries; None where there are fewer."""
        with _told(self.path):
            row = self._database.execute("SELECT root FROM log WHERE seq = ?", (size,)).fetchone()
        return None if row is None else str(row[0])

    def leaves(self, upto: int) -> list[bytes]:
        """Leaf hashes of the first `upto` entries as stored, for proofs."""
        with _told(self.path):
            found = self._database.execute("SELECT leaf FROM log WHERE seq <= ? ORDER BY seq", (upto,)).fetchall()
        return [bytes.fromhex(row[0]) for row in found]

    def events(self, after: int = 0) -> Iterator[Event]:
        """Entries in order.

        Raises:
            DamagedRecordError: a body does not hash to its leaf.
        """
        for seq, kind, text, leaf, root in self.rows(after):
            try:
                body = json.loads(text)
                found = text_leaf(seq, kind, text).hex()
            except (AttributeError, TypeError, ValueError, RecursionError):
                found = ""
            if found != leaf:
                raise DamagedRecordError(
                    f"entry {seq} of {self.path} was altered", hint="see `rsi-sandbox verify` for everything"
                )
            yield Event(seq, kind, body, leaf, root)


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Bring a layout up to date in one transaction: after a crash it is the old one or the new one."""
    database.execute("BEGIN IMMEDIATE")
    try:
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            for statement in _statements(script):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {number}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit between them."""
    text = ""
    for line in script.splitlines():
        text += line + "\n"
        if sqlite3.complete_statement(text):
            yield text
            text = ""


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    if write:
        database = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")
        return database
    address = path.resolve().as_uri()
    database = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_SECONDS)
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
