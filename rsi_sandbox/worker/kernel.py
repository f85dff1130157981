"""System calls that Python does not wrap: namespaces, mounts, capabilities, Landlock, and the prctl flags.

Thin and literal: each function makes one request of the kernel and raises OSError when the kernel says no. It decides
nothing about what a candidate may do; `cell` does. Nothing here runs at import, so it loads on any system.
"""

import ctypes
import errno
import os
import platform
import signal
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path

NEWNS = 0x00020000
NEWCGROUP = 0x02000000
NEWUTS = 0x04000000
NEWIPC = 0x08000000
NEWUSER = 0x10000000
NEWPID = 0x20000000
NEWNET = 0x40000000
NEW_ALL = NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000

# Calls added since 2019 have one number on every architecture.
_MOUNT_SETATTR, _CLOSE_RANGE, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 442, 436, 444, 445, 446
_CAPSET = {"x86_64": 126, "aarch64": 91}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK, _REFER, _TRUNCATE, _IOCTL_DEV = 64, 512, 2048, 8192, 16384, 32768
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _syscall(what: str, number: int, *arguments: int | bytes | None) -> int:
    passed = [ctypes.c_long(item) if isinstance(item, int) else ctypes.c_char_p(item) for item in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *passed), what)


def _prctl(what: str, option: int, *arguments: int) -> int:
    padded = [*arguments, 0, 0, 0, 0][:4]
    return _checked(_libc().prctl(ctypes.c_int(option), *map(ctypes.c_ulong, padded)), what)


def _by_machine(numbers: dict[str, int], what: str) -> int:
    machine = platform.machine()
    if machine not in numbers:
        raise OSError(errno.ENOSYS, f"{what}: no system call number known for {machine}")
    return numbers[machine]


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends. A change of uid forgets it."""
    _prctl("die with parent", _PR_SET_PDEATHSIG, signal.SIGKILL)


def set_dumpable(*, dumpable: bool) -> None:
    """Whether processes of the same uid may read and write this process's memory through /proc and ptrace."""
    _prctl("dumpable", _PR_SET_DUMPABLE, int(dumpable))


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ended, so that they can be found and reaped."""
    _prctl("child subreaper", _PR_SET_CHILD_SUBREAPER, 1)


def no_new_privileges() -> None:
    """Set-uid programs and file capabilities stop working for this process and its children, for good."""
    _prctl("no new privileges", _PR_SET_NO_NEW_PRIVS, 1)


def drop_bounding_set() -> None:
    """No program started from here on can gain a capability. Passed over where CAP_SETPCAP is missing."""
    for capability in range(64):
        try:
            _prctl("drop from bounding set", _PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.EPERM):
                return  # past the last one, or not allowed; `no_new_privileges` stands in for it
            raise


def drop_capabilities() -> None:
    """Give up every capability that this process has; ambient ones go with them."""
    number = _by_machine(_CAPSET, "capset")
    _syscall("capset", number, struct.pack("=Ii", 0x20080522, 0), struct.pack("=6I", *(0,) * 6))


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor that is not listed."""
    kept = sorted(set(keep))
    gaps = zip([-1, *kept], [*kept, 0xFFFFFFFF + 1], strict=True)
    try:
        for low, high in gaps:
            if high - low > 1:
                _syscall("close_range", _CLOSE_RANGE, low + 1, high - 1, 0)
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EPERM):
            raise
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names are numbers, not paths
            if int(name) not in kept:
                try:
                    os.close(int(name))
                except OSError:
                    pass  # the descriptor of the listing itself


def unshare(flags: int) -> None:
    """Leave the named namespaces for fresh ones; a fresh pid namespace begins with the next fork."""
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")


def map_identity(inside: int, uid: int, gid: int) -> None:
    """In a fresh user namespace: be `inside` as user and group, for `uid` and `gid` outside."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside} {uid} 1"),
        ("gid_map", f"{inside} {gid} 1"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """mount(2)."""
    result = _libc().mount(
        None if source is None else os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _checked(result, f"mount {kind or source or 'flags'} on {target}")


def unmount(target: str) -> None:
    """Detach a mount and everything below it."""
    _checked(_libc().umount2(os.fsencode(target), ctypes.c_int(2)), f"unmount {target}")


def restrict_mounts(path: str, flags: int) -> None:
    """Add MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC to the mount at `path` and every mount below it (Linux 5.12)."""
    at_fdcwd, at_recursive = -100, 0x8000
    attributes = struct.pack("=QQQQ", flags, 0, 0, 0)  # MOUNT_ATTR_* has the same four low bits as MS_*
    _syscall(
        f"make mounts below {path} read-only",
        _MOUNT_SETATTR,
        at_fdcwd,
        os.fsencode(path),
        at_recursive,
        attributes,
        len(attributes),
    )


def pivot_into(path: str) -> None:
    """Make the mount at `path` the root of this mount namespace and drop the old root."""
    os.chdir(path)
    _syscall("pivot_root", _by_machine(_PIVOT_ROOT, "pivot_root"), b".", b".")
    unmount(".")
    os.chdir("/")


@cache
def landlock_abi() -> int:
    """The Landlock ABI of this kernel, 0 when there is none."""
    try:
        return max(0, _syscall("landlock version", _LANDLOCK_CREATE, None, 0, 1))
    except OSError:
        return 0


def landlock(readable: Iterable[str], writable: Iterable[str]) -> None:
    """From here on only these paths can be opened, TCP and abstract sockets are gone, and signals stay inside.

    Paths that do not exist are passed over. Needs `no_new_privileges` before it. What Landlock does not cover
    (chmod, utime, connecting to a unix socket by path, older ABIs' truncate) is seccomp's and the mounts' business.
    """
    abi = landlock_abi()
    if abi < 1:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    files = (1 << 13) - 1
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        files |= right if abi >= since else 0
    attributes = struct.pack("=QQQ", files, 3, 3)[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    ruleset = _syscall("landlock", _LANDLOCK_CREATE, attributes, len(attributes), 0)
    try:
        for path in readable:
            _allow(ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
        for path in writable:
            _allow(ruleset, path, files & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK | _MAKE_SOCK))
        _syscall("landlock", _LANDLOCK_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return
    try:
        if not Path(path).is_dir():
            rights &= _OF_FILES if landlock_abi() >= 5 else _OF_FILES & ~_IOCTL_DEV
        if landlock_abi() < 3:
            rights &= ~_TRUNCATE
        _syscall(f"landlock {path}", _LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", rights, beneath), 0)
    finally:
        os.close(beneath)


def install_filter(program: bytes) -> None:
    """Install a seccomp program (8-byte BPF instructions) on this thread and its children, for good."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    code = ctypes.create_string_buffer(program, len(program))
    header = Program(len(program) // 8, ctypes.addressof(code))
    _prctl("seccomp", _PR_SET_SECCOMP, 2, ctypes.addressof(header))
