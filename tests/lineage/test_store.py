import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rsi_sandbox.errors import DamagedRecordError, StateError, UsageError
from rsi_sandbox.lineage import Kind, Lineage
from rsi_sandbox.lineage.objects import ObjectStore
from rsi_sandbox.model import Decision, Evidence, Generation, Spent, Tree, to_json

TREE = Tree({"pkg/a.py": b"x = 0\n", "run": b"#!/bin/sh\n"}, frozenset({"run"}))


def step(
    number: int, parent: int, tree: Tree, decision: Decision = Decision.ACCEPTED, *evidence: Evidence
) -> Generation:
    return Generation(
        number, parent, tree.digest, decision, {}, {}, tuple(e.to_json() for e in evidence), (), Spent(1.5), "2026"
    )


def variant(number: int) -> Tree:
    return TREE.with_files({"pkg/a.py": f"x = {number}\n".encode()})


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / ".rsi-sandbox"


def grow(state: Path, count: int) -> None:
    with Lineage.open(state, create=True, write=True) as lineage:
        run = lineage.begin_run({"seed": 1})
        lineage.record(step(0, 0, TREE), TREE, [])
        for number in range(1, count):
            raw = Evidence("speed", {"speed.low": 1.1}, {"samples": b"samples %d" % number})
            lineage.record(step(number, number - 1, variant(number), Decision.ACCEPTED, raw), variant(number), [raw])
        lineage.end_run(run, {"reason": "nothing left to try"})


def test_everything_comes_back(state: Path) -> None:
    grow(state, 3)
    with Lineage.open(state, create=False, write=False) as lineage:
        assert [each.number for each in lineage.generations()] == [0, 1, 2]
        assert to_json(lineage.generation(0)) == to_json(step(0, 0, TREE))
        assert lineage.tree(0) == TREE
        assert lineage.tree(2) == variant(2)
        digest = lineage.generation(2).evidence[0]["raw"]["samples"]
        assert lineage.evidence(digest) == b"samples 2"
        head = lineage.head()
        assert head is not None
        assert head.number == 2
        assert lineage.next_number() == 3
        assert [each.number for each in lineage.chain(2)] == [2, 1, 0]
        kinds = [event.kind for event in lineage.events()]
        assert kinds == ["run-opened", "generation", "generation", "generation", "run-closed"]
        assert lineage.root()[0] == 5
    assert (state / ".gitignore").read_text() == "*\n"


def test_rejected_and_held_generations_do_not_become_head(state: Path) -> None:
    with Lineage.open(state, create=True, write=True) as lineage:
        assert lineage.head() is None
        lineage.record(step(0, 0, TREE), TREE, [])
        lineage.record(step(1, 0, TREE, Decision.REJECTED), TREE, [])
        lineage.record(step(2, 0, variant(2), Decision.HELD), variant(2), [])
        head = lineage.head()
        assert head is not None
        assert head.number == 0
        assert [each.number for each in lineage.accepted()] == [0]


def test_retreating_moves_the_head(state: Path) -> None:
    grow(state, 3)
    with Lineage.open(state, create=False, write=True) as lineage:
        lineage.retreat(1, "the gain was not real")
        lineage.record(step(3, 1, variant(1), Decision.REJECTED), variant(1), [])
    with Lineage.open(state, create=False, write=True) as lineage:
        head = lineage.head()
        assert head is not None
        assert head.number == 1
        with pytest.raises(StateError, match="not accepted"):
            lineage.retreat(3, "")


def test_a_number_that_json_lacks_is_recorded_as_text(state: Path) -> None:
    raw = Evidence("speed", {"speed.low": float("nan")})
    with Lineage.open(state, create=True, write=True) as lineage:
        lineage.record(step(0, 0, TREE, Decision.ACCEPTED, raw), TREE, [raw])
        assert lineage.generation(0).evidence[0]["facts"] == {"speed.low": "nan"}


@pytest.mark.parametrize(
    ("generation", "tree", "word"),
    [
        (step(5, 0, TREE), TREE, "next number is 1"),
        (step(1, 0, TREE), variant(1), "another digest"),
        (step(1, 1, TREE), TREE, "not an earlier"),
        (step(1, 0, variant(1), Decision.REJECTED), variant(1), "another tree than its parent"),
        (step(1, 0, TREE, Decision.ACCEPTED, Evidence("o", {}, {"raw": b"never given"})), TREE, "missing"),
    ],
)
def test_contradictory_records_are_refused(state: Path, generation: Generation, tree: Tree, word: str) -> None:
    grow(state, 1)
    with Lineage.open(state, create=False, write=True) as lineage:
        before = lineage.root()
        with pytest.raises(StateError, match=word):
            lineage.record(generation, tree, [])
        assert lineage.root() == before
        assert lineage.next_number() == 1


def test_a_rejected_parent_is_refused(state: Path) -> None:
    grow(state, 1)
    with Lineage.open(state, create=False, write=True) as lineage:
        lineage.record(step(1, 0, TREE, Decision.QUARANTINED), TREE, [])
        with pytest.raises(StateError, match="was quarantined"):
            lineage.record(step(2, 1, TREE), TREE, [])


def test_a_second_writer_is_refused_by_name(state: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rsi_sandbox.lineage import Lineage\n"
        "lineage = Lineage.open(Path(sys.argv[1]), create=True, write=True)\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(StateError, match=rf"another run \(pid {other.pid}, started 2"):
            Lineage.open(state, create=True, write=True)
        with Lineage.open(state, create=False, write=False) as reader:
            assert reader.root()[0] == 0
        other.kill()
    Lineage.open(state, create=True, write=True).close()


def test_a_reader_next_to_the_writer_sees_what_was_committed(state: Path) -> None:
    with (
        Lineage.open(state, create=True, write=True) as writer,
        Lineage.open(state, create=False, write=False) as reader,
    ):
        writer.record(step(0, 0, TREE), TREE, [])
        assert reader.generation(0).tree == TREE.digest
        with pytest.raises(StateError, match="reading only"):
            reader.note(Kind.INCIDENT, {})
        with pytest.raises(StateError, match="reading only"):
            reader.keep(b"x")


def test_no_lineage_is_said_and_none_is_made(state: Path) -> None:
    for write in (False, True):
        with pytest.raises(UsageError, match="no lineage"):
            Lineage.open(state, create=False, write=write)
    assert not state.exists()


def test_an_unwritable_place_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError) as caught:
        Lineage.open(tmp_path / "file" / "deep" / ".rsi-sandbox", create=True, write=True)
    assert "--state" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nothing_stays_half_made_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StateError, match="git is needed"):
        Lineage.open(tmp_path / "deep" / ".rsi-sandbox", create=True, write=True)
    assert list(tmp_path.iterdir()) == []


def test_the_log_refuses_updates_and_deletions(state: Path) -> None:
    grow(state, 1)
    database = sqlite3.connect(state / "lineage.db")
    try:
        for change in ("DELETE FROM log", "UPDATE log SET kind = 'incident'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(change)
    finally:
        database.close()


def test_a_newer_layout_is_refused(state: Path) -> None:
    grow(state, 1)
    database = sqlite3.connect(state / "lineage.db")
    database.execute("PRAGMA user_version = 9")
    database.close()
    with pytest.raises(StateError, match="schema 9"):
        Lineage.open(state, create=False, write=False)


def test_a_missing_reference_an_open_run_and_leftovers_are_healed(state: Path) -> None:
    grow(state, 2)
    with Lineage.open(state, create=False, write=True) as lineage:
        lineage.begin_run({})
    (state / "objects.git" / "refs" / "rsi" / "1").unlink()
    (state / "objects.git" / "refs" / "rsi" / "7.lock").write_text("")
    with Lineage.open(state, create=False, write=True) as lineage:
        assert lineage.healed == [
            "removed 1 lock files of a killed git process",
            "finished the record of generation 1",
            "closed run 2, whose process had ended",
        ]
        assert lineage.heal() == []
        assert ObjectStore(state / "objects.git").references()["1"] == lineage.commit(1)
        assert lineage.begin_run({}) == 3


def test_a_shortened_log_is_not_continued(state: Path) -> None:
    grow(state, 1)
    saved = (state / "lineage.db").read_bytes()
    grow_more = Lineage.open(state, create=False, write=True)
    grow_more.note(Kind.INCIDENT, {"what": "tried"})
    grow_more.close()
    (state / "lineage.db").write_bytes(saved)
    with pytest.raises(DamagedRecordError, match="older copy"):
        Lineage.open(state, create=False, write=True)


def test_a_log_that_lost_generations_is_not_continued(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(state, 1)
    saved = (state / "lineage.db").read_bytes()
    with Lineage.open(state, create=False, write=True) as lineage:
        lineage.record(step(1, 0, variant(1)), variant(1), [])
    (state / "lineage.db").write_bytes(saved)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "empty"))
    with pytest.raises(DamagedRecordError, match="does not know: 1"):
        Lineage.open(state, create=False, write=True)


def test_a_removed_lineage_may_be_started_anew(state: Path) -> None:
    grow(state, 3)
    state.rename(state.with_name("old"))
    grow(state, 1)
    grow_again = Lineage.open(state, create=False, write=True)
    assert grow_again.root()[0] == 3
    grow_again.close()


def test_a_record_on_read_only_media_can_be_read(state: Path) -> None:
    grow(state, 2)
    for path in state.glob("lineage.db-*"):
        path.unlink()
    state.chmod(0o555)
    try:
        with Lineage.open(state, create=False, write=False) as lineage:
            assert lineage.next_number() == 2
    finally:
        state.chmod(0o755)


def test_kinds_with_their_own_method_are_not_notes(state: Path) -> None:
    with Lineage.open(state, create=True, write=True) as lineage:
        for kind in ("generation", "run-opened", "nonsense"):
            with pytest.raises(ValueError, match=kind):
                lineage.note(kind, {})
        with pytest.raises(StateError, match="not open"):
            lineage.end_run(1, {})
        with pytest.raises(StateError, match="missing"):
            lineage.note("incident", {"blobs": {"patch": "0" * 64}})
        (digest,) = lineage.keep(b"patch")
        assert lineage.note("incident", {"blobs": {"patch": digest}}).seq == 1


def test_the_lock_names_this_process(state: Path) -> None:
    with Lineage.open(state, create=True, write=True):
        assert (state / "lock").read_text().startswith(f"{os.getpid()} 2")
