"""Two nested loops that pair up equal keys: an index finds the partners."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import disturbed, loads, local_list, param_list, plain, targets
from rsi_sandbox.rules.analysis.loops import hoist
from rsi_sandbox.rules.analysis.shapes import block, comparison, name_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "nested-loop-join",
    safety=Safety.SPECULATIVE,
    tier=Tier.P0,
    speedup=8.0,
    acceptance=0.5,
    examples=(
        Example(
            before="""\
def join(orders, items):
    out = []
    for order in orders:
        for item in items:
            if item["order"] == order["id"]:
                out.append((order["id"], item["name"]))
    return out
""",
            after="""\
def join(orders, items):
    out = []
    items_by_key = {}
    for item in items:
        items_by_key.setdefault(item["order"], []).append(item)
    for order in orders:
        for item in items_by_key.get(order["id"], ()):
            if item["order"] == order["id"]:
                out.append((order["id"], item["name"]))
    return out
""",
            calls=(
                "join([{'id': 1}, {'id': 2}], [{'order': 2, 'name': 'a'}, {'order': 1, 'name': 'b'}])",
                "join([{'id': 2}], [{'order': 2, 'name': 'a'}, {'order': 2, 'name': 'b'}])",
                "join([], [])",
            ),
            observed={
                "join": {
                    "orders": {"types": ["list"], "len_max": 500, "hashable": True},
                    "items": {"types": ["list"], "len_max": 500, "hashable": True},
                }
            },
            workload="join([{'id': k} for k in range(n)], [{'order': k, 'name': k} for k in range(n)])",
        ),
    ),
    leaves=(
        """\
def f(xs, ys):
    for x in xs:
        for y in ys:
            if y[0] == x:
                ys.append(y)
""",
        """\
def f(xs, ys):
    for x in xs:
        for y in ys:
            if y[0] == x:
                return x
        else:
            return y
""",
        """\
def f(xs, ys):
    for x in xs:
        for y in ys:
            if y < x:
                return y
    return None
""",
    ),
)
def nested_loop_join(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """An inner loop over an unchanging list whose whole body is `if key(inner) == key(outer)`.

    Every outer element walks the whole inner list; an index by key, made once, goes to the partners directly. The
    test stays in place, so the index only has to find every partner, in order.

    Safety: keys must be hashable with a hash that agrees with equality, and computing the key of an inner element
    must not fail for elements the loops never reached. The inner iterable must be a list and stay as it is.
    """
    if not plain(function):
        return
    for inner in function.own:
        if not isinstance(inner, cst.For) or inner.asynchronous or inner.orelse:
            continue
        each, source = name_of(inner.target), name_of(inner.iter)
        keys = _keys(inner, each)
        if not each or not source or keys is None or not _inside(function, inner, each):
            continue
        if not param_list(function, source) and not local_list(function, source):
            continue
        place = hoist(function, inner.body, frozenset({source}))
        if place is None or place.loop is inner or disturbed(function, source, place.loop):
            continue
        mine, theirs = module.text(keys[0]), module.text(keys[1])
        local = function.name_for(f"{source}_by_key", f"{source} by {mine} at {module.line(inner)}")
        lines = [
            f"{local} = {{}}",
            f"for {each} in {source}:",
            f"{module.step}{local}.setdefault({mine}, []).append({each})",
        ]
        yield Rewrite(
            edits=(module.before(place.anchor, lines), module.replace(inner.iter, f"{local}.get({theirs}, ())")),
            line=module.line(inner),
            rationale=f"Finds partners in an index of `{source}` instead of walking all of it for each element.",
            gain=8.0,
        )


def _keys(inner: cst.For, each: str) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """The inner element's key and the outer one's, from the only test in the body."""
    body = block(inner)
    if len(body) != 1 or not isinstance(body[0], cst.If) or body[0].orelse is not None:
        return None
    test: cst.BaseExpression = body[0].test
    while isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        test = test.left
    sides = comparison(test, cst.Equal)
    if sides is None:
        return None
    for mine, theirs in (sides, sides[::-1]):
        if loads(mine) == {each} and each not in loads(theirs) and loads(theirs) and _path(mine) and _path(theirs):
            return mine, theirs
    return None


def _path(node: cst.BaseExpression) -> bool:
    """Whether the expression is a name with attributes and constant indices."""
    while isinstance(node, cst.Attribute | cst.Subscript):
        node = node.value
    return isinstance(node, cst.Name)


def _inside(function: FunctionNode, inner: cst.For, each: str) -> bool:
    """Whether the loop variable is used in this loop only."""
    total = sum(name_of(node) == each for node in function.nodes)
    mine = sum(name_of(node) == each for node in _walk(inner))
    return total == mine and list(targets(inner.target)) == [each]


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _walk(child)
