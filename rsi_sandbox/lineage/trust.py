"""The last size and root of each lineage, kept outside it, so that a shortened or replaced log is noticed.

It refuses nothing by itself: it remembers, and `Lineage.open` and `audit.verify` compare.
"""

import json
from collections.abc import Callable
from pathlib import Path

from rsi_sandbox.errors import DamagedRecordError
from rsi_sandbox.lineage.checkpoint import Checkpoint
from rsi_sandbox.lineage.durable import replace_file
from rsi_sandbox.model import canonical_json, digest_of
from rsi_sandbox.places import state_home

HINT = "`rsi-sandbox verify` says more; restore the directory, or move it away and start anew"


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


def check_continued(state_dir: Path, root_at: Callable[[int], str | None]) -> None:
    """Refuse to continue a log that is not the one last written here; `root_at` gives its stored roots by size.

    Raises:
        DamagedRecordError: it is shorter or another one, or what is remembered can't be read.
    """
    try:
        last = recall(state_dir)
    except ValueError as error:
        raise DamagedRecordError(f"the checkpoint {checkpoint_file(state_dir)} can't be read", hint=HINT) from error
    if last and last.size and root_at(last.size) != last.root:
        raise DamagedRecordError(
            f"{state_dir} is not the lineage that was last written here, or an older copy", hint=HINT
        )
