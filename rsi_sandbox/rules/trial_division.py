"""Trial division up to n: the square root is far enough."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import builtin, plain
from rsi_sandbox.rules.analysis.naming import imported
from rsi_sandbox.rules.analysis.shapes import block, call_args, comparison, integer, name_of, only
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "trial-division",
    safety=Safety.GUARDED,
    tier=Tier.P0,
    speedup=10.0,
    acceptance=0.9,
    examples=(
        Example(
            before="""\
def is_prime(n):
    if n < 2:
        return False
    for d in range(2, n):
        if n % d == 0:
            return False
    return True
""",
            after="""\
from math import isqrt


def is_prime(n):
    if n < 2:
        return False
    for d in range(2, isqrt(max(n, 0)) + 1):
        if n % d == 0:
            return False
    return True
""",
            calls=(
                "is_prime(-5)",
                "is_prime(0)",
                "is_prime(1)",
                "is_prime(2)",
                "is_prime(3)",
                "is_prime(4)",
                "is_prime(9)",
                "is_prime(25)",
                "is_prime(97)",
                "is_prime(101)",
            ),
            workload="is_prime(10007 + 0 * n)",
        ),
    ),
    leaves=(
        """\
def f(n):
    for d in range(2, n):
        if n % d == 0:
            return d, n
    return d
""",
        """\
def f(n):
    out = []
    for d in range(2, n):
        if n % d == 0:
            out.append(d)
    return out
""",
    ),
)
def trial_division(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """`for d in range(2, n)` whose body only returns a constant when d divides n.

    A number that has a divisor has one up to its square root, so the rest of the range finds nothing new.

    Safety: n must be an integer (`range` insists on it as well); the divisor must not be used after the loop and the
    answer must not depend on it.
    """
    if not plain(function) or not builtin(function, "range", "max"):
        return
    for loop in function.own:
        args = call_args(loop.iter, "range", 2) if isinstance(loop, cst.For) else None
        if not isinstance(loop, cst.For) or args is None or integer(args[0]) != 2 or loop.orelse:
            continue
        divisor, number = name_of(loop.target), name_of(args[1])
        if not divisor or not number or not _returns_constant(loop, divisor, number):
            continue
        if sum(name_of(node) == divisor for node in function.nodes) != 2:
            continue
        made = imported(module, "math", "isqrt")
        yield Rewrite(
            edits=(*made.edits, module.replace(args[1], f"{made.name}(max({number}, 0)) + 1")),
            line=module.line(loop),
            rationale=f"Tries divisors of `{number}` up to its square root only.",
            gain=10.0,
        )


def _returns_constant(loop: cst.For, divisor: str, number: str) -> bool:
    body = block(loop)
    if len(body) != 1 or not isinstance(body[0], cst.If) or body[0].orelse is not None:
        return False
    sides = comparison(body[0].test, cst.Equal)
    inner = block(body[0])
    small = only(inner[0]) if len(inner) == 1 else None
    if sides is None or integer(sides[1]) != 0 or not isinstance(small, cst.Return):
        return False
    rest = sides[0]
    if not isinstance(rest, cst.BinaryOperation) or not isinstance(rest.operator, cst.Modulo):
        return False
    constant = integer(small.value) is not None or name_of(small.value) in ("True", "False", "None")
    return constant and name_of(rest.left) == number and name_of(rest.right) == divisor
