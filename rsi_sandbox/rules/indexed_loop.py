"""`for i in range(len(xs))` that only reads `xs[i]`: go over the elements."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import builtin, disturbed, param_list, plain
from rsi_sandbox.rules.analysis.shapes import call_args, index_of, name_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "indexed-loop",
    safety=Safety.GUARDED,
    tier=Tier.P2,
    speedup=1.3,
    acceptance=0.5,
    examples=(
        Example(
            before="""\
def total(xs):
    out = 0
    for i in range(len(xs)):
        out += xs[i] * xs[i]
    return out
""",
            after="""\
def total(xs):
    out = 0
    for x in xs:
        out += x * x
    return out
""",
            calls=("total([1, 2])", "total([])"),
            observed={"total": {"xs": {"types": ["list"], "len_max": 500, "hashable": True}}},
            workload="total(list(range(n)))",
        ),
    ),
    leaves=(
        """\
def f(xs):
    for i in range(len(xs)):
        xs[i] = xs[i] + 1
""",
        """\
def f(xs):
    out = []
    for i in range(len(xs)):
        out.append((i, xs[i]))
    return out
""",
        """\
def f(xs):
    out = 0
    for i in range(len(xs)):
        out += xs[i]
    return out + i
""",
    ),
)
def indexed_loop(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A loop over indices that uses them for nothing but reading the same sequence.

    Going over the elements saves an index and a look-up each.

    Safety: the sequence must be a list, tuple or string, as observed, and stay as it is in the loop; the index must
    not be used elsewhere.
    """
    if not plain(function) or not builtin(function, "range", "len"):
        return
    for loop in function.own:
        args = call_args(loop.iter, "range", 1) if isinstance(loop, cst.For) else None
        inner = call_args(args[0], "len", 1) if args else None
        if not isinstance(loop, cst.For) or inner is None or loop.asynchronous:
            continue
        name, index = name_of(inner[0]), name_of(loop.target)
        if not name or not index or not param_list(function, name, "str"):
            continue
        reads = [
            node
            for node in function.own
            if isinstance(node, cst.Subscript) and name_of(node.value) == name and name_of(index_of(node)) == index
        ]
        uses = sum(name_of(node) == index for node in function.nodes)
        if not reads or uses != len(reads) + 1 or any(loop not in module.ancestors(node) for node in reads):
            continue
        if disturbed(function, name, loop.body):
            continue
        each = function.name_for(
            name[:-1] if len(name) > 1 and name.endswith("s") else f"{name}_item", f"each of {name}"
        )
        yield Rewrite(
            edits=(
                module.replace(loop.target, each),
                module.replace(loop.iter, name),
                *(module.replace(node, each) for node in reads),
            ),
            line=module.line(loop),
            rationale=f"Goes over the elements of `{name}` instead of its indices.",
            gain=1.3,
        )
