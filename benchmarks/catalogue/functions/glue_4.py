"""Caches and file-like objects."""

import io
import re
from collections import deque

__all__ = ["read_messages", "replay_cache", "tail_matching"]


class RecentCache:
    """Keeps the entries used last; an entry also has an age at which it is too old to be used."""

    def __init__(self, capacity, max_age):
        self.capacity = capacity
        self.max_age = max_age
        self.keys = []
        self.entries = []
        self.hits = 0
        self.misses = 0

    def _drop(self, key):
        position = self.keys.index(key)
        del self.keys[position]
        del self.entries[position]

    def get(self, key, now):
        if key not in self.keys:
            self.misses += 1
            return None
        value, stored = self.entries[self.keys.index(key)]
        if now - stored > self.max_age:
            self._drop(key)
            self.misses += 1
            return None
        self._drop(key)
        self.keys.append(key)
        self.entries.append((value, stored))
        self.hits += 1
        return value

    def put(self, key, value, now):
        if key in self.keys:
            self._drop(key)
        while len(self.keys) >= self.capacity:
            self._drop(self.keys[0])
        self.keys.append(key)
        self.entries.append((value, now))


def replay_cache(requests, capacity, max_age=1000):
    """Hit rate, what is in the cache at the end (least recently used first), and loads per key of a trace of keys."""
    if capacity < 1:
        raise ValueError("a cache holds at least one entry")
    cache = RecentCache(capacity, max_age)
    loads = {}
    for now, key in enumerate(requests):
        value = cache.get(key, now)
        if value is None:
            loads[key] = loads.get(key, 0) + 1
            cache.put(key, f"page {key}", now)
    rate = cache.hits / len(requests) if requests else 0.0
    return rate, cache.keys, dict(sorted(loads.items(), key=lambda item: (-item[1], item[0])))


class MessageError(ValueError):
    """A stream that ends in the middle or doesn't follow the format."""


def _read_line(stream):
    line = b""
    while True:
        byte = stream.read(1)
        if byte == b"":
            if line == b"":
                return None
            raise MessageError("the stream ends within a line")
        if byte == b"\n":
            break
        line += byte
    return line.rstrip(b"\r").decode("latin-1")


def _read_exactly(stream, size):
    data = b""
    while len(data) < size:
        piece = stream.read(min(16, size - len(data)))
        if piece == b"":
            raise MessageError(f"{size - len(data)} bytes are missing")
        data = data + piece
    return data


def read_messages(data):
    """Messages of headers, a blank line and a body of Content-Length bytes, one after the other.

    Header names are lower case; a header given twice is joined with a comma.
    """
    stream = io.BytesIO(data)
    messages = []
    while True:
        line = _read_line(stream)
        while line == "":
            line = _read_line(stream)
        if line is None:
            return messages
        headers = {}
        while line != "":
            if line is None:
                raise MessageError("the stream ends within the headers")
            if ":" not in line:
                raise MessageError(f"no colon in {line!r}")
            name = line.split(":", 1)[0].strip().lower()
            value = line.split(":", 1)[1].strip()
            if name in headers:
                headers[name] = headers[name] + ", " + value
            else:
                headers[name] = value
            line = _read_line(stream)
        body = _read_exactly(stream, int(headers.get("content-length", "0")))
        messages.append((headers, body))


def tail_matching(stream, pattern, count=10, before=0):
    """The last `count` lines of a text stream that match, numbered, each with the `before` lines ahead of it."""
    search = re.compile(pattern).search
    context = deque(maxlen=before)
    found = deque(maxlen=count)
    for number, line in enumerate(stream, start=1):
        text = line.rstrip("\n")
        if search(text):
            found.append((number, [*context, text]))
        context.append(text)
    return list(found)
