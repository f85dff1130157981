"""`xs.index(x)` again and again: look positions up in a dict."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import local_list, param_list, plain
from rsi_sandbox.rules.analysis.loops import hoist
from rsi_sandbox.rules.analysis.shapes import name_of, plain_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "index-in-loop",
    safety=Safety.GUARDED,
    tier=Tier.P0,
    speedup=6.0,
    acceptance=0.55,
    examples=(
        Example(
            before="""\
def f(xs, ys):
    return [xs.index(y) for y in ys]
""",
            after="""\
def f(xs, ys):
    xs_positions = {}
    for position, value in enumerate(xs):
        xs_positions.setdefault(value, position)
    return [xs_positions[y] for y in ys]
""",
            calls=("f([3, 1, 3], [3, 1])", "f([], [])"),
            observed={
                "f": {
                    "xs": {"types": ["list"], "len_max": 500, "hashable": True},
                    "ys": {"types": ["list"], "len_max": 500, "hashable": True},
                }
            },
            workload="f(list(range(n)), list(range(n)))",
        ),
    ),
    leaves=(
        """\
def f(text):
    text = str(text)
    return [text.index(c) for c in text]
""",
        """\
def f(xs, ys):
    xs = list(xs)
    for y in ys:
        try:
            xs.index(y)
        except ValueError:
            return y
    return None
""",
    ),
)
def index_in_loop(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A loop that calls `xs.index(x)` on a list it does not change.

    Each call searches from the front; a dict of first positions answers at once.

    Safety: elements must be hashable; a value that is not in the list raises
    KeyError instead of ValueError, so this is not done inside `try`.
    """
    if not plain(function):
        return
    for node in function.own:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            continue
        args, name = plain_args(node), name_of(node.func.value)
        if node.func.attr.value != "index" or args is None or len(args) != 1 or not name:
            continue
        seen = function.observed.param(name)
        known = param_list(function, name)
        place = hoist(function, node, frozenset({name})) if known or local_list(function, name) else None
        if place is None or (known and seen.len_max < 8) or place.through_try:
            continue
        if any(isinstance(around, cst.Try) for around in module.ancestors(node)):
            continue
        local = function.name_for(f"{name}_positions", f"positions in {name} at {module.line(node)}")
        position, value = function.name_for("position"), function.name_for("value")
        lines = [
            f"{local} = {{}}",
            f"for {position}, {value} in enumerate({name}):",
            f"{module.step}{local}.setdefault({value}, {position})",
        ]
        found = f"{local}[{module.text(args[0])}]"
        yield Rewrite(
            edits=(module.before(place.anchor, lines), module.replace(node, found)),
            line=module.line(node),
            rationale=f"Looks positions in `{name}` up in a dict made once instead of searching for each.",
            gain=6.0,
            safety=None if known and seen.hashable else Safety.SPECULATIVE,
        )
