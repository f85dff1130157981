"""The command line: parse, call, render, exit. The only place where errors become messages and exit codes."""

import sys
import traceback

from rsi_sandbox.errors import Exit, RsiError


def main() -> None:
    """Entry point of `rsi-sandbox`."""
    from rsi_sandbox.cli.app import app

    try:
        app()
    except RsiError as error:
        print(f"error: {error.message}", file=sys.stderr)  # noqa: T201 - this is where messages are written
        if error.hint:
            print(f"  next: {error.hint}", file=sys.stderr)  # noqa: T201
        if "-v" in sys.argv[1:]:
            traceback.print_exc()
        sys.exit(int(error.exit_code))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(int(Exit.YES))
    except Exception as error:
        print(f"error: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        print("  next: this is a fault of rsi-sandbox; run again with -v and report what it prints", file=sys.stderr)  # noqa: T201
        if "-v" in sys.argv[1:]:
            traceback.print_exc()
        sys.exit(int(Exit.BROKEN))
