"""Nested data by path, binary records, brackets."""

import struct

__all__ = ["check_brackets", "decode_records", "look_up_paths"]


class PathError(LookupError):
    """A path that can't be read."""


def _split_path(path):
    parts = []
    current = ""
    index = ""
    inside = False
    for char in path:
        if inside:
            if char == "]":
                if index == "*":
                    parts.append("*")
                elif index.lstrip("-").isdigit():
                    parts.append(int(index))
                else:
                    raise PathError(f"bad index {index!r} in {path}")
                index = ""
                inside = False
            else:
                index += char
        elif char == "[":
            if current != "":
                parts.append(current)
                current = ""
            inside = True
        elif char == ".":
            if current != "":
                parts.append(current)
                current = ""
        else:
            current += char
    if inside:
        raise PathError(f"missing ] in {path}")
    if current != "":
        parts.append(current)
    return parts


def _resolve(document, parts):
    if len(parts) == 0:
        return [document]
    part = parts[0]
    if part == "*":
        found = []
        children = document.values() if isinstance(document, dict) else document
        if not isinstance(document, (dict, list)):
            return []
        for child in children:
            found = found + _resolve(child, parts[1:])
        return found
    if isinstance(part, int):
        if not isinstance(document, list) or not -len(document) <= part < len(document):
            return []
        return _resolve(document[part], parts[1:])
    if isinstance(document, dict) and part in document:
        return _resolve(document[part], parts[1:])
    return []


def look_up_paths(documents, columns):
    """One row per document: the values at each path (`a.b[0]`, `a[*].c`), one value bare, none as None."""
    rows = []
    for document in documents:
        row = {}
        for name, path in columns.items():
            values = _resolve(document, _split_path(path))
            if len(values) == 0:
                row[name] = None
            elif len(values) == 1 and "*" not in path:
                row[name] = values[0]
            else:
                row[name] = values
        rows.append(row)
    return rows


class RecordReader:
    """Reads big-endian numbers and length-prefixed text from the front of a buffer."""

    def __init__(self, data):
        self.data = data

    def read(self, fmt):
        size = struct.calcsize(fmt)
        if len(self.data) < size:
            raise EOFError(f"{size} bytes wanted, {len(self.data)} left")
        value = struct.unpack(fmt, self.data[:size])[0]
        self.data = self.data[size:]
        return value

    def read_text(self):
        size = self.read(">H")
        if len(self.data) < size:
            raise EOFError(f"{size} bytes wanted, {len(self.data)} left")
        text = self.data[:size].decode("utf-8")
        self.data = self.data[size:]
        return text

    def checksum(self, size):
        total = 0
        for i in range(size):
            total = (total * 31 + self.data[i]) % 65521
        return total


def decode_records(blob):
    """Records of an id, a kind, tags and a kind-dependent value; returns them and how many checksums were wrong."""
    reader = RecordReader(blob)
    records = []
    wrong = 0
    while len(reader.data) > 0:
        size = reader.read(">H")
        expected = reader.read(">H")
        if len(reader.data) < size:
            raise EOFError(f"{size} bytes wanted, {len(reader.data)} left")
        if reader.checksum(size) != expected:
            wrong += 1
            reader.data = reader.data[size:]
            continue
        record = {"id": reader.read(">I"), "tags": []}
        kind = reader.read(">B")
        for _ in range(reader.read(">B")):
            record["tags"].append(reader.read_text())
        if kind == 0:
            record["value"] = None
        elif kind == 1:
            record["value"] = reader.read(">q")
        elif kind == 2:
            record["value"] = reader.read(">d")
        else:
            record["value"] = reader.read_text()
        records.append(record)
    return records, wrong


PAIRS = {")": "(", "]": "[", "}": "{"}
OPENING = frozenset(PAIRS.values())
QUOTE = "\"'"


def check_brackets(text):
    """Position and character of the first bracket without a partner, or None; quotes hide what is inside."""
    stack = []
    quote = None
    escaped = False
    for position, char in enumerate(text):
        if quote is not None:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == quote:
                quote = None
            continue
        if char in QUOTE:
            quote = char
        elif char in OPENING:
            stack.append((position, char))
        elif char in PAIRS:
            if not stack or stack[-1][1] != PAIRS[char]:
                return position, char
            stack.pop()
    return stack[0] if stack else None
