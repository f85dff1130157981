"""Three-way merges of one file's bytes, by `git merge-file`. It refuses to leave conflict markers anywhere."""

import os
import subprocess
import tempfile
from pathlib import Path

from rsi_sandbox.errors import StateError

_SECONDS = 60.0


def merge(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Both sides' changes together; None when they conflict or are not text.

    Raises:
        StateError: git is missing.
    """
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    with tempfile.TemporaryDirectory() as folder:
        names = ("ours", "base", "theirs")
        for name, data in zip(names, (ours, base, theirs), strict=True):
            Path(folder, name).write_bytes(data)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CEILING_DIRECTORIES": str(Path(folder).parent),
        }
        try:
            done = subprocess.run(
                ["git", "merge-file", "-p", "--quiet", *names],
                cwd=folder,
                env=environment,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except FileNotFoundError as error:
            raise StateError("git is needed to merge and was not found", hint="install git") from error
    return done.stdout if done.returncode == 0 else None
