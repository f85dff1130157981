"""The files inside a wall: an environment as a tar for a container engine, or unpacked for the namespaces backend.

The interpreter keeps its prefix; C libraries keep the paths the loader found; packages go to /rsi/site. Modification
times and compiled files are kept, because Python re-compiles without them (0.7 s per cold start). No shell, no
tools, no name services, nothing of the user's. Works on Linux only: elsewhere the image is built from the Dockerfile.
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from rsi_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from rsi_sandbox.sandbox.environment import Environment

DIRECTORIES = ("tmp", "proc", "dev", "sys", "work", "etc", "rsi/site")
ETC = {
    "etc/passwd": b"root:x:0:0:root:/tmp:/nologin\nnobody:x:65534:65534:nobody:/tmp:/nologin\n",
    "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files\n",
    "etc/hosts": b"127.0.0.1 localhost\n::1 localhost\n",
}
LEFT_OUT = frozenset(
    {"test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "site-packages", "dist-packages"}
)
ZONES = Path("/usr/share/zoneinfo")
KEPT_ROOTS = 4


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link inside."""

    target: str


Member = Path | Link | bytes
"""A file of the host (followed when it is a link), a link, or a file's content."""


def members(environment: "Environment") -> dict[str, Member]:
    """Archive path (relative, POSIX) -> what is there.

    Raises:
        SandboxError: this is not Linux, or a library that the interpreter needs can't be found.
    """
    if sys.platform != "linux":
        raise SandboxError("an interpreter can only be packed on Linux", hint="use --image to build one instead")
    found: dict[str, Member] = dict(ETC)
    for directory in environment.standard:
        found.update(_standard(Path(directory), environment.cache_tag))
    python = environment.inside_python
    found[python.lstrip("/")] = Path(environment.base_executable).resolve()
    for name in ("python", "python3"):
        found.setdefault(str(PurePosixPath(python).with_name(name)).lstrip("/"), Link(PurePosixPath(python).name))
    site = environment.inside_path[0].lstrip("/")
    found.update((f"{site}/{inside}", Path(source)) for inside, source in environment.files)
    found.update(_zones())
    found.update(_libraries(found.values()))
    return found


def write_tar(environment: "Environment", stream: IO[bytes]) -> int:
    """Writes the environment to `stream` as a tar owned by root, in stable order; returns the bytes written."""
    start = stream.tell()
    found = members(environment)
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for directory in _directories(found):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for inside, member in sorted(found.items()):
            _add(tar, inside, member)
    return stream.tell() - start


def unpacked(environment: "Environment", cache_dir: Path | None = None) -> Path:
    """The environment as a directory, made once and found again by its key; anybody may read it.

    It appears under its final name only when complete, so that two runs at once can't meet half of it.

    Raises:
        SandboxError: it can't be written.
    """
    cache = cache_dir or default_cache()
    final = cache / f"root-{environment.key[:32]}"
    if not final.is_dir():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            cache.chmod(0o755)  # the worker's other uids have to get through
            with tempfile.TemporaryDirectory(prefix=".partial-", dir=cache, ignore_cleanup_errors=True) as partial:
                root = Path(partial) / "root"
                _unpack(members(environment), root)
                with contextlib.suppress(OSError):  # somebody else was first
                    root.rename(final)
        except OSError as error:
            raise SandboxError(f"can't unpack the interpreter to {cache}: {error}", hint="free some space") from error
        if not final.is_dir():
            raise SandboxError(f"can't unpack the interpreter to {final}", hint="remove what is there")
        _prune(cache, final)
    with contextlib.suppress(OSError):
        os.utime(final)
    return final


def default_cache() -> Path:
    """Where unpacked environments are kept; as root a place that other uids can reach."""
    if os.geteuid() == 0:
        return Path("/var/cache/rsi-sandbox")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rsi-sandbox"


def _standard(directory: Path, cache_tag: str) -> Iterator[tuple[str, Member]]:
    for parent, names, files in os.walk(directory):
        names[:] = [name for name in names if name not in LEFT_OUT and not name.startswith("config-")]
        compiled = parent.endswith("__pycache__")
        for name in files:
            if compiled and not name.endswith(f".{cache_tag}.pyc"):
                continue
            path = Path(parent) / name
            if not path.exists() or name.endswith((".a", ".o")):
                continue
            yield str(path).lstrip("/"), path


def _zones() -> Iterator[tuple[str, Member]]:
    """Time zones, which zoneinfo reads from the system."""
    for parent, names, files in os.walk(ZONES):
        names[:] = [name for name in names if name not in ("posix", "right")]
        for name in files:
            path = Path(parent) / name
            if path.is_file():
                yield str(path).lstrip("/"), path


def _libraries(found: Iterable[Member]) -> dict[str, Member]:
    """Shared libraries that the packed files load, at the paths where the loader finds them."""
    packed = [member for member in found if isinstance(member, Path)]
    binaries = [path for path in packed if ".so" in path.suffixes or _is_program(path)]
    already = {str(path.resolve()) for path in binaries}
    libraries: dict[str, Member] = {}
    for start in range(0, len(binaries), 200):
        batch = [str(path) for path in binaries[start : start + 200]]
        try:
            done = subprocess.run(["ldd", *batch], capture_output=True, text=True, timeout=120, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            raise SandboxError("ldd is needed to find the interpreter's libraries", hint="install libc-bin") from error
        for path in map(Path, re.findall(r"^\s+(?:\S+ => )?(/\S+) \(0x", done.stdout, re.MULTILINE)):
            if str(path.resolve()) not in already and path.is_file():
                libraries[os.path.normpath(path).lstrip("/")] = path
    if not any("libc.so" in path or "ld-musl" in path for path in libraries):
        raise SandboxError("the interpreter's C library was not found", hint="use --image to build an image instead")
    cache = Path("/etc/ld.so.cache")
    if cache.is_file():
        libraries["etc/ld.so.cache"] = cache
    return libraries


def _is_program(path: Path) -> bool:
    return path.parent.name == "bin"


def _directories(found: Mapping[str, Member]) -> list[str]:
    parents = {str(parent) for inside in found for parent in PurePosixPath(inside).parents}
    fixed = {str(part) for name in DIRECTORIES for part in (PurePosixPath(name), *PurePosixPath(name).parents)}
    return sorted((parents | fixed) - {"."})


def _mode(path: Path) -> int:
    return 0o755 if path.stat().st_mode & 0o111 else 0o644


def _add(tar: tarfile.TarFile, inside: str, member: Member) -> None:
    entry = tarfile.TarInfo(inside)
    if isinstance(member, Link):
        entry.type, entry.linkname = tarfile.SYMTYPE, member.target
        tar.addfile(entry)
    elif isinstance(member, bytes):
        entry.size, entry.mode = len(member), 0o644
        tar.addfile(entry, io.BytesIO(member))
    else:
        with member.open("rb") as file:
            found = os.fstat(file.fileno())
            entry.size, entry.mtime, entry.mode = found.st_size, int(found.st_mtime), _mode(member)
            tar.addfile(entry, file)


def _unpack(found: Mapping[str, Member], root: Path) -> None:
    for directory in ("", *_directories(found)):
        (root / directory).mkdir(parents=True, exist_ok=True)
        (root / directory).chmod(0o755)
    for inside, member in found.items():
        path = root / inside
        if isinstance(member, Link):
            path.symlink_to(member.target)
        elif isinstance(member, bytes):
            path.write_bytes(member)
            path.chmod(0o644)
        else:
            shutil.copyfile(member, path)
            shutil.copystat(member, path)
            path.chmod(_mode(member))


def _prune(cache: Path, keep: Path) -> None:
    """Removes the environments that were used longest ago."""
    roots = sorted(cache.glob("root-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for root in [path for path in roots if path != keep][KEPT_ROOTS - 1 :]:
        shutil.rmtree(root, ignore_errors=True)
