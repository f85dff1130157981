"""Writes what is needed to mend a fault of the tool into a file, so that it is not lost and not in everybody's face.

The report holds the command line, versions and the traceback; nothing of the environment and nothing of the target.
"""

import os
import platform
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rsi_sandbox import __version__
from rsi_sandbox.places import state_home


def write_report(error: BaseException, arguments: Sequence[str]) -> str:
    """Write a report about an exception; returns its path, or where else to find what it would say."""
    now = datetime.now(UTC)
    lines = [
        f"rsi-sandbox {__version__} on Python {platform.python_version()}, {platform.platform()}",
        f"at {now.isoformat(timespec='seconds')}",
        f"command: {' '.join(['rsi-sandbox', *arguments])}",
        "",
        *traceback.format_exception(error),
    ]
    text = "\n".join(line.rstrip("\n") for line in lines) + "\n"
    for folder in (state_home() / "crashes", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
            path.write_text(text, encoding="utf-8", errors="replace")
        except OSError:
            continue
        return str(path)
    return "what the same command prints with -v"
