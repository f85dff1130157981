"""Job: call functions of the tree with recorded arguments and answer with text that the host compares.

An answer covers the value or the exception, the arguments after the call, what was printed and what was warned.
It makes no judgement, holds no expected answer and sets no timer: a tree that hangs is stopped from outside.
"""

import asyncio
import contextlib
import hashlib
import inspect
import io
import pickle
import random
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from rsi_sandbox.worker import wire
from rsi_sandbox.worker.canon import MAX_ITEMS, Encoder, type_name
from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.definitions import import_path, walk

LONGEST = 4096
"""Answers with more characters than this travel as their SHA-256."""
UNRESOLVED = "unresolved:"
UNREADABLE = "unreadable:"


def run(args: dict[str, Any], context: Context) -> dict[str, Any]:
    """`answers` in the order of `calls`; `opaque`: indexes of answers with a part that could not be looked into."""
    context.enter(args["roots"])
    resolver = Resolver(context, args["roots"])
    answers: list[str] = []
    opaque: list[int] = []
    for index, (key, pickled) in enumerate(args["calls"]):
        text, closed = answer(resolver, key, wire.to_bytes(pickled))
        answers.append(text)
        if closed:
            opaque.append(index)
    return {"answers": answers, "opaque": opaque}


class Resolver:
    """Finds functions by "path::qualname", importing each file once; remembers what could not be found."""

    def __init__(self, context: Context, roots: Sequence[str]) -> None:
        self._context = context
        self._roots = roots
        self._found: dict[str, Callable[..., Any] | str] = {}

    def __call__(self, key: str) -> Callable[..., Any] | str:
        """The function, or a text starting with `unresolved:`."""
        if key not in self._found:
            try:
                self._found[key] = self._resolve(key)
            except BaseException as error:
                self._found[key] = f"{UNRESOLVED}{type_name(type(error))}"
        return self._found[key]

    def _resolve(self, key: str) -> Callable[..., Any]:
        path, _, qualname = key.partition("::")
        found = walk(import_path(self._context, path, self._roots), qualname)
        if not callable(found):
            raise TypeError("not callable")
        return found


def answer(resolver: Resolver, key: str, pickled: bytes) -> tuple[str, bool]:
    """The text for one call, and whether part of it is opaque."""
    function = resolver(key)
    if isinstance(function, str):
        return function, True
    try:
        arguments = pickle.loads(pickled)
        positional, named = arguments
    except Exception as error:
        return f"{UNREADABLE}{type_name(type(error))}", True
    encoder = Encoder()
    text = perform(function, positional, named, encoder)
    if len(text) > LONGEST:
        text = "sha256:" + hashlib.sha256(text.encode("ascii", "backslashreplace")).hexdigest()
    return text, bool(encoder.opaque)


def perform(function: Callable[..., Any], positional: Any, named: Any, encoder: Encoder) -> str:
    """Call it, and write down everything a caller could notice."""
    random.seed(0)
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        parts = _outcome(function, positional, named, encoder)
        parts.append(f"arguments {encoder.text((positional, named))}")
    parts.append(f"out {encoder.text(out.getvalue())}")
    parts.append(f"err {encoder.text(err.getvalue())}")
    parts += [f"warned {type_name(item.category)} {encoder.text(str(item.message))}" for item in warned]
    return "\n".join(parts)


def _outcome(function: Callable[..., Any], positional: Any, named: Any, encoder: Encoder) -> list[str]:
    try:
        value = function(*positional, **named)
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
        elif isinstance(value, types.AsyncGeneratorType):
            value = ("async generator", *asyncio.run(_collected(value)))
    except BaseException as error:
        return [f"raised {encoder.text(error)}"]
    return [f"value {encoder.text(value)}"]


async def _collected(stream: types.AsyncGeneratorType[Any, Any]) -> list[Any]:
    items: list[Any] = []
    async for item in stream:
        items.append(item)
        if len(items) >= MAX_ITEMS:
            break
    return items
