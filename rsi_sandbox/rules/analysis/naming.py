"""Imports and module-level constants that a rewrite needs: reused when the file has them, inserted when not."""

from dataclasses import dataclass

import libcst as cst

from rsi_sandbox.model import Edit
from rsi_sandbox.rules.analysis.effects import binders
from rsi_sandbox.rules.analysis.source import SourceModule


@dataclass(frozen=True, slots=True)
class Imported:
    """How to write a name of another module here."""

    name: str
    edits: tuple[Edit, ...]
    """The import to insert; none when the file has one."""


def imported(module: SourceModule, source: str, name: str) -> Imported:
    """`name` of the standard library module `source`, through an import the file has or a new one."""
    for statement in module.tree.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
                if small.relative or small.module is None or _dotted(small.module) != source:
                    continue
                for alias in small.names:
                    if alias.evaluated_name == name and _bound_once(module, _local(alias)):
                        return Imported(_local(alias), ())
            elif isinstance(small, cst.Import):
                for alias in small.names:
                    if alias.evaluated_name == source and _bound_once(module, _local(alias)):
                        return Imported(f"{_local(alias)}.{name}", ())
    given = module.name_for("", name, f"{source}.{name}")
    suffix = "" if given == name else f" as {given}"
    return Imported(given, (_insert_import(module, f"from {source} import {name}{suffix}"),))


def constant(module: SourceModule, wanted: str, value: str) -> tuple[str, Edit]:
    """A new module-level name for a value: the name, and the edit that inserts it in front of the first definition."""
    name = module.name_for("", wanted, f"constant {value}")
    for statement in module.tree.body:
        if isinstance(statement, cst.FunctionDef | cst.ClassDef):
            start = _definition_start(module, statement)
            return name, module.edit(start, start, f"{name} = {value}\n\n\n")
    raise ValueError("the file defines no function")


def _definition_start(module: SourceModule, statement: cst.FunctionDef | cst.ClassDef) -> int:
    start = module.span(statement.decorators[0] if statement.decorators else statement)[0]
    lines = module.source[:start].splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith(b"#"):
        start -= len(lines.pop())
    return start


def _dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _local(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name.split(".")[0]


def _bound_once(module: SourceModule, name: str) -> bool:
    return len(binders(module).get(name, ())) == 1


def _insert_import(module: SourceModule, line: str) -> Edit:
    place: cst.CSTNode | None = None
    in_docstring = True
    for statement in module.tree.body:
        if not isinstance(statement, cst.SimpleStatementLine):
            break
        if all(isinstance(small, cst.Import | cst.ImportFrom) for small in statement.body):
            place = statement
        elif not (in_docstring and isinstance(statement.body[0], cst.Expr)):
            break
        elif place is None:
            place = statement
        in_docstring = False
    if place is None:
        start = module.span(module.tree.body[0])[0]
        if isinstance(module.tree.body[0], cst.FunctionDef | cst.ClassDef):
            start = _definition_start(module, module.tree.body[0])
        gap = "\n\n\n" if isinstance(module.tree.body[0], cst.BaseCompoundStatement) else "\n"
        return module.edit(start, start, line + gap)
    end = module.line_end(place)
    is_import = isinstance(place, cst.SimpleStatementLine) and not isinstance(place.body[0], cst.Expr)
    return module.edit(end, end, f"{line}\n" if is_import else f"\n{line}\n")
