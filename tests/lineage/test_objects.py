import subprocess
from pathlib import Path

import pytest

from rsi_sandbox.errors import DamagedRecordError, StateError, UsageError
from rsi_sandbox.lineage.objects import ObjectStore
from rsi_sandbox.model import Tree


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    made = ObjectStore(tmp_path / "objects.git")
    made.create()
    return made


TREE = Tree(
    {
        "a/b.py": b"x = 1\r\n",
        "run": b"#!/bin/sh\n",
        'odd "name" é.py': b"",
        ".gitattributes": b"* text\n",
        "bin": b"\0\xff",
    },
    frozenset({"run"}),
)


def test_a_tree_comes_back_with_bytes_and_modes(store: ObjectStore) -> None:
    commit = store.stage(0, TREE, None)
    assert store.read(commit) == TREE
    assert store.read(commit).digest == TREE.digest


def test_commits_follow_changes_modes_and_removals(store: ObjectStore) -> None:
    first = store.stage(0, TREE, None)
    changed = Tree({"a": b"now a file", "run": b"#!/bin/sh\n"}, frozenset())
    second = store.stage(1, changed, first)
    assert store.read(second) == changed
    assert store.parents(second) == [first]
    back = store.stage(2, TREE, second)
    assert store.read(back) == TREE
    empty = store.stage(3, Tree({}), back)
    assert store.read(empty) == Tree({})


def test_equal_histories_have_equal_ids(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    other = ObjectStore(tmp_path / "two" / "objects.git")
    other.create()
    assert store.stage(0, TREE, None) == other.stage(0, TREE, None)


def test_a_reference_is_made_once(store: ObjectStore) -> None:
    commit = store.stage(0, TREE, None)
    assert store.references() == {}
    store.publish(0, commit)
    assert store.references() == {"0": commit}
    with pytest.raises(StateError):
        store.publish(0, store.stage(0, Tree({}), None))
    assert store.references() == {"0": commit}


@pytest.mark.parametrize(
    "paths",
    [
        ["../x"],
        ["a/../x"],
        ["/etc/x"],
        ["a//b"],
        ["./a"],
        [""],
        [".git/config"],
        ["a/.GIT/hooks/x"],
        ["a/.g\u200cit/x"],
        [".git./x"],
        ["git~1/x"],
        ["a\\b"],
        ["a\nb"],
        ["a\x00b"],
        ["a\udc80"],
        ["A.py", "a.py"],
        ["Dir/x", "dir/y"],
        ["caf\u00e9", "cafe\u0301"],
        ["a", "a/b"],
    ],
)
def test_dangerous_paths_are_refused(store: ObjectStore, paths: list[str]) -> None:
    with pytest.raises(UsageError, match="can't be recorded"):
        store.stage(0, Tree(dict.fromkeys(paths, b"")), None)


@pytest.mark.parametrize("mode", ["120000 blob", "160000 commit"])
def test_links_and_submodules_are_refused_on_the_way_out(store: ObjectStore, mode: str) -> None:
    def git(*words: str, stdin: str = "") -> str:
        command = ["git", "--git-dir", str(store.directory), *words]
        return subprocess.run(command, input=stdin, text=True, capture_output=True, check=True).stdout.strip()

    commit = store.stage(0, TREE, None)
    target = git("hash-object", "-w", "--stdin", stdin="/etc/passwd") if "blob" in mode else commit
    tree = git("mktree", stdin=f"{mode} {target}\tlink\n")
    bad = git("-c", "user.name=x", "-c", "user.email=x@x", "commit-tree", tree, "-m", "x")
    with pytest.raises(DamagedRecordError, match="link or a submodule"):
        store.read(bad)


def test_the_users_git_settings_and_hooks_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "reference-transaction").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (hooks / "reference-transaction").chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f"[core]\n hooksPath = {hooks}\n fsmonitor = touch {tmp_path}/ran\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    store = ObjectStore(tmp_path / "objects.git")
    store.create()
    store.publish(0, store.stage(0, TREE, None))
    assert store.read(store.references()["0"]) == TREE
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_a_revision_expression_is_not_a_commit(store: ObjectStore) -> None:
    with pytest.raises(DamagedRecordError):
        store.read("--help")
