"""`sum(xs[:i])` for each i: keep running sums."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import builtin, effects, local_list, param_list, plain
from rsi_sandbox.rules.analysis.loops import hoist
from rsi_sandbox.rules.analysis.naming import imported
from rsi_sandbox.rules.analysis.shapes import call_args, integer, name_of, slice_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "prefix-sum-in-loop",
    safety=Safety.SPECULATIVE,
    tier=Tier.P0,
    speedup=8.0,
    acceptance=0.6,
    examples=(
        Example(
            before="""\
def f(xs):
    out = []
    for i in range(len(xs)):
        out.append(sum(xs[:i]) + sum(xs[: i + 1]))
    return out
""",
            after="""\
from itertools import accumulate


def f(xs):
    out = []
    xs_sums = [0, *accumulate(xs)]
    for i in range(len(xs)):
        out.append(xs_sums[i] + xs_sums[i + 1])
    return out
""",
            calls=("f([1, 2, 3])", "f([])"),
            observed={"f": {"xs": {"types": ["list"], "len_max": 500, "hashable": True}}},
            workload="f(list(range(n)))",
        ),
    ),
    leaves=(
        """\
def f(xs, k):
    return [sum(xs[:k]) for _ in xs]
""",
        """\
def f(xs):
    xs = list(xs)
    for i in range(len(xs)):
        xs[i] = sum(xs[:i])
    return xs
""",
    ),
)
def prefix_sum_in_loop(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A loop over `range(len(xs))` that sums the elements before (or up to) each index.

    Each sum starts over from the front; running sums are made once.

    Safety: exact for integers. Floats may differ in the last place, since `sum` compensates from Python 3.12 on, so
    this is speculative. The list must not change in the loop; indices come from `range(len(xs))`, so they are in it.
    """
    if not plain(function) or not builtin(function, "sum", "range", "len"):
        return
    for loop in function.own:
        if not isinstance(loop, cst.For) or not name_of(loop.target):
            continue
        args = call_args(loop.iter, "range", 1)
        inner = call_args(args[0], "len", 1) if args else None
        name, index = name_of(inner[0]) if inner else "", name_of(loop.target)
        if not name or not (param_list(function, name) or local_list(function, name)):
            continue
        found = [(node, text) for node in function.own if (text := _prefix(node, name, index))]
        inside = [(node, text) for node, text in found if loop in list(module.ancestors(node))]
        place = hoist(function, inside[0][0], frozenset({name})) if inside else None
        if place is None or _rebound(loop, index):
            continue
        made = imported(module, "itertools", "accumulate")
        local = function.name_for(f"{name}_sums", f"sums of {name} at {module.line(loop)}")
        yield Rewrite(
            edits=(
                *made.edits,
                module.before(place.anchor, [f"{local} = [0, *{made.name}({name})]"]),
                *(module.replace(node, f"{local}[{text}]") for node, text in inside),
            ),
            line=module.line(inside[0][0]),
            rationale=f"Keeps running sums of `{name}` instead of adding up from the front for each index.",
            gain=10.0,
        )


def _prefix(node: cst.CSTNode, name: str, index: str) -> str:
    """The index into the running sums that equals `sum(name[:bound])`."""
    args = call_args(node, "sum", 1)
    part = slice_of(args[0]) if args else None
    if args is None or part is None or not isinstance(args[0], cst.Subscript) or name_of(args[0].value) != name:
        return ""
    if part.lower is not None and integer(part.lower) != 0:
        return ""
    if name_of(part.upper) == index:
        return index
    upper = part.upper
    plus = isinstance(upper, cst.BinaryOperation) and isinstance(upper.operator, cst.Add)
    if plus and isinstance(upper, cst.BinaryOperation) and name_of(upper.left) == index and integer(upper.right) == 1:
        return f"{index} + 1"
    return ""


def _rebound(loop: cst.For, index: str) -> bool:
    return index in effects(loop.body).bound
