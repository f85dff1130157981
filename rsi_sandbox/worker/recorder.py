"""Watches calls of chosen functions and keeps their arguments as they were when the call began.

Uses `sys.setprofile`. Whatever goes wrong while looking at a call is noted and never reaches the code that is
watched. A generator is seen when it is first advanced, which can be later than it was made.
"""

import dis
import inspect
import sys
import threading
from collections.abc import Sequence
from types import CodeType, FrameType
from typing import Any

from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.definitions import Definition, UnobservableError, find
from rsi_sandbox.worker.frames import Frames
from rsi_sandbox.worker.portable import NotPortableError, Portable
from rsi_sandbox.worker.samples import Samples
from rsi_sandbox.worker.suite import PhasePlugin

_RESUMED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_PLAIN = (int, float, complex, bool, str, bytes, type(None))


class Watched:
    """One wanted function: where it is, and what has been seen of it."""

    def __init__(self, context: Context, roots: Sequence[str], path: str, qualname: str, samples: Samples) -> None:
        self.key = f"{path}::{qualname}"
        self.samples = samples
        self._where = (context, path, qualname, roots)
        self._definition: Definition | None = None

    def definition(self) -> Definition:
        """The function by name. Raises UnobservableError."""
        if self._definition is None:
            context, path, qualname, roots = self._where
            self._definition = find(context, path, qualname, roots)
        return self._definition

    def look(self, frame: FrameType, portable: Portable) -> None:
        """A call that has just begun."""
        values = _arguments(frame)
        definition = self.definition()
        if definition.code is not frame.f_code:
            raise UnobservableError("what its name leads to is another function (a decorator hides it?)")
        args, kwargs = repeatable(definition, values)
        names = list(frame.f_code.co_varnames[definition.bound :][: len(args)])
        self.samples.offer(values, lambda: portable.call(names, args, kwargs))


class Recorder(PhasePlugin):
    """Arms the profile hook and gives every call of a wanted function to its `Watched`."""

    def __init__(self, frames: Frames, portable: Portable, wanted: Sequence[Watched]) -> None:
        self._frames = frames
        self._portable = portable
        self._wanted = {watched.key: watched for watched in wanted}
        # By identity: equal code objects of two files are equal as dictionary keys.
        self._known: dict[int, tuple[CodeType, Watched | None, int]] = {}
        self._hook = self._event

    def start(self) -> None:
        """Watch this thread and the threads it starts."""
        threading.setprofile(self._hook)
        sys.setprofile(self._hook)

    def stop(self) -> None:
        """Watch no more."""
        sys.setprofile(None)
        threading.setprofile(None)

    def enter(self, test: str) -> None:
        """Arm the hook again if a test had a profiler of its own."""
        if sys.getprofile() is not self._hook:
            self.start()

    def leave(self, test: str) -> None:
        """Stay armed: fixtures and imports between tests call functions too."""

    def _event(self, frame: FrameType, event: str, arg: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = self._learn(code)
        _, watched, start = known
        if watched is None or (start >= 0 and frame.f_lasti > start) or not watched.samples.due():
            return
        try:
            watched.look(frame, self._portable)
        except BaseException as error:  # raising here would change what the watched code does
            told = isinstance(error, UnobservableError | NotPortableError)
            watched.samples.reason = str(error) if told else f"{type(error).__name__}: {str(error)[:200]}"

    def _learn(self, code: CodeType) -> tuple[CodeType, Watched | None, int]:
        path = self._frames.path(code.co_filename)
        watched = None if path is None else self._wanted.get(f"{path}::{code.co_qualname}")
        return code, watched, _first_resume(code) if watched and code.co_flags & _RESUMED else -1


def _first_resume(code: CodeType) -> int:
    """Where a generator is when it is advanced for the first time; later is a resumption."""
    for instruction in dis.get_instructions(code):
        if instruction.opname.startswith("RESUME"):
            return instruction.offset
    return -1


def _arguments(frame: FrameType) -> dict[str, Any]:
    """Parameter -> value, in the order of the signature's names in the code object."""
    code = frame.f_code
    stars = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    count = code.co_argcount + code.co_kwonlyargcount + stars
    values = frame.f_locals
    return {name: values[name] for name in code.co_varnames[:count]}


def repeatable(definition: Definition, values: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments with which calling the function by its name does the same call.

    A parameter that has its own default, by identity, is left out unless it is a plain constant: a pickled copy of a
    sentinel or of a shared dictionary would be another object.

    Raises:
        UnobservableError: no call by name can do this, such as a class method called through a subclass.
    """
    code, function = definition.code, definition.function
    positional = list(code.co_varnames[: code.co_argcount])
    keyword = list(code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount])
    rest = list(code.co_varnames[len(positional) + len(keyword) : len(values)])
    extra = values[rest.pop(0)] if code.co_flags & inspect.CO_VARARGS else ()
    named = values[rest.pop(0)] if code.co_flags & inspect.CO_VARKEYWORDS else {}
    defaults = function.__defaults__ or ()
    shared = dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True))
    shared.update(function.__kwdefaults__ or {})
    shared = {name: value for name, value in shared.items() if not isinstance(value, _PLAIN)}
    if definition.bound:
        first = positional.pop(0) if positional else ""
        if values.get(first) is not definition.owner:
            raise UnobservableError("it is a class method called through a subclass only")
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    left_out = False
    for index, name in enumerate(positional):
        skip = name in shared and values[name] is shared[name] and not extra
        if skip and index + definition.bound >= code.co_posonlyargcount:
            left_out = True
        elif left_out:
            kwargs[name] = values[name]
        else:
            args.append(values[name])
    for name in keyword:
        if not (name in shared and values[name] is shared[name]):
            kwargs[name] = values[name]
    return (*args, *extra), {**kwargs, **named}
