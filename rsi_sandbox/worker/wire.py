"""Length-framed JSON over a byte stream, used on both sides of a sandbox wall.

A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON. Bytes travel as base64 text.
Whatever arrives is data: nothing is unpickled, evaluated or trusted, and sizes are capped before reading.
"""

import base64
import json
import os
import struct
from collections.abc import Callable
from typing import Any

HEADER = struct.Struct(">I")
MAX_FRAME = 256 << 20

Message = dict[str, Any]


class WireError(Exception):
    """The other side sent something that is not a frame, or stopped in the middle of one."""


def pack(message: Message) -> bytes:
    """One frame, ready to be written."""
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=True).encode()
    return HEADER.pack(len(body)) + body


def unpack(body: bytes) -> Message:
    """The message in a frame's body.

    Raises:
        WireError: it is not a JSON object.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError(f"frame of {len(body)} bytes is not JSON") from error
    if not isinstance(message, dict):
        raise WireError("frame is not a JSON object")
    return message


def read_frame(read: Callable[[int], bytes], limit: int = MAX_FRAME) -> Message | None:
    """The next message from a blocking `read(n)` that returns at most n bytes and b"" at the end.

    Returns None when the stream ends cleanly between two frames.

    Raises:
        WireError: the frame is larger than `limit`, cut short, or not JSON.
    """
    header = _exactly(read, HEADER.size)
    if header is None:
        return None
    (size,) = HEADER.unpack(header)
    if size > limit:
        raise WireError(f"frame of {size} bytes is over the limit of {limit}")
    body = _exactly(read, size) if size else b""
    if body is None:
        raise WireError("stream ended inside a frame")
    return unpack(body)


def _exactly(read: Callable[[int], bytes], size: int) -> bytes | None:
    chunks: list[bytes] = []
    missing = size
    while missing:
        chunk = read(missing)
        if not chunk:
            if chunks:
                raise WireError("stream ended inside a frame")
            return None
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, however the kernel splits it."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def to_text(data: bytes) -> str:
    """Bytes as they travel inside a message."""
    return base64.b64encode(data).decode("ascii")


def to_bytes(text: str) -> bytes:
    """The bytes behind `to_text`.

    Raises:
        WireError: it is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise WireError("not base64") from error
