"""Append and sort again for each element: insert where it belongs."""

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import bindings, plain
from rsi_sandbox.rules.analysis.loops import enclosing_loops
from rsi_sandbox.rules.analysis.naming import imported
from rsi_sandbox.rules.analysis.shapes import assignment, block, expression, method_args, name_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "sort-in-loop",
    safety=Safety.GUARDED,
    tier=Tier.P0,
    speedup=3.0,
    acceptance=0.7,
    examples=(
        Example(
            before="""\
def ordered(xs):
    out = []
    for x in xs:
        out.append(x)
        out.sort()
    return out
""",
            after="""\
from bisect import insort


def ordered(xs):
    out = []
    for x in xs:
        insort(out, x)
    return out
""",
            calls=("ordered([3, 1, 2, 1])", "ordered([])", "ordered([1, True, 1.0])"),
            workload="ordered([k * 7919 % n for k in range(n)])",
        ),
    ),
    leaves=(
        """\
def f(xs):
    out = []
    for x in xs:
        out.append(x)
        out.sort(reverse=True)
    return out
""",
        """\
def f(out, xs):
    for x in xs:
        out.append(x)
        out.sort()
    return out
""",
        """\
def f(xs):
    out = []
    for x in xs:
        out.append(x)
        out.sort()
        out.append(0)
    return out
""",
    ),
)
def sort_in_loop(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """`out.append(x)` followed by `out.sort()` in a loop, on a list that starts empty and changes nowhere else.

    The list is sorted except for its last element; a binary search finds the place of that one.

    Safety: a stable sort puts the new element behind its equals, and so does `insort`. Elements without a total
    order (NaN) may end up elsewhere, and the oracle sees that.
    """
    if not plain(function):
        return
    for holder in function.own:
        body = block(holder)
        for first, second in pairwise(body):
            name = _owner(first)
            added = method_args(expression(first), name, "append", 1) if name else None
            if added is None or method_args(expression(second), name, "sort", 0) is None:
                continue
            if not enclosing_loops(module, first) or not _starts_empty(module, function, name):
                continue
            made = imported(module, "bisect", "insort")
            value = expression(first)
            if value is None or b"#" in module.source[module.span(first)[1] : module.span(second)[1]]:
                continue
            yield Rewrite(
                edits=(
                    *made.edits,
                    module.replace(value, f"{made.name}({name}, {module.text(added[0])})"),
                    module.remove(second),
                ),
                line=module.line(first),
                rationale=f"Inserts into the sorted list `{name}` instead of sorting it for each element.",
                gain=4.0,
            )


def _owner(statement: cst.CSTNode) -> str:
    call = expression(statement)
    return name_of(call.func.value) if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) else ""


def _starts_empty(module: SourceModule, function: FunctionNode, name: str) -> bool:
    found = [assignment(node) for node in function.own]
    starts = [one[1] for one in found if one is not None and one[0] == name]
    if len(starts) != 1 or len(bindings(function, name)) != 1:
        return False
    uses = [node for node in function.nodes if name_of(node) == name]
    changed = sum(isinstance(module.parent(use), cst.Attribute) for use in uses)
    stored = any(isinstance(module.parent(use), cst.Arg) and _given_away(module, use) for use in uses)
    return (
        isinstance(starts[0], cst.List)
        and not starts[0].elements
        and changed == 2
        and not stored
        and not any(isinstance(module.parent(use), cst.Subscript) for use in uses)
    )


def _given_away(module: SourceModule, use: cst.CSTNode) -> bool:
    call = module.parent(module.parent(use) or use)
    return not (isinstance(call, cst.Call) and name_of(call.func) in ("len", "list", "sum", "tuple"))
