"""One text for one value: what a caller could tell apart is written differently, what nobody can see is not.

Exact types, exact floats, order of everything that has one, sets in a canonical order, objects by type and state,
shared and cyclic references by number, iterators drained. It never compares, hashes, formats or prints the value by
the value's own methods, so a hostile `__eq__`, `__repr__` or `__class__` changes nothing. What it can't look into is
written as `opaque:<type>` and reported; such an answer proves little and must not be counted as compared.
"""

import collections
import copyreg
import enum
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

MAX_ITEMS = 10_000
"""Items taken from an iterator."""
MAX_NODES = 200_000
MAX_DEPTH = 400
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{4,}")
_FRAMES = 8 * MAX_DEPTH
_ITERATOR_MODULES = ("builtins", "itertools")


def encode(value: object) -> str:
    """The canonical text of a value; never raises for anything a value can do short of ending the process."""
    return Encoder().text(value)


def type_name(kind: type) -> str:
    """Module and qualified name, read past any metaclass."""
    module, name = _type_field(kind, "__module__"), _type_field(kind, "__qualname__")
    return name if module == "builtins" else f"{module}.{name}"


def _type_field(kind: type, field: str) -> str:
    try:
        found = type.__dict__[field].__get__(kind)
    except Exception:
        return "?"
    return found if type(found) is str else "?"


def _mro(kind: type) -> tuple[type, ...]:
    found: tuple[type, ...] = type.__dict__["__mro__"].__get__(kind)
    return found


def _class_dict(kind: type) -> Any:
    return type.__dict__["__dict__"].__get__(kind)


def _class_field(kind: type, name: str) -> tuple[type, Any] | None:
    """The class that defines a name, and its definition, without running any descriptor."""
    for base in _mro(kind):
        fields = _class_dict(base)
        if name in fields:
            return base, fields[name]
    return None


class Encoder:
    """Encodes several values with one numbering of shared objects; `opaque` names what stayed closed."""

    def __init__(self) -> None:
        self.opaque: list[str] = []
        self._seen: dict[int, int] = {}
        self._kept: list[object] = []
        self._nodes = 0

    def text(self, value: object) -> str:
        """Canonical text of one value."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + _FRAMES)
        try:
            return self._any(value, 0)
        except Exception as error:
            return self._closed(type(value), f"broke:{type_name(type(error))}")
        finally:
            sys.setrecursionlimit(limit)

    def _closed(self, kind: type, reason: str = "") -> str:
        name = type_name(kind)
        self.opaque.append(name)
        return f"opaque:{name}{':' if reason else ''}{reason}"

    def _any(self, value: object, depth: int) -> str:
        kind = type(value)
        atom = _ATOMS.get(kind)
        if atom is not None:
            return atom(value)
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            return self._closed(kind, "large")
        if kind is tuple:
            return f"t({self._all(tuple.__iter__(value), depth)})"  # type: ignore[arg-type]
        known = self._seen.get(id(value))
        if known is not None:
            return f"^{known}"
        self._seen[id(value)] = len(self._seen)
        self._kept.append(value)
        try:
            return self._shared(value, kind, depth)
        except RecursionError:
            return self._closed(kind, "deep")

    def _all(self, values: Iterable[object], depth: int) -> str:
        return ",".join([self._any(value, depth + 1) for value in values])

    def _shared(self, value: Any, kind: type, depth: int) -> str:
        payload = self._payload(value, kind, depth)
        if kind in _EXACT:
            return payload or ""
        named = _named(value, kind)
        if named is not None:
            return self._closed(kind, named) if "<locals>" in named or "<lambda>" in named else named
        if kind is types.MethodType:
            return f"method({self._all((value.__func__, value.__self__), depth)})"
        if kind in _VIEWS:
            return f"v<{type_name(kind)}>({self._all(_VIEWS[kind](value), depth)})"
        if enum.Enum in _mro(kind):
            member = dict.get(object.__getattribute__(value, "__dict__"), "_name_")
            return f"o<{type_name(kind)}>({payload or ''};member={_plain_text(member)})"
        if payload is not None:
            return f"o<{type_name(kind)}>({payload};{self._state(value, kind, depth)})"
        if _is_iterator(kind):
            return self._drained(value, kind, depth)
        reduce = _foreign_reduce(kind)
        if reduce is not None:
            return self._reduced(value, kind, reduce, depth)
        if any(_is_native(base) for base in _mro(kind)):
            return self._closed(kind)
        return f"o<{type_name(kind)}>(;{self._state(value, kind, depth)})"

    def _payload(self, value: Any, kind: type, depth: int) -> str | None:
        """What a value is as an instance of the built-in type it is or inherits from."""
        for base in _mro(kind):
            if base is list:
                return f"l[{self._all(list.__iter__(value), depth)}]"
            if base is dict or base is collections.OrderedDict:
                return self._mapping(value, base, depth)
            if base is set or base is frozenset:
                return self._unordered(value, base, depth)
            if base is tuple:
                return f"t({self._all(tuple.__iter__(value), depth)})"
            if base is BaseException:
                return f"e({self._any(BaseException.__dict__['args'].__get__(value), depth + 1)})"
            if base is bytearray:
                return f"B{bytes(memoryview(value))!r}"
            if base in _PLAIN:
                return _ATOMS[base](_PLAIN[base](value))
        return None

    def _mapping(self, value: Any, base: type, depth: int) -> str:
        items = list(collections.OrderedDict.items(value) if base is not dict else dict.items(value))
        text = ",".join(f"{self._any(key, depth + 1)}:{self._any(item, depth + 1)}" for key, item in items)
        factory = ""
        if collections.defaultdict in _mro(type(value)):
            made = collections.defaultdict.__dict__["default_factory"].__get__(value)
            factory = f"|{self._any(made, depth + 1)}"
        return f"d{{{text}{factory}}}"

    def _unordered(self, value: Any, base: Any, depth: int) -> str:
        texts = []
        for item in base.__iter__(value):
            before = len(self._seen)
            texts.append(self._any(item, depth + 1))
            while len(self._seen) > before:
                self._seen.popitem()
        return f"{'S' if base is set else 'F'}{{{','.join(sorted(texts))}}}"

    def _state(self, value: object, kind: type, depth: int, *, slots: bool = True) -> str:
        """Attributes in `__dict__` and in slots, sorted by name."""
        found: dict[str, object] = {}
        try:
            attributes = object.__getattribute__(value, "__dict__")
        except AttributeError:
            attributes = None
        if type(attributes) is dict:
            found.update({_plain_text(name): item for name, item in dict.items(attributes)})
        for base in _mro(kind) if slots else ():
            for name, slot in list(_class_dict(base).items()):
                if type(slot) is types.MemberDescriptorType and "__slots__" in _class_dict(base):
                    try:
                        found[_plain_text(name)] = slot.__get__(value)
                    except AttributeError:
                        continue
        return ",".join(f"{name}={self._any(found[name], depth + 1)}" for name in sorted(found))

    def _reduced(self, value: object, kind: type, reduce: Callable[[Any], Any], depth: int) -> str:
        """What the interpreter or the standard library would pickle; a candidate's own `__reduce__` is not asked."""
        try:
            parts = reduce(value)
        except Exception:
            return self._closed(kind)
        if type(parts) is str:
            return f"r<{type_name(kind)}>({parts})"
        if type(parts) is not tuple:
            return self._closed(kind)
        shown = [list(part) if index > 2 and part is not None else part for index, part in enumerate(parts)]
        own = "" if _is_stdlib(kind) else self._state(value, kind, depth, slots=False)
        return f"r<{type_name(kind)}>({self._all(shown, depth)};{own})"

    def _drained(self, value: Iterator[object], kind: type, depth: int) -> str:
        items: list[str] = []
        ended = ""
        for _ in range(MAX_ITEMS):
            try:
                item = next(value)
            except StopIteration as stop:
                ended = "" if stop.value is None else f"|return {self._any(stop.value, depth + 1)}"
                break
            except Exception as error:
                ended = f"|raise {self._any(error, depth + 1)}"
                break
            items.append(self._any(item, depth + 1))
        else:
            ended = "|more"
        return f"i<{type_name(kind)}>[{','.join(items)}{ended}]"


def _plain_text(value: object) -> str:
    return str.__str__(value) if isinstance(value, str) else type_name(type(value))


def _text(value: Any) -> str:
    """Addresses in texts differ from run to run whatever the code does, so nobody can depend on them."""
    return "s" + ascii(_ADDRESS.sub(" at 0x", value) if " at 0x" in value else value)


def _integer(value: Any) -> str:
    return f"{value}" if -(1 << 64) < value < 1 << 64 else hex(value)


def _float(value: float) -> str:
    return f"f{float.__repr__(value)}"


def _complex(value: Any) -> str:
    return f"c({_float(value.real)},{_float(value.imag)})"


_ATOMS: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "N",
    bool: lambda value: "T" if value else "F",
    int: _integer,
    float: _float,
    complex: _complex,
    str: _text,
    bytes: lambda value: f"b{bytes.__repr__(value)[1:]}",
    type(Ellipsis): lambda value: "...",
    type(NotImplemented): lambda value: "NotImplemented",
    range: lambda value: f"range({_integer(value.start)},{_integer(value.stop)},{_integer(value.step)})",
}

_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: lambda value: complex(complex.__dict__["real"].__get__(value), complex.__dict__["imag"].__get__(value)),
    str: str.__str__,
    bytes: lambda value: bytes(memoryview(value)),
}

_EXACT = frozenset({list, dict, set, frozenset, bytearray})

_VIEWS: dict[type, Callable[[Any], Any]] = {
    type({}.keys()): list,
    type({}.values()): list,
    type({}.items()): list,
    types.MappingProxyType: lambda value: [(key, value[key]) for key in value],
    memoryview: lambda value: (value.format, value.shape, value.readonly, value.tobytes()),
    re.Match: lambda value: (value.re, value.string, value.regs),
}

_PAYLOADS = frozenset({list, dict, set, frozenset, tuple, bytearray, collections.OrderedDict, *_PLAIN})
_HEAP = 1 << 9
_IMMUTABLE = 1 << 8


def _named(value: Any, kind: type) -> str | None:
    """Functions, classes and modules by their name."""
    if kind is types.FunctionType:
        name = f"{_plain_text(value.__module__)}.{_plain_text(value.__qualname__)}"
        return f"function:{name}" if value.__closure__ is None else f"function:{name}.<locals>"
    if type in _mro(kind):
        return f"class:{type_name(value)}"
    if kind is types.ModuleType:
        return f"module:{_plain_text(types.ModuleType.__getattribute__(value, '__dict__').get('__name__'))}"
    if kind is types.BuiltinFunctionType and isinstance(value.__self__, types.ModuleType | None):
        return f"builtin:{value.__module__}.{value.__qualname__}"
    if kind in (types.MethodDescriptorType, types.WrapperDescriptorType):
        return f"builtin:{type_name(value.__objclass__)}.{value.__name__}"
    return None


def _is_native(kind: type) -> bool:
    """Whether C code may keep state in it that no attribute shows (a file, a lock, a compiled object)."""
    if kind is object or kind in _PAYLOADS or BaseException in _mro(kind):
        return False
    flags = type.__dict__["__flags__"].__get__(kind)
    if not flags & _HEAP or flags & _IMMUTABLE:
        return True
    return _class_field(kind, "__dict__") is None and _class_field(kind, "__slots__") is None


def _is_stdlib(kind: type) -> bool:
    return _type_field(kind, "__module__").partition(".")[0] in sys.stdlib_module_names


def _is_iterator(kind: type) -> bool:
    if kind is types.GeneratorType:
        return True
    found = _class_field(kind, "__next__")
    return (
        found is not None
        and type(found[1]) is types.WrapperDescriptorType
        and _type_field(kind, "__module__") in _ITERATOR_MODULES
    )


class _Reduce:
    """A pickling method found on the type, to be called without looking at the instance."""

    def __init__(self, method: Callable[..., Any], arguments: tuple[int, ...]) -> None:
        self._method = method
        self._arguments = arguments

    def __call__(self, value: Any) -> Any:
        return self._method(value, *self._arguments)


def _foreign_reduce(kind: type) -> Callable[[Any], Any] | None:
    """How C code or the standard library takes this type apart; None for the target's own types."""
    registered = copyreg.dispatch_table.get(kind)
    if registered is not None:
        return registered
    trusted = _is_stdlib(kind)
    for name, arguments in (("__reduce_ex__", (4,)), ("__reduce__", ())):
        found = _class_field(kind, name)
        if found is None or found[0] is object:
            continue
        method = found[1]
        if type(method) is types.MethodDescriptorType or (trusted and type(method) is types.FunctionType):
            return _Reduce(method, arguments)
    return None
