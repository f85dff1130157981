"""Log lines, settings files and query strings."""

import re
from datetime import datetime

__all__ = ["parse_log", "parse_queries", "parse_settings"]

LEVELS = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"]


def _parse_line(line):
    match = re.match(r"^\[(?P<time>[^\]]+)\]\s+(?P<level>[A-Z]+)\s+(?P<logger>[\w.]+):\s*(?P<message>.*)$", line)
    if match is None:
        return None
    entry = match.groupdict()
    try:
        entry["time"] = datetime.strptime(entry["time"], "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    if entry["level"] not in LEVELS:
        return None
    pairs = {}
    for key, value in re.findall(r"(\w+)=(\S+)", entry["message"]):
        try:
            pairs[key] = int(value)
        except ValueError:
            try:
                pairs[key] = float(value)
            except ValueError:
                pairs[key] = value
    entry["fields"] = pairs
    return entry


def parse_log(lines, minimum="INFO", since=None):
    """Entries at or above a level; a line that is none continues the message of the entry before it."""
    entries = []
    current = None
    for line in lines:
        line = line.rstrip("\n")
        entry = _parse_line(line)
        if entry is None:
            if current is not None:
                current["message"] = current["message"] + "\n" + line
            continue
        current = entry
        entries.append(entry)
    result = []
    for entry in entries:
        if LEVELS.index(entry["level"]) < LEVELS.index(minimum):
            continue
        if since is not None and entry["time"] < datetime.strptime(since, "%Y-%m-%d %H:%M:%S"):
            continue
        result.append(entry)
    return result


class SettingsError(ValueError):
    """A line of a settings file that makes no sense."""


TRUE = frozenset({"yes", "true", "on"})
FALSE = frozenset({"no", "false", "off"})


def _value(text):
    low = text.lower()
    if low in TRUE:
        return True
    if low in FALSE:
        return False
    if text[:1].isdigit() or text[:1] == "-":
        try:
            return int(text)
        except ValueError:
            return text
    return text


def parse_settings(text):
    """Sections of `key = value` lines; a line that begins with a blank continues a value, `#` and `;` are comments."""
    sections = {}
    section = sections.setdefault("", {})
    key = None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0] in " \t":
            if key is None:
                raise SettingsError(f"line {number}: nothing to continue")
            section[key] = f"{section[key]}\n{stripped}"
            continue
        if stripped[0] == "[":
            if stripped[-1] != "]":
                raise SettingsError(f"line {number}: section without ]")
            section = sections.setdefault(stripped[1:-1].strip(), {})
            key = None
            continue
        key, equals, value = stripped.partition("=")
        if not equals:
            raise SettingsError(f"line {number}: no = in {stripped!r}")
        key = key.rstrip()
        section[key] = _value(value.lstrip())
    return sections


HEX_DIGITS = "0123456789abcdefABCDEF"


def _unquote(text):
    data = bytearray()
    i = 0
    while i < len(text):
        char = text[i]
        if char == "+":
            data += b" "
        elif char == "%" and len(text) - i > 2 and text[i + 1] in HEX_DIGITS and text[i + 2] in HEX_DIGITS:
            data += bytes([int(text[i + 1 : i + 3], 16)])
            i += 2
        else:
            data += char.encode("utf-8")
        i += 1
    return data.decode("utf-8", errors="replace")


def parse_queries(urls):
    """The query of each URL as a dict of lists of values, in the order of the URL."""
    result = []
    for url in urls:
        query = {}
        if "?" in url:
            text = url.split("?", 1)[1].split("#", 1)[0]
            for pair in re.split("[&;]", text):
                if pair == "":
                    continue
                name = _unquote(pair.split("=", 1)[0])
                value = _unquote(pair.split("=", 1)[1]) if "=" in pair else ""
                if name in query:
                    query[name] = query[name] + [value]
                else:
                    query[name] = [value]
        result.append(query)
    return result
