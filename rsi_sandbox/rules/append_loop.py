"""A loop that only appends: a list comprehension."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import loads, plain, targets
from rsi_sandbox.rules.analysis.shapes import assignment, block, expression, method_args, name_of
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule


@rule(
    "append-loop",
    safety=Safety.EXACT,
    tier=Tier.P2,
    speedup=1.12,
    acceptance=0.4,
    examples=(
        Example(
            before="""\
def squares(xs):
    out = []
    for x in xs:
        if x:
            out.append(x * x)
    return out
""",
            after="""\
def squares(xs):
    out = [x * x for x in xs if x]
    return out
""",
            calls=("squares([1, 0, 2])", "squares([])"),
            workload="squares(list(range(n)))",
        ),
    ),
    leaves=(
        """\
def f(xs):
    out = []
    for x in xs:
        out.append(len(out))
    return out
""",
        """\
def f(xs):
    out = []
    for x in xs:
        out.append(x)  # why
    return out
""",
        """\
def f(xs):
    out = []
    for x in xs:
        out.append(x)
    return out, x
""",
    ),
)
def append_loop(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """`out = []`, and right after it a loop whose only statement is `out.append(...)`, under at most one `if`.

    A comprehension keeps the list on the interpreter's stack instead of looking its method up each time.

    Safety: the loop variable must not be used elsewhere, the list not be read while it grows, and there must be no
    comment that would get lost.
    """
    if not plain(function):
        return
    for start in function.own:
        found = assignment(start)
        if found is None or not isinstance(found[1], cst.List) or found[1].elements or not module.alone(start):
            continue
        siblings = block(module.parent(module.parent(start) or start) or start)
        after = list(siblings)[list(siblings).index(start) + 1 :] if start in siblings else []
        loop = after[0] if after else None
        if not isinstance(loop, cst.For) or loop.orelse or loop.asynchronous:
            continue
        text = _comprehension(module, function, found[0], loop)
        begin, end = module.span(start)[0], module.line_end(loop)
        if text is None or b"#" in module.source[begin:end]:
            continue
        stop = end - len(module.newline) if module.source[:end].endswith(b"\n") else end
        yield Rewrite(
            edits=(module.edit(begin, stop, f"{found[0]} = {text}"),),
            line=module.line(loop),
            rationale=f"Builds `{found[0]}` with a comprehension.",
            gain=1.12,
        )


def _comprehension(module: SourceModule, function: FunctionNode, name: str, loop: cst.For) -> str | None:
    body, test = block(loop), None
    if len(body) == 1 and isinstance(body[0], cst.If) and body[0].orelse is None:
        test, body = body[0].test, block(body[0])
    args = method_args(expression(body[0]), name, "append", 1) if len(body) == 1 else None
    if args is None:
        return None
    parts = [args[0], loop.iter, *([test] if test is not None else [])]
    if any(name in loads(part) or _binds(part) for part in parts):
        return None
    mine = set(targets(loop.target))
    inside = {id(node) for node in _nodes(loop)}
    if not mine or any(name_of(node) in mine and id(node) not in inside for node in function.nodes):
        return None
    plain_parts = [module.text(part) for part in parts]
    if any(isinstance(part, cst.IfExp | cst.Lambda | cst.Tuple) and not part.lpar for part in parts[1:]):
        return None
    if any("\n" in text for text in plain_parts):
        return None
    condition = f" if {plain_parts[2]}" if test is not None else ""
    return f"[{plain_parts[0]} for {module.text(loop.target)} in {plain_parts[1]}{condition}]"


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _binds(node: cst.CSTNode) -> bool:
    return any(isinstance(one, cst.NamedExpr | cst.Lambda | cst.Await | cst.Yield) for one in _nodes(node))
