"""A real run's record asked again: replayed, reproduced, bisected, reported, bundled and verified without the tool."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.lineage import target
from rsi_sandbox import sandbox
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Decision, Generation, Spent


def brisk(*words: object) -> subprocess.CompletedProcess[str]:
    """The tool with the measuring cut short."""
    command = [sys.executable, "-m", "benchmarks.lineage.brisk", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.slow
@pytest.mark.namespaces
def test_everything_a_run_claims_can_be_asked_again(tmp_path: Path) -> None:
    probe = sandbox.backend("namespaces").probe()
    if not probe.available:
        pytest.skip(f"namespaces: {probe.reason}")
    root = tmp_path / "tiny"
    target.make(root)
    done = brisk("evolve", root, "--sandbox", "namespaces", "--generations", 1, "--budget", "10m")
    assert "1 generation(s) accepted" in done.stdout, done.stdout + done.stderr
    replayed = brisk("replay", "all", root)
    assert replayed.returncode == 0, replayed.stdout
    assert "the same again" in replayed.stdout
    again = brisk("reproduce", 1, root, "--sandbox", "namespaces")
    assert "tree, static facts, tests and behaviour are the same" in again.stdout, again.stdout + again.stderr
    assert again.returncode in (0, 3), again.stdout  # on a busy machine a timing may not be decided, never a no
    lost = slowed(root)
    found = brisk("bisect", root, "--good", 1, "--sandbox", "namespaces")
    assert found.returncode == 1, found.stdout + found.stderr
    assert f"generation {lost} lost it" in found.stdout
    with Lineage.open(root / ".rsi-sandbox", create=False, write=False) as lineage:
        measured = [event.body for event in lineage.events() if event.kind == "measured"]
    assert [body["what"] for body in measured] == ["reproduce", "bisect"]
    assert all(body["blobs"] for body in measured)
    assert brisk("report", root, "--out", tmp_path / "r.html").returncode == 0
    assert brisk("audit", "bundle", tmp_path / "bundle", root).returncode == 0
    verifier = [sys.executable, "-I", "-S", str(tmp_path / "bundle" / "verify.py")]
    keys = tmp_path / "bundle" / "keys" / "allowed_signers"
    alone = subprocess.run([*verifier, "--signers", keys], capture_output=True, text=True, cwd="/", check=False)
    assert alone.returncode in (0, 3), alone.stdout
    assert "PROBLEM" not in alone.stdout
    assert brisk("verify", root).returncode == 0


def slowed(root: Path) -> int:
    """Record a generation that takes the gain back, as if the gate had let it through; returns its number."""
    with Lineage.open(root / ".rsi-sandbox", create=False, write=True) as lineage:
        original, number = lineage.tree(0), lineage.next_number()
        tree = original.with_files(
            {name: data + b"# later\n" for name, data in original.files.items() if "s.py" in name}
        )
        made = Generation(
            number, 1, tree.digest, Decision.ACCEPTED, {"digest": "d", "edits": []}, {}, (), (), Spent(), "2026"
        )
        lineage.begin_run(next(event.body for event in lineage.events() if event.kind == "run-opened"))
        lineage.record(made, tree, [])
    return number
