"""The filter, run instruction by instruction for both architectures: what it answers to every call."""

import errno
import os
import struct

import pytest

from rsi_sandbox.worker import kernel, seccomp

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
MACHINES = ["x86_64", "aarch64"]
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4242
HARMLESS = {
    "read": (0, 63),
    "write": (1, 64),
    "openat": (257, 56),
    "close": (3, 57),
    "mmap": (9, 222),
    "execve": (59, 221),
    "wait4": (61, 260),
    "exit_group": (231, 94),
    "socketpair": (53, 199),
    "pipe2": (293, 59),
    "futex": (202, 98),
    "getrandom": (318, 278),
    "memfd_create": (319, 279),
}


def answer(machine: str, number: int, *arguments: int, arch: int | None = None, floor_pid: int = 0) -> int:
    """What the kernel would do, by the classic BPF rules that the filter uses."""
    code = seccomp.program(machine, floor_pid=floor_pid)
    steps = list(struct.iter_unpack("=HBBI", code))
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, ARCH[machine] if arch is None else arch, 0, *padded)
    position, value = 0, 0
    while True:
        operation, if_true, if_false, operand = steps[position]
        position += 1
        if operation == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif operation == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[operation]
            position += if_true if holds else if_false


def _column(machine: str) -> int:
    return MACHINES.index(machine)


def _calls(groups: tuple[seccomp.Group, ...], machine: str) -> list[tuple[str, int, int]]:
    found = []
    for group in groups:
        for name, numbers in group.calls.items():
            number = numbers[_column(machine)]
            if number is not None:
                found.append((name, number, group.error))
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_denied_always(machine: str) -> None:
    for floor_pid in (0, PID):
        for name, number, error in _calls(seccomp.ALWAYS, machine):
            assert answer(machine, number, floor_pid=floor_pid) == ERRNO | error, name


@pytest.mark.parametrize("machine", MACHINES)
def test_denied_on_the_floor_only(machine: str) -> None:
    for name, number, error in _calls(seccomp.FLOOR, machine):
        assert answer(machine, number, floor_pid=PID) == ERRNO | error, name
        assert answer(machine, number) == ALLOW, name


@pytest.mark.parametrize("machine", MACHINES)
def test_harmless_calls_pass(machine: str) -> None:
    for floor_pid in (0, PID):
        for name, numbers in HARMLESS.items():
            assert answer(machine, numbers[_column(machine)], floor_pid=floor_pid) == ALLOW, name


@pytest.mark.parametrize("machine", MACHINES)
def test_no_number_is_listed_twice(machine: str) -> None:
    numbers = [number for _, number, _ in _calls(seccomp.ALWAYS + seccomp.FLOOR, machine)]
    assert len(numbers) == len(set(numbers))
    assert not set(numbers) & {pair[_column(machine)] for pair in HARMLESS.values()}


def test_other_entries_are_killed() -> None:
    assert answer("x86_64", 0, arch=0x40000003) == KILL  # i386 through int 0x80
    assert answer("x86_64", 0x40000000) == KILL  # x32
    assert answer("x86_64", 0x40000000 | 41) == KILL
    assert answer("aarch64", 63, arch=0x40000028) == KILL  # 32-bit arm
    assert answer("x86_64", 0) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_clone(machine: str) -> None:
    clone = (56, 220)[_column(machine)]
    process, thread = 17, 0x3D0F00
    assert thread & 0x10000
    assert answer(machine, clone, process) == ALLOW
    assert answer(machine, clone, process, floor_pid=PID) == ERRNO | errno.EPERM
    assert answer(machine, clone, thread, floor_pid=PID) == ALLOW
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        for floor_pid in (0, PID):
            assert answer(machine, clone, process | flag, floor_pid=floor_pid) == ERRNO | errno.EPERM
            assert answer(machine, clone, thread | flag, floor_pid=floor_pid) == ERRNO | errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_terminal_injection(machine: str) -> None:
    ioctl = (16, 29)[_column(machine)]
    assert answer(machine, ioctl, 0, 0x5412) == ERRNO | errno.EPERM
    assert answer(machine, ioctl, 0, 0x541C) == ERRNO | errno.EPERM
    assert answer(machine, ioctl, 0, 0x5412 | 1 << 32) == ERRNO | errno.EPERM  # the kernel ignores the high half
    assert answer(machine, ioctl, 0, 0x5401) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_signals_on_the_floor(machine: str) -> None:
    minus_one = (1 << 64) - 1
    for numbers in ((62, 129), (234, 131), (200, 130), (129, 138), (297, 240)):
        number = numbers[_column(machine)]
        assert answer(machine, number, PID, floor_pid=PID) == ALLOW
        for other in (1, 0, minus_one, PID + 1):
            assert answer(machine, number, other, floor_pid=PID) == ERRNO | errno.EPERM
            assert answer(machine, number, other) == ALLOW
    prlimit = (302, 261)[_column(machine)]
    assert answer(machine, prlimit, 0, floor_pid=PID) == ALLOW
    assert answer(machine, prlimit, PID, floor_pid=PID) == ALLOW
    assert answer(machine, prlimit, 1, floor_pid=PID) == ERRNO | errno.EPERM


def test_unknown_architecture_has_no_filter() -> None:
    with pytest.raises(OSError, match="riscv64"):
        seccomp.program("riscv64")


def test_every_group_says_why() -> None:
    assert all(len(group.why) > 20 and group.calls for group in seccomp.ALWAYS + seccomp.FLOOR)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="seccomp exists on Linux only")
def test_the_kernel_takes_it() -> None:
    def refused(*, filtered: bool) -> int:
        pid = os.fork()
        if pid == 0:
            if filtered:
                kernel.no_new_privileges()
                kernel.install_filter(seccomp.program(floor_pid=os.getpid()))
            try:
                os.setpgid(0, 0)
            except PermissionError:
                os._exit(1)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    assert refused(filtered=True) == 1
    assert refused(filtered=False) == 0
