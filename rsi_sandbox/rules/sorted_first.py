"""`sorted(xs)[0]`: the smallest needs no sorting."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import builtin, plain
from rsi_sandbox.rules.analysis.shapes import index_of, integer, name_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "sorted-first",
    safety=Safety.SPECULATIVE,
    tier=Tier.P1,
    speedup=4.0,
    acceptance=0.6,
    examples=(
        Example(
            before="""\
def smallest(xs):
    return sorted(xs, key=abs)[0]
""",
            after="""\
def smallest(xs):
    return min(xs, key=abs)
""",
            calls=("smallest([3, -1, 1])", "smallest([2])"),
            workload="smallest(list(range(n)))",
        ),
    ),
    leaves=(
        """\
def f(xs):
    return sorted(xs)[1]
""",
        """\
def f(xs):
    return sorted(xs, reverse=True)[0]
""",
        """\
def f(xs, sorted):
    return sorted(xs)[0]
""",
    ),
)
def sorted_first(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """The first element of a sorted copy.

    `min` returns the first of the smallest elements, which is the one a stable sort puts in front, in one walk.

    Safety: nothing to choose from raises ValueError instead of IndexError, and elements without a total order (NaN,
    sets) may give another answer; the oracle decides.
    """
    if not plain(function) or not builtin(function, "sorted", "min"):
        return
    for node in function.own:
        if not isinstance(node, cst.Subscript) or integer(index_of(node)) != 0 or not isinstance(node.value, cst.Call):
            continue
        call = node.value
        keywords = {arg.keyword.value for arg in call.args if arg.keyword}
        positional = [arg for arg in call.args if arg.keyword is None]
        if name_of(call.func) != "sorted" or len(positional) != 1 or keywords - {"key"} or positional[0].star:
            continue
        if any(isinstance(around, cst.Try) for around in module.ancestors(node)) or call.lpar:
            continue
        head, tail = module.span(call)[1], module.span(node)[1]
        yield Rewrite(
            edits=(module.replace(call.func, "min"), module.edit(head, tail, "")),
            line=module.line(node),
            rationale="Takes the smallest element without sorting all of them.",
            gain=4.0,
        )
