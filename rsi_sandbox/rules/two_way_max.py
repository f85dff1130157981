"""`max(a, b)` of two names: a conditional expression says the same without a call."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import builtin, plain
from rsi_sandbox.rules.analysis.shapes import integer, name_of, plain_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "two-way-max",
    safety=Safety.EXACT,
    tier=Tier.P2,
    speedup=1.3,
    acceptance=0.6,
    examples=(
        Example(
            before="""\
def longest(rows):
    best = 0
    for row in rows:
        best = max(best, row)
    return best
""",
            after="""\
def longest(rows):
    best = 0
    for row in rows:
        best = row if row > best else best
    return best
""",
            calls=("longest([1, 3, 2])", "longest([])", "longest([0.0, True, 1])"),
            workload="longest(list(range(n)))",
        ),
        Example(
            before="""\
def clip(xs, top):
    return [1 + min(x, top) for x in xs]
""",
            after="""\
def clip(xs, top):
    return [1 + (top if top < x else x) for x in xs]
""",
            calls=("clip([1, 5], 3)", "clip([float('nan'), 2], 1)"),
            workload="clip(list(range(n)), 5)",
        ),
    ),
    leaves=(
        """\
def f(xs):
    return max(xs)
""",
        """\
def f(g, a):
    return max(g(), a)
""",
        """\
def f(a, b, max):
    return max(a, b)
""",
    ),
)
def two_way_max(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """`max(a, b)` or `min(a, b)` of names and integers.

    The call costs more than the comparison.

    Safety: the comparison is the one the builtin makes, in its order, so ties, NaN and exceptions come out the same.
    """
    if not plain(function) or not builtin(function, "min", "max"):
        return
    for node in function.own:
        operator = {"max": ">", "min": "<"}.get(name_of(node.func)) if isinstance(node, cst.Call) else None
        args = plain_args(node) if isinstance(node, cst.Call) else None
        if operator is None or args is None or len(args) != 2:
            continue
        if not all(isinstance(arg, cst.Name) or integer(arg) is not None for arg in args):
            continue
        first, second = module.text(args[0]), module.text(args[1])
        text = f"{second} if {second} {operator} {first} else {first}"
        bare = isinstance(module.parent(node), cst.Assign | cst.Return | cst.Arg) or (
            isinstance(node, cst.Call) and bool(node.lpar)
        )
        yield Rewrite(
            edits=(module.replace(node, text if bare else f"({text})"),),
            line=module.line(node),
            rationale="Compares two values directly instead of calling a builtin.",
            gain=1.3,
        )
