"""A module's source as a syntax tree with byte spans, and the edits that can be made on it.

Parsed once. Refuses what it can't give back byte for byte: other encodings than UTF-8, sources libcst can't parse.
Edits are spans on the original bytes, so comments and formatting outside them stay as they are.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from rsi_sandbox.model import Edit
from rsi_sandbox.rules.analysis.observed import Observed

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
BOM = b"\xef\xbb\xbf"


class SourceModule:
    """One file of the target; build it with `parse`."""

    def __init__(self, path: str, source: bytes, tree: cst.Module) -> None:
        self.path = path
        self.source = source
        self.tree = tree
        self.newline = tree.default_newline
        self._shift = len(BOM) if source.startswith(BOM) else 0
        self._spans = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._given: dict[tuple[str, str], str] = {}
        self.binders: dict[str, list[cst.CSTNode]] = {}
        """Name -> the nodes that bind it anywhere in the file; filled by `effects.binders`."""
        self.nodes = tuple(self._index(tree))

    @classmethod
    def parse(cls, path: str, source: bytes) -> "SourceModule | None":
        """The module, or None when it can't be edited without touching bytes we do not understand."""
        try:
            text = source.decode("utf-8-sig")
            tree = cst.parse_module(text)
        except (UnicodeDecodeError, cst.ParserSyntaxError, RecursionError):
            return None
        declared = tree.encoding.lower().replace("_", "-")
        if declared not in ("utf-8", "utf8") or tree.code != text:
            return None
        return cls(path, source, tree)

    def _index(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        stack = [node]
        while stack:
            current = stack.pop()
            yield current
            children = [child for child in current.children if child in self._spans]
            for child in children:
                self._parents[child] = current
            stack.extend(reversed(children))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that holds this one."""
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around this one, innermost first."""
        current = self._parents.get(node)
        while current is not None:
            yield current
            current = self._parents.get(current)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """First byte and the byte after the last, without the node's own parentheses."""
        found = self._spans[node]
        return found.start + self._shift, found.start + found.length + self._shift

    def text(self, node: cst.CSTNode) -> str:
        """The node's source, parenthesised where it was or has to be when it moves to another line."""
        start, end = self.span(node)
        inner = self.source[start:end].decode()
        wrapped = bool(getattr(node, "lpar", ())) or ("\n" in inner and inner[0] not in "([{")
        return f"({inner})" if wrapped and not isinstance(node, cst.Tuple) else inner

    @cached_property
    def _starts(self) -> list[int]:
        return [0] + [index + 1 for index, byte in enumerate(self.source) if byte == 0x0A]

    def line(self, node: cst.CSTNode) -> int:
        """1-based line of the node's first byte."""
        return bisect_right(self._starts, self.span(node)[0])

    def indent(self, statement: cst.CSTNode) -> str:
        """Whitespace in front of a statement that starts its line."""
        start = self.span(statement)[0]
        before = self.source[self._starts[bisect_right(self._starts, start) - 1] : start].decode()
        return before if not before.strip() else before[: len(before) - len(before.lstrip())]

    @cached_property
    def step(self) -> str:
        """One level of indentation."""
        return self.tree.default_indent

    @cached_property
    def names(self) -> frozenset[str]:
        """Every identifier in the file."""
        return frozenset(node.value for node in self.nodes if isinstance(node, cst.Name))

    @cached_property
    def functions(self) -> "tuple[FunctionNode, ...]":
        """Every function of the file in source order, nested ones included."""
        return tuple(
            FunctionNode(self, node, self.qualname(node)) for node in self.nodes if isinstance(node, cst.FunctionDef)
        )

    def qualname(self, node: cst.FunctionDef | cst.ClassDef) -> str:
        """Python's `__qualname__` of a definition."""
        parts = [node.name.value]
        for around in self.ancestors(node):
            if isinstance(around, cst.FunctionDef):
                parts += ["<locals>", around.name.value]
            elif isinstance(around, cst.ClassDef):
                parts.append(around.name.value)
        return ".".join(reversed(parts))

    def name_for(self, owner: str, wanted: str, purpose: str) -> str:
        """An unused identifier: the same for the same purpose, a numbered one when it is taken."""
        key = (owner, purpose)
        if key not in self._given:
            taken = self.names | {name for (who, _), name in self._given.items() if who == owner}
            number = 2
            name = wanted
            while name in taken:
                name = f"{wanted}_{number}"
                number += 1
            self._given[key] = name
        return self._given[key]

    # Edits

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Bytes `start:end` become `text`, with the file's line ends."""
        return Edit(self.path, start, end, text.replace("\n", self.newline))

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """The node becomes `text`."""
        return self.edit(*self.span(node), text)

    def between(self, first: cst.CSTNode, last: cst.CSTNode, text: str) -> Edit:
        """Everything from the start of `first` to the end of `last` becomes `text`."""
        return self.edit(self.span(first)[0], self.span(last)[1], text)

    def before(self, statement: cst.CSTNode, lines: Sequence[str]) -> Edit:
        """Statements in front of one that starts its line, at its indentation."""
        start = self.span(statement)[0]
        indent = self.indent(statement)
        return self.edit(start, start, "".join(f"{line}\n{indent}" for line in lines))

    def after(self, statement: cst.CSTNode, lines: Sequence[str]) -> Edit:
        """Statements behind one, at its indentation."""
        end = self.line_end(statement)
        indent = self.indent(statement)
        text = "".join(f"{indent}{line}\n" for line in lines)
        missing = end == len(self.source) and not self.source.endswith(b"\n")
        return self.edit(end, end, f"\n{text}"[:-1] if missing else text)

    def line_end(self, statement: cst.CSTNode) -> int:
        """The byte after the newline that ends the statement's last line."""
        while isinstance(statement, cst.BaseCompoundStatement):
            statement = last_statement(statement)
        stop = self.source.find(b"\n", self.span(statement)[1])
        return len(self.source) if stop < 0 else stop + 1

    def remove(self, statement: cst.CSTNode) -> Edit:
        """The statement's whole lines go."""
        start = self.span(statement)[0] - len(self.indent(statement).encode())
        return self.edit(start, self.line_end(statement), "")

    def alone(self, statement: cst.CSTNode) -> bool:
        """Whether statements can be put in front: it starts its line, and is no `elif`."""
        above = self.parent(statement)
        return isinstance(above, cst.IndentedBlock | cst.Module) and isinstance(
            statement, cst.SimpleStatementLine | cst.BaseCompoundStatement
        )


class FunctionNode:
    """One function of a module, with what was observed of it at run time."""

    def __init__(self, module: SourceModule, node: cst.FunctionDef, qualname: str) -> None:
        self.module = module
        self.node = node
        self.qualname = qualname
        self.observed = Observed()
        self.binders: dict[str, list[cst.CSTNode]] = {}
        """Name -> the nodes that bind it in the function; filled by `effects.bindings`."""
        self.is_plain: bool | None = None
        """Answer of `effects.plain`, once asked."""

    @cached_property
    def nodes(self) -> tuple[cst.CSTNode, ...]:
        """Every node below the function in source order, nested functions included."""
        return tuple(walk(self.node))

    @cached_property
    def own(self) -> tuple[cst.CSTNode, ...]:
        """The nodes of the body that run in this function's frame: nothing of nested functions and classes."""
        return tuple(_own(self.node.body))

    @cached_property
    def params(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return tuple(node.name.value for node in walk(self.node.params) if isinstance(node, cst.Param))

    @property
    def docstring(self) -> bool:
        """Whether the body starts with a docstring."""
        return self.node.get_docstring() is not None

    def name_for(self, wanted: str, purpose: str = "") -> str:
        """An identifier unused in the whole file; see `SourceModule.name_for`."""
        return self.module.name_for(self.qualname, wanted, purpose or wanted)


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and everything below it that is code, in source order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(
            child
            for child in reversed(current.children)
            if not isinstance(child, cst.BaseParenthesizableWhitespace | cst.TrailingWhitespace | cst.EmptyLine)
        )


def _own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        if isinstance(child, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            yield child
        else:
            yield from _own(child)


def last_statement(node: cst.BaseCompoundStatement) -> cst.CSTNode:
    """The last statement inside a compound one."""
    parts = [
        part
        for part in node.children
        if isinstance(part, cst.BaseSuite | cst.Else | cst.Finally | cst.ExceptHandler | cst.If)
    ]
    last = parts[-1]
    while isinstance(last, cst.Else | cst.Finally | cst.ExceptHandler):
        last = last.body
    if isinstance(last, cst.BaseSuite) and last.body:
        return last if isinstance(last, cst.SimpleStatementSuite) else last.body[-1]
    return last if isinstance(last, cst.If) else node
