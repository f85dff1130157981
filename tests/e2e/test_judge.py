"""Patches that people bring: the same scrutiny, an exit code that tells no from unknown."""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import commit, files, git, run


@pytest.fixture
def committed(words: Path) -> Path:
    return commit(words)


def edit(root: Path, old: str, new: str) -> None:
    path = root / "words.py"
    path.write_text(path.read_text().replace(old, new))


def test_an_honest_patch_is_accepted_and_nothing_is_changed(committed: Path, backend: str) -> None:
    edit(committed, "    found = []\n", "    second = set(second)\n    found = []\n")
    patch = committed.parent / "faster.patch"
    patch.write_text(git(committed, "diff"))
    git(committed, "checkout", "-q", ".")
    before = files(committed)
    done = run("judge", patch, committed, "--sandbox", backend, "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert document["findings"][0]["decision"] == "accepted"
    assert document["findings"][0]["speedup"]["low"] > 1.5
    assert files(committed) == before
    assert run("verify", committed).returncode == 0, "the judgement is part of a sound record"


def test_a_patch_that_breaks_a_test_is_refused_with_its_name(committed: Path, backend: str) -> None:
    edit(committed, "found.append(word)", "found.insert(0, word)")
    done = run("judge", "--sandbox", backend, "--no-record", cwd=committed)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "tests/test_words.py::test_" in done.stdout
    assert not (committed / ".rsi-sandbox").exists()


def test_what_can_not_be_found_out_is_neither_yes_nor_no(committed: Path) -> None:
    (committed / "tests" / "test_words.py").write_text("import words, missing_package\n\ndef test():\n    pass\n")
    git(committed, "commit", "-qam", "broken")
    edit(committed, "found = []", "found = list()")
    done = run("judge", cwd=committed)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "missing_package" in done.stderr
    assert done.stdout == ""
    assert run("judge", "--bisect", cwd=committed).returncode == 125


@pytest.mark.parametrize("change", ["nowhere.patch", "-"])
def test_a_change_that_is_none_is_asked_wrongly(committed: Path, change: str) -> None:
    done = run("judge", change, committed)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr
