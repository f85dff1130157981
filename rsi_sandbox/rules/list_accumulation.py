"""`out = out + [x]` copies the whole list for each element: append to it instead."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import bindings, loads, plain
from rsi_sandbox.rules.analysis.loops import enclosing_loops
from rsi_sandbox.rules.analysis.shapes import assignment, name_of, root_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "list-accumulation",
    safety=Safety.EXACT,
    tier=Tier.P0,
    speedup=8.0,
    acceptance=0.8,
    examples=(
        Example(
            before="""\
def doubled(xs):
    out = []
    for x in xs:
        out = out + [x * 2]
    return out
""",
            after="""\
def doubled(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out
""",
            calls=("doubled([1, 2])", "doubled([])"),
            workload="doubled(list(range(n)))",
        ),
        Example(
            before="""\
def pairs(xs):
    out = []
    for x in xs:
        out = out + [x, -x]  # both signs
    return out
""",
            after="""\
def pairs(xs):
    out = []
    for x in xs:
        out.extend((x, -x))  # both signs
    return out
""",
            calls=("pairs([1, 2])", "pairs([])"),
            workload="pairs(list(range(n)))",
        ),
    ),
    leaves=(
        "def f(out, xs):\n    for x in xs:\n        out = out + [x]\n    return out\n",
        "def f(xs):\n    out = []\n    kept = out\n    for x in xs:\n        out = out + [x]\n    return kept\n",
        "def f(xs):\n    out = []\n    a = []\n    for x in xs:\n        out = out + [x]\n        a.append(out)\n",
        "def f(xs):\n    out = []\n    for x in xs:\n        out = out + [len(out)]\n        g(out)\n    return out\n",
    ),
)
def list_accumulation(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A local list that grows in a loop by `out = out + [x]`.

    Adding makes a new list and copies everything that is in it already; `append` does not.

    Safety: nothing else may hold the list while it grows, since the old one would have stayed as it was: the name is
    used only in these statements, in reads that keep nothing, and in `return`.
    """
    if not plain(function):
        return
    for statement in function.own:
        found = assignment(statement)
        name, value = found if found is not None else ("", None)
        if not isinstance(value, cst.BinaryOperation) or not enclosing_loops(module, statement):
            continue
        grown = value.right
        if not isinstance(value.operator, cst.Add) or name_of(value.left) != name or not isinstance(grown, cst.List):
            continue
        if not grown.elements or any(isinstance(one, cst.StarredElement) for one in grown.elements):
            continue
        if name in loads(grown) or not _private(module, function, name) or grown.lpar:
            continue
        texts = [module.text(element.value) for element in grown.elements]
        if any(isinstance(element.value, cst.Tuple) and not element.value.lpar for element in grown.elements):
            continue
        done = f"{name}.append({texts[0]})" if len(texts) == 1 else f"{name}.extend(({', '.join(texts)}))"
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
        yield Rewrite(
            edits=(module.replace(small, done),),
            line=module.line(statement),
            rationale=f"Appends to `{name}` instead of copying it for each element.",
            gain=8.0,
        )


def _private(module: SourceModule, function: FunctionNode, name: str) -> bool:
    """Whether every value of the name is a list made here, and no use of the name can keep it."""
    if name in function.params or not bindings(function, name):
        return False
    for node in bindings(function, name):
        holder = module.parent(node)
        if not (isinstance(node, cst.AssignTarget) and isinstance(holder, cst.Assign) and len(holder.targets) == 1):
            return False
        value = holder.value
        grows = isinstance(value, cst.BinaryOperation) and name_of(value.left) == name
        if not grows and not isinstance(value, cst.List | cst.ListComp):
            return False
    for node in function.nodes:
        if name_of(node) != name:
            continue
        above = module.parent(node)
        holder = module.parent(above) if above is not None else None
        kept = not isinstance(above, cst.AssignTarget | cst.Return | cst.BinaryOperation | cst.While | cst.If)
        read = isinstance(above, cst.Arg) and isinstance(holder, cst.Call) and name_of(holder.func) in ("len", "sum")
        if kept and not read:
            return False
        if isinstance(above, cst.BinaryOperation) and root_of(above.left) != name:
            return False
    return not any(isinstance(node, cst.Lambda | cst.FunctionDef | cst.Try) for node in function.own)
