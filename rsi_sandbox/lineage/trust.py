"""The last size and root of each lineage, kept outside it, so that a shortened or replaced log is noticed.

It refuses nothing by itself: it remembers, and `Lineage.open` and `audit.verify` compare.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.lineage.durable import replace_file
from rsi_sandbox.model import canonical_json, digest_of
from rsi_sandbox.places import state_home


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a lineage looked like when it was last written here."""

    size: int
    root: str


def checkpoint_file(state_dir: Path) -> Path:
    """Where the checkpoint of a state directory is: one file each, under $XDG_STATE_HOME."""
    return state_home() / "trust" / f"{digest_of(str(state_dir.resolve()).encode())[:32]}.json"


def remember(state_dir: Path, checkpoint: Checkpoint) -> bool:
    """Store the checkpoint; False where there is no place for it (a read-only home)."""
    try:
        path = checkpoint_file(state_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        body = {"directory": str(state_dir.resolve()), "root": checkpoint.root, "size": checkpoint.size}
        replace_file(path, canonical_json(body) + b"\n")
    except (OSError, RuntimeError):
        return False
    return True


def recall(state_dir: Path) -> Checkpoint | None:
    """The stored checkpoint, or None where there is none.

    Raises:
        ValueError: there is one, and it can't be read.
    """
    try:
        text = checkpoint_file(state_dir).read_bytes()
    except (FileNotFoundError, NotADirectoryError, PermissionError, RuntimeError):
        return None
    body = json.loads(text)
    try:
        return Checkpoint(int(body["size"]), str(body["root"]))
    except (KeyError, TypeError) as error:
        raise ValueError("not a checkpoint") from error
