"""How the record behaves when it is long: appending, opening and verifying against the number of entries.

    python -m benchmarks.lineage.scale --events 100000 --out benchmarks/lineage/scale.json

Every append is a durable commit, as in a run. Raw milliseconds of every thousandth append are kept.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from rsi_sandbox import audit
from rsi_sandbox.lineage import Lineage, trust
from rsi_sandbox.model import Decision, Evidence, Generation, Spent, Tree


def appended(state: Path, events: int, *, cheap: bool) -> list[tuple[int, float]]:
    """(size of the log, milliseconds) of sampled appends."""
    samples = []
    with Lineage.open(state, create=True, write=True) as lineage:
        remember = trust.remember
        if cheap:
            # Only the length of this log matters here, so nothing waits for the disk.
            lineage._log._database.execute("PRAGMA synchronous = OFF")
            trust.remember = lambda *_: True
        for number in range(events):
            started = time.perf_counter()
            lineage.note("incident", {"what": f"entry {number}", "at": "2026-01-01T00:00:00+00:00"})
            if number % 1000 < 3:
                samples.append((number + 1, (time.perf_counter() - started) * 1e3))
        trust.remember = remember
    return samples


def recorded(state: Path, generations: int) -> list[tuple[int, float]]:
    """(number, milliseconds) of recording whole generations: evidence, tree, entry, reference."""
    samples = []
    files = {f"pkg/module_{n}.py": b"x = 0\n" * 200 for n in range(40)}
    with Lineage.open(state, create=True, write=True) as lineage:
        for number in range(generations):
            files["pkg/module_0.py"] = b"x = %d\n" % number * 200
            tree = Tree(dict(files))
            raw = Evidence("speed", {"speed.low": 1.1}, {"samples": os.urandom(20_000)})
            record = Generation(
                number, max(0, number - 1), tree.digest, Decision.ACCEPTED, {"n": number} if number else {}, {},
                (raw.to_json(),), (), Spent(1.0), "2026-01-01T00:00:00+00:00",
            )  # fmt: skip
            started = time.perf_counter()
            lineage.record(record, tree, [raw])
            samples.append((number, (time.perf_counter() - started) * 1e3))
    return samples


def timed(action: str, state: Path) -> list[float]:
    """Seconds of opening or verifying, by the clock and on the processor; the second is what a quiet machine takes."""
    started, worked = time.perf_counter(), time.process_time()
    if action == "open":
        with Lineage.open(state, create=False, write=True) as lineage:
            lineage.root()
    else:
        report = audit.verify(state)
        assert report.ok, report.problems
    return [round(time.perf_counter() - started, 3), round(time.process_time() - worked, 3)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--durable", type=int, default=3000, help="appends that are measured with every fsync")
    parser.add_argument("--generations", type=int, default=300)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = str(Path(folder, "home"))
        durable = appended(Path(folder, "durable"), asked.durable, cheap=False)
        generations = recorded(Path(folder, "generations"), asked.generations)
        long = Path(folder, "long")
        growth = appended(long, asked.events, cheap=True)
        result = {
            "events": asked.events,
            "append, durable: median ms": round(median(ms for _, ms in durable), 3),
            "append at the start and at the end of the long log: median ms": [
                round(median(ms for size, ms in growth if size <= 5000), 3),
                round(median(ms for size, ms in growth if size > asked.events - 5000), 3),
            ],
            "record a generation, first and last 50: median ms": [
                round(median(ms for number, ms in generations if number < 50), 2),
                round(median(ms for number, ms in generations if number >= asked.generations - 50), 2),
            ],
            "open the long log: seconds, CPU seconds": timed("open", long),
            "verify the long log: seconds, CPU seconds": timed("verify", long),
            "bytes of the long log": (long / "lineage.db").stat().st_size,
            "samples": {"durable": durable, "long": growth, "generations": generations},
        }
    print(json.dumps({name: value for name, value in result.items() if name != "samples"}, indent=1))
    if asked.out:
        asked.out.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
