"""A list used as a queue: `pop(0)` moves every element, a deque moves none."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Edit, Safety
from rsi_sandbox.rules.analysis.effects import bindings, builtin, plain
from rsi_sandbox.rules.analysis.loops import enclosing_loops
from rsi_sandbox.rules.analysis.naming import imported
from rsi_sandbox.rules.analysis.shapes import integer, name_of, plain_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule

_READERS = ("len", "sorted", "sum", "list", "set", "tuple", "min", "max", "enumerate", "any", "all", "bool")
_LISTS = ("list", "sorted")


@rule(
    "list-queue",
    safety=Safety.EXACT,
    tier=Tier.P0,
    speedup=2.5,
    acceptance=0.5,
    examples=(
        Example(
            before="""\
def drain(xs):
    queue = list(xs)
    out = []
    while queue:
        x = queue.pop(0)
        out.append(x)
        if x > 2:
            queue.append(x - 2)
    return out
""",
            after="""\
from collections import deque


def drain(xs):
    queue = deque(xs)
    out = []
    while queue:
        x = queue.popleft()
        out.append(x)
        if x > 2:
            queue.append(x - 2)
    return out
""",
            calls=("drain([5, 1, 3])", "drain([])"),
            workload="drain([1] * n)",
        ),
        Example(
            before='''\
"""Graphs."""
from collections import deque


def reach(graph, start):
    todo = [start]
    seen = {start}
    while todo:
        node = todo.pop(0)
        for other in graph[node]:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen
''',
            after='''\
"""Graphs."""
from collections import deque


def reach(graph, start):
    todo = deque([start])
    seen = {start}
    while todo:
        node = todo.popleft()
        for other in graph[node]:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen
''',
            calls=("reach({1: [2, 3], 2: [1], 3: []}, 1)", "reach({}, 1)"),
            workload="reach({0: range(n), **{k: () for k in range(1, n)}}, 0)",
        ),
    ),
    leaves=(
        "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n    return q\n",
        "def f(q):\n    while q:\n        q.pop(0)\n",
        "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n        g(q[1:])\n",
        "def f(xs):\n    q = list(xs)\n    for x in q:\n        if x:\n            q.pop(0)\n",
    ),
)
def list_queue(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A local list from whose front a loop takes with `pop(0)` (or puts with `insert(0, x)`).

    Taking the first element of a list moves all the others; a deque does both ends in constant time.

    Safety: the list must never leave the function, be sliced, compared or indexed, so that nobody can tell it is a
    deque; any use the rule does not know rules it out. An empty deque raises IndexError like a list, with another
    message.
    """
    if not plain(function) or not builtin(function, *_LISTS):
        return
    names = dict.fromkeys(
        name_of(node.func.value)
        for node in function.own
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and _front(node)
    )
    for name in names:
        edits = _edits(module, function, name) if name else None
        if edits is None:
            continue
        line, changes = edits
        found = imported(module, "collections", "deque")
        starts = [module.replace(value, _made(module, value, found.name)) for value in _starts(module, function, name)]
        yield Rewrite(
            edits=(*found.edits, *starts, *changes),
            line=line,
            rationale=f"Makes the queue `{name}` a deque, whose front can be taken without moving the rest.",
            gain=3.0,
        )


def _front(call: cst.Call) -> str:
    """`popleft` or `appendleft` when the call works on the front of a list."""
    args = plain_args(call)
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    if args is None or not args or integer(args[0]) != 0:
        return ""
    return {("pop", 1): "popleft", ("insert", 2): "appendleft"}.get((method, len(args)), "")


def _starts(module: SourceModule, function: FunctionNode, name: str) -> list[cst.BaseExpression]:
    """The values the name is assigned, when each is a new list; otherwise none."""
    values: list[cst.BaseExpression] = []
    for node in bindings(function, name):
        holder = module.parent(node)
        if not (isinstance(node, cst.AssignTarget) and isinstance(holder, cst.Assign) and len(holder.targets) == 1):
            return []
        value = holder.value
        called = name_of(value.func) if isinstance(value, cst.Call) else ""
        if not isinstance(value, cst.List | cst.ListComp) and called not in _LISTS:
            return []
        values.append(value)
    return values


def _made(module: SourceModule, value: cst.BaseExpression, deque: str) -> str:
    if isinstance(value, cst.List) and not value.elements:
        return f"{deque}()"
    if isinstance(value, cst.Call) and name_of(value.func) == "list":
        inner = ", ".join(module.text(arg) for arg in value.args)
        return f"{deque}({inner})"
    return f"{deque}({module.text(value)})"


def _edits(module: SourceModule, function: FunctionNode, name: str) -> tuple[int, list[Edit]] | None:
    """The line of the first use of the front in a loop and all edits of uses; None when a use is not known."""
    if not _starts(module, function, name) or name in function.params:
        return None
    edits: list[Edit] = []
    line = 0
    for node in function.nodes:
        if name_of(node) != name:
            continue
        above = module.parent(node)
        holder = module.parent(above) if above is not None else None
        if isinstance(above, cst.AssignTarget | cst.While | cst.If | cst.CompFor | cst.UnaryOperation):
            continue
        if isinstance(above, cst.Arg) and isinstance(holder, cst.Call) and name_of(holder.func) in _READERS:
            continue
        if not (isinstance(above, cst.Attribute) and isinstance(holder, cst.Call) and holder.func is above):
            return None
        args, method, front = plain_args(holder), above.attr.value, _front(holder)
        if args is None or any(isinstance(around, cst.Try) for around in module.ancestors(node)):
            return None
        if front:
            kept = module.text(args[1]) if front == "appendleft" else ""
            edits.append(module.replace(holder, f"{name}.{front}({kept})"))
            if enclosing_loops(module, holder) and not line:
                line = module.line(holder)
        elif not ((method in ("append", "extend") and len(args) == 1) or (method in ("pop", "clear") and not args)):
            return None
    return (line, edits) if line else None
