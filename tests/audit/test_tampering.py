"""The tamper matrix: nine ways to change a record, each found by the tool and by the standalone verifier.

The attacker can write everything in the record and knows every algorithm; what he can't reach is a checkpoint that
was kept elsewhere and the private key that signed it. The verifier runs isolated, where this tool can't be imported.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rsi_sandbox import audit
from rsi_sandbox.audit import bundle
from rsi_sandbox.errors import DamagedRecordError
from rsi_sandbox.lineage import Lineage, checkpoint, signing
from rsi_sandbox.lineage.evidence import EvidenceStore
from rsi_sandbox.lineage.merkle import Frontier
from rsi_sandbox.lineage.records import entry_bytes, entry_leaf
from rsi_sandbox.model import digest_of
from tests.reports.making import make

Row = tuple[str, dict[str, object]]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A record with every verdict, its bundle, and the public key of who signed it."""
    if not signing.available():
        pytest.skip("ssh-keygen is not installed")
    folder = tmp_path_factory.mktemp("honest")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "home"))
        make(folder / "state", 6, seed=3)
        with Lineage.open(folder / "state", create=False, write=False) as lineage:
            bundle.write(lineage, folder / "bundle")
        (folder / "keys").write_text(checkpoint.trusted_signers())
    return folder / "state", folder / "bundle", folder / "keys"


@pytest.fixture
def copies(honest: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, Path]:
    """Copies to tamper with, on a machine that keeps no checkpoint of its own of them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "auditor"))
    state, packed, keys = honest
    shutil.copytree(state, tmp_path / "state")
    shutil.copytree(packed, tmp_path / "bundle")
    return tmp_path / "state", tmp_path / "bundle", keys


def standalone(packed: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """The verifier with nothing but the standard library: no site directory, no environment, another directory."""
    command = [sys.executable, "-I", "-S", str(packed / "verify.py"), str(packed), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60, check=False)


def entries(packed: Path) -> list[Row]:
    lines = (packed / "log.jsonl").read_text().splitlines()
    return [(entry["kind"], entry["body"]) for entry in map(json.loads, lines)]


def write_log(state: Path, packed: Path, rows: list[Row]) -> None:
    """A log rewritten in both places, perfectly consistent in itself: every leaf and root is computed again."""
    database = sqlite3.connect(state / "lineage.db")
    database.execute("DROP TRIGGER IF EXISTS log_keeps_rows")
    database.execute("DROP TRIGGER IF EXISTS log_keeps_content")
    database.execute("DELETE FROM log")
    frontier = Frontier()
    lines = []
    for seq, (kind, body) in enumerate(rows, 1):
        leaf = entry_leaf(seq, kind, body)
        frontier.append(leaf)
        lines.append(entry_bytes(seq, kind, body) + b"\n")
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        database.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", (seq, kind, text, leaf.hex(), frontier.root().hex()))
    database.commit()
    database.close()
    (packed / "log.jsonl").write_bytes(b"".join(lines))


def edit(state: Path, packed: Path) -> None:
    """One number in one body, without touching a hash."""
    database = sqlite3.connect(state / "lineage.db")
    database.execute("DROP TRIGGER log_keeps_content")
    database.execute(
        "UPDATE log SET body = replace(body, '\"wall_seconds\":3.1', '\"wall_seconds\":0.1') WHERE seq = 4"
    )
    database.commit()
    database.close()
    path = packed / "log.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[3] = lines[3].replace(b'"wall_seconds":3.1', b'"wall_seconds":0.1')
    path.write_bytes(b"\n".join(lines))


def delete(state: Path, packed: Path) -> None:
    """A rejected generation that embarrasses, with everything after it renumbered."""
    rows = entries(packed)
    place = next(n for n, (kind, body) in enumerate(rows) if kind == "incident")
    write_log(state, packed, rows[:place] + rows[place + 1 :])


def reorder(state: Path, packed: Path) -> None:
    rows = entries(packed)
    rows[-1], rows[-2] = rows[-2], rows[-1]
    write_log(state, packed, rows)


def insert(state: Path, packed: Path) -> None:
    rows = entries(packed)
    write_log(state, packed, [*rows[:5], ("incident", {"run": 1, "what": "never happened"}), *rows[5:]])


def truncate(state: Path, packed: Path) -> None:
    rows = entries(packed)
    write_log(state, packed, rows[:-1])


def rehash(state: Path, packed: Path) -> None:
    """A better figure, with every hash after it computed again."""
    rows = entries(packed)
    rows[4][1]["generation"]["spent"]["wall_seconds"] = 0.1  # type: ignore[index]
    write_log(state, packed, rows)


def fork(state: Path, packed: Path) -> None:
    """The same beginning, another end."""
    rows = entries(packed)
    rows[-1] = ("run-closed", {"reason": "nothing left to try", "run": 1})
    write_log(state, packed, [*rows, ("incident", {"run": 0, "what": "later"})])


def replace(state: Path, packed: Path) -> None:
    """Another lineage altogether under this one's name, signed with a key of the attacker's."""
    shutil.rmtree(state)
    shutil.rmtree(packed)
    make(state, 4, seed=4)
    with Lineage.open(state, create=False, write=False) as lineage:
        bundle.write(lineage, packed)


def swap(state: Path, packed: Path) -> None:
    """Other raw samples under the digest of the recorded ones."""
    digest = next(path.name for path in sorted((packed / "evidence").iterdir()) if b"launches" in path.read_bytes())
    data = (packed / "evidence" / digest).read_bytes().replace(b'"seed":1', b'"seed":2')
    (packed / "evidence" / digest).write_bytes(data)
    EvidenceStore(state / "evidence").path(digest).write_bytes(zlib.compress(data))


MATRIX = (edit, delete, reorder, insert, truncate, rehash, fork, replace, swap)


def test_an_honest_record_is_sound_and_confirmed_from_outside(copies: tuple[Path, Path, Path]) -> None:
    state, packed, keys = copies
    report = audit.verify(state, signers=keys.read_text())
    assert report.problems == ()
    assert next(check.ok for check in report.checks if check.name == "signatures") is True
    done = standalone(packed, "--signers", keys)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"root {report.root}" in done.stdout
    assert "confirmed by signature" in done.stdout
    assert standalone(packed).returncode == 3
    assert standalone(packed, "--checkpoint", f"{report.size}:{report.root}").returncode == 0


@pytest.mark.parametrize("attack", MATRIX, ids=lambda attack: attack.__name__)
def test_the_tool_finds_it(copies: tuple[Path, Path, Path], attack: Callable[[Path, Path], None]) -> None:
    state, packed, keys = copies
    last = audit.verify(state)
    attack(state, packed)
    report = audit.verify(state, expected=[checkpoint.given(f"{last.size}:{last.root}")], signers=keys.read_text())
    assert not report.ok
    assert report.problems


@pytest.mark.parametrize("attack", MATRIX, ids=lambda attack: attack.__name__)
def test_the_standalone_verifier_finds_it(
    copies: tuple[Path, Path, Path], attack: Callable[[Path, Path], None]
) -> None:
    state, packed, keys = copies
    last = audit.verify(state)
    attack(state, packed)
    done = standalone(packed, "--signers", keys, "--checkpoint", f"{last.size}:{last.root}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PROBLEM" in done.stdout


@pytest.mark.parametrize("attack", [truncate, rehash, fork, delete, insert, reorder], ids=lambda each: each.__name__)
def test_signatures_alone_find_a_consistent_rewrite(
    copies: tuple[Path, Path, Path], attack: Callable[[Path, Path], None]
) -> None:
    state, packed, keys = copies
    attack(state, packed)
    assert not audit.verify(state, signers=keys.read_text()).ok
    assert standalone(packed, "--signers", keys).returncode == 1


def test_a_rewrite_without_its_signatures_is_never_called_confirmed(copies: tuple[Path, Path, Path]) -> None:
    state, packed, keys = copies
    rehash(state, packed)
    shutil.rmtree(state / "checkpoints")
    shutil.rmtree(packed / "checkpoints")
    assert standalone(packed, "--signers", keys).returncode == 3
    report = audit.verify(state, signers=keys.read_text())
    assert [check.ok for check in report.checks if check.name == "signatures"] == [None]


def test_a_signature_that_was_touched_is_refused(copies: tuple[Path, Path, Path]) -> None:
    state, packed, keys = copies
    for folder in (state / "checkpoints", packed / "checkpoints"):
        path = next(folder.glob("*.sig"))
        text = path.read_text()
        place = text.index("\n", 120) - 8
        path.write_text(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])
    done = standalone(packed, "--signers", keys)
    assert done.returncode in (1, 3), done.stdout
    assert "confirmed" not in done.stdout
    report = audit.verify(state, signers=keys.read_text())
    assert [check.ok for check in report.checks if check.name == "signatures"] == [False]


def test_an_altered_tree_is_found_in_a_bundle(copies: tuple[Path, Path, Path]) -> None:
    _, packed, keys = copies
    path = packed / "files" / digest_of(b"def test(): pass\n")
    path.write_bytes(b"def test(): raise\n")
    done = standalone(packed, "--signers", keys)
    assert done.returncode == 1
    assert "was altered" in done.stdout


@pytest.mark.parametrize("content", [b"", b"not json\n", b"[]\n", b'{"seq":1}\n'])
def test_a_bundle_that_is_no_bundle_is_a_problem_and_not_a_traceback(
    copies: tuple[Path, Path, Path], content: bytes
) -> None:
    _, packed, _ = copies
    (packed / "log.jsonl").write_bytes(content)
    done = standalone(packed)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_damaged_record_is_not_bundled(copies: tuple[Path, Path, Path], tmp_path: Path) -> None:
    state, packed, _ = copies
    swap(state, packed)
    with (
        Lineage.open(state, create=False, write=False) as lineage,
        pytest.raises(DamagedRecordError, match="not bundled"),
    ):
        bundle.write(lineage, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_equal_records_give_equal_archives(honest: tuple[Path, Path, Path], tmp_path: Path) -> None:
    state, _, _ = honest
    with Lineage.open(state, create=False, write=False) as lineage:
        one = bundle.write(lineage, tmp_path / "one.tar.gz").read_bytes()
        other = bundle.write(lineage, tmp_path / "other.tar.gz").read_bytes()
    assert one == other
    unpacked = tmp_path / "unpacked"
    shutil.unpack_archive(tmp_path / "one.tar.gz", unpacked, filter="data")
    assert standalone(unpacked / bundle.NAME).returncode == 3


def test_the_verifier_needs_nothing_but_the_standard_library() -> None:
    names = {
        line.split()[1].split(".")[0]
        for line in bundle.standalone().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert names <= sys.stdlib_module_names
    code = [line for line in bundle.standalone().splitlines() if line.strip()]
    assert len(code) < 200
