"""`diff` and `blame`: what generations changed, and which one a line comes from."""

import difflib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from rsi_sandbox.cli.console import console
from rsi_sandbox.cli.history import opened
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage.trees import proposed
from rsi_sandbox.model import Tree
from rsi_sandbox.reports.story import Step, tell


def between(word: str, against: int | None) -> tuple[int | None, int]:
    """The two generations of `3`, `0..3` or `3 --against 0`; the first is None for the parent.

    Raises:
        UsageError: it is none of these.
    """
    first, dots, second = word.partition("..")
    parts = [first, second] if dots else [first]
    if not all(part.isdigit() for part in parts):
        raise UsageError(f"{word!r} names no generation", hint="write a number, or two as in 0..3")
    if dots:
        return int(first), int(second)
    return against, int(first)


def diff(path: Path, state: Path | None, word: str, against: int | None) -> None:
    """A generation's change, or what lies between two, as a unified diff; coloured on a terminal."""
    base, number = between(word, against)
    with opened(path, state) as lineage:
        before = lineage.tree(lineage.generation(number).parent if base is None else base)
        text = "".join(unified(before, proposed(lineage, number)))
    if sys.stdout.isatty():
        Console().print(Syntax(text, "diff", theme="ansi_dark", background_color="default"))
    else:
        sys.stdout.write(text)


def unified(before: Tree, after: Tree) -> Iterator[str]:
    """The difference of two trees in the form that `git apply` and `patch -p1` read."""
    for path in sorted({*before.files, *after.files}):
        old, new = before.files.get(path, b""), after.files.get(path, b"")
        if old == new:
            continue
        # Only \n ends a line here, as for git: other line breaks stay inside the line they are in.
        before_lines, after_lines = (lines_of(data) for data in (old, new))
        names = ("/dev/null" if path not in before.files else f"a/{path}", f"b/{path}")
        for line in difflib.unified_diff(before_lines, after_lines, *names):
            yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def lines_of(data: bytes) -> list[str]:
    """Lines with their ends."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


@dataclass(frozen=True, slots=True)
class Line:
    """One line and where it comes from."""

    number: int
    """Of the generation that changed it last; of the original where none did."""
    text: str


def origins(lineage: Lineage, number: int, path: str) -> list[Line]:
    """The lines of a file as generation `number` has it, each with the generation it comes from.

    Raises:
        UsageError: there is no such file in that generation.
    """
    chain = list(reversed(lineage.chain(number)))
    if path not in lineage.tree(number).files:
        raise UsageError(f"generation {number} has no file {path}", hint="name it relative to the target")
    found: list[Line] = []
    for generation in chain:
        edits = generation.candidate.get("edits")
        if edits is not None and not any(edit["path"] == path for edit in edits):
            continue  # reading a tree costs two processes
        data = lineage.tree(generation.number).files.get(path, b"")
        text = lines_of(data)
        matcher = difflib.SequenceMatcher(None, [line.text for line in found], text, autojunk=False)
        next_lines: list[Line] = []
        for tag, old_at, old_to, new_at, new_to in matcher.get_opcodes():
            if tag == "equal":
                next_lines += found[old_at:old_to]
            else:
                next_lines += [Line(generation.number, line) for line in text[new_at:new_to]]
        found = next_lines
    return found


def blame(path: Path, state: Path | None, file: str, number: int | None) -> None:
    """Each line of a file with the generation and the rule that changed it, and what that bought."""
    with opened(path, state) as lineage:
        head = lineage.head()
        chosen = number if number is not None else head.number if head is not None else 0
        lines = origins(lineage, chosen, file)
        steps = {step.generation.number: step for step in tell(lineage).steps}
    labels = {each.number: _label(steps[each.number], file) for each in lines}
    width = max([len(label) for label in labels.values()], default=0)
    out = console()
    for place, line in enumerate(lines, 1):
        style = "dim" if steps[line.number].original else "green"
        row = Text(f"{labels[line.number]:<{width}}  ", style=style)
        row.append(f"{place:>4} ", style="dim")
        row.append(line.text.rstrip("\r\n").encode(errors="surrogateescape").decode(errors="replace"))
        out.print(row)


def _label(step: Step, file: str) -> str:
    if step.original:
        return f"{step.generation.number} original"
    sites = step.generation.candidate.get("sites") or []
    rules = list(dict.fromkeys(site["rule"] for site in sites if site["path"] == file)) or list(step.rules)
    return f"{step.generation.number} {', '.join(rules)} {step.gain or ''}".rstrip()
