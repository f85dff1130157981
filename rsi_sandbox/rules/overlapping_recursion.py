"""A function that calls itself twice on scalars: answer each argument once per call from outside."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import binds, effects, plain, shadowed
from rsi_sandbox.rules.analysis.naming import imported
from rsi_sandbox.rules.analysis.shapes import name_of, plain_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule

_KNOWN = frozenset(("min", "max", "abs", "len", "range", "ord", "True", "False", "None"))


@rule(
    "overlapping-recursion",
    safety=Safety.GUARDED,
    tier=Tier.P0,
    speedup=30.0,
    acceptance=0.7,
    examples=(
        Example(
            before="""\
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
""",
            after="""\
from functools import cache


def fib(n):
    @cache
    def fib(n):
        if n < 2:
            return n
        return fib(n - 1) + fib(n - 2)

    return fib(n)
""",
            calls=("fib(10)", "fib(0)"),
            observed={"fib": {"n": {"types": ["int"], "len_max": 0, "hashable": True}}},
            workload="fib(n)",
        ),
    ),
    leaves=(
        """\
def f(n):
    if n < 2:
        return n
    return f(n - 1) + 1
""",
        """\
def f(n):
    print(n)
    return f(n - 1) + f(n - 2)
""",
        """\
def f(n):
    if n < 2:
        return [n]
    return f(n - 1) + f(n - 2)
""",
    ),
)
def overlapping_recursion(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A pure module-level function of integers and strings that calls itself at least twice.

    Overlapping subproblems are solved again and again; a cache that lives for one call from outside solves each once,
    and holds no memory afterwards.

    Safety: arguments must be of one hashable type each, as observed; the body may only compute and return numbers.
    Each level of recursion takes one more frame, so very deep recursion may reach the limit earlier.
    """
    node, name = function.node, function.node.name.value
    if "." in function.qualname or node.decorators or function.docstring or not plain(function):
        return
    if any(not _simple(function, param) for param in function.params) or len(node.params.params) != len(
        function.params
    ):
        return
    calls = [one for one in function.own if isinstance(one, cst.Call) and name_of(one.func) == name]
    if len(calls) < 2 or any(plain_args(one) is None for one in calls) or not _computes(function, name):
        return
    if sum(list(binds(one)).count(name) for one in module.nodes) != 1 or not isinstance(node.body, cst.IndentedBlock):
        return
    first, end = module.span(node.body.body[0])[0], module.line_end(node)
    indent = module.indent(node.body.body[0])
    body = module.source[first:end].decode()
    if '"""' in body or "'''" in body or "\\" in body or module.step != indent:
        return
    made = imported(module, "functools", "cache")
    params = ", ".join(function.params)
    lines = [line if not line.strip() else indent + line for line in body.rstrip().splitlines()]
    inner = "\n".join([f"@{made.name}", f"{indent}def {name}({params}):", indent + lines[0], *lines[1:]])
    # One edit for the whole body: a smaller edit of another rule inside it would not be indented along.
    whole = module.edit(first, end, f"{inner}\n\n{indent}return {name}({params})\n")
    yield Rewrite(
        edits=(*made.edits, whole),
        line=module.line(node),
        rationale=f"Solves each subproblem of `{name}` once per call instead of again and again.",
        gain=30.0,
    )


def _simple(function: FunctionNode, param: str) -> bool:
    seen = function.observed.param(param)
    return len(seen.types) == 1 and seen.types[0] in ("int", "str", "bytes")


def _computes(function: FunctionNode, name: str) -> bool:
    """Whether the body changes nothing, calls only itself and pure builtins, and can only return numbers."""
    done = effects(function.node.body, shadowed=shadowed(function))
    if done.mutated:
        return False
    local = set(function.params) | done.bound | {name}
    for node in function.own:
        if isinstance(node, cst.Call) and name_of(node.func) not in {name, "min", "max", "abs", "len", "range", "ord"}:
            return False
        if isinstance(
            node, cst.List | cst.Dict | cst.Set | cst.ListComp | cst.DictComp | cst.SetComp | cst.GeneratorExp
        ):
            return False
        if isinstance(
            node, cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Try | cst.With | cst.NamedExpr | cst.Attribute
        ):
            return False
        if isinstance(node, cst.Name) and node.value not in local | _KNOWN:
            return False
    return True
