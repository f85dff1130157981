"""Command line: `python -m wordstat FILE...`. The only module that opens files."""

import argparse
import sys
from pathlib import Path

from wordstat.report import render, summarise


def main(argv: list[str] | None = None) -> int:
    """Print a report over the given files; exit code 2 when one can't be read."""
    parser = argparse.ArgumentParser(prog="wordstat", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--top", type=int, default=10, help="how many words to list")
    options = parser.parse_args(argv)
    documents = []
    for path in options.files:
        try:
            documents.append(path.read_text(encoding="utf-8"))
        except OSError as error:
            print(f"wordstat: {path}: {error.strerror}", file=sys.stderr)
            return 2
    print(render(summarise(documents, top=options.top)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
