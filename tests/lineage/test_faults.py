"""A disk that is full or read-only, a page that rots, a clock that goes back: clear errors, and nothing lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rsi_sandbox import audit
from rsi_sandbox.errors import DamagedRecordError, StateError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage.objects import ObjectStore
from rsi_sandbox.model import Decision, Evidence, Generation, Spent, Tree

FILL = """
import os, sys
from pathlib import Path
from rsi_sandbox.errors import StateError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Decision, Evidence, Generation, Spent, Tree

state = Path(sys.argv[1]) / "state"
done = 0
try:
    with Lineage.open(state, create=True, write=True) as lineage:
        for number in range(10_000):
            tree = Tree({"a.py": b"x = %d\\n" % number})
            raw = Evidence("speed", {}, {"samples": os.urandom(30_000)})
            made = Generation(
                number, max(0, number - 1), tree.digest, Decision.ACCEPTED, {}, {}, (raw.to_json(),), (), Spent(), ""
            )
            lineage.record(made, tree, [raw])
            done = number + 1
except StateError as error:
    print(done, error.message, "|", error.hint)
"""


def filled(where: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """Record until a small file system of its own is full; then copy what is on it to `where`."""
    script = (
        f'mount -t tmpfs -o size=3m none "{root}" || exit 77\n'
        f'"$0" -c "$1" "{root}"\ncode=$?\ncp -r "{root}/." "{where}"\nexit $code'
    )
    command = ["unshare", "--map-root-user", "--user", "--mount", "sh", "-c", script, sys.executable, FILL]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_full_disk_is_a_clear_error_and_everything_recorded_before_is_there(tmp_path: Path) -> None:
    small, copy = tmp_path / "small", tmp_path / "copy"
    small.mkdir()
    copy.mkdir()
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    done = filled(copy, small)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()[:80]}")
    assert done.returncode == 0, done.stderr
    count, _, rest = done.stdout.partition(" ")
    assert int(count) > 5, done.stdout
    assert "disk" in rest.lower() or "space" in rest.lower(), rest
    assert "| " in rest
    with Lineage.open(copy / "state", create=False, write=True) as lineage:
        assert len(lineage.generations()) >= int(count)
        for generation in lineage.generations():
            assert lineage.tree(generation.number).digest == generation.tree
            assert lineage.evidence(generation.evidence[0]["raw"]["samples"])
    report = audit.verify(copy / "state")
    assert report.problems == ()


def grown(state: Path, count: int) -> None:
    with Lineage.open(state, create=True, write=True) as lineage:
        for number in range(count):
            tree = Tree({"a.py": b"x = %d\n" % number})
            raw = Evidence("speed", {}, {"samples": b"samples %d" % number})
            generation = Generation(
                number, max(0, number - 1), tree.digest, Decision.ACCEPTED, {"why": "x" * 3000}, {},
                (raw.to_json(),), (), Spent(), "",
            )  # fmt: skip
            lineage.record(generation, tree, [raw])


def test_a_read_only_record_can_be_read_and_refuses_writers_clearly(tmp_path: Path) -> None:
    state = tmp_path / "state"
    grown(state, 3)
    script = (
        f'mount --bind "{state}" "{state}" && mount -o remount,bind,ro "{state}" || exit 77\n'
        '"$0" -m rsi_sandbox log --state "$1" .; "$0" -m rsi_sandbox verify --state "$1" . || exit 5\n'
        '"$0" -m rsi_sandbox rollback --state "$1" .; exit $?'
    )
    command = ["unshare", "--map-root-user", "--user", "--mount", "sh", "-c", script, sys.executable, str(state)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"nothing can be mounted read-only here: {done.stderr.strip()[:80]}")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "can't be written: Read-only file system" in done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr
    assert "3 entries, root" in done.stdout


def test_a_rotten_page_is_named_and_the_trees_survive_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    grown(state, 12)
    with sqlite3.connect(state / "lineage.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = database.execute("PRAGMA page_size").fetchone()[0]
        pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.close()
    data = bytearray((state / "lineage.db").read_bytes())
    for place in range(size * (pages // 2), size * (pages // 2 + 1)):
        data[place] ^= 0xA5
    (state / "lineage.db").write_bytes(bytes(data))
    with (
        pytest.raises((DamagedRecordError, StateError)) as caught,
        Lineage.open(state, create=False, write=True) as one,
    ):
        list(one.events())
    assert caught.value.hint
    report = audit.verify(state)
    assert not report.ok
    assert report.problems
    store = ObjectStore(state / "objects.git")
    references = store.references()
    assert sorted(references, key=int) == [str(number) for number in range(12)]
    assert store.read(references["11"]).files["a.py"] == b"x = 11\n"


def test_a_clock_that_goes_back_changes_nothing_but_a_remark(tmp_path: Path) -> None:
    state = tmp_path / "state"
    times = ["2026-01-01T12:00:00+00:00", "2026-01-01T12:05:00+00:00", "2020-01-01T00:00:00+00:00"]
    with Lineage.open(state, create=True, write=True) as lineage:
        for number, at in enumerate(times):
            tree = Tree({"a.py": b"x = %d\n" % number})
            lineage.record(
                Generation(number, max(0, number - 1), tree.digest, Decision.ACCEPTED, {}, {}, (), (), Spent(), at),
                tree,
                [],
            )
        head = lineage.head()
        assert head is not None
        assert head.number == 2
    report = audit.verify(state)
    assert report.ok
    said = next(check for check in report.checks if check.name == "clock")
    assert said.ok is None
    assert "set back before entry 3" in said.sentences[0]


def test_an_unreadable_blob_is_a_problem_with_a_name(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    state = tmp_path / "state"
    grown(state, 2)
    blob = next(path for path in (state / "evidence").glob("??/*"))
    blob.chmod(0)
    assert any("can't be read" in text for text in audit.verify(state).problems)
