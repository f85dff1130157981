"""A call in a loop that gives the same every time: make it once in front."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import builtin, loads, param_list, plain
from rsi_sandbox.rules.analysis.loops import hoist
from rsi_sandbox.rules.analysis.shapes import name_of, plain_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "invariant-call",
    safety=Safety.GUARDED,
    tier=Tier.P0,
    speedup=5.0,
    acceptance=0.5,
    examples=(
        Example(
            before="""\
def shares(xs):
    return [x / sum(xs) for x in xs]
""",
            after="""\
def shares(xs):
    xs_sum = sum(xs)
    return [x / xs_sum for x in xs]
""",
            calls=("shares([1, 3])", "shares([])", "shares([0])"),
            observed={"shares": {"xs": {"types": ["list"], "len_max": 500, "hashable": True}}},
            workload="shares(list(range(1, n)))",
        ),
        Example(
            before="""\
def scaled(xs):
    out = []
    for x in xs:
        out.append(x / max(xs))
    return out
""",
            after="""\
def scaled(xs):
    out = []
    xs_max = max(xs) if xs else None
    for x in xs:
        out.append(x / xs_max)
    return out
""",
            calls=("scaled([1, 3])", "scaled([])"),
            observed={"scaled": {"xs": {"types": ["list"], "len_max": 500, "hashable": True}}},
            workload="scaled(list(range(1, n)))",
        ),
    ),
    leaves=(
        """\
def f(xs, ys):
    return [x / max(ys) for x in xs]
""",
        """\
def f(xs):
    for x in xs:
        xs.append(sum(xs))
""",
        """\
def f(xs, ys):
    out = []
    for x in xs:
        part = list(ys)
        part.append(x)
        out.append(part)
    return out
""",
    ),
)
def invariant_call(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """`sum(xs)`, `max(xs)` or `min(xs)` in a loop that does not change the list.

    The call walks the list for each iteration, with the same outcome.

    Safety: the list must be one, as observed (an iterator would be used up). `max` and `min` fail on nothing, so they
    move only in front of a loop over the same list, and are not called when it is empty. `sum` of
    elements that can't be added fails earlier than before, even where the loop would not have reached it.
    """
    if not plain(function):
        return
    for node in function.own:
        called = name_of(node.func) if isinstance(node, cst.Call) else ""
        args = plain_args(node) if isinstance(node, cst.Call) else None
        if called not in ("sum", "max", "min") or args is None or len(args) != 1 or not builtin(function, called):
            continue
        name = name_of(args[0])
        if not name or not param_list(function, name):
            continue
        place = hoist(function, node, loads(args[0]))
        if place is None or place.through_try:
            continue
        same = _over(place.loop) == name
        if called != "sum" and not same:
            continue
        local = function.name_for(f"{name}_{called}", f"{called} of {name} at {module.span(place.anchor)[0]}")
        value = f"{called}({name})" + (f" if {name} else None" if called != "sum" else "")
        yield Rewrite(
            edits=(module.before(place.anchor, [f"{local} = {value}"]), module.replace(node, local)),
            line=module.line(node),
            rationale=f"Calls `{called}({name})` once in front of the loop, which does not change `{name}`.",
            gain=6.0,
        )


def _over(loop: cst.CSTNode) -> str:
    """The name a loop goes over."""
    if isinstance(loop, cst.For):
        return name_of(loop.iter)
    if isinstance(loop, cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp):
        return name_of(loop.for_in.iter)
    return ""
