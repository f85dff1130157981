"""`x in [1, 2, 3]`: a set of constants is made once and answers at once."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import plain
from rsi_sandbox.rules.analysis.shapes import comparison, integer
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "constant-membership",
    safety=Safety.GUARDED,
    tier=Tier.P2,
    speedup=1.5,
    acceptance=0.6,
    examples=(
        Example(
            before="""\
def vowels(text):
    return [c for c in text if c in ["a", "e", "i", "o", "u"]]
""",
            after="""\
def vowels(text):
    return [c for c in text if c in {"a", "e", "i", "o", "u"}]
""",
            calls=("vowels('banana')", "vowels('')"),
            workload="vowels('banana' * n)",
        ),
    ),
    leaves=(
        """\
def f(x, y):
    return x in [y, 1, 2]
""",
        """\
def f(x):
    return x in "abc"
""",
        """\
def f(x):
    return x in (1, 2)
""",
    ),
)
def constant_membership(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A membership test in a list or tuple of at least three string or integer literals.

    The compiler turns a set of constants into one frozen set, which is not searched from the front.

    Safety: the value must be hashable; an unhashable one raises TypeError instead of answering False.
    """
    if not plain(function):
        return
    for node in function.own:
        sides = comparison(node, cst.In, cst.NotIn)
        if sides is None or not isinstance(sides[1], cst.List | cst.Tuple) or len(sides[1].elements) < 3:
            continue
        values = [element.value for element in sides[1].elements]
        if not all(isinstance(value, cst.SimpleString) or integer(value) is not None for value in values):
            continue
        start, end = module.span(sides[1])
        whole = module.source[start:end].decode()
        if whole[0] not in "[(" or "#" in whole:
            continue
        texts = ", ".join(module.text(value) for value in values)
        yield Rewrite(
            edits=(module.replace(sides[1], f"{{{texts}}}"),),
            line=module.line(node),
            rationale="Looks the value up in a set of constants.",
            gain=1.5,
        )
