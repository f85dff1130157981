"""What running a piece of code may bind, mutate or raise, judged conservatively.

An unknown call is taken to mutate every object it can reach through its receiver and its arguments. Aliases are
assumed wherever an object did not start its life in the function itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from rsi_sandbox.rules.analysis.shapes import name_of, root_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule, walk


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PURE_CALLS = _words("""
    abs all any ascii bin bool bytes chr complex dict divmod enumerate float format frozenset hash hex id int
    isinstance issubclass len list max min oct ord pow print range repr reversed round set sorted str sum tuple
    type zip
""")
"""Builtins that change none of their arguments (an iterator they consume is the caller's concern)."""
SCALAR_CALLS = _words("""
    abs all any ascii bin bool chr float hash hex id int isinstance issubclass len oct ord repr round str sum
""")
"""Builtins whose result shares nothing with their arguments; `sum` is of numbers."""
READ_METHODS = _words("""
    lower upper split rsplit strip rstrip lstrip startswith endswith get keys values items count index find rfind
    join replace isdigit isalpha isalnum isspace isdecimal islower isupper title capitalize casefold partition
    rpartition splitlines zfill encode decode format translate copy union intersection difference issubset
    issuperset isdisjoint bit_length most_common elements swapcase ljust rjust center
""")
"""Methods of the built-in containers and strings that change nothing."""
CHANGE_METHODS = _words("""
    append add appendleft insert extend update setdefault pop remove clear popleft discard sort reverse popitem
""")
"""Methods that change their receiver, and may keep their arguments but do not change them."""
FRESH_CALLS = _words("""
    list dict set sorted tuple str int float len frozenset bytearray Counter deque defaultdict
""")
_SCALARS = (cst.BaseString, cst.Comparison, cst.Integer, cst.Float, cst.UnaryOperation)
_FRESH = (
    cst.List,
    cst.Dict,
    cst.Set,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.Integer,
    cst.Float,
    cst.BaseString,
    cst.Comparison,
    cst.Tuple,
)


@dataclass(frozen=True, slots=True)
class Effects:
    """What a piece of code may do to the names around it."""

    bound: frozenset[str]
    """Names it binds, rebinds or deletes, comprehension variables included."""
    mutated: frozenset[str]
    """Names whose object it changes in place."""
    exposed: frozenset[str]
    """Names whose object an unknown call gets hold of, and so may change."""
    opaque: bool
    """Whether it calls anything unknown or suspends, so that other code runs in between."""

    @property
    def killed(self) -> frozenset[str]:
        """Names after which nothing computed from them before is still good."""
        return self.bound | self.mutated | self.exposed


def targets(node: cst.CSTNode) -> Iterator[str]:
    """Names an assignment target binds."""
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from targets(element.value)
    elif isinstance(node, cst.StarredElement):
        yield from targets(node.value)


def stores(node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, bool]]:
    """Each target that `node` itself stores to, and whether it may change the object in place."""
    if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.For | cst.CompFor | cst.NamedExpr | cst.Del):
        yield node.target, False
    elif isinstance(node, cst.AugAssign):
        yield node.target, not isinstance(node.value, cst.Integer | cst.Float | cst.BaseString)
    elif isinstance(node, cst.AsName):
        yield node.name, False


def binds(node: cst.CSTNode) -> Iterator[str]:
    """Names that `node` itself (not its children) binds."""
    for target, _ in stores(node):
        yield from targets(target)
    if isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Param | cst.NameItem):
        yield node.name.value
    elif isinstance(node, cst.ImportAlias) and node.asname is None:
        yield node.evaluated_name.split(".")[0]
    elif isinstance(node, cst.MatchAs | cst.MatchStar) and node.name is not None:
        yield node.name.value
    elif isinstance(node, cst.MatchMapping) and node.rest is not None:
        yield node.rest.value


def reachable(node: cst.CSTNode) -> Iterator[str]:
    """Names whose object the value of an expression may be, hold or share."""
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Attribute | cst.Subscript):
        yield from reachable(node.value)
    elif isinstance(node, _SCALARS) or (isinstance(node, cst.Call) and name_of(node.func) in SCALAR_CALLS):
        return
    else:
        for child in walk(node):
            if isinstance(child, cst.Name):
                yield child.value


def _call_effects(call: cst.Call, local: frozenset[str]) -> tuple[set[str], set[str], bool]:
    function = name_of(call.func)
    known = function in PURE_CALLS or function.endswith(("Error", "Exception"))
    if known and function not in local:
        callables = [arg.value for arg in call.args if arg.keyword and arg.keyword.value == "key"]
        return set(), set(), any(not isinstance(key, cst.Lambda | cst.Attribute) for key in callables)
    owners: set[str] = set()
    known = False
    if isinstance(call.func, cst.Attribute):
        method = call.func.attr.value
        if method in READ_METHODS or root_of(call.func) == "math":
            return set(), set(), False
        owners = set(reachable(call.func.value))
        known = method in CHANGE_METHODS
    kept = [arg.value for arg in call.args if not known or isinstance(arg.value, cst.Name)]
    given = {name for value in kept for name in reachable(value)}
    return (owners, given, False) if known else (set(), owners | given, True)


def effects(*nodes: cst.CSTNode, shadowed: frozenset[str] = frozenset()) -> Effects:
    """What running the nodes may do; `shadowed` are builtin names that mean something else here."""
    bound: set[str] = set()
    mutated: set[str] = set()
    exposed: set[str] = set()
    opaque = False
    for top in nodes:
        for node in walk(top):
            bound |= set(binds(node))
            for target, in_place in stores(node):
                if isinstance(target, cst.Subscript) or in_place or isinstance(target, cst.Attribute):
                    mutated.add(root_of(target))
            if isinstance(node, cst.Call):
                changed, given, unknown = _call_effects(node, shadowed)
                mutated |= changed
                exposed |= given
                opaque = opaque or unknown
            elif isinstance(node, cst.Await | cst.Yield | cst.With):
                opaque = True
    return Effects(frozenset(bound), frozenset(mutated - {""}), frozenset(exposed), opaque)


def loads(node: cst.CSTNode) -> frozenset[str]:
    """Names an expression reads, its own comprehension variables left out."""
    own = {name for child in walk(node) if isinstance(child, cst.CompFor) for name in targets(child.target)}
    attributes = {id(child.attr) for child in walk(node) if isinstance(child, cst.Attribute)}
    keywords = {id(child.keyword) for child in walk(node) if isinstance(child, cst.Arg) and child.keyword}
    names = {
        child.value
        for child in walk(node)
        if isinstance(child, cst.Name) and id(child) not in attributes and id(child) not in keywords
    }
    return frozenset(names - own)


def bindings(function: FunctionNode, name: str) -> list[cst.CSTNode]:
    """The nodes in the function (nested ones included) that bind the name."""
    if not function.binders:
        for node in function.nodes:
            for bound in binds(node) if node is not function.node else ():
                function.binders.setdefault(bound, []).append(node)
    return function.binders.get(name, [])


def binders(module: SourceModule) -> dict[str, list[cst.CSTNode]]:
    """Name -> the nodes that bind it anywhere in the file."""
    if not module.binders:
        for node in module.nodes:
            for bound in binds(node):
                module.binders.setdefault(bound, []).append(node)
    return module.binders


def fresh(function: FunctionNode, name: str) -> bool:
    """Whether every assignment of the name (`+=` keeps what it is) is of an object made right there."""
    found = [node for node in bindings(function, name) if not isinstance(node, cst.AugAssign)]
    for node in found:
        holder = function.module.parent(node)
        if isinstance(node, cst.AnnAssign) and node.value is not None:
            value = node.value
        elif isinstance(node, cst.AssignTarget) and isinstance(holder, cst.Assign) and len(holder.targets) == 1:
            value = holder.value
        else:
            return False
        if not is_fresh(value):
            return False
    return bool(found)


def param_list(function: FunctionNode, name: str, *more: str) -> bool:
    """Whether the name is a parameter that is never assigned and was always a list or tuple (or of `more` types)."""
    seen = function.observed.param(name)
    return name in function.params and len(bindings(function, name)) == 1 and seen.only("list", "tuple", *more)


def local_list(function: FunctionNode, name: str) -> bool:
    """Whether the name is only ever assigned lists made in the function."""
    if name in function.params or not fresh(function, name):
        return False
    for node in bindings(function, name):
        holder = function.module.parent(node)
        value = node.value if isinstance(node, cst.AnnAssign | cst.AugAssign) else getattr(holder, "value", None)
        called = name_of(value.func) if isinstance(value, cst.Call) else ""
        if not isinstance(value, cst.List | cst.ListComp) and called not in {"list", "sorted"}:
            return False
    return True


def is_fresh(value: cst.CSTNode) -> bool:
    """Whether the expression makes a new object each time."""
    return isinstance(value, _FRESH) or (isinstance(value, cst.Call) and name_of(value.func) in FRESH_CALLS)


def disturbed(function: FunctionNode, name: str, *nodes: cst.CSTNode) -> bool:
    """Whether running the nodes may rebind the name or change the list, set, dict or string it names."""
    done = effects(*nodes, shadowed=shadowed(function))
    if name in done.killed:
        return True
    suspects = {other for other in done.mutated if other != name and not fresh(function, other)}
    return bool(suspects) and not fresh(function, name)


def shadowed(function: FunctionNode) -> frozenset[str]:
    """Builtin names that the file binds anywhere, so that they may mean something else."""
    module = function.module
    cached: frozenset[str] | None = getattr(module, "_shadowed", None)
    if cached is None:
        bound = set(binders(module))
        if any(isinstance(node, cst.ImportStar) for node in module.nodes):
            bound |= PURE_CALLS
        cached = frozenset(bound)
        module._shadowed = cached  # type: ignore[attr-defined]
    return cached


def builtin(function: FunctionNode, *names: str) -> bool:
    """Whether the names still mean the builtins."""
    return not shadowed(function) & set(names)


def _plain(function: FunctionNode) -> bool:
    for node in function.nodes:
        if isinstance(node, cst.Await | cst.Yield | cst.Global | cst.Nonlocal):
            return False
        if isinstance(node, cst.Call) and name_of(node.func) in {"locals", "vars", "exec", "eval", "globals"}:
            return False
    return True


def plain(function: FunctionNode) -> bool:
    """Whether the frame's variables can be reasoned about: nothing suspends or rebinds them from outside."""
    if function.is_plain is None:
        function.is_plain = _plain(function)
    return function.is_plain
