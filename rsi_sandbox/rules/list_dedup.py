"""A list that is only appended to and searched: a set beside it answers the search."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import bindings, builtin, is_fresh, plain
from rsi_sandbox.rules.analysis.loops import enclosing_loops, statement_of
from rsi_sandbox.rules.analysis.shapes import assignment, comparison, expression, method_args, name_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule

_READERS = ("len", "sorted", "sum", "list", "set", "tuple", "min", "max", "enumerate", "dict", "any", "all")


@rule(
    "list-dedup",
    safety=Safety.SPECULATIVE,
    tier=Tier.P0,
    speedup=6.0,
    acceptance=0.6,
    examples=(
        Example(
            before="""\
def unique(xs):
    out = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out
""",
            after="""\
def unique(xs):
    out = []
    out_set = set()
    for x in xs:
        if x not in out_set:
            out.append(x)
            out_set.add(x)
    return out
""",
            calls=("unique([3, 1, 3, 2, 1])", "unique([])", "unique('abca')"),
            workload="unique(list(range(n)))",
        ),
    ),
    leaves=(
        "def f(xs):\n    out = []\n    for x in xs:\n        if x not in out:\n            out.append(x)\n    g(out)\n",
        "def f(xs):\n    out = []\n    for x in xs:\n        if x not in out:\n            out += [x]\n",
        "def f(xs):\n    out = []\n    for x in xs:\n        if x in out:\n            out.remove(x)\n    return out\n",
    ),
)
def list_dedup(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A list that starts empty, is appended to and searched in a loop, and otherwise only read or returned.

    Each search walks the list; the set next to it answers at once and is kept in step at every append.

    Safety: whatever is searched for or appended must be hashable, with a hash that agrees with equality. The rule
    looks at every use of the list; any it does not know rules the rewrite out.
    """
    if not plain(function) or not builtin(function, "set"):
        return
    for start in function.own:
        found = assignment(start)
        if found is None or not isinstance(found[1], cst.List) or found[1].elements:
            continue
        name = found[0]
        if len(bindings(function, name)) != 1 or not is_fresh(found[1]) or not module.alone(start):
            continue
        uses = _uses(module, function, name)
        if uses is None:
            continue
        searches, appends = uses
        if not appends or not any(enclosing_loops(module, node) for node in searches):
            continue
        local = function.name_for(f"{name}_set", f"set beside {name}")
        adds = [module.after(line, [f"{local}.add({module.text(value)})"]) for line, value in appends]
        yield Rewrite(
            edits=(
                module.after(start, [f"{local} = set()"]),
                *(module.replace(node, local) for node in searches),
                *adds,
            ),
            line=module.line(searches[0]),
            rationale=f"Keeps a set beside the list `{name}`, so that a search does not walk the list.",
            gain=8.0,
        )


def _uses(
    module: SourceModule, function: FunctionNode, name: str
) -> tuple[list[cst.CSTNode], list[tuple[cst.CSTNode, cst.BaseExpression]]] | None:
    """The searches and the appends; None when the list is used in any other way."""
    searches: list[cst.CSTNode] = []
    appends: list[tuple[cst.CSTNode, cst.BaseExpression]] = []
    for node in function.nodes:
        if name_of(node) != name:
            continue
        above = module.parent(node)
        holder = module.parent(above) if above is not None else None
        if isinstance(above, cst.AssignTarget | cst.Return | cst.For | cst.CompFor):
            continue
        if isinstance(above, cst.ComparisonTarget) and holder and comparison(holder, cst.In, cst.NotIn):
            searches.append(node)
            continue
        args = method_args(holder, name, "append", 1)
        if args is not None and holder is not None and isinstance(args[0], cst.Name):
            line = statement_of(module, holder)
            if expression(line) is holder and module.alone(line):
                appends.append((line, args[0]))
                continue
        if isinstance(above, cst.Arg) and isinstance(holder, cst.Call) and name_of(holder.func) in _READERS:
            continue
        return None
    return searches, appends
