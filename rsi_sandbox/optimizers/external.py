"""Candidates from a program the user names, such as a language model's own command line.

The program gets the brief as JSON on stdin and answers JSON on stdout:
`{"candidates": [{"rationale": "...", "diff": "..."} or {"rationale": "...", "files": {"path": "content"}}]}`.
Its answer is text: bounded in bytes and time, parsed as data, never imported or executed here. It is started without
a shell in an empty directory, with the user's own environment.
"""

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rsi_sandbox.model import Candidate, Json, canonical_json
from rsi_sandbox.optimizers.brief import Brief, Refusal
from rsi_sandbox.optimizers.patches import PatchError, candidate_from, files_from_diff

MOST_BYTES = 4_000_000
MOST_SOURCE = 1_000_000
MOST_CANDIDATES = 64


class ExchangeError(Exception):
    """The program did not answer as agreed."""


class External:
    """A command that proposes patches."""

    name = "external"

    def __init__(
        self, command: Sequence[str], *, timeout: float = 300.0, most_bytes: int = MOST_BYTES, rounds: int = 8
    ) -> None:
        self._command = tuple(command)
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._rounds = rounds
        self._told: list[Json] = []
        self.refusals: list[Refusal] = []

    def propose(self, brief: Brief) -> Iterator[Candidate]:
        """One exchange with the program; what it returns that is no candidate is in `refusals`."""
        if self._rounds <= 0:
            return
        self._rounds -= 1
        try:
            answer = exchange(
                self._command, canonical_json(question(brief, self._told)), self._timeout, self._most_bytes
            )
            proposals = _proposals(answer)
        except ExchangeError as error:
            self.refusals.append(Refusal(self.name, str(error)))
            return
        for proposal in proposals:
            found = self._candidate(brief, proposal)
            if isinstance(found, Refusal):
                self.refusals.append(found)
            else:
                yield found

    def tell(self, digest: str, *, accepted: bool, objection: str) -> None:
        """Kept for the next question: the program learns which row objected, and no values."""
        self._told.append({"candidate": digest, "accepted": accepted, "objection": objection})

    def _candidate(self, brief: Brief, proposal: Json) -> Candidate | Refusal:
        if not isinstance(proposal, dict):
            return Refusal(self.name, "a candidate is not an object")
        diff, files, why = proposal.get("diff"), proposal.get("files"), proposal.get("rationale")
        rationale = " ".join(str(why or "Proposed by the external optimizer.").split())[:300]
        try:
            if isinstance(diff, str):
                contents = files_from_diff(brief.tree.files, diff.encode())
            elif isinstance(files, dict) and all(isinstance(text, str) for text in files.values()):
                contents = {str(path): text.encode() for path, text in files.items()}
            else:
                return Refusal(self.name, "a candidate has neither `diff` nor `files`")
        except (PatchError, UnicodeEncodeError) as error:
            return Refusal(self.name, str(error))
        return candidate_from(brief, contents, optimizer=self.name, rationale=rationale)


def question(brief: Brief, told: list[Json]) -> Json:
    """The brief as the program sees it: hot functions first, and the files they are in."""
    hot = brief.hot()
    files: dict[str, str] = {}
    room = MOST_SOURCE
    for path in dict.fromkeys(one.path for one in hot):
        data = brief.tree.files[path]
        if len(data) <= room:
            files[path] = data.decode("utf-8", "replace")
            room -= len(data)
    return {
        "version": 1,
        "tree": brief.tree.digest,
        "seed": brief.seed,
        "roots": list(brief.roots),
        "hot": [
            {"path": one.path, "qualname": one.qualname, "line": one.line, "calls": one.calls, "share": one.share}
            for one in hot
        ],
        "observed": {
            key: {name: asdict(seen) for name, seen in value.params.items()} for key, value in brief.observed.items()
        },
        "files": files,
        "verdicts": told[-200:],
    }


def exchange(command: Sequence[str], question: bytes, timeout: float, most_bytes: int) -> bytes:
    """Run the program once: its stdout, within the bounds.

    Raises:
        ExchangeError: it can't be started, fails, writes too much or takes too long.
    """
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryDirectory() as empty:
        stdin.write(question)
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                list(command), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                cwd=empty, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ExchangeError(f"the optimizer program could not be started: {error}") from error
        with process:
            try:
                answer = _read(process, timeout, most_bytes)
            finally:
                _end(process)
    if process.returncode != 0:
        raise ExchangeError(f"the optimizer program failed with exit code {process.returncode}")
    return answer


def _read(process: "subprocess.Popen[bytes]", timeout: float, most_bytes: int) -> bytes:
    assert process.stdout is not None
    deadline = time.monotonic() + timeout
    parts: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise ExchangeError(f"the optimizer program did not answer within {timeout:g} s")
            part = os.read(process.stdout.fileno(), 1 << 16)
            if not part:
                break
            size += len(part)
            if size > most_bytes:
                raise ExchangeError(f"the optimizer program wrote more than {most_bytes} bytes")
            parts.append(part)
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise ExchangeError(f"the optimizer program did not end within {timeout:g} s") from error
    return b"".join(parts)


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _proposals(answer: bytes) -> list[Json]:
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise ExchangeError("the optimizer program's answer is not JSON") from error
    found = value.get("candidates") if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise ExchangeError("the optimizer program's answer has no list `candidates`")
    return found[:MOST_CANDIDATES]
