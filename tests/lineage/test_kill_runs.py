"""The short version of the kill campaign: real runs lose nothing, and the same questions catch a naive store."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.lineage import kill, naive, target
from rsi_sandbox import audit, sandbox

NAIVE_KILLS = 6

PROGRAM = """
import sys
from pathlib import Path
from benchmarks.lineage.naive import NaiveLineage
from rsi_sandbox.model import Decision, Evidence, Generation, Spent, Tree

store = NaiveLineage.open(Path(sys.argv[1]), create=True, write=True)
print("open", flush=True)
while True:
    number = store.next_number()
    tree = Tree({f"{place}.py": b"x = %d\\n" % number for place in range(20)})
    made = {"why": "x" * 4000}
    store.record(
        Generation(number, 0, tree.digest, Decision.ACCEPTED, made, {}, (), (), Spent(), ""),
        tree,
        [Evidence("speed", {}, {"samples": b"y" * 20000})],
    )
    print("accepted", number, tree.digest, flush=True)
"""


@pytest.mark.slow
@pytest.mark.namespaces
def test_killed_runs_lose_nothing_and_the_next_start_heals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = sandbox.backend("namespaces").probe()
    if not probe.available:
        pytest.skip(f"namespaces: {probe.reason}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    root = tmp_path / "tiny"
    found = kill.campaign(1, "ours", "namespaces", 11, root, commits=1.0)
    assert found.kills["in a commit"] == 1
    assert found.failures == []
    process = kill.Killed([*kill.PROGRAMS["ours"], "evolve", str(root), "--sandbox", "namespaces", "--format", "jsonl"])
    kill.wait_for(process, lambda: any('"run-opened"' in line for line in process.said), 30.0)
    assert process.kill()
    kill.checked(found, root, target.files(root))
    assert found.failures == []
    assert found.healed["closed run , whose process had ended"] >= 1
    assert audit.verify(root / ".rsi-sandbox").problems == ()


def test_the_same_questions_catch_a_naive_store(tmp_path: Path) -> None:
    chance = random.Random(3)
    failures: list[str] = []
    for place in range(NAIVE_KILLS):
        root = tmp_path / str(place)
        (root / ".rsi-sandbox").mkdir(parents=True)
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, root / ".rsi-sandbox"], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(5)]
            time.sleep(chance.uniform(0.0, 0.05))
            process.kill()
            said += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        promised = {int(line.split()[1]): line.split()[2] for line in said if line.startswith("accepted ")}
        failures += naive.problems(root, promised)
    assert failures
