"""Reading a repository: detection, what may change, and one clear refusal per kind of bad input."""

import subprocess
from pathlib import Path

import pytest

from rsi_sandbox import target
from rsi_sandbox.errors import BaselineError, Exit, RsiError, TargetError


def repository(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


FLAT = {"pkg/__init__.py": "", "pkg/core.py": "x = 1\n", "tests/test_core.py": "def test(): pass\n", "setup.py": ""}


def test_a_flat_layout_is_detected(tmp_path: Path) -> None:
    found = target.read(repository(tmp_path, FLAT))
    assert found.settings.source == ("pkg",)
    assert found.settings.tests == ("tests",)
    assert found.source_files() == ["pkg/__init__.py", "pkg/core.py"]


def test_a_src_layout_is_detected(tmp_path: Path) -> None:
    files = {"src/pkg/__init__.py": "", "src/pkg/a.py": "", "tests/test_a.py": "", "benchmarks/bench_a.py": ""}
    found = target.read(repository(tmp_path, files))
    assert found.settings.source == ("src/pkg",)
    assert found.settings.roots == ("src", ".")
    assert found.benchmark_files() == ["benchmarks/bench_a.py"]
    assert found.import_name("src/pkg/a.py") == "pkg.a"
    assert found.import_name("tests/test_a.py") == "tests.test_a"


def test_modules_beside_their_tests_are_detected(tmp_path: Path) -> None:
    found = target.read(repository(tmp_path, {"thing.py": "", "test_thing.py": ""}))
    assert found.source_files() == ["thing.py"]
    assert found.settings.tests == ("test_thing.py",)


def test_tests_inside_the_package_are_protected(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "", "pkg/a.py": "", "pkg/tests/__init__.py": "", "pkg/tests/test_a.py": ""}
    found = target.read(repository(tmp_path, files))
    assert found.settings.tests == ("pkg/tests",)
    assert found.source_files() == ["pkg/__init__.py", "pkg/a.py"]


@pytest.mark.parametrize(
    "path", ["tests/test_core.py", "setup.py", "pkg/conftest.py", "pkg/data.txt", "pyproject.toml", "new.py", "../x.py"]
)
def test_what_may_not_change(tmp_path: Path, path: str) -> None:
    files = {**FLAT, "pkg/conftest.py": "", "pkg/data.txt": "", "pyproject.toml": ""}
    assert not target.read(repository(tmp_path, files)).may_change(path)


def test_ignored_files_and_debris_are_left_out(tmp_path: Path) -> None:
    repository(tmp_path, {**FLAT, ".gitignore": "secret.txt\n", "secret.txt": "s", "pkg/__pycache__/a.pyc": ""})
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    files = target.read(tmp_path).tree.files
    assert "secret.txt" not in files
    assert not any(".git/" in name or name.endswith(".pyc") for name in files)


def test_the_targets_git_configuration_runs_nothing(tmp_path: Path) -> None:
    repository(tmp_path, FLAT)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    trap = tmp_path / ".git" / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    subprocess.run(["git", "-C", str(tmp_path), "config", "core.fsmonitor", str(trap)], check=True)
    target.read(tmp_path)
    assert not (tmp_path / "sprung").exists()
    subprocess.run(["git", "-C", str(tmp_path), "status"], check=True, capture_output=True)
    assert (tmp_path / "sprung").exists(), "the trap works where git is run carelessly"


def test_symlinks_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("secret = 1\n")
    root = repository(tmp_path / "repo", FLAT)
    (root / "pkg" / "link.py").symlink_to(outside)
    found = target.read(root)
    assert "pkg/link.py" not in found.tree.files
    assert any("pkg/link.py" in reason for reason in found.skipped)


@pytest.mark.parametrize(
    ("files", "error", "said"),
    [
        ({"README.md": ""}, TargetError, "no Python files"),
        ({"pkg/__init__.py": "", "pkg/a.py": ""}, TargetError, "no tests"),
        ({"tests/test_a.py": ""}, TargetError, "may be rewritten"),
        ({**FLAT, "pkg/broken.py": "def f(:\n"}, BaselineError, "pkg/broken.py, line 1"),
        ({**FLAT, "pyproject.toml": '[tool.rsi-sandbox]\nsource = ["nope"]\n'}, TargetError, "names 'nope'"),
    ],
)
def test_what_can_not_be_a_target_is_refused(
    tmp_path: Path, files: dict[str, str], error: type[RsiError], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        target.read(repository(tmp_path, files))
    assert caught.value.hint
    assert caught.value.exit_code in (Exit.USAGE, Exit.UNKNOWN)
    assert not (tmp_path / ".rsi-sandbox").exists()


def test_a_missing_path_and_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="does not exist"):
        target.read(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError, match="not a directory"):
        target.read(tmp_path / "file")
