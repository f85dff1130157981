"""The store that most programs have: one JSON file rewritten in place, trees copied, files applied one by one.

It exists to be killed: a harness that finds nothing wrong with it would find nothing wrong with anything.
Run as `python -m benchmarks.lineage.naive evolve|apply ROOT ...`; the loop, the sandbox and the gate are the real ones.
"""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from rsi_sandbox.lineage.records import generation_from, plain
from rsi_sandbox.model import Decision, Evidence, Generation, Tree


class NaiveLineage:
    """As much of `Lineage` as a run needs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.healed: list[str] = []
        self.path = directory / "lineage.json"
        self.record_: dict[str, Any] = json.loads(self.path.read_text()) if self.path.exists() else {"entries": []}

    @classmethod
    def open(cls, state_dir: Path, *, create: bool, write: bool, **_: Callable[[str], None] | float | None) -> Self:
        state_dir.mkdir(exist_ok=True)
        (state_dir / ".gitignore").write_text("*\n")
        return cls(state_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def begin_run(self, body: object) -> int:
        self._append("run-opened", plain(body))
        return 1

    def end_run(self, run: int, body: object) -> None:
        self._append("run-closed", plain(body))

    def generations(self) -> list[Generation]:
        return [generation_from(entry["body"]) for entry in self.record_["entries"] if entry["kind"] == "generation"]

    def accepted(self) -> list[Generation]:
        return [each for each in self.generations() if each.decision is Decision.ACCEPTED]

    def next_number(self) -> int:
        return len(self.generations())

    def record(self, generation: Generation, tree: Tree, evidence: Iterable[Evidence]) -> None:
        self._append("generation", {"generation": plain(generation)})
        folder = self.directory / "trees" / str(generation.number)
        for path, data in tree.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        for piece in evidence:
            for name, data in piece.raw.items():
                (self.directory / f"{generation.number}-{piece.oracle}-{name}").write_bytes(data)

    def _append(self, kind: str, body: object) -> None:
        self.record_["entries"].append({"kind": kind, "body": body})
        with self.path.open("w") as file:
            json.dump(self.record_, file, indent=1)


def apply(root: Path) -> None:
    """Copy the last accepted tree over the working tree."""
    state = root / ".rsi-sandbox"
    number = NaiveLineage(state).accepted()[-1].number
    folder = state / "trees" / str(number)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            (root / path.relative_to(folder)).write_bytes(path.read_bytes())
    print(f"applied generation {number}", flush=True)


def problems(root: Path, promised: dict[int, str]) -> list[str]:
    """What a kill has done to the store."""
    try:
        store = NaiveLineage(root / ".rsi-sandbox")
        held = {each.number: each for each in store.generations()}
    except ValueError as error:
        return [f"torn record: {error}"]
    found = []
    for number, tree in promised.items():
        if number not in held:
            found.append(f"lost: generation {number} was promised")
        elif tree and held[number].tree != tree:
            found.append(f"lost: generation {number} is another")
    for number, each in held.items():
        folder = root / ".rsi-sandbox" / "trees" / str(number)
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        if Tree(files).digest != each.tree:
            found.append(f"torn tree of generation {number}")
    return found


if __name__ == "__main__":
    command, place = sys.argv[1], Path(sys.argv[2])
    if command == "apply":
        apply(place)
    else:
        import rsi_sandbox.lineage
        from benchmarks.lineage.brisk import shorten
        from rsi_sandbox.cli import main

        shorten()
        rsi_sandbox.lineage.Lineage = NaiveLineage  # type: ignore[assignment,misc]
        sys.argv = ["rsi-sandbox", *sys.argv[1:]]
        main()
