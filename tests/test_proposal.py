"""A change as two trees: patches, git ranges and the working tree, and what is refused."""

import subprocess
from pathlib import Path

import pytest

from rsi_sandbox import checkout, proposal
from rsi_sandbox.errors import RsiError, UsageError

FILES = {
    "pkg/__init__.py": "",
    "pkg/core.py": "def f(x):\n    return x + 1\n\n\ndef g(x):\n    return f(x)\n",
    "tests/test_core.py": "def test(): pass\n",
    "run.sh": "#!/bin/sh\n",
}


def git(root: Path, *words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "run.sh").chmod(0o755)
    git(root.parent, "init", "-q", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def change(root: Path, text: str = "def f(x):\n    return 1 + x\n\n\ndef g(x):\n    return f(x)\n") -> None:
    (root / "pkg/core.py").write_text(text)


def test_the_working_tree_against_head(repository: Path) -> None:
    change(repository)
    found = proposal.find(repository, None)
    assert found.changed == ("pkg/core.py",)
    assert b"x + 1" in found.target.tree.files["pkg/core.py"]
    assert b"1 + x" in found.tree.files["pkg/core.py"]
    assert "run.sh" in found.target.tree.executable


def test_untracked_files_belong_to_the_working_tree(repository: Path) -> None:
    (repository / "pkg/new.py").write_text("y = 1\n")
    assert proposal.find(repository, None).changed == ("pkg/new.py",)


def test_a_patch_gives_the_same_trees_as_the_edit_it_was_made_from(repository: Path) -> None:
    change(repository)
    (repository / "pkg/new file.py").write_text("y = 1\n")
    (repository / "run.sh").unlink()
    git(repository, "add", "-A")
    patch = git(repository, "diff", "--cached").encode() + b"\n"
    wanted = checkout.working_tree(repository)[0]
    git(repository, "reset", "-q", "--hard")
    before = checkout.working_tree(repository)[0]
    found = proposal.find(repository, "-", patch)
    assert found.tree.digest == wanted.digest
    assert checkout.working_tree(repository)[0].digest == before.digest, "nothing is written"


def test_a_rename_moves_the_file(repository: Path) -> None:
    git(repository, "mv", "pkg/core.py", "pkg/kernel.py")
    patch = git(repository, "diff", "--cached", "-M").encode() + b"\n"
    git(repository, "reset", "-q", "--hard")
    found = proposal.find(repository, "-", patch)
    assert found.changed == ("pkg/core.py", "pkg/kernel.py")


@pytest.mark.parametrize("name", ["HEAD~1..HEAD", "HEAD", "HEAD~1..", "main...topic"])
def test_a_range_names_two_revisions(repository: Path, name: str) -> None:
    git(repository, "branch", "-M", "main")
    git(repository, "checkout", "-qb", "topic")
    change(repository)
    git(repository, "commit", "-qam", "second")
    if "topic" in name:
        git(repository, "checkout", "-q", "main")
        git(repository, "commit", "-q", "--allow-empty", "-m", "elsewhere")
    found = proposal.find(repository, name)
    assert found.changed == ("pkg/core.py",)
    assert b"1 + x" in found.tree.files["pkg/core.py"]


def test_a_target_below_the_repository_is_judged_alone(tmp_path: Path) -> None:
    root = tmp_path / "mono" / "part"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (tmp_path / "mono" / "other.py").write_text("z = 1\n")
    git(tmp_path, "init", "-q", "mono")
    git(root, "add", "-A", "..")
    git(root, "commit", "-qm", "first")
    change(root)
    found = proposal.find(root, None)
    assert found.changed == ("pkg/core.py",)
    assert "other.py" not in found.target.tree.files


def test_source_only_leaves_the_tests_as_they_were(repository: Path) -> None:
    change(repository)
    (repository / "tests/test_core.py").write_text("")
    (repository / "pkg/new.py").write_text("y = 1\n")
    found = proposal.find(repository, None).source_only()
    assert found.changed == ("pkg/core.py", "pkg/new.py")


LINK = b"""diff --git a/pkg/link.py b/pkg/link.py
new file mode 120000
--- /dev/null
+++ b/pkg/link.py
@@ -0,0 +1 @@
+/etc/passwd
\\ No newline at end of file
"""
OUTSIDE = b"""--- a/../outside.py
+++ b/../outside.py
@@ -0,0 +1 @@
+x = 1
"""
GIT_DIRECTORY = b"""diff --git a/.git/hooks/post-commit b/.git/hooks/post-commit
new file mode 100755
--- /dev/null
+++ b/.git/hooks/post-commit
@@ -0,0 +1 @@
+#!/bin/sh
"""


@pytest.mark.parametrize(
    "patch",
    [b"", b"hello\n", LINK, OUTSIDE, GIT_DIRECTORY, b"--- a/pkg/core.py\n+++ b/pkg/core.py\n@@ -1 +1 @@\n-no\n+yes\n"],
    ids=["empty", "prose", "link", "outside", "git-directory", "stale"],
)
def test_a_patch_that_is_none_is_refused_and_nothing_is_written(repository: Path, patch: bytes) -> None:
    before = {path: path.read_bytes() for path in repository.parent.rglob("*") if path.is_file()}
    with pytest.raises(UsageError) as caught:
        proposal.find(repository, "-", patch)
    assert caught.value.hint
    assert {path: path.read_bytes() for path in repository.parent.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["nowhere", "HEAD..nowhere", "--upload-pack=touch x", "HEAD~5"])
def test_a_revision_that_is_not_there_is_named(repository: Path, name: str) -> None:
    with pytest.raises(RsiError) as caught:
        proposal.find(repository, name)
    assert caught.value.exit_code == 2


def test_nothing_to_judge_is_said(repository: Path) -> None:
    with pytest.raises(UsageError, match="changes nothing"):
        proposal.find(repository, None)


def test_programs_named_in_the_repositorys_configuration_are_not_run(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for setting in ("core.fsmonitor", "diff.external", "filter.x.smudge", "filter.x.clean"):
        git(repository, "config", setting, str(trap))
    (repository / ".gitattributes").write_text("*.py filter=x\n")
    (tmp_path / "sprung").unlink(missing_ok=True)
    change(repository)
    proposal.find(repository, None)
    checkout.revision(repository, "HEAD")
    assert not (tmp_path / "sprung").exists()
