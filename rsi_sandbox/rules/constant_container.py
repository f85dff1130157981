"""A table of constants built on each call: build it once for the module."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import bindings, plain
from rsi_sandbox.rules.analysis.naming import constant
from rsi_sandbox.rules.analysis.shapes import assignment, integer, name_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "constant-container",
    safety=Safety.EXACT,
    tier=Tier.P1,
    speedup=2.0,
    acceptance=0.6,
    examples=(
        Example(
            before="""\
def price(name):
    prices = {"a": 1, "b": 2, "c": 3, "d": 4}
    return prices[name]
""",
            after="""\
PRICES = {"a": 1, "b": 2, "c": 3, "d": 4}


def price(name):
    return PRICES[name]
""",
            calls=("price('b')", "price('x')"),
            workload="[price('a') for _ in range(n)]",
        ),
    ),
    leaves=(
        """\
def f(name):
    prices = {"a": 1, "b": 2, "c": 3, "d": 4}
    prices[name] = 1
    return len(prices)
""",
        """\
def f(name):
    prices = {"a": 1, "b": 2, "c": 3, "d": 4}
    return prices
""",
        """\
def f(name):
    prices = {"a": name, "b": 2, "c": 3, "d": 4}
    return prices[name]
""",
    ),
)
def constant_container(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A local dict or list of at least four constants that is only searched and indexed.

    The function builds it anew on each call.

    Safety: every use must be a look-up that can neither change the container nor hand it out; any other use rules the
    rewrite out.
    """
    if not plain(function):
        return
    for statement in function.own:
        found = assignment(statement)
        if found is None or not _constant(found[1]) or not module.alone(statement):
            continue
        name, value = found
        above = module.parent(module.parent(statement) or statement)
        uses = [node for node in function.nodes if name_of(node) == name]
        looked_up = [use for use in uses if _looks_up(module, use)]
        if above is not function.node or len(bindings(function, name)) != 1 or len(looked_up) != len(uses) - 1:
            continue
        text = module.text(value)
        line = module.source[module.span(statement)[0] : module.line_end(statement)]
        if "\n" in text or b"#" in line or not looked_up:
            continue
        shared, edit = constant(module, name.upper(), text)
        yield Rewrite(
            edits=(edit, module.remove(statement), *(module.replace(use, shared) for use in looked_up)),
            line=module.line(statement),
            rationale=f"Builds the constant `{name}` once for the module.",
            gain=2.0,
        )


def _constant(value: cst.BaseExpression) -> bool:
    if not isinstance(value, cst.Dict | cst.List) or len(value.elements) < 4:
        return False
    parts: list[cst.BaseExpression] = []
    for element in value.elements:
        if isinstance(element, cst.DictElement):
            parts += [element.key, element.value]
        elif isinstance(element, cst.Element):
            parts.append(element.value)
        else:
            return False
    return all(isinstance(part, cst.SimpleString | cst.Float) or integer(part) is not None for part in parts)


def _looks_up(module: SourceModule, use: cst.CSTNode) -> bool:
    above = module.parent(use)
    if isinstance(above, cst.ComparisonTarget):
        return isinstance(above.operator, cst.In | cst.NotIn)
    if isinstance(above, cst.Subscript):
        holder = module.parent(above)
        return above.value is use and not isinstance(holder, cst.AssignTarget | cst.AugAssign | cst.Del | cst.Attribute)
    call = module.parent(above) if isinstance(above, cst.Attribute) else None
    return isinstance(above, cst.Attribute) and above.attr.value == "get" and isinstance(call, cst.Call)
