"""kill -9 at random moments: no accepted generation is lost, nothing in the working tree is half applied."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rsi_sandbox import audit, workspace
from rsi_sandbox.lineage import Lineage

KILLS = 15
FILES = 30

PROGRAM = f"""
import sys
from pathlib import Path
from rsi_sandbox import workspace
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Decision, Evidence, Generation, Spent, Tree

root = Path(sys.argv[1])
with Lineage.open(root / ".rsi-sandbox", create=True, write=True) as lineage:
    workspace.recover(root, lineage)
    lineage.begin_run({{}})
    print("opened", flush=True)
    while True:
        number = lineage.next_number()
        tree = Tree({{f"{{i}}.py": b"x = %d\\n" % number * 50 for i in range({FILES})}})
        raw = Evidence("speed", {{}}, {{"samples": b"samples %d" % number}})
        parent = max(0, number - 1)
        made = {{"n": number}}
        record = Generation(
            number, parent, tree.digest, Decision.ACCEPTED, made, {{}}, (raw.to_json(),), (), Spent(), ""
        )
        lineage.record(record, tree, [raw])
        print("accepted", number, flush=True)
        if number == 0:
            for path, data in tree.files.items():
                (root / path).write_bytes(data)
        else:
            workspace.apply(root, lineage, number, at="")
            print("applied", number, flush=True)
"""


def killed_run(root: Path, lines: int, pause: float) -> list[str]:
    """Run the program and kill it a moment after it has said so many lines; everything it said."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = [process.stdout.readline().strip() for _ in range(lines)]
        time.sleep(pause)
        process.kill()
        said += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        complaint = process.stderr.read()
        assert process.wait() == -signal.SIGKILL, complaint
    return said


@pytest.mark.slow
def test_nothing_is_lost_or_half_applied(tmp_path: Path) -> None:
    root = tmp_path
    chance = random.Random(6)
    killed_run(root, 3, 0.0)
    promised = 0
    for _ in range(KILLS):
        said = killed_run(root, chance.choice((1, 2, 2, 3, 4)), chance.uniform(0.0, 0.05))
        promised = max([promised, *(int(line.split()[1]) for line in said if line.startswith("accepted "))])
        with Lineage.open(root / ".rsi-sandbox", create=False, write=True) as lineage:
            workspace.recover(root, lineage)
            assert lineage.next_number() > promised
            applied = lineage.applied()
            now = int(applied[-1].body["generation"]) if applied else 0
            assert now >= max([0, *(int(line.split()[1]) for line in said if line.startswith("applied "))])
            expected = dict(lineage.tree(now).files)
        found = {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()}
        assert found == expected
    report = audit.verify(root / ".rsi-sandbox")
    assert report.problems == ()
    assert promised > 0
