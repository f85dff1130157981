"""`xs.count(x)` for each element: count everything once."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import local_list, param_list, plain
from rsi_sandbox.rules.analysis.loops import hoist
from rsi_sandbox.rules.analysis.naming import imported
from rsi_sandbox.rules.analysis.shapes import name_of, plain_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "count-in-loop",
    safety=Safety.GUARDED,
    tier=Tier.P0,
    speedup=6.0,
    acceptance=0.55,
    examples=(
        Example(
            before="""\
def f(xs):
    out = []
    for x in xs:
        if xs.count(x) > 1:
            out.append(x)
    return out
""",
            after="""\
from collections import Counter


def f(xs):
    out = []
    xs_counts = Counter(xs)
    for x in xs:
        if xs_counts[x] > 1:
            out.append(x)
    return out
""",
            calls=("f([1, 2, 1])", "f([])", "f([True, 1, 2])"),
            observed={
                "f": {
                    "xs": {"types": ["list"], "len_max": 500, "hashable": True},
                    "ys": {"types": ["list"], "len_max": 500, "hashable": True},
                }
            },
            workload="f(list(range(n)))",
        ),
    ),
    leaves=(
        """\
def f(text):
    text = str(text)
    return [text.count(c) for c in text]
""",
        """\
def f(xs):
    xs = list(xs)
    for x in xs:
        if xs.count(x) > 1:
            xs.remove(x)
    return xs
""",
    ),
)
def count_in_loop(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A loop that calls `xs.count(x)` on a list it does not change.

    Each call walks the whole list; a Counter walks it once.

    Safety: elements must be hashable, with a hash that agrees with equality; the list must not
    change in the loop.
    """
    if not plain(function):
        return
    for node in function.own:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            continue
        args, name = plain_args(node), name_of(node.func.value)
        if node.func.attr.value != "count" or args is None or len(args) != 1 or not name:
            continue
        seen = function.observed.param(name)
        known = param_list(function, name)
        place = hoist(function, node, frozenset({name})) if known or local_list(function, name) else None
        if place is None or (known and seen.len_max < 8) or place.through_try:
            continue
        made = imported(module, "collections", "Counter")
        local = function.name_for(f"{name}_counts", f"counts of {name} at {module.line(node)}")
        lines = [f"{local} = {made.name}({name})"]
        yield Rewrite(
            edits=(
                *made.edits,
                module.before(place.anchor, lines),
                module.replace(node, f"{local}[{module.text(args[0])}]"),
            ),
            line=module.line(node),
            rationale=f"Counts all elements of `{name}` once instead of walking it for each.",
            gain=6.0,
            safety=None if known and seen.hashable else Safety.SPECULATIVE,
        )
