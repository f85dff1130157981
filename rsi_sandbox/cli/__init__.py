"""The command line: parse, call, render, exit. The only place where errors become messages and exit codes."""

import os
import sys

from rsi_sandbox.errors import Exit, RsiError

VERBOSE = ("-v", "--verbose")


def main() -> None:
    """Entry point of `rsi-sandbox`."""
    from rsi_sandbox.cli.app import app

    arguments, verbose = _verbose(sys.argv[1:])
    try:
        app(args=arguments)
    except RsiError as error:
        _say(f"error: {error.message}", error.hint, verbose=verbose)
        sys.exit(int(error.exit_code))
    except BrokenPipeError:
        # Whoever read the result has enough of it; the interpreter must not try to write the rest on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(int(Exit.YES))
    except Exception as error:
        from rsi_sandbox.cli.crash import write_report

        where = write_report(error, sys.argv[1:])
        _say(
            f"error: {type(error).__name__}: {error}",
            f"this is a fault of rsi-sandbox, nothing was applied; please report it with {where}",
            verbose=verbose,
        )
        sys.exit(int(Exit.BROKEN))


def _verbose(arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without -v, which may stand anywhere before `--` so that it also holds while parsing."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [word for word in arguments[:end] if word not in VERBOSE] + arguments[end:]
    return kept, len(kept) < len(arguments)


def _say(text: str, hint: str, *, verbose: bool) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - this is where messages are written
    if hint:
        print(f"  next: {hint}", file=sys.stderr)  # noqa: T201
    if verbose:
        import traceback

        traceback.print_exc()
