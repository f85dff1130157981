"""Real runs of the tool on small targets, behind every sandbox that works on this machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from rsi_sandbox import sandbox

SLOW = '''"""Shared words of two texts."""


def shared(first: list[str], second: list[str]) -> list[str]:
    """Words of `first` that are in `second` too, in order."""
    found = []
    for word in first:
        if word in second:  # the slow part
            found.append(word)
    return found
'''
TESTS = """import pytest
from words import shared

LEFT = [f"w{n}" for n in range(0, 900, 2)]
RIGHT = [f"w{n}" for n in range(0, 900, 3)]

@pytest.mark.parametrize("left,right,want", [([], [], []), (["a"], ["b"], []), (["b", "a", "b"], ["b"], ["b", "b"])])
def test_small(left, right, want):
    assert shared(left, right) == want

def test_large():
    assert shared(LEFT, RIGHT) == [w for w in LEFT if int(w[1:]) % 3 == 0]
"""


@pytest.fixture(params=sandbox.LADDER)
def backend(request: pytest.FixtureRequest) -> str:
    """The name of each backend of the ladder; skipped by name where it does not work."""
    probe = sandbox.backend(request.param).probe()
    if not probe.available:
        pytest.skip(f"{request.param}: {probe.reason}")
    return str(request.param)


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A target of one slow function."""
    root = tmp_path / "words"
    (root / "tests").mkdir(parents=True)
    (root / "words.py").write_text(SLOW)
    (root / "tests" / "test_words.py").write_text(TESTS)
    return root


def run(*arguments: object, timeout: float = 240.0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The tool as a person runs it, with nothing on stdin."""
    command = [sys.executable, "-m", "rsi_sandbox", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, cwd=cwd, stdin=subprocess.DEVNULL
    )


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a working tree with its mode, the tool's own record left out."""
    return {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode)
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".rsi-sandbox" not in path.parts
    }


def git(root: Path, *words: str) -> str:
    """Stdout of one git command, with an identity of its own."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *words], cwd=root, capture_output=True, text=True, check=True).stdout


def commit(root: Path) -> Path:
    """Make the directory a git repository with one commit."""
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root
