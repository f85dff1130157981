"""`report`, `export` and `audit`: handing the record to somebody who does not have this tool, or does not trust it."""

import json
import sys
from enum import StrEnum
from pathlib import Path

from rsi_sandbox.cli.changing import chosen
from rsi_sandbox.cli.history import opened, state_of
from rsi_sandbox.errors import DamagedRecordError, UsageError


class Statement(StrEnum):
    """Forms in which a lineage, or one generation of it, is exported."""

    JSONL = "jsonl"
    PROVENANCE = "slsa-provenance"
    VERDICT = "in-toto-test-result"


def report(path: Path, state: Path | None, out: Path | None) -> None:
    """The whole lineage as one HTML file."""
    from rsi_sandbox.reports.html import render

    with opened(path, state) as lineage:
        text = render(lineage)
    place = out or Path("rsi-sandbox-report.html")
    if str(place) == "-":
        sys.stdout.write(text)
        return
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{place} can't be written: {error.strerror}", hint="name another file with --out") from error
    print(f"{place}: {len(text.encode()) / 1e6:.2f} MB, open it in a browser")  # noqa: T201 - the result


def export(path: Path, state: Path | None, number: int | None, form: Statement, key: Path | None) -> None:
    """The log, or a statement about one generation, on stdout."""
    from rsi_sandbox.lineage import statement
    from rsi_sandbox.lineage.records import entry_bytes

    with opened(path, state) as lineage:
        if form is Statement.JSONL:
            for event in lineage.events():
                sys.stdout.write(entry_bytes(event.seq, event.kind, event.body).decode() + "\n")
            return
        make = statement.provenance if form is Statement.PROVENANCE else statement.verdict
        made = make(lineage, chosen(lineage, number))
    found = made if key is None else statement.envelope(made, key)
    print(json.dumps(found, indent=1, sort_keys=True))  # noqa: T201 - the result of the command


def bundle(path: Path, state: Path | None, out: Path) -> None:
    """An audit bundle with its own verifier."""
    from rsi_sandbox.audit import bundle as bundles

    with opened(path, state, write=True) as lineage:
        lineage.sign()
        place = bundles.write(lineage, out)
        size, root = lineage.root()
    print(f"{place}: {size} entries, root {root}")  # noqa: T201 - the result of the command
    print(f"next: keep {size}:{root} elsewhere; check with `python3 verify.py` in the bundle", file=sys.stderr)  # noqa: T201


def checkpoint(path: Path, state: Path | None) -> None:
    """The log's size and root now, signed by this machine where it can."""
    with opened(path, state, write=True) as lineage:
        place = lineage.sign()
        now = lineage.checkpoint()
    sys.stdout.write(now.text.decode())
    kept = f"signed: {place}" if place else "not signed: ssh-keygen is missing"
    print(f"{kept}; as one word: {now.size}:{now.root}", file=sys.stderr)  # noqa: T201 - a hint


def witness(bundle: Path, key: Path, name: str) -> None:
    """Sign somebody's log as a witness."""
    from rsi_sandbox.audit import standalone
    from rsi_sandbox.audit.witness import cosign

    problems: list[str] = []
    lines = _lines(bundle)
    try:
        entries, _ = standalone.log_roots(lines, problems)
        standalone.check_generations(entries, bundle, problems)
        standalone.check_evidence(entries, bundle, problems)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problems.append(f"the bundle can't be read: {error!r}")
    if problems:
        raise DamagedRecordError(f"not signed: {problems[0]}", hint="`python3 verify.py` in the bundle says more")
    done = cosign(bundle, key, name)
    since = f"it grew from {done.since} entries" if done.since else "seen for the first time"
    print(f"{done.path}: {done.checkpoint.size} entries, {since}")  # noqa: T201 - the result of the command


def accept(signature: Path, path: Path, state: Path | None, signers: Path | None) -> None:
    """Take a witness's signature into the record."""
    from rsi_sandbox.audit.witness import accept as take
    from rsi_sandbox.lineage.checkpoint import trusted_signers

    known = trusted_signers() if signers is None else signers.read_text()
    name = take(state_of(path, state), signature, known)
    print(f"took the signature of {name}")  # noqa: T201 - the result of the command


def _lines(bundle: Path) -> list[bytes]:
    try:
        return (bundle / "log.jsonl").read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise UsageError(
            f"{bundle} is not an unpacked audit bundle", hint="make one with `audit bundle DIR`"
        ) from error
