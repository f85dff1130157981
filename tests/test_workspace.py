"""Apply and rollback on a working tree, and the attacks on both."""

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest

from rsi_sandbox import workspace
from rsi_sandbox.errors import DamagedRecordError, StateError, UsageError
from rsi_sandbox.lineage import Kind, Lineage
from rsi_sandbox.lineage.files import Folder
from rsi_sandbox.model import Decision, Generation, Spent, Tree, canonical_json, digest_of
from rsi_sandbox.workspace.journal import check_outside_state

ORIGINAL = Tree({"pkg/a.py": b"a = 0\r\n", "pkg/b.py": b"b = 0\n", "run": b"#!/bin/sh\n"}, frozenset({"run"}))
FASTER = ORIGINAL.with_files({"pkg/a.py": b"a = 1\n", "new/deep/c.py": b"c = 1\n"})
FASTEST = FASTER.with_files({"pkg/a.py": b"a = 2\n", "pkg/b.py": b"b = 2\n"})
HELD = FASTEST.with_files({"pkg/a.py": b"a = 3\n"})
WHEN = "2026-01-01T00:00:00Z"

Listing = dict[str, tuple[bytes, int]]


@pytest.fixture(autouse=True)
def own_state_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state-home")))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "project"
    for path, data in ORIGINAL.files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
        (directory / path).chmod(0o755 if path in ORIGINAL.executable else 0o640)
    with Lineage.open(directory / ".rsi-sandbox", create=True, write=True) as lineage:
        for number, tree in enumerate((ORIGINAL, FASTER, FASTEST, HELD)):
            decision = Decision.HELD if tree is HELD else Decision.ACCEPTED
            parent = max(0, number - 1)
            candidate = {"digest": str(number)} if number else {}
            generation = Generation(number, parent, tree.digest, decision, candidate, {}, (), (), Spent(), WHEN)
            lineage.record(generation, tree, [])
    return directory


def opened(root: Path) -> Lineage:
    return Lineage.open(root / ".rsi-sandbox", create=False, write=True)


def listing(root: Path) -> Listing:
    files = (path for path in sorted(root.rglob("*")) if ".rsi-sandbox" not in path.parts and not path.is_dir())
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode & 0o7777) for path in files}


def contents(root: Path) -> dict[str, bytes]:
    return {path: data for path, (data, _) in listing(root).items()}


def test_apply_then_rollback_restores_bytes_modes_and_directories(root: Path) -> None:
    before = listing(root)
    with opened(root) as lineage:
        done = workspace.apply(root, lineage, 2, at=WHEN)
        assert done.paths == ("new/deep/c.py", "pkg/a.py", "pkg/b.py")
        assert contents(root) == dict(FASTEST.files)
        assert listing(root)["pkg/a.py"][1] == 0o640
        assert workspace.apply(root, lineage, 2, at=WHEN).message.startswith("nothing to apply")
        back = workspace.rollback(root, lineage, at=WHEN)
        assert back.paths == done.paths
        assert listing(root) == before
        assert not (root / "new").exists()
        assert workspace.rollback(root, lineage, at=WHEN).message.startswith("nothing to roll back")
        assert [event.kind for event in lineage.events()][-2:] == [Kind.APPLIED, Kind.ROLLED_BACK]


def test_applies_stack_and_are_taken_back_one_by_one(root: Path) -> None:
    with opened(root) as lineage:
        workspace.apply(root, lineage, 1, at=WHEN)
        first = listing(root)
        workspace.apply(root, lineage, 2, at=WHEN)
        workspace.rollback(root, lineage, at=WHEN)
        assert listing(root) == first
        workspace.apply(root, lineage, 0, at=WHEN)
        assert contents(root) == dict(ORIGINAL.files)
        workspace.rollback(root, lineage, at=WHEN)
        assert listing(root) == first
        workspace.rollback(root, lineage, at=WHEN)
        assert contents(root) == dict(ORIGINAL.files)


def test_files_that_do_not_change_may_be_edited(root: Path) -> None:
    (root / "pkg/b.py").write_bytes(b"mine\n")
    with opened(root) as lineage:
        workspace.apply(root, lineage, 1, at=WHEN)
        assert (root / "pkg/b.py").read_bytes() == b"mine\n"
        with pytest.raises(UsageError, match=r"pkg/b\.py"):
            workspace.apply(root, lineage, 2, at=WHEN)


@pytest.mark.parametrize("edit", ["change", "delete", "create"])
def test_an_edited_file_is_never_overwritten(root: Path, edit: str) -> None:
    path = root / ("new/deep/c.py" if edit == "create" else "pkg/a.py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink() if edit == "delete" else path.write_bytes(b"mine\n")
    before = listing(root)
    with opened(root) as lineage:
        with pytest.raises(UsageError, match=path.name) as caught:
            workspace.apply(root, lineage, 2, at=WHEN)
        assert caught.value.hint
    assert listing(root) == before


def test_an_edit_after_apply_is_never_rolled_back(root: Path) -> None:
    with opened(root) as lineage:
        workspace.apply(root, lineage, 2, at=WHEN)
        (root / "pkg/a.py").write_bytes(b"mine\n")
        before = listing(root)
        with pytest.raises(UsageError, match=r"pkg/a\.py"):
            workspace.rollback(root, lineage, at=WHEN)
        assert listing(root) == before


def test_only_accepted_generations_are_applied(root: Path) -> None:
    with opened(root) as lineage:
        with pytest.raises(UsageError, match="held"):
            workspace.apply(root, lineage, 3, at=WHEN)
        with pytest.raises(UsageError, match="no generation 9"):
            workspace.apply(root, lineage, 9, at=WHEN)
    assert contents(root) == dict(ORIGINAL.files)


def test_a_link_is_never_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_bytes(ORIGINAL.files["pkg/a.py"])
    (root / "pkg/a.py").unlink()
    (root / "pkg/a.py").symlink_to(outside)
    with opened(root) as lineage, pytest.raises(UsageError, match=r"pkg/a\.py"):
        workspace.apply(root, lineage, 1, at=WHEN)
    assert outside.read_bytes() == ORIGINAL.files["pkg/a.py"]


@pytest.mark.parametrize("name", ["pkg", "new"])
def test_a_linked_directory_is_never_entered(root: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    if (root / name).exists():
        (root / name).rename(outside)
    else:
        outside.mkdir()
    (root / name).symlink_to(outside)
    before = listing(outside)
    with opened(root) as lineage, pytest.raises(UsageError, match=name):
        workspace.apply(root, lineage, 1, at=WHEN)
    assert listing(outside) == before


@pytest.mark.parametrize("path", ["../x.py", "/x.py", "pkg/../../x.py", ".git/config", ".rsi-sandbox/x"])
def test_nothing_outside_the_tree_is_planned(root: Path, path: str) -> None:
    wanted = ORIGINAL.with_files({path: b"x"})
    with opened(root) as lineage, pytest.raises(UsageError):
        changes, _ = workspace.plan(root, ORIGINAL, wanted)
        check_outside_state(root, lineage, changes)
    with Folder(root) as folder, pytest.raises(UsageError):
        folder.write(path if path[0] != "." or ".git" in path else f"../{path}", b"x", 0o644)


def test_a_failing_write_puts_everything_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = listing(root)
    write = Folder.write

    def full(self: Folder, path: str, data: bytes, mode: int) -> None:
        if data == FASTEST.files["pkg/b.py"]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self, path, data, mode)

    monkeypatch.setattr(Folder, "write", full)
    with opened(root) as lineage:
        with pytest.raises(StateError, match="put back"):
            workspace.apply(root, lineage, 2, at=WHEN)
        assert listing(root) == before
        assert lineage.applied() == []
        assert workspace.recover(root, lineage) == []
    assert not (root / "new").exists()


class Killed(BaseException):
    """Stands for a process that ends here."""


def interrupt(root: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    """Apply generation 2 and die after so many file writes, leaving an unfinished file too."""
    with monkeypatch.context() as patch, opened(root) as lineage:
        write = Folder.write
        left = [writes]

        def dying(self: Folder, path: str, data: bytes, mode: int) -> None:
            if not left[0]:
                name = f".rsi-sandbox-{digest_of(path.encode())[:16]}.tmp"
                (root / path).with_name(name).write_bytes(data[:1])
                raise Killed
            left[0] -= 1
            write(self, path, data, mode)

        patch.setattr(Folder, "write", dying)
        with pytest.raises(Killed):
            workspace.apply(root, lineage, 2, at=WHEN)


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_an_interrupted_apply_is_finished(root: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    before = listing(root)
    interrupt(root, monkeypatch, writes)
    with opened(root) as lineage:
        assert workspace.recover(root, lineage) == ["finished the interrupted apply of generation 2"]
        assert contents(root) == dict(FASTEST.files)
        assert workspace.recover(root, lineage) == []
        workspace.rollback(root, lineage, at=WHEN)
    assert listing(root) == before


def test_an_apply_killed_after_its_record_is_only_tidied(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(path: Path) -> None:
        raise Killed

    with monkeypatch.context() as patch, opened(root) as lineage:
        patch.setattr("rsi_sandbox.workspace.journal.remove_file", dying)
        with pytest.raises(Killed):
            workspace.apply(root, lineage, 1, at=WHEN)
    with opened(root) as lineage:
        assert workspace.recover(root, lineage) == ["tidied up after a finished apply of generation 1"]
        assert len(lineage.applied()) == 1
    assert contents(root) == dict(FASTER.files)


def test_recovery_never_overwrites_an_edit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(root, monkeypatch, 1)
    (root / "pkg/b.py").write_bytes(b"mine\n")
    with opened(root) as lineage:
        with pytest.raises(StateError, match=r"pkg/b\.py"):
            workspace.apply(root, lineage, 2, at=WHEN)
        assert (root / "pkg/b.py").read_bytes() == b"mine\n"
        (root / "pkg/b.py").unlink()
        workspace.recover(root, lineage)
    assert contents(root) == dict(FASTEST.files)


def test_an_altered_journal_is_not_followed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(root, monkeypatch, 1)
    journal = root / ".rsi-sandbox" / "journal.json"
    stored = json.loads(journal.read_bytes())
    stored["journal"]["changes"][0]["path"] = "pkg/other.py"
    journal.write_bytes(canonical_json(stored))
    with opened(root) as lineage, pytest.raises(DamagedRecordError, match="altered"):
        workspace.recover(root, lineage)
    assert not (root / "pkg/other.py").exists()


def test_executable_bits_follow_the_generation(root: Path) -> None:
    wanted = Tree(ORIGINAL.files, frozenset({"pkg/a.py"}))
    modes = {each.path: (each.before_mode, each.after_mode) for each in workspace.plan(root, ORIGINAL, wanted)[0]}
    assert modes == {"pkg/a.py": (0o640, 0o750), "run": (0o755, 0o644)}


def test_planning_changes_nothing(root: Path) -> None:
    before = listing(root)
    assert [each.path for each in workspace.plan(root, ORIGINAL, FASTER)[0]] == ["new/deep/c.py", "pkg/a.py"]
    assert listing(root) == before


def test_a_run_on_an_edited_tree_is_applied_on_top_of_the_edit(root: Path) -> None:
    edited = ORIGINAL.with_files({"pkg/a.py": b"mine = 0\n"})
    faster = edited.with_files({"pkg/a.py": b"mine = 1\n"})
    with opened(root) as lineage:
        workspace.apply(root, lineage, 1, at=WHEN)
        workspace.rollback(root, lineage, at=WHEN)
        (root / "pkg/a.py").write_bytes(b"mine = 0\n")
        for number, parent, tree, candidate in ((4, 0, edited, {}), (5, 4, faster, {"digest": "5"})):
            lineage.record(
                Generation(number, parent, tree.digest, Decision.ACCEPTED, candidate, {}, (), (), Spent(), WHEN),
                tree,
                [],
            )
        (root / "pkg/b.py").write_bytes(b"also mine\n")
        assert workspace.apply(root, lineage, 5, at=WHEN).paths == ("pkg/a.py",)
        assert (root / "pkg/b.py").read_bytes() == b"also mine\n"
        workspace.rollback(root, lineage, at=WHEN)
        assert (root / "pkg/a.py").read_bytes() == b"mine = 0\n"
        with pytest.raises(UsageError, match=r"pkg/a\.py"):
            workspace.apply(root, lineage, 1, at=WHEN)


def git(root: Path, *words: str) -> str:
    """git in the user's repository, with a name to commit under."""
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


def committed(root: Path) -> None:
    """Make the target a repository with everything committed."""
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "original")


def test_files_that_are_not_committed_are_not_changed_unless_told(root: Path) -> None:
    git(root, "init", "-q")
    before = listing(root)
    with opened(root) as lineage:
        with pytest.raises(UsageError, match=r"not committed yet.*pkg/a.py") as caught:
            workspace.apply(root, lineage, 1, at=WHEN)
        assert "--allow-dirty" in caught.value.hint
        assert contents(root) == {name: data for name, (data, _) in before.items()}
        workspace.apply(root, lineage, 1, at=WHEN, told=workspace.Told(dirty=True))
        assert contents(root)["pkg/a.py"] == FASTER.files["pkg/a.py"]


def test_what_an_earlier_apply_wrote_is_not_taken_for_somebodys_edit(root: Path) -> None:
    committed(root)
    with opened(root) as lineage:
        workspace.apply(root, lineage, 1, at=WHEN)
        assert workspace.apply(root, lineage, 2, at=WHEN).paths == ("pkg/a.py", "pkg/b.py")


def grown(lineage: Lineage, parent: int, tree: Tree) -> int:
    number = lineage.next_number()
    candidate = {"digest": str(number)}
    lineage.record(
        Generation(number, parent, tree.digest, Decision.ACCEPTED, candidate, {}, (), (), Spent(), WHEN), tree, []
    )
    return number


LONG = Tree({"m.py": b"".join(b"line %d\n" % n for n in range(30))})


def edited(tree: Tree, *changes: tuple[bytes, bytes]) -> Tree:
    data = tree.files["m.py"]
    for old, new in changes:
        assert old in data
        data = data.replace(old, new)
    return tree.with_files({"m.py": data})


@pytest.fixture
def long(tmp_path: Path) -> tuple[Path, list[int]]:
    """A file of thirty lines and three generations that change its top, its middle and its bottom."""
    directory = tmp_path / "long"
    directory.mkdir()
    (directory / "m.py").write_bytes(LONG.files["m.py"])
    top = edited(LONG, (b"line 2\n", b"top\n"))
    middle = edited(top, (b"line 14\n", b"middle\n"))
    bottom = edited(middle, (b"line 27\n", b"bottom\n"))
    with Lineage.open(directory / ".rsi-sandbox", create=True, write=True) as lineage:
        generation = Generation(0, 0, LONG.digest, Decision.ACCEPTED, {}, {}, (), (), Spent(), WHEN)
        lineage.record(generation, LONG, [])
        numbers = [grown(lineage, parent, tree) for parent, tree in enumerate((top, middle, bottom))]
    return directory, numbers


def test_picked_generations_are_applied_without_the_others(long: tuple[Path, list[int]]) -> None:
    root, (one, _, three) = long
    before = listing(root)
    with opened(root) as lineage:
        done = workspace.pick(root, lineage, [three, one], at=WHEN)
        assert "was not measured" in done.message
        text = (root / "m.py").read_bytes()
        assert b"top\n" in text and b"bottom\n" in text and b"middle\n" not in text
        assert "already has" in workspace.pick(root, lineage, [one], at=WHEN).message
        workspace.apply(root, lineage, three, at=WHEN)
        assert b"middle\n" in (root / "m.py").read_bytes()
        workspace.rollback(root, lineage, at=WHEN)
        assert (root / "m.py").read_bytes() == text
        workspace.rollback(root, lineage, at=WHEN)
    assert listing(root) == before


def test_a_generation_that_builds_on_another_is_not_picked_alone(long: tuple[Path, list[int]]) -> None:
    root, (one, two, three) = long
    with opened(root) as lineage:
        over = grown(lineage, three, edited(lineage.tree(three), (b"middle\n", b"other\n")))
        with pytest.raises(UsageError, match="builds on others") as caught:
            workspace.pick(root, lineage, [over], at=WHEN)
        assert caught.value.hint == f"pick also what it builds on: {three}, {two}, {one}"
        workspace.pick(root, lineage, [two, over], at=WHEN)
        assert b"other\n" in (root / "m.py").read_bytes()


@pytest.mark.parametrize("numbers", [[], [0], [3]])
def test_only_accepted_changes_can_be_picked(root: Path, numbers: list[int]) -> None:
    with opened(root) as lineage, pytest.raises(UsageError):
        workspace.pick(root, lineage, numbers, at=WHEN)


def test_edits_made_since_the_run_are_merged_when_told_and_come_back_by_rollback(long: tuple[Path, list[int]]) -> None:
    root, numbers = long
    (root / "m.py").write_bytes(edited(LONG, (b"line 20\n", b"mine\n")).files["m.py"])
    mine = listing(root)
    with opened(root) as lineage:
        with pytest.raises(UsageError, match="edited since the run"):
            workspace.apply(root, lineage, numbers[-1], at=WHEN)
        done = workspace.apply(root, lineage, numbers[-1], at=WHEN, told=workspace.Told(merge=True))
        assert "not measured in this form" in done.message
        text = (root / "m.py").read_bytes()
        assert all(word in text for word in (b"mine\n", b"top\n", b"middle\n", b"bottom\n"))
        workspace.rollback(root, lineage, at=WHEN)
        assert listing(root) == mine


def test_edits_in_the_same_place_are_never_merged(long: tuple[Path, list[int]]) -> None:
    root, numbers = long
    (root / "m.py").write_bytes(edited(LONG, (b"line 14\n", b"mine\n")).files["m.py"])
    mine = listing(root)
    with opened(root) as lineage, pytest.raises(UsageError, match="in the same places"):
        workspace.apply(root, lineage, numbers[-1], at=WHEN, told=workspace.Told(merge=True))
    assert listing(root) == mine
