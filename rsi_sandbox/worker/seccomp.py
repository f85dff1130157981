"""The system calls a candidate may not make, as a seccomp program.

A deny-list: a candidate is ordinary Python, and an allow-list of what CPython and C extensions need breaks with every
libc. The walls around it (namespaces or uid, Landlock, limits) hold without this; the filter takes away what they do
not cover and the kernel's widest attack surface. It only builds bytes; `kernel.install_filter` installs them.
"""

import errno
import platform
import struct
from dataclasses import dataclass
from functools import cache

X86_64 = 0xC000003E
AARCH64 = 0xC00000B7
_ARCHITECTURES = {"x86_64": X86_64, "aarch64": AARCH64}

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24

_NEW_NAMESPACES = 0x7E020000
_CLONE_THREAD = 0x00010000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C


@dataclass(frozen=True, slots=True)
class Group:
    """System calls denied for one reason."""

    why: str
    calls: dict[str, tuple[int | None, int | None]]
    """Name -> number on x86_64 and on aarch64; None where the architecture lacks it."""
    error: int = errno.EPERM


ALWAYS = (
    Group(
        "Landlock before ABI 9 lets connect() reach any unix socket path (an engine's!), and no ABI covers UDP, "
        "netlink, packet, vsock or AF_ALG; socketpair() and pipes stay",
        {"socket": (41, 198)},
    ),
    Group(
        "reading or steering another process",
        {
            "ptrace": (101, 117),
            "process_vm_readv": (310, 270),
            "process_vm_writev": (311, 271),
            "process_madvise": (440, 440),
            "process_mrelease": (448, 448),
            "pidfd_getfd": (438, 438),
            "kcmp": (312, 272),
            "move_pages": (279, 239),
            "migrate_pages": (256, 238),
        },
    ),
    Group(
        "undoing the walls: mounts, roots and namespaces",
        {
            "mount": (165, 40),
            "umount2": (166, 39),
            "pivot_root": (155, 41),
            "chroot": (161, 51),
            "unshare": (272, 97),
            "setns": (308, 268),
            "open_tree": (428, 428),
            "move_mount": (429, 429),
            "fsopen": (430, 430),
            "fsconfig": (431, 431),
            "fsmount": (432, 432),
            "fspick": (433, 433),
            "mount_setattr": (442, 442),
            "open_tree_attr": (467, 467),
            "name_to_handle_at": (303, 264),
            "open_by_handle_at": (304, 265),
        },
    ),
    Group(
        "its flags are in memory, where a filter can't see a new namespace; libc falls back to clone()",
        {"clone3": (435, 435)},
        errno.ENOSYS,
    ),
    Group(
        "kernel machinery with a long record of holes, none of it needed by Python code",
        {
            "bpf": (321, 280),
            "perf_event_open": (298, 241),
            "userfaultfd": (323, 282),
            "io_uring_setup": (425, 425),
            "io_uring_enter": (426, 426),
            "io_uring_register": (427, 427),
            "fanotify_init": (300, 262),
            "modify_ldt": (154, None),
            "mbind": (237, 235),
            "set_mempolicy": (238, 237),
            "set_mempolicy_home_node": (450, 450),
            "lookup_dcookie": (212, 18),
            "uselib": (134, None),
            "sysfs": (139, None),
            "ustat": (136, None),
            "nfsservctl": (180, 42),
        },
    ),
    Group(
        "keyrings are shared by uid, not by namespace or container; secret memory hides from limits",
        {
            "add_key": (248, 217),
            "request_key": (249, 218),
            "keyctl": (250, 219),
            "memfd_secret": (447, 447),
        },
    ),
    Group(
        "System V IPC and POSIX queues outlive the process: a mailbox from one candidate to the next",
        {
            "shmget": (29, 194),
            "shmat": (30, 196),
            "shmctl": (31, 195),
            "semget": (64, 190),
            "semop": (65, 193),
            "semctl": (66, 191),
            "semtimedop": (220, 192),
            "msgget": (68, 186),
            "msgsnd": (69, 189),
            "msgrcv": (70, 188),
            "msgctl": (71, 187),
            "mq_open": (240, 180),
            "mq_unlink": (241, 181),
        },
    ),
    Group(
        "changing the machine: kernel, modules, clocks, swap, host name; personality() turns off ASLR",
        {
            "kexec_load": (246, 104),
            "kexec_file_load": (320, 294),
            "init_module": (175, 105),
            "finit_module": (313, 273),
            "delete_module": (176, 106),
            "reboot": (169, 142),
            "swapon": (167, 224),
            "swapoff": (168, 225),
            "syslog": (103, 116),
            "acct": (163, 89),
            "quotactl": (179, 60),
            "quotactl_fd": (443, 443),
            "settimeofday": (164, 170),
            "clock_settime": (227, 112),
            "clock_adjtime": (305, 266),
            "adjtimex": (159, 171),
            "sethostname": (170, 161),
            "setdomainname": (171, 162),
            "vhangup": (153, 58),
            "personality": (135, 92),
            "iopl": (172, None),
            "ioperm": (173, None),
        },
    ),
)

FLOOR = (
    Group(
        "without a pid namespace or a uid of its own, a process that leaves can't be found again",
        {"fork": (57, None), "vfork": (58, None), "setsid": (112, 157), "setpgid": (109, 154)},
    ),
    Group(
        "handles on processes of the user",
        {"pidfd_open": (434, 434), "pidfd_send_signal": (424, 424)},
    ),
    Group(
        "Landlock does not cover the mode, owner, times and attributes of the user's own files",
        {
            "chmod": (90, None),
            "fchmod": (91, 52),
            "fchmodat": (268, 53),
            "fchmodat2": (452, 452),
            "chown": (92, None),
            "lchown": (94, None),
            "fchown": (93, 55),
            "fchownat": (260, 54),
            "utime": (132, None),
            "utimes": (235, None),
            "futimesat": (261, None),
            "utimensat": (280, 88),
            "setxattr": (188, 5),
            "lsetxattr": (189, 6),
            "fsetxattr": (190, 7),
            "setxattrat": (463, 463),
            "removexattr": (197, 14),
            "lremovexattr": (198, 15),
            "fremovexattr": (199, 16),
            "removexattrat": (466, 466),
            "file_setattr": (469, 469),
        },
    ),
    Group(
        "slowing down or speeding up the user's other processes, and bending the measurement",
        {
            "setpriority": (141, 140),
            "ioprio_set": (251, 30),
            "sched_setaffinity": (203, 122),
            "sched_setscheduler": (144, 119),
            "sched_setparam": (142, 118),
            "sched_setattr": (314, 274),
        },
    ),
    Group("watching what the user does with files", {"inotify_init": (253, None), "inotify_init1": (294, 26)}),
)

_CLONE = (56, 220)
_IOCTL = (16, 29)
_SIGNALS = {
    "kill": (62, 129),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
_PRLIMIT = (302, 261)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def _deny(error: int = errno.EPERM) -> bytes:
    return _step(_RETURN, _ERRNO | error)


@cache
def program(machine: str = "", *, floor_pid: int = 0) -> bytes:
    """The filter for one architecture (default: this one).

    `floor_pid` is the candidate's own pid when no namespaces and no fresh uid stand around it: then forking, signals
    to others and what reaches the user's other files and processes are denied too.

    Raises:
        OSError: the architecture is not one of the two whose numbers are known here.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no seccomp filter for {machine}")
    column = list(_ARCHITECTURES).index(machine)
    steps = [
        _step(_LOAD, _ARCH),
        # i386 entry (int 0x80) has other numbers for everything below.
        _step(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        # The x32 ABI reaches the same calls under numbers with bit 30 set.
        steps += [_step(_AT_LEAST, 0x40000000, 0, 1), _step(_RETURN, _KILL)]
    for group in ALWAYS + (FLOOR if floor_pid else ()):
        for numbers in group.calls.values():
            number = numbers[column]
            if number is not None:
                steps += [_step(_EQUAL, number, 0, 1), _deny(group.error)]
    steps += _clone_rule(_CLONE[column], only_threads=bool(floor_pid))
    if floor_pid:
        for numbers in _SIGNALS.values():
            steps += _first_argument_rule(numbers[column], (floor_pid,))
        steps += _first_argument_rule(_PRLIMIT[column], (0, floor_pid))
    steps += _ioctl_rule(_IOCTL[column])
    steps.append(_step(_RETURN, _ALLOW))
    return b"".join(steps)


def _clone_rule(number: int, *, only_threads: bool) -> list[bytes]:
    if not only_threads:
        body = [_step(_LOAD, _ARG0), _step(_ANY_BIT, _NEW_NAMESPACES, 0, 1), _deny(), _step(_RETURN, _ALLOW)]
    else:
        body = [
            _step(_LOAD, _ARG0),
            _step(_ANY_BIT, _NEW_NAMESPACES, 1, 0),
            _step(_ANY_BIT, _CLONE_THREAD, 1, 0),
            _deny(),
            _step(_RETURN, _ALLOW),
        ]
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _first_argument_rule(number: int, allowed: tuple[int, ...]) -> list[bytes]:
    count = len(allowed)
    tests = [_step(_EQUAL, value, count - index) for index, value in enumerate(allowed)]
    body = [_step(_LOAD, _ARG0), *tests, _deny(), _step(_RETURN, _ALLOW)]
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _ioctl_rule(number: int) -> list[bytes]:
    # Both push characters into a terminal's input, as if the user had typed them.
    body = [
        _step(_LOAD, _ARG1),
        _step(_EQUAL, _TIOCSTI, 1, 0),
        _step(_EQUAL, _TIOCLINUX, 0, 1),
        _deny(),
        _step(_RETURN, _ALLOW),
    ]
    return [_step(_EQUAL, number, 0, len(body)), *body]
