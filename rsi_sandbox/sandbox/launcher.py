"""The program that builds the outer wall of namespaces and becomes the worker's interpreter inside it.

The host starts `python -I -B -c <this file> <status fd>` and writes one JSON frame, the plan, to its stdin; the rest
of stdin belongs to the worker. It imports nothing of ours: the text of `worker/kernel.py` comes
with the plan. It runs before any candidate exists, and fails closed: what can't be built is reported on the status
descriptor and nothing is started.
"""

import json
import os
import select
import sys
import types
from pathlib import Path
from typing import Any, NoReturn

INSIDE_ID = 65532
UNPRIVILEGED_ID = 65534
FAILED = 71
STAGE = "/tmp/root"  # noqa: S108 - on a fresh tmpfs that only this mount namespace sees
DEVICES = ("null", "zero", "full", "random", "urandom")


def launch(plan: dict[str, Any], kernel: Any, status: int) -> NoReturn:
    """Build the wall and stay outside it as its keeper until it ends or the tool does."""
    outside = os.geteuid(), os.getegid()
    if outside[0] == 0:
        # As real root the mounts are staged first: the unprivileged uid may not be able to reach their sources.
        kernel.unshare(kernel.NEWNS)
        _stage(plan, kernel)
        outside = UNPRIVILEGED_ID, UNPRIVILEGED_ID
        os.setgroups([])
        os.setresgid(outside[1], outside[1], outside[1])
        os.setresuid(outside[0], outside[0], outside[0])
        kernel.set_dumpable(dumpable=True)  # or /proc/self/uid_map belongs to root
        kernel.unshare(kernel.NEW_ALL)
        kernel.map_identity(INSIDE_ID, *outside)
    else:
        kernel.unshare(kernel.NEW_ALL)
        kernel.map_identity(INSIDE_ID, *outside)
        _stage(plan, kernel)
    alive, keeper = os.pipe()
    first = os.fork()
    if first == 0:
        try:
            os.close(keeper)
            _inside(plan, kernel, alive)
        except BaseException as error:
            _report(status, error)
    os.close(alive)
    os.close(status)
    _keep(first)


def _stage(plan: dict[str, Any], kernel: Any) -> None:
    """Put the environment's root, and what is to be bound into it, on a private tmpfs that any uid can reach."""
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    sources = [(os.open(source, os.O_PATH), target) for source, target in [[plan["root"], ""], *plan["binds"]]]
    kernel.mount("tmpfs", "/tmp", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=64k,mode=755")  # noqa: S108
    Path(STAGE).mkdir()
    for descriptor, target in sources:
        kernel.mount(f"/proc/self/fd/{descriptor}", STAGE + target, None, kernel.MS_BIND | kernel.MS_REC)
        os.close(descriptor)


def _inside(plan: dict[str, Any], kernel: Any, alive: int) -> NoReturn:
    """As pid 1: finish the root, drop everything, become the worker."""
    kernel.die_with_parent()
    if select.select([alive], [], [], 0)[0]:
        os._exit(FAILED)  # the keeper died before the kernel was told to take us along
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount(STAGE, STAGE, None, kernel.MS_BIND | kernel.MS_REC)
    # While the old /proc is still in sight: the kernel refuses a fresh one to a namespace that has none.
    kernel.mount("proc", f"{STAGE}/proc", "proc", flags)
    kernel.mount("tmpfs", f"{STAGE}/dev", "tmpfs", flags, "size=64k,nr_inodes=16,mode=755")
    for name in DEVICES:
        target = Path(STAGE, "dev", name)
        target.touch()
        kernel.mount(f"/dev/{name}", str(target), None, kernel.MS_BIND)
    kernel.pivot_into(STAGE)
    kernel.restrict_mounts("/", kernel.MS_RDONLY | kernel.MS_NOSUID)
    # Read-only is undone for /proc alone, where the worker writes the uid maps of the cells it makes.
    kernel.mount(None, "/proc", None, kernel.MS_REMOUNT | kernel.MS_BIND | flags)
    size = f"size={plan['tmp_bytes']},nr_inodes={plan['tmp_files']},mode=755"
    kernel.mount("tmpfs", "/tmp", "tmpfs", flags, size)  # noqa: S108
    os.chdir("/")
    os.setsid()
    os.umask(0o022)
    kernel.drop_bounding_set()
    kernel.drop_capabilities()
    kernel.no_new_privileges()
    os.execve(plan["argv"][0], plan["argv"], plan["env"])  # noqa: S606


def _keep(first: int) -> NoReturn:
    """Wait for the wall to end, or for the tool to go: stdin loses its last writer, and our death is pid 1's."""
    worker = os.pidfd_open(first)
    poll = select.poll()
    poll.register(worker, select.POLLIN)
    poll.register(0, 0)
    os.close(1)
    poll.poll()
    os._exit(0)


def _report(status: int, error: BaseException) -> NoReturn:
    os.write(status, f"{type(error).__name__}: {error}".encode()[:4000])
    os._exit(FAILED)


def _exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = os.read(0, size - len(data))
        if not chunk:
            os._exit(FAILED)
        data += chunk
    return data


def main() -> NoReturn:
    """Read the plan and carry it out."""
    status = int(sys.argv[1])
    os.set_inheritable(status, False)
    try:
        plan = json.loads(_exactly(int.from_bytes(_exactly(4), "big")))
        kernel = types.ModuleType("kernel")
        exec(compile(plan["kernel"], "<kernel>", "exec"), kernel.__dict__)  # noqa: S102 - our own text
        launch(plan, kernel, status)
    except BaseException as error:
        _report(status, error)


if __name__ == "__main__":
    main()
