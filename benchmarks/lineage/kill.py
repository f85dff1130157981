"""kill -9 of whole process groups at random moments of real runs, and what is left of the record afterwards.

    python -m benchmarks.lineage.kill --kills 500 --out benchmarks/lineage/kill.json
    python -m benchmarks.lineage.kill --kills 100 --store naive

Most kills come at a moment drawn evenly over the run; the others (`--commits`, a third) shortly after the first write
of a commit, where a bad store is most likely to be caught: a third each within 4 ms, 20 ms and 0.6 s. Between runs
`apply` and `rollback` are killed too.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.lineage import naive, target
from rsi_sandbox import audit, workspace
from rsi_sandbox.errors import RsiError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Decision

LONGEST = 300.0
"""Seconds after which a run that does not commit is killed all the same."""
COMMIT_SECONDS = (0.004, 0.02, 0.6)
APPLY_SECONDS = 0.02


PROGRAMS = {
    "ours": (sys.executable, "-m", "benchmarks.lineage.brisk"),
    "naive": (sys.executable, "-m", "benchmarks.lineage.naive"),
}


@dataclass
class Found:
    """What was seen so far."""

    kills: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    promised: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    healed: Counter[str] = field(default_factory=Counter)
    phases: dict[str, int] = field(default_factory=dict)
    """How many killed runs had said what: how far they had come."""
    moments: list[float] = field(default_factory=list)
    """Seconds after the start of a run at which it was killed."""


class Killed:
    """One process group that is killed at a moment of our choice, and every whole line it said before."""

    def __init__(self, words: list[str]) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        self.said: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(line for line in self.process.stdout if line.endswith("\n"))

    def kill(self) -> bool:
        """Whether it was still running."""
        running = self.process.poll() is None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            running = False
        self.process.wait()
        self.reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return running


def changed(state: Path) -> tuple[object, ...]:
    """A number that moves as soon as something is written to the record."""
    places = [state, state / "lineage.json", state / "evidence", state / "lineage.db-wal", state / "trees"]
    return tuple(moved_at(place) for place in places)


def moved_at(place: Path) -> int:
    """When a file or directory was last written to; 0 where there is none (any more)."""
    try:
        return place.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def wait_for(process: Killed, moved: Callable[[], bool], seconds: float) -> None:
    """Until the record is written to, the process ends, or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.process.poll() is None and not moved():
        time.sleep(0.001)


class Moved:
    """Whether something moved since the run was under way; the opening entries of a run do not count."""

    def __init__(self, state: Path, process: Killed, word: str) -> None:
        self.state, self.process, self.word = state, process, word
        self.before: tuple[object, ...] | None = None
        self.moved = False

    def __call__(self) -> bool:
        if self.word and not any(self.word in line for line in self.process.said):
            return False
        if self.before is None:
            self.before = changed(self.state)
        self.moved = changed(self.state) != self.before
        return self.moved


def evolve(
    found: Found, root: Path, chance: random.Random, store: str, sandbox: str, length: float, commits: float
) -> float:
    """One run that is killed; returns how long a whole run takes now, as far as is known."""
    words = [*PROGRAMS[store], "evolve", str(root), "--sandbox", sandbox, "--format", "jsonl"]
    process = Killed([*words, "--generations", "1", "--budget", "10m"])
    committing = Moved(root / ".rsi-sandbox", process, '"event": "composite"')
    if chance.random() < commits:
        wait_for(process, committing, LONGEST)
        time.sleep(chance.uniform(0.0, chance.choice(COMMIT_SECONDS)))
    else:
        wait_for(process, lambda: False, chance.uniform(0.0, length))
    running = process.kill()
    seconds = time.monotonic() - process.started
    if running:
        found.kills["in a commit" if committing.moved else "anywhere"] += 1
        found.moments.append(round(seconds, 3))
    else:
        found.finished += 1
    for line in process.said:
        event = json.loads(line)
        found.phases[event["event"]] = found.phases.get(event["event"], 0) + 1
        if event["event"] == "generation":
            found.promised[event["number"]] = event["tree"] if event["decision"] == "accepted" else ""
    return 0.6 * length + 0.4 * seconds if committing.moved or not running else length


def change(found: Found, root: Path, chance: random.Random, store: str, command: str) -> None:
    """`apply` or `rollback`, killed."""
    process = Killed([*PROGRAMS[store], command, str(root)])
    watched = root if store == "naive" else root / ".rsi-sandbox"
    wait_for(process, Moved(watched, process, ""), 20.0)
    time.sleep(chance.uniform(0.0, APPLY_SECONDS))
    if process.kill():
        found.kills[command] += 1


def checked(found: Found, root: Path, original: dict[str, bytes]) -> None:
    """Open as the next start would, and compare everything with what was promised."""
    state = root / ".rsi-sandbox"
    if not (state / "lineage.db").exists():
        return
    try:
        with Lineage.open(state, create=True, write=True) as lineage:
            for text in [*lineage.healed, *workspace.recover(root, lineage)]:
                found.healed["".join(letter for letter in text if not letter.isdigit()).strip()] += 1
            held = {each.number: each for each in lineage.generations()}
            for number, tree in found.promised.items():
                if number not in held or (tree and held[number].tree != tree):
                    found.failures.append(f"lost: generation {number}")
                elif tree and (held[number].decision is not Decision.ACCEPTED or lineage.tree(number).digest != tree):
                    found.failures.append(f"torn: generation {number}")
            stack = lineage.applied()
            wanted = dict(lineage.tree(stack[-1].body["generation"]).files) if stack else original
        if target.files(root) != wanted:
            found.failures.append("half applied: the working tree is neither the original nor the generation")
        report = audit.verify(state)
        found.failures += [f"damaged: {problem}" for problem in report.problems]
    except RsiError as error:
        found.failures.append(f"refused: {error.message}")


def checked_naive(found: Found, root: Path, original: dict[str, bytes]) -> None:
    """The same questions to the naive store; what is broken is thrown away so that the next kill starts clean."""
    state = root / ".rsi-sandbox"
    failures = naive.problems(root, found.promised) if (state / "lineage.json").exists() else []
    trees = [original, *(target_tree(state, number) for number in found.promised)]
    if target.files(root) not in trees:
        failures.append("half applied: the working tree is neither the original nor a generation")
    found.failures += failures
    if failures:
        shutil.rmtree(root)
        target.make(root)
        found.promised.clear()


def target_tree(state: Path, number: int) -> dict[str, bytes]:
    """The files that a naive generation holds."""
    return target.files(state / "trees" / str(number)) if (state / "trees" / str(number)).exists() else {}


def campaign(
    kills: int,
    store: str,
    sandbox: str,
    seed: int,
    root: Path,
    *,
    commits: float = 1 / 3,
    told: Callable[[Found], None] = lambda found: None,
) -> Found:
    """Kill until there were so many kills of runs; `told` hears after each how it stands."""
    chance = random.Random(seed)
    found = Found()
    original = target.make(root)
    length = 12.0
    while found.kills["anywhere"] + found.kills["in a commit"] < kills:
        length = evolve(found, root, chance, store, sandbox, length, commits)
        if found.promised and chance.random() < 0.3:
            change(found, root, chance, store, "apply")
            if store == "naive":
                checked_naive(found, root, original)
                put_back(root, original)
            else:
                checked(found, root, original)
                change(found, root, chance, store, "rollback")
                checked(found, root, original)
                with Lineage.open(root / ".rsi-sandbox", create=False, write=True) as lineage:
                    while lineage.applied():
                        workspace.rollback(root, lineage, at="")
        elif store == "naive":
            checked_naive(found, root, original)
        else:
            checked(found, root, original)
        told(found)
    return found


def put_back(root: Path, original: dict[str, bytes]) -> None:
    """The original again, for the store that has no rollback."""
    for path, data in original.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--store", choices=("ours", "naive"), default="ours")
    parser.add_argument("--sandbox", default="namespaces")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--commits", type=float, default=1 / 3, help="share of kills aimed at a commit")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    started = time.monotonic()

    def told(found: Found) -> None:
        if asked.out:
            asked.out.write_text(json.dumps(result_of(asked, found, time.monotonic() - started), indent=1) + "\n")

    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = str(Path(folder, "state"))
        tiny = Path(folder, "tiny")
        found = campaign(asked.kills, asked.store, asked.sandbox, asked.seed, tiny, commits=asked.commits, told=told)
    print(json.dumps(result_of(asked, found, time.monotonic() - started), indent=1))
    if asked.store == "ours" and found.failures:
        sys.exit(1)


def result_of(asked: argparse.Namespace, found: Found, seconds: float) -> dict[str, object]:
    """What is kept of a campaign."""
    return {
        "store": asked.store,
        "sandbox": asked.sandbox,
        "seed": asked.seed,
        "share aimed at a commit": round(asked.commits, 3),
        "kills": dict(found.kills),
        "runs that ended before the kill": found.finished,
        "killed runs that had come as far as": found.phases,
        "generations promised": len(found.promised),
        "accepted generations promised": sum(bool(tree) for tree in found.promised.values()),
        "failures": len(found.failures),
        "failures by kind": dict(Counter(text.split(":")[0] for text in found.failures)),
        "first failures": found.failures[:10],
        "healed": dict(found.healed),
        "seconds into the run": sorted(found.moments),
        "seconds": round(seconds),
    }


if __name__ == "__main__":
    main()
