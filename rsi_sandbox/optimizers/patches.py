"""Text from outside as candidates: unified diffs and whole files, read as data and never executed.

Refuses context that does not match byte for byte, files that do not exist, and paths that may not change.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace

from rsi_sandbox.model import Candidate, Edit, Site, Tree
from rsi_sandbox.optimizers.brief import Brief, Refusal
from rsi_sandbox.optimizers.catalogue import sound
from rsi_sandbox.rules import SourceModule

MODULE = "<module>"
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class PatchError(ValueError):
    """The text is not a patch of this tree; the message says why."""


def files_from_diff(files: Mapping[str, bytes], diff: bytes) -> dict[str, bytes]:
    """The files a unified diff changes, as they are afterwards.

    Raises:
        PatchError: the diff can't be read, adds or removes a file, or does not match.
    """
    changed: dict[str, bytes] = {}
    lines = diff.splitlines(keepends=True)
    index = 0
    while index < len(lines):
        following = lines[index + 1] if index + 1 < len(lines) else b""
        if not (lines[index].startswith(b"--- ") and following.startswith(b"+++ ")):
            index += 1
            continue
        path = _path(following[4:])
        if path != _path(lines[index][4:]) or path not in files:
            raise PatchError(f"the diff adds, removes or renames {path or 'a file'}")
        index, changed[path] = _apply_hunks(changed.get(path, files[path]), lines, index + 2)
    if not changed:
        raise PatchError("no file is changed")
    return changed


def _path(field: bytes) -> str:
    name = field.split(b"\t")[0].strip().decode("utf-8", "replace")
    return name[2:] if name.startswith(("a/", "b/")) else name


def _apply_hunks(source: bytes, lines: list[bytes], index: int) -> tuple[int, bytes]:
    old = source.splitlines(keepends=True)
    new: list[bytes] = []
    position = 0
    while index < len(lines) and (match := _HUNK.match(lines[index])):
        removed, added, index = _hunk(lines, index + 1, int(match[2] or 1), int(match[4] or 1))
        start = int(match[1]) - (1 if removed else 0)
        if start < position or old[start : start + len(removed)] != removed:
            raise PatchError(f"line {match[1].decode()} is not what the diff expects")
        new += [*old[position:start], *added]
        position = start + len(removed)
    return index, b"".join([*new, *old[position:]])


def _hunk(lines: list[bytes], index: int, before: int, after: int) -> tuple[list[bytes], list[bytes], int]:
    removed: list[bytes] = []
    added: list[bytes] = []
    while index < len(lines) and (len(removed) < before or len(added) < after):
        mark, rest = lines[index][:1], lines[index][1:]
        if mark == b"\\":
            index += 1
            continue
        if mark not in (b" ", b"-", b"+", b"\n", b"\r"):
            raise PatchError("a hunk is shorter than its header says")
        text = rest if mark in (b" ", b"-", b"+") else lines[index]
        if lines[index + 1 : index + 2] and lines[index + 1].startswith(b"\\"):
            text = text.rstrip(b"\r\n")
        if mark != b"+":
            removed.append(text)
        if mark != b"-":
            added.append(text)
        index += 1
    if len(removed) != before or len(added) != after:
        raise PatchError("a hunk does not have the lines its header says")
    while index < len(lines) and lines[index].startswith(b"\\"):
        index += 1
    return removed, added, index


def edits_between(path: str, old: bytes, new: bytes) -> tuple[Edit, ...]:
    """Line-wise edits that turn one content into the other.

    Raises:
        PatchError: the content is not UTF-8, so that an edit's text can't hold it.
    """
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    offsets = [0]
    for line in before:
        offsets.append(offsets[-1] + len(line))
    edits: list[Edit] = []
    try:
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                edits.append(Edit(path, offsets[i1], offsets[i2], b"".join(after[j1:j2]).decode()))
    except UnicodeDecodeError as error:
        raise PatchError(f"{path} would not be UTF-8") from error
    return tuple(edits)


def candidate_from(brief: Brief, files: Mapping[str, bytes], *, optimizer: str, rationale: str) -> Candidate | Refusal:
    """Whole new contents as a candidate, or why they are none."""
    for path in sorted(files):
        if not brief.allowed(path):
            return Refusal(optimizer, f"{path} may not be changed", path)
        if path not in brief.tree.files:
            return Refusal(optimizer, f"{path} is not a file of the target")
    edits: list[Edit] = []
    sites: list[Site] = []
    try:
        for path in sorted(files):
            found = edits_between(path, brief.tree.files[path], files[path])
            edits += found
            sites += _sites(path, brief.tree.files[path], found, optimizer)
    except PatchError as error:
        return Refusal(optimizer, str(error))
    if not edits or not sound(brief.tree, edits, brief):
        return Refusal(optimizer, "the result changes nothing or is not Python")
    return Candidate(brief.tree.digest, tuple(edits), tuple(dict.fromkeys(sites)), rationale, optimizer=optimizer)


def candidate_between(parent: Tree, tree: Tree, *, optimizer: str, rationale: str) -> Candidate:
    """A change that exists already, as a candidate: its sites are the functions of both trees whose lines differ.

    What only one of the trees has can't be compared on its own: it counts as a change of the module around it, and a
    file that only one has is in the trees alone. So is a file whose edits would not be UTF-8.
    """
    edits: list[Edit] = []
    sites: list[Site] = []
    for path in tree.differing(parent):
        if path not in parent.files or path not in tree.files:
            continue
        old, new = parent.files[path], tree.files[path]
        try:
            there, back = edits_between(path, old, new), edits_between(path, new, old)
        except PatchError:
            sites.append(Site(path, MODULE, 1, optimizer))
            continue
        edits += there
        before, after = _sites(path, old, there, optimizer), _sites(path, new, back, optimizer)
        both = _functions(path, old).keys() & _functions(path, new).keys()
        sites += [site if site.qualname in both else replace(site, qualname=MODULE) for site in [*before, *after]]
    places = {(site.path, site.qualname): site for site in reversed(sites)}
    return Candidate(parent.digest, tuple(edits), tuple(places.values()), rationale, optimizer=optimizer)


def _sites(path: str, source: bytes, edits: tuple[Edit, ...], rule: str) -> list[Site]:
    """Where the edits are: the innermost function around each, or all that it reaches into and the module."""
    functions = _functions(path, source).items()
    sites: list[Site] = []
    for edit in edits:
        # Edits are whole lines; a function ends before the last of its newlines.
        text = source[edit.start : edit.end]
        first, last = edit.end - len(text.lstrip()), edit.start + len(text.rstrip())
        if not text.strip():
            first, last = edit.start, edit.end
        line = source.count(b"\n", 0, first) + 1
        around = [(end - start, name) for name, (start, end) in functions if start <= first and last <= end]
        if around:
            names = [min(around)[1]]
        else:
            names = [MODULE, *(name for name, (start, end) in functions if start < last and first < end)]
        sites += [Site(path, name, line, rule) for name in names]
    return sites


def _functions(path: str, source: bytes) -> dict[str, tuple[int, int]]:
    """Qualified name -> byte span of every function in a Python file; of two with one name the last."""
    module = SourceModule.parse(path, source) if path.endswith(".py") else None
    return {one.qualname: module.span(one.node) for one in module.functions} if module is not None else {}
