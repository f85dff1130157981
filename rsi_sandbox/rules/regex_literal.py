"""`re.match` with a literal pattern: compile it once for the module."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import binders, plain
from rsi_sandbox.rules.analysis.naming import constant
from rsi_sandbox.rules.analysis.shapes import name_of, plain_args
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule

_COUNTS = {"match": 2, "search": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "split": 2, "sub": 3, "subn": 3}


@rule(
    "regex-literal",
    safety=Safety.EXACT,
    tier=Tier.P1,
    speedup=1.6,
    acceptance=0.5,
    examples=(
        Example(
            before="""\
import re


def words(line):
    return re.findall(r"[a-z]+", line)
""",
            after="""\
import re


FINDALL_PATTERN = re.compile(r"[a-z]+")


def words(line):
    return FINDALL_PATTERN.findall(line)
""",
            calls=("words('a bc 1')", "words('')"),
            workload="[words('a b') for _ in range(n)]",
        ),
    ),
    leaves=(
        """\
import re


def f(pattern, line):
    return re.findall(pattern, line)
""",
        """\
import re


def f(line):
    return re.match("a", line, re.I)
""",
    ),
)
def regex_literal(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A call of a function of `re` with a literal pattern.

    The module looks the pattern up in its cache on each call; a compiled pattern is ready.

    Safety: an invalid pattern fails on import instead of on the first call, and code that replaces `re.match` in
    tests no longer sees the call. Flags and named arguments are left alone.
    """
    imports = binders(module).get("re", [])
    if len(imports) != 1 or not isinstance(imports[0], cst.ImportAlias) or not plain(function):
        return
    if imports[0].evaluated_name != "re" or module.parent(module.parent(imports[0]) or module.tree) is None:
        return
    top = module.parent(module.parent(module.parent(imports[0]) or module.tree) or module.tree)
    for node in function.own:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            continue
        method, args = node.func.attr.value, plain_args(node)
        if (
            name_of(node.func.value) != "re"
            or args is None
            or len(args) != _COUNTS.get(method)
            or top is not module.tree
        ):
            continue
        pattern = args[0]
        if not isinstance(pattern, cst.SimpleString) or pattern.lpar or "\n" in pattern.value:
            continue
        name, edit = constant(module, f"{method.upper()}_PATTERN", f"re.compile({pattern.value})")
        rest = ", ".join(module.text(arg) for arg in args[1:])
        yield Rewrite(
            edits=(edit, module.replace(node, f"{name}.{method}({rest})")),
            line=module.line(node),
            rationale=f"Compiles the pattern {pattern.value} once for the module.",
            gain=1.6,
        )
