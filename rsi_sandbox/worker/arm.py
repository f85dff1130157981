"""The confined half of a launch: loads one arm's code and obeys commands of a fixed size, one at a time.

Everything here shares a process with the candidate's code, so nothing it says about time is ever asked for: the
leader reads the clocks. It answers each command with a status, the command's nonce and a digest.
"""

import gc
import hashlib
import inspect
import os
import pickle
import random
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rsi_sandbox.worker import wire
from rsi_sandbox.worker.canon import encode
from rsi_sandbox.worker.context import Context

COMMAND = struct.Struct("<cQIIQ")
"""Operation, nonce, case, number of calls, and where in the case's calls to start (or the sample's seed)."""
REPLY = struct.Struct("<cQ32s")
"""Status, the command's nonce, and a digest or the name of what was raised."""
LOAD, PREPARE, RUN, ANSWER = b"l", b"p", b"r", b"a"
DONE, RAISED = b"+", b"-"
SAMPLE = 8
"""Results digested per answer; the leader's seed picks them after the run."""

Call = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass
class Bench:
    """What this arm has loaded, and its block in flight."""

    functions: list[Callable[..., Any]] = field(default_factory=list)
    calls: list[list[bytes]] = field(default_factory=list)
    clears: list[Callable[[], object]] = field(default_factory=list)
    modules: int = 0
    block: list[Call] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)


def occupy(seed: str) -> list[Any]:
    """Live objects in every small size class and a random heap prelude; the caller keeps them.

    Layout lasts as long as a process, so it has to differ between launches to average out.
    """
    chance = random.Random(seed)  # noqa: S311 (layout, not secrets)
    kept: list[Any] = [
        [bytes(size - 33) for _ in range(chance.randrange(32768 // size))] for size in range(48, 513, 16)
    ]
    kept.append([float(value) for value in range(chance.randrange(1024))])
    kept.append([object() for _ in range(chance.randrange(2048))])
    kept.append([bytearray(chance.randrange(600, 9000)) for _ in range(chance.randrange(64))])
    return kept


def obey(commands: int, replies: int, cases: Sequence[dict[str, Any]], context: Context, roots: list[str]) -> None:
    """Answer commands until their pipe ends."""
    bench = Bench()
    while len(data := os.read(commands, COMMAND.size)) == COMMAND.size:
        operation, nonce, case, count, start = COMMAND.unpack(data)
        status, payload = DONE, b""
        try:
            if operation == RUN:
                _run(bench, case)
            elif operation == PREPARE:
                _prepare(bench, context.tree, case, count, start)
            elif operation == ANSWER:
                payload = _answer(bench, count, start)
            elif operation == LOAD:
                _load(bench, cases, context, roots)
        except BaseException as error:
            status, payload = RAISED, type(error).__name__.encode()
        os.write(replies, REPLY.pack(status, nonce, payload[:32]))


def _load(bench: Bench, cases: Sequence[dict[str, Any]], context: Context, roots: list[str]) -> None:
    context.enter(roots)
    for case in cases:
        found: Any = context.load(case["module"])
        for name in case["qualname"].split("."):
            found = getattr(found, name)
        bench.functions.append(_drained(found))
        bench.calls.append([wire.to_bytes(text) for text in case["calls"]])
    gc.collect()
    gc.freeze()
    gc.disable()


def _drained(function: Callable[..., Any]) -> Callable[..., Any]:
    """A generator function does its work while it is read, so reading belongs to the call."""
    if inspect.iscoroutinefunction(function):
        raise TypeError("coroutine functions can't be timed")
    if not inspect.isgeneratorfunction(function):
        return function
    return lambda *args, **kwargs: list(function(*args, **kwargs))


def _prepare(bench: Bench, tree: str, case: int, count: int, start: int) -> None:
    """Fresh argument objects for `count` calls, so nothing is remembered by identity."""
    bench.results = []
    bench.block = []
    if gc.get_count()[0] > 100_000:
        gc.collect()
    calls = bench.calls[case]
    bench.block = [pickle.loads(calls[(start + index) % len(calls)]) for index in range(count)]
    if len(sys.modules) != bench.modules:
        bench.modules = len(sys.modules)
        bench.clears = list(_caches(tree))


def _caches(tree: str) -> Iterator[Callable[[], object]]:
    for module in list(sys.modules.values()):
        if not str(getattr(module, "__file__", None) or "").startswith(tree + os.sep):
            continue
        for value in list(vars(module).values()):
            members = list(vars(value).values()) if isinstance(value, type) else []
            for item in (value, *members):
                clear = inspect.getattr_static(item, "cache_clear", None)
                if clear is not None and not isinstance(item, type):
                    yield item.cache_clear


def _run(bench: Bench, case: int) -> None:
    """Every call of the block. Caches are emptied before each round over the case's calls.

    Without that a cache would be credited with hits that only repeating a measurement makes.
    """
    function, clears, results = bench.functions[case], bench.clears, bench.results
    keep, size = results.append, len(bench.calls[case])
    for position in range(0, len(bench.block), size):
        for clear in clears:
            clear()
        for args, kwargs in bench.block[position : position + size]:
            try:
                keep(function(*args, **kwargs))
            except Exception as error:
                keep(error)


def _answer(bench: Bench, count: int, seed: int) -> bytes:
    results = bench.results
    chosen: Sequence[int] = range(len(results))
    if count < len(results):
        chosen = random.Random(seed).sample(chosen, count)  # noqa: S311 (a sample, not a secret)
    total = hashlib.sha256()
    for index in chosen:
        value = results[index]
        if isinstance(value, Exception):
            value = ["raised", type(value).__name__, str(value)]
        total.update(encode(value).encode("utf-8", "surrogatepass"))
        total.update(b"\0")
    return total.digest()
