"""Layouts of the database: an old one is read, and migrated by the next writer in one step."""

import json
import sqlite3
from pathlib import Path

import pytest

from rsi_sandbox.errors import StateError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage import log as logs
from rsi_sandbox.lineage.log import MIGRATIONS, VERSION, Log
from rsi_sandbox.lineage.merkle import Frontier
from rsi_sandbox.lineage.objects import ObjectStore
from rsi_sandbox.lineage.records import entry_leaf


def first_layout(state: Path, entries: int = 3) -> str:
    """A state directory as the first version laid it out; returns its root."""
    (state / "evidence").mkdir(parents=True)
    ObjectStore(state / "objects.git").create()
    database = sqlite3.connect(state / "lineage.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
    database.execute("INSERT INTO kind VALUES ('incident')")
    frontier = Frontier()
    for seq in range(1, entries + 1):
        body = {"run": 0, "what": f"thing {seq}"}
        leaf = entry_leaf(seq, "incident", body)
        frontier.append(leaf)
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        database.execute(
            "INSERT INTO log VALUES (?, 'incident', ?, ?, ?)", (seq, text, leaf.hex(), frontier.root().hex())
        )
    database.commit()
    database.close()
    return frontier.root().hex()


def layout(state: Path) -> int:
    database = sqlite3.connect(state / "lineage.db")
    try:
        return int(database.execute("PRAGMA user_version").fetchone()[0])
    finally:
        database.close()


def test_an_old_layout_is_read_as_it_is_and_migrated_by_a_writer(tmp_path: Path) -> None:
    state = tmp_path / "state"
    root = first_layout(state)
    with Lineage.open(state, create=False, write=False) as lineage:
        assert lineage.root() == (3, root)
    assert layout(state) == 1
    with Lineage.open(state, create=False, write=True) as lineage:
        assert lineage.healed == ["brought the record from layout 1 up to date"]
        assert lineage.root() == (3, root)
        lineage.note("incident", {"what": "after"})
    assert layout(state) == VERSION
    with Lineage.open(state, create=False, write=True) as lineage:
        assert lineage.healed == []
        assert lineage.root()[0] == 4


def test_a_migration_that_fails_half_way_leaves_the_old_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    root = first_layout(state)
    broken = (*MIGRATIONS[:-1], MIGRATIONS[-1] + "INSERT INTO nowhere VALUES (1);")
    with monkeypatch.context() as patch:
        patch.setattr(logs, "MIGRATIONS", broken)
        with pytest.raises(StateError, match="nowhere"):
            Log(state / "lineage.db", write=True)
    assert layout(state) == 1
    with Lineage.open(state, create=False, write=True) as lineage:
        assert lineage.root() == (3, root)


def test_a_later_layout_is_refused_by_reader_and_writer(tmp_path: Path) -> None:
    state = tmp_path / "state"
    first_layout(state)
    database = sqlite3.connect(state / "lineage.db")
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    for write in (False, True):
        with pytest.raises(StateError, match=f"schema {VERSION + 1}"):
            Lineage.open(state, create=False, write=write)


def test_every_layout_has_its_tables(tmp_path: Path) -> None:
    log = Log(tmp_path / "lineage.db", write=True)
    log.close()
    database = sqlite3.connect(tmp_path / "lineage.db")
    names = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    modes = [database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode",)]
    database.close()
    assert names == {"kind", "log", "counter"}
    assert modes == ["wal"]
