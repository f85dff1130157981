"""`any([...])`: no list is needed to find the first."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import builtin, effects, plain, shadowed
from rsi_sandbox.rules.analysis.shapes import call_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "any-over-list",
    safety=Safety.SPECULATIVE,
    tier=Tier.P1,
    speedup=2.0,
    acceptance=0.4,
    examples=(
        Example(
            before="""\
def has_negative(xs):
    return any([x < 0 for x in xs])
""",
            after="""\
def has_negative(xs):
    return any(x < 0 for x in xs)
""",
            calls=("has_negative([1, -1])", "has_negative([])"),
            workload="has_negative([-1] * n)",
        ),
    ),
    leaves=(
        """\
def f(xs):
    return any([g(x) for x in xs])
""",
        """\
def f(xs):
    return any([xs])
""",
    ),
)
def any_over_list(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """`any` or `all` of a list comprehension without side effects.

    A generator stops at the first element that decides; the list is made in full before anybody looks.

    Safety: an element behind the deciding one is no longer looked at, so an exception it raises is gone. It is slower
    when nothing decides early, which the benchmark shows.
    """
    if not plain(function) or not builtin(function, "any", "all"):
        return
    for node in function.own:
        args = call_args(node, "any", 1) or call_args(node, "all", 1)
        if args is None or not isinstance(args[0], cst.ListComp) or args[0].lpar:
            continue
        done = effects(args[0], shadowed=shadowed(function))
        if done.opaque or done.mutated:
            continue
        start, end = module.span(args[0])
        yield Rewrite(
            edits=(module.edit(start, start + 1, ""), module.edit(end - 1, end, "")),
            line=module.line(node),
            rationale="Stops at the first element that decides instead of making a list of all.",
            gain=2.0,
        )
