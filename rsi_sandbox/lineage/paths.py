"""Which file names a recorded tree may have.

It refuses names that could leave the tree, reach a repository's own files, or mean two files at once on some
file system.
"""

import unicodedata
from collections.abc import Iterable

from rsi_sandbox.errors import UsageError

_IGNORED = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])


def _folded(name: str) -> str:
    """The name as the most forgiving file system compares it (HFS+ skips some invisible characters)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).translate(_IGNORED).casefold())


def objection(path: str) -> str | None:
    """Why one path can't be in a tree, or None."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if not path or path.startswith("/") or "\\" in path:
        return "it is not a relative path with forward slashes"
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        return "its name has control characters"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "it has an empty, '.' or '..' part"
        if _folded(part).rstrip(". ") in (".git", "git~1"):
            return "it reaches into a git directory"
    return None


def check_paths(paths: Iterable[str]) -> None:
    """Check all paths of one tree.

    Raises:
        UsageError: a path is refused, two differ only in case or composition, or a file is also a directory.
    """
    hint = "rename the file or leave it out of the target"
    spelled: dict[str, str] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        why = objection(path)
        if why:
            raise UsageError(f"{path!r} can't be recorded: {why}", hint=hint)
        parts = path.split("/")
        prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        for prefix in prefixes:
            first = spelled.setdefault(_folded(prefix), prefix)
            if first != prefix:
                raise UsageError(
                    f"{first!r} and {prefix!r} can't be recorded: some file systems take them for one", hint=hint
                )
        folders.update(prefixes[:-1])
        files.add(path)
    both = sorted(files & folders)
    if both:
        raise UsageError(f"{both[0]!r} can't be recorded: it is both a file and a directory", hint=hint)
