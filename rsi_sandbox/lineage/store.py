"""The lineage of one target: everything that was tried, found out and decided, in one state directory.

Write order: evidence durable, tree durable, one SQLite transaction (the commit point), then references and the
checkpoint outside. What a crash left behind is rolled forward or removed on the next open for writing. It refuses
a second writer, a record without its evidence, to continue a log that was shortened, and to outgrow its limit.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from rsi_sandbox.errors import DamagedRecordError, StateError, UsageError
from rsi_sandbox.lineage import checkpoint, directory, pruning, trust
from rsi_sandbox.lineage.checkpoint import Checkpoint
from rsi_sandbox.lineage.directory import written
from rsi_sandbox.lineage.evidence import EvidenceStore
from rsi_sandbox.lineage.index import Index
from rsi_sandbox.lineage.log import Log
from rsi_sandbox.lineage.merkle import Frontier
from rsi_sandbox.lineage.objects import ObjectStore
from rsi_sandbox.lineage.records import Event, Kind, named_blobs, plain
from rsi_sandbox.model import Decision, Evidence, Generation, Json, Tree, digest_of

LIMIT_BYTES = 4 << 30
"""Evidence a state directory may hold, compressed; `prune` makes room without breaking a proof."""


class Lineage:
    """An open state directory. Made by `open`; a context manager."""

    def __init__(self, state_dir: Path, log: Log, held: ExitStack, lock_handle: int | None) -> None:
        self.directory = state_dir
        self.healed: list[str] = []
        """Sentences about what the open for writing repaired."""
        self._log = log
        self._held = held
        self._writes = lock_handle is not None
        self._evidence = EvidenceStore(state_dir / "evidence")
        self._objects = ObjectStore(state_dir / "objects.git", keep=lock_handle)
        self._frontier = Frontier()
        self._index = Index()
        self.limit = LIMIT_BYTES
        """Bytes of evidence beyond which nothing is recorded."""

    @classmethod
    def open(
        cls,
        state_dir: Path,
        *,
        create: bool,
        write: bool,
        wait: float = 0.0,
        told: Callable[[str], None] | None = None,
    ) -> "Lineage":
        """Open a state directory; writing takes the one-writer lock and heals what a crash left.

        A writer waits up to `wait` seconds for another one to finish, and `told` hears its name.

        Raises:
            UsageError: there is none and it was not to be created.
            StateError: it can't be used, or another run is using it.
            DamagedRecordError: it was shortened or altered.
        """
        state_dir = Path(os.path.abspath(state_dir))  # noqa: PTH100 - resolve() would follow a link in the last part
        fresh = not (state_dir / "lineage.db").exists()
        if fresh and not create:
            raise UsageError(f"there is no lineage in {state_dir}", hint="`rsi-sandbox evolve` starts one")
        if fresh and not write:
            raise UsageError(f"there is no lineage in {state_dir} yet", hint="open it for writing to start one")
        with ExitStack() as held:
            handle: int | None = None
            if write:
                handle = directory.prepare(state_dir, wait=wait, told=told)
                held.callback(os.close, handle)
            log = Log(state_dir / "lineage.db", write=write)
            held.callback(log.close)
            lineage = cls(state_dir, log, held.pop_all(), handle)
        try:
            lineage._refresh()
            if write:
                lineage._check_continuity()
                lineage.healed = lineage.heal()
        except BaseException:
            lineage.close()
            raise
        return lineage

    def close(self) -> None:
        """Let go of the database and of the lock."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    def heal(self) -> list[str]:
        """Roll forward and tidy what a killed run left; a sentence for each thing done."""
        self._need_writer()
        done: list[str] = []
        if self._log.migrated is not None:
            done.append(f"brought the record from layout {self._log.migrated} up to date")
            self._log.migrated = None
        if count := self._objects.clear_locks():
            done.append(f"removed {count} lock files of a killed git process")
        if count := self._evidence.sweep():
            done.append(f"removed {count} unfinished evidence files")
        references = self._objects.references()
        if self._index.generations:
            last = max(self._index.generations)
            if str(last) not in references:
                self._objects.publish(last, self._index.generations[last][1])
                done.append(f"finished the record of generation {last}")
        if self._index.open_run is not None:
            run = self._index.open_run
            self._append(Kind.RUN_CLOSED, {"reason": "the process ended without closing the run", "run": run})
            done.append(f"closed run {run}, whose process had ended")
        if count := pruning.carry_out(self._evidence, self._index.pruned):
            done.append(f"removed {count} pieces of evidence that were already pruned on record")
        if self._log.stored() is None:
            self._log.count_stored(self._evidence.size())
        return done

    def begin_run(self, body: Json) -> int:
        """Open a run; `body` says under which settings. Returns its number, from 1."""
        if self._index.open_run is not None:
            raise StateError(f"run {self._index.open_run} is still open")
        run = self._index.run + 1
        self._append(Kind.RUN_OPENED, {**plain(body), "run": run})
        return run

    def end_run(self, run: int, body: Json) -> None:
        """Close the run; `body` says why it stopped and what it used."""
        if run != self._index.open_run:
            raise StateError(f"run {run} is not open")
        self._append(Kind.RUN_CLOSED, {**plain(body), "run": run})
        self.sign()

    def sign(self) -> Path | None:
        """A checkpoint of this moment, signed by this machine's key and kept; None where no key can be had."""
        return checkpoint.sign_here(self.directory, self.checkpoint())

    def record(self, generation: Generation, tree: Tree, evidence: Iterable[Evidence]) -> None:
        """Commit one generation with its tree and the raw bytes of its evidence, all or nothing.

        Raises:
            StateError: the record contradicts itself or what was recorded before.
            UsageError: the tree has a path that can't be recorded.
        """
        self._need_writer()
        if problem := self._index.contradiction(generation, tree.digest):
            raise StateError(f"generation {generation.number} can't be recorded: {problem}")
        stored = self._put(data for piece in evidence for data in piece.raw.values())
        body = {"generation": plain(generation), "run": self._index.open_run or 0}
        for digest in named_blobs(body):
            if problem := self._evidence.problem(digest):
                raise StateError(f"generation {generation.number} can't be recorded: {problem}")
        parent = self._index.generations[generation.parent][1] if generation.number else None
        commit = self._objects.stage(generation.number, tree, parent)
        self._append(Kind.GENERATION, {**body, "commit": commit}, stored)
        self._objects.publish(generation.number, commit)

    def note(self, kind: Kind | str, body: Json) -> Event:
        """Commit one entry that is not a generation; digests under `blobs` must be stored (`keep`) before."""
        kind = Kind(kind)
        if kind in (Kind.GENERATION, Kind.RUN_OPENED, Kind.RUN_CLOSED, Kind.PRUNED):
            raise ValueError(f"{kind} has a method of its own")
        body = {"run": self._index.open_run or 0, **plain(body)}
        if kind is Kind.RETREATED and body.get("to") not in self._index.generations:
            raise StateError("the head can only move to a recorded generation")
        return self._append(kind, body)

    def retreat(self, number: int, reason: str) -> None:
        """Make an earlier accepted generation the head again (last known good)."""
        if self.generation(number) not in self.accepted():
            raise StateError(f"generation {number} was not accepted, so it can't become the head")
        self.note(Kind.RETREATED, {"reason": reason, "to": number})

    def keep(self, *blobs: bytes) -> list[str]:
        """Store bytes durably in the evidence store; returns their digests, to be named in `blobs`."""
        self._need_writer()
        self._put(blobs)
        return [digest_of(blob) for blob in blobs]

    def prune(self, target_bytes: int, reason: str, *, also_accepted: bool = False) -> tuple[int, int]:
        """Remove raw evidence until the store holds at most `target_bytes`: oldest first, rejected ones only.

        With `also_accepted` that of accepted generations goes too, after all others. What was removed is on record
        first, so every entry, root and proof stays as it was. Returns the number of pieces and their bytes.
        """
        self._need_writer()
        digests, size = pruning.choose(
            self.generations(), self._evidence, pruning.needed(self.events()), target_bytes, also_accepted=also_accepted
        )
        for start in range(0, len(digests), pruning.PER_ENTRY):
            part = digests[start : start + pruning.PER_ENTRY]
            self._append(Kind.PRUNED, {"digests": part, "reason": reason, "run": self._index.open_run or 0})
        pruning.carry_out(self._evidence, self._index.pruned)
        self._log.count_stored(self._evidence.size())
        return len(digests), size

    def stored_bytes(self) -> int:
        """Bytes of evidence in the store."""
        return self._evidence.size()

    # Reading

    def generations(self) -> list[Generation]:
        """All, by number."""
        self._refresh()
        return [generation for generation, _ in self._index.generations.values()]

    def generation(self, number: int) -> Generation:
        """One by number.

        Raises:
            UsageError: there is no such generation.
        """
        self._refresh()
        if number not in self._index.generations:
            raise UsageError(f"there is no generation {number}", hint="`rsi-sandbox log` lists them")
        return self._index.generations[number][0]

    def accepted(self) -> list[Generation]:
        """Generation 0 and every accepted one, by number."""
        return [each for each in self.generations() if not each.number or each.decision is Decision.ACCEPTED]

    def head(self) -> Generation | None:
        """The last accepted generation, or the one the lineage retreated to after it; None before generation 0."""
        self._refresh()
        return self._index.generations[self._index.head][0] if self._index.generations else None

    def chain(self, number: int) -> list[Generation]:
        """A generation and its ancestors, generation 0 last."""
        found = [self.generation(number)]
        while found[-1].number:
            found.append(self.generation(found[-1].parent))
        return found

    def next_number(self) -> int:
        """The number the next generation must have."""
        self._refresh()
        return max(self._index.generations, default=-1) + 1

    def tree(self, number: int) -> Tree:
        """The tree recorded with a generation, checked against its digest."""
        generation = self.generation(number)
        tree = self._objects.read(self.commit(number))
        if tree.digest != generation.tree:
            raise DamagedRecordError(f"the tree of generation {number} was altered", hint="see `rsi-sandbox verify`")
        return tree

    def commit(self, number: int) -> str:
        """Id of a generation's commit in objects.git."""
        self.generation(number)
        return self._index.generations[number][1]

    def git_tree(self, number: int) -> str:
        """git's id of a generation's tree."""
        return self._objects.tree_id(self.commit(number))

    def evidence(self, digest: str) -> bytes:
        """Raw bytes by digest, verified.

        Raises:
            DamagedRecordError: they are missing or altered.
            UsageError: they were pruned.
        """
        self._refresh()
        if digest in self._index.pruned:
            raise UsageError(f"evidence {digest[:12]} was pruned", hint="an older audit bundle may still hold it")
        return self._evidence.read(digest)

    def pruned(self) -> frozenset[str]:
        """Digests of evidence that was removed on record."""
        self._refresh()
        return frozenset(self._index.pruned)

    def events(self) -> Iterator[Event]:
        """Every entry in order, each checked against its leaf."""
        return self._log.events()

    def applied(self) -> list[Event]:
        """Applies that were not rolled back, oldest first."""
        self._refresh()
        return list(self._index.applied)

    def root(self) -> tuple[int, str]:
        """Number of entries and the root over them."""
        self._refresh()
        return self._frontier.size, self._frontier.root().hex()

    def checkpoint(self) -> Checkpoint:
        """Which log this is, its size and its root."""
        size, root = self.root()
        return Checkpoint(size, root, checkpoint.origin_of(self._index.first_leaf or root))

    def leaves(self, upto: int) -> list[bytes]:
        """Leaf hashes of the first `upto` entries, for proofs."""
        return self._log.leaves(upto)

    # Inside

    def _put(self, blobs: Iterable[bytes]) -> int:
        """Store evidence durably unless that would outgrow the limit; returns the bytes that are new on disk."""
        with written(self.directory):
            stored = self._evidence.put(blobs)
        if (self._log.stored() or 0) + stored > self.limit:
            raise StateError(
                f"the evidence in {self.directory} would outgrow its limit of {self.limit >> 20} MiB",
                hint="`rsi-sandbox prune` removes raw samples of rejected generations and keeps every proof",
            )
        return stored

    def _need_writer(self) -> None:
        if not self._writes:
            raise StateError(f"{self.directory} was opened for reading only")

    def _append(self, kind: Kind, body: Json, stored: int = 0) -> Event:
        self._need_writer()
        for digest in named_blobs(body):
            if problem := self._evidence.problem(digest):
                raise StateError(f"a {kind} entry can't be recorded: {problem}")
        event, self._frontier = self._log.append(kind, body, self._frontier, stored)
        self._index.take_in(event)
        trust.remember(self.directory, Checkpoint(event.seq, event.root))
        return event

    def _refresh(self) -> None:
        """Take in what was appended since (a reader next to a running writer).

        The last root binds every leaf before it, so it alone is recomputed here; `verify` recomputes each.
        """
        if self._writes and self._index.seen:
            return
        last = ""
        for event in self._log.events(self._index.seen):
            self._frontier.append(bytes.fromhex(event.leaf))
            if event.seq != self._frontier.size:
                raise self._discontinued(event.seq)
            self._index.take_in(event)
            last = event.root
        if last and last != self._frontier.root().hex():
            raise self._discontinued(self._index.seen)

    def _discontinued(self, seq: int) -> DamagedRecordError:
        return DamagedRecordError(
            f"entry {seq} of {self._log.path} does not continue the log",
            hint="see `rsi-sandbox verify` for everything that is damaged",
        )

    def _check_continuity(self) -> None:
        """Refuse to continue a log that is shorter than what was published of it."""
        beyond = self._objects.references().keys() - {str(number) for number in self._index.generations}
        if beyond:
            raise DamagedRecordError(
                f"{self.directory} has trees of generations that its log does not know: {', '.join(sorted(beyond))}",
                hint=trust.HINT,
            )
        size, root = self.root()
        if size:
            # An empty log with no trees is a new lineage, whatever was here before it.
            trust.check_continued(self.directory, self._log.root_at)
        trust.remember(self.directory, Checkpoint(size, root))
