"""Every tampering with a record must be detected; each test is one attack."""

import json
import shutil
import sqlite3
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rsi_sandbox import audit
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Kind, Lineage, trust
from rsi_sandbox.lineage.evidence import EvidenceStore
from rsi_sandbox.lineage.merkle import Frontier
from rsi_sandbox.lineage.records import entry_leaf
from rsi_sandbox.model import Decision, Evidence, Generation, Spent, Tree, canonical_json, digest_of


@pytest.fixture(autouse=True)
def own_state_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state-home")))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    directory = tmp_path / ".rsi-sandbox"
    with Lineage.open(directory, create=True, write=True) as lineage:
        run = lineage.begin_run({"seed": 1})
        for number in range(4):
            tree = Tree({"a.py": b"x = %d\n" % number})
            raw = Evidence("speed", {"speed.low": 1.1}, {"samples": b"samples %d" % number})
            generation = Generation(
                number, max(0, number - 1), tree.digest, Decision.ACCEPTED, {}, {}, (raw.to_json(),), (), Spent(), ""
            )
            lineage.record(generation, tree, [raw])
        lineage.note(Kind.INCIDENT, {"what": "touched a protected path"})
        lineage.end_run(run, {"reason": "done"})
    return directory


def change(state: Path, *statements: str) -> None:
    """Edit the database as somebody with a SQLite shell would."""
    database = sqlite3.connect(state / "lineage.db")
    database.execute("DROP TRIGGER log_keeps_rows")
    database.execute("DROP TRIGGER log_keeps_content")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def rehash(state: Path) -> None:
    """Make the whole log consistent again after an edit."""
    database = sqlite3.connect(state / "lineage.db")
    rows = database.execute("SELECT seq, kind, body FROM log ORDER BY seq").fetchall()
    database.execute("DELETE FROM log")
    frontier = Frontier()
    for seq, (_, kind, text) in enumerate(rows, 1):
        leaf = entry_leaf(seq, kind, json.loads(text))
        frontier.append(leaf)
        database.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", (seq, kind, text, leaf.hex(), frontier.root().hex()))
    database.commit()
    database.close()


def git(state: Path, *words: str) -> str:
    command = ["git", "--git-dir", str(state / "objects.git"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def forget(state: Path) -> None:
    """Take away every checkpoint, as somebody would who rewrites a record."""
    trust.checkpoint_file(state).unlink()
    shutil.rmtree(state / "checkpoints")


def failing(state: Path) -> set[str]:
    report = audit.verify(state)
    assert not report.ok
    assert report.problems
    return {check.name for check in report.checks if check.ok is False}


def test_an_honest_record_verifies(state: Path) -> None:
    report = audit.verify(state)
    assert report.problems == ()
    assert report.ok
    assert all(check.ok for check in report.checks)
    assert all(check.sentences for check in report.checks)
    with Lineage.open(state, create=False, write=False) as lineage:
        assert (report.size, report.root) == lineage.root()


def test_a_copy_elsewhere_verifies_but_for_the_checkpoint(state: Path, tmp_path: Path) -> None:
    shutil.copytree(state, tmp_path / "copy")
    report = audit.verify(tmp_path / "copy")
    assert report.ok
    assert [check.name for check in report.checks if check.ok is None] == ["checkpoint"]


def test_an_edited_body_is_detected(state: Path) -> None:
    change(state, "UPDATE log SET body = replace(body, 'speed.low\":1.1', 'speed.low\":9.9') WHERE seq = 3")
    assert "log" in failing(state)


def test_an_edited_kind_is_detected(state: Path) -> None:
    change(state, "INSERT OR IGNORE INTO kind VALUES ('applied')", "UPDATE log SET kind = 'applied' WHERE seq = 6")
    assert "log" in failing(state)


def test_a_body_in_another_form_is_detected(state: Path) -> None:
    change(state, "UPDATE log SET body = replace(body, ':', ': ') WHERE seq = 1")
    assert "log" in failing(state)


@pytest.mark.parametrize("body", ["not json", "[]", '{"a":NaN}'])
def test_a_body_that_is_no_record_is_detected(state: Path, body: str) -> None:
    change(state, f"UPDATE log SET body = '{body}' WHERE seq = 3")
    assert "log" in failing(state)


def test_a_deleted_entry_is_detected(state: Path) -> None:
    change(state, "DELETE FROM log WHERE seq = 6")
    assert failing(state) >= {"log", "checkpoint"}


def test_a_deleted_and_rehashed_entry_is_detected(state: Path) -> None:
    change(state, "DELETE FROM log WHERE seq = 6")
    rehash(state)
    assert failing(state) == {"checkpoint", "signatures"}


def test_reordered_entries_are_detected(state: Path) -> None:
    change(
        state,
        "UPDATE log SET seq = 99 WHERE seq = 3",
        "UPDATE log SET seq = 3 WHERE seq = 4",
        "UPDATE log SET seq = 4 WHERE seq = 99",
    )
    assert failing(state) >= {"log", "generations"}
    rehash(state)
    assert failing(state) >= {"generations", "checkpoint"}


def test_an_inserted_entry_is_detected(state: Path) -> None:
    change(state, "INSERT INTO log VALUES (8, 'incident', '{}', printf('%064d', 0), printf('%064d', 0))")
    assert "log" in failing(state)


def test_an_entry_slipped_in_between_is_detected(state: Path) -> None:
    change(
        state,
        "UPDATE log SET seq = seq + 100 WHERE seq > 2",
        "UPDATE log SET seq = seq - 99 WHERE seq > 100",
        "INSERT INTO log VALUES (3, 'incident', '{}', printf('%064d', 0), printf('%064d', 0))",
    )
    rehash(state)
    assert failing(state) == {"checkpoint", "signatures"}


def test_a_log_cut_short_is_detected_by_the_checkpoint(state: Path) -> None:
    change(state, "DELETE FROM log WHERE seq > 5")
    assert failing(state) == {"checkpoint", "signatures"}


def test_a_log_cut_short_is_detected_by_the_trees_where_no_checkpoint_is(state: Path) -> None:
    forget(state)
    change(state, "DELETE FROM log WHERE seq > 4")
    assert failing(state) == {"trees"}


def test_a_rehashed_edit_is_detected(state: Path) -> None:
    change(state, "UPDATE log SET body = replace(body, 'speed.low\":1.1', 'speed.low\":9.9') WHERE seq = 3")
    rehash(state)
    assert failing(state) == {"checkpoint", "signatures"}


def test_a_rehashed_decision_is_detected_without_a_checkpoint(state: Path) -> None:
    forget(state)
    change(state, "UPDATE log SET body = replace(body, '\"accepted\"', '\"rejected\"') WHERE seq = 4")
    rehash(state)
    assert failing(state) == {"generations"}


def test_a_rehashed_parent_is_detected_without_a_checkpoint(state: Path) -> None:
    forget(state)
    change(state, "UPDATE log SET body = replace(body, '\"parent\":2', '\"parent\":0') WHERE seq = 5")
    rehash(state)
    assert failing(state) == {"trees"}


def test_an_edited_root_is_detected(state: Path) -> None:
    change(state, "UPDATE log SET root = printf('%064d', 0) WHERE seq = 2")
    assert failing(state) == {"log"}


@pytest.mark.parametrize("content", [zlib.compress(b"samples 9"), None])
def test_swapped_or_lost_evidence_is_detected(state: Path, content: bytes | None) -> None:
    path = EvidenceStore(state / "evidence").path(digest_of(b"samples 2"))
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert failing(state) == {"evidence"}


def test_a_moved_reference_is_detected(state: Path) -> None:
    git(state, "update-ref", "refs/rsi/2", git(state, "rev-parse", "refs/rsi/1"))
    assert failing(state) == {"trees"}


def test_a_lost_reference_is_detected(state: Path) -> None:
    git(state, "update-ref", "-d", "refs/rsi/1")
    assert failing(state) == {"trees"}


def test_a_reference_a_crash_left_to_make_is_not_tampering(state: Path) -> None:
    git(state, "update-ref", "-d", "refs/rsi/3")
    report = audit.verify(state)
    assert report.ok
    assert [check.name for check in report.checks if check.ok is None] == ["trees"]


def test_a_lost_object_is_detected(state: Path) -> None:
    blob = git(state, "rev-parse", "refs/rsi/2:a.py")
    (state / "objects.git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert failing(state) == {"trees"}


def test_a_swapped_object_is_detected(state: Path) -> None:
    blob = git(state, "rev-parse", "refs/rsi/2:a.py")
    path = state / "objects.git" / "objects" / blob[:2] / blob[2:]
    path.unlink()
    path.write_bytes(zlib.compress(b"blob 6\0x = 9\n"))
    assert failing(state) == {"trees"}


@pytest.mark.parametrize("part", ["lineage.db", "objects.git"])
def test_a_lost_part_is_detected(state: Path, part: str) -> None:
    path = state / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert failing(state)


def test_bytes_that_are_no_database_are_detected(state: Path) -> None:
    (state / "lineage.db").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    assert failing(state) == {"log"}


def test_a_spoilt_checkpoint_is_detected(state: Path) -> None:
    trust.checkpoint_file(state).write_text("{}")
    assert failing(state) == {"checkpoint"}


@pytest.mark.parametrize("body", [{"generation": {}}, {"generation": 3}, {}, {"generation": {"evidence": 7}}])
def test_a_forged_generation_is_a_problem_and_not_a_crash(state: Path, body: object) -> None:
    text = canonical_json(body).decode()
    change(state, f"UPDATE log SET body = '{text}' WHERE seq = 4")
    rehash(state)
    assert "generations" in failing(state)


def test_verifying_changes_nothing(state: Path) -> None:
    def listing() -> dict[str, bytes]:
        found = {str(path): path.read_bytes() for path in sorted(state.rglob("*")) if path.is_file()}
        return {path: data for path, data in found.items() if not path.endswith(("-wal", "-shm"))}

    before = listing()
    check: Callable[[Path], audit.Report] = audit.verify
    check(state)
    assert listing() == before


def test_no_record_is_asked_wrongly(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no lineage"):
        audit.verify(tmp_path)
