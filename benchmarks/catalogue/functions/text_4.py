"""Diffs, templates and aligned columns."""

import re

__all__ = ["align_assignments", "diff_lines", "render_rows"]


def diff_lines(old, new):
    """Line diff as a list of (' ' | '-' | '+', line) from the longest common subsequence."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(1, len(old) + 1):
        for j in range(1, len(new) + 1):
            if old[i - 1] == new[j - 1]:
                table[i][j] = table[i - 1][j - 1] + 1
            else:
                table[i][j] = max(table[i - 1][j], table[i][j - 1])
    result = []
    i = len(old)
    j = len(new)
    while i > 0 or j > 0:
        if i > 0 and j > 0 and old[i - 1] == new[j - 1]:
            result.insert(0, (" ", old[i - 1]))
            i -= 1
            j -= 1
        elif j > 0 and (i == 0 or table[i][j - 1] >= table[i - 1][j]):
            result.insert(0, ("+", new[j - 1]))
            j -= 1
        else:
            result.insert(0, ("-", old[i - 1]))
            i -= 1
    return result


class TemplateError(ValueError):
    """A template that can't be read, or that asks for what isn't there."""


FILTERS = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "trim": str.strip,
    "money": lambda value: f"{float(value):,.2f}",
}


def _lookup(row, path):
    value = row
    for part in path.split("."):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise TemplateError(f"no value for {path}") from None
    return value


def _expand(expression, row):
    parts = [part.strip() for part in expression.split("|")]
    default = None
    filters = []
    for part in parts[1:]:
        if part.startswith("default:"):
            default = part[len("default:") :].strip()
        elif part in FILTERS:
            filters.append(FILTERS[part])
        else:
            raise TemplateError(f"unknown filter {part}")
    try:
        value = _lookup(row, parts[0])
    except TemplateError:
        if default is None:
            raise
        value = default
    if value is None:
        value = default if default is not None else ""
    for function in filters:
        value = function(value if function is FILTERS["money"] else str(value))
    return str(value)


def render_rows(template, rows):
    """Fill `{{ path | filter | default: x }}` once for each row; `{{!` starts a comment."""
    output = []
    for row in rows:
        text = ""
        rest = template
        while True:
            match = re.search(r"\{\{(.*?)\}\}", rest, re.DOTALL)
            if match is None:
                text += rest
                break
            text += rest[: match.start()]
            expression = match.group(1).strip()
            if expression == "":
                raise TemplateError("empty expression")
            if not expression.startswith("!"):
                text += _expand(expression, row)
            rest = rest[match.end() :]
        output.append(text)
    return output


def align_assignments(source):
    """Line up the `=` of neighbouring assignments and the comments after them."""
    result = []
    block = []

    def flush():
        if not block:
            return
        name_width = max(len(name) for name, _, _ in block)
        value_width = max([len(value) for _, value, comment in block if comment], default=0)
        for name, value, comment in block:
            line = f"{name.ljust(name_width)} = {value}"
            if comment:
                line = f"{name.ljust(name_width)} = {value.ljust(value_width)}  # {comment}"
            result.append(line)
        block.clear()

    for line in source.split("\n"):
        name, equals, rest = line.partition("=")
        if not equals or not name.strip().isidentifier() or rest.startswith("="):
            flush()
            result.append(line)
            continue
        value, _, comment = rest.partition("#")
        block.append((name.rstrip(), value.strip(), comment.strip()))
    flush()
    return "\n".join(result)
