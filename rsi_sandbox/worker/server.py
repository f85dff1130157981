"""The warm worker: boots once behind an outer wall, then forks one confined process per job.

It answers requests in order and never runs a candidate's code in its own process. What it reports (exit status, CPU
time, leftovers) it saw from outside the candidate. It exits when its stdin ends.
"""

import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rsi_sandbox.worker import cell, trees, wire
from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.watch import Watched, watch

Message = dict[str, Any]


def serve(hello: Message) -> None:
    """Answer requests until stdin ends; does not return normally in a leader (see `_lead`)."""
    sys.dont_write_bytecode = True
    commands, answers = os.dup(0), os.dup(1)
    _silence(0, 1)
    if "lead" in hello:
        _lead(hello, answers)
    _warm(sorted(hello["sources"]))
    worker = Worker(hello)
    wire.write_all(answers, wire.pack(worker.describe()))
    while (request := wire.read_frame(lambda size: os.read(commands, size))) is not None:
        wire.write_all(answers, wire.pack(worker.answer(request)))


def _warm(sources: list[str]) -> None:
    """Import what every job needs before the first fork, and keep the collector from unsharing those pages."""
    importlib.import_module("pytest")
    for name in ("cProfile", "decimal", "fractions", "random", "tracemalloc", "pickle", "unittest.mock"):
        importlib.import_module(name)
    for name in sources:
        if name.startswith("rsi_sandbox.worker.jobs."):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _silence(*fds: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in fds:
        os.dup2(null, fd)
    os.close(null)


class Worker:
    """One worker's state: the base trees it holds and how to confine what it forks."""

    def __init__(self, hello: Message) -> None:
        self.hello = hello
        self.root = Path(hello["root"])
        self.store = trees.TreeStore(self.root)
        self.confine = cell.Confinement.from_message(hello["confine"])

    def describe(self) -> Message:
        """What this worker is, for the record."""
        import pytest

        return {
            "ok": True,
            "python": sys.version.split()[0],
            "pytest": pytest.__version__,
            "pid": os.getpid(),
            "uid": os.getuid(),
            "confine": self.hello["confine"],
        }

    def answer(self, request: Message) -> Message:
        """The reply to one request; a request that can't be understood is answered with an error."""
        try:
            if request["op"] == "tree":
                self.store.add(request["digest"], request["files"], request["executable"])
                return {"ok": True}
            return {"id": request["id"], **self._job(request)}
        except (OSError, KeyError, ValueError, wire.WireError, cell.CellError) as error:
            return {"id": request.get("id"), "error": f"{type(error).__name__}: {error}"}

    def _job(self, request: Message) -> Message:
        args, limits = request["args"], request["limits"]
        home = self.store.new_job()
        try:
            if args.get("fresh"):
                overlays = [arm["overlay"] for arm in args["arms"]]
                arms = [
                    self.store.materialise(home / f"arm{index}", request["tree"], overlay, [])
                    for index, overlay in enumerate(overlays)
                ]
                return self._fresh(request, home, arms, limits)
            tree = self.store.materialise(home, request["tree"], request["overlay"], request["removed"])
            context = Context(tree=str(tree), tmp=str(home / "tmp"))
            return self._forked(home, limits, lambda: _call(request["kind"], args, context))
        finally:
            trees.remove(home)

    def _forked(self, home: Path, limits: Message, work: Callable[[], Message]) -> Message:
        pipes = [os.pipe() for _ in range(3)]
        (out_read, out), (err_read, err), (result_read, result) = pipes

        def body() -> None:
            _silence(0)
            os.dup2(out, 1)
            os.dup2(err, 2)
            for fd in (out, err):
                os.close(fd)
            os.chdir(home / "tree")
            _environment(str(home / "tmp"))
            wire.write_all(result, wire.pack(_guarded(work)))

        inhabited = cell.spawn(self.confine, limits, root=str(home), keep=(out, err, result), body=body)
        for fd in (out, err, result):
            os.close(fd)
        watched = watch(inhabited.leader, out_read, err_read, result_read, limits, lambda: cell.stop(inhabited))
        return _report(watched, cell.sweep(inhabited))

    def _fresh(self, request: Message, home: Path, arms: list[Path], limits: Message) -> Message:
        args = {key: value for key, value in request["args"].items() if key != "arms"}
        hello = {
            **self.hello,
            "lead": {
                "kind": request["kind"],
                "args": args,
                "home": str(home),
                "arms": [str(arm) for arm in arms],
                "limits": limits,
            },
        }
        boot = self.hello["boot"]
        stdin_read, stdin = os.pipe()
        out_read, out = os.pipe()
        err_read, err = os.pipe()
        leader = os.fork()
        if leader == 0:
            os.setsid()
            for source, target in ((stdin_read, 0), (out, 1), (err, 2)):
                os.dup2(source, target)
            os.closerange(3, 4096)
            environment = {"PATH": os.environ.get("PATH", "")}
            os.execve(sys.executable, [sys.executable, "-I", "-B", "-c", boot], environment)
        for fd in (stdin_read, out, err):
            os.close(fd)
        wire.write_all(stdin, wire.pack(hello))
        os.close(stdin)
        empty_read, empty = os.pipe()
        os.close(empty)
        watched = watch(leader, empty_read, err_read, out_read, limits, lambda: os.kill(leader, signal.SIGKILL))
        return _report(watched, 0)


def _call(kind: str, args: Message, context: Context) -> Message:
    job = importlib.import_module(f"rsi_sandbox.worker.jobs.{kind}")
    answer: Message = job.run(args, context)
    return answer


def _guarded(work: Callable[[], Message]) -> Message:
    """The job's answer, or what it raised: candidate code may raise anything at all, SystemExit included."""
    try:
        return {"value": work()}
    except BaseException as error:
        import traceback

        return {
            "raised": {
                "type": type(error).__name__,
                "message": str(error)[:2000],
                "traceback": traceback.format_exc()[-8000:],
            }
        }


def _environment(tmp: str) -> None:
    """The candidate sees a small, fixed environment and its own scratch directory."""
    import tempfile

    os.environ.clear()
    os.environ.update(
        HOME=tmp,
        TMPDIR=tmp,
        LANG="C.UTF-8",
        PATH="/usr/local/bin:/usr/bin:/bin",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        PYTHONDONTWRITEBYTECODE="1",
    )
    tempfile.tempdir = tmp


def _lead(hello: Message, answers: int) -> None:
    """Run one job's trusted half in this fresh interpreter, then end the process."""
    lead = hello["lead"]
    confine = cell.Confinement.from_message(hello["confine"])
    cells: list[cell.Cell] = []

    def spawn(tree: str, body: Callable[[], None], keep: tuple[int, ...]) -> cell.Cell:
        home = str(Path(tree).parent)

        def inside() -> None:
            _silence(0, 1, 2)
            os.chdir(tree)
            _environment(str(Path(home, "tmp")))
            body()

        cells.append(cell.spawn(confine, lead["limits"], root=home, keep=keep, body=inside))
        return cells[-1]

    context = Context(tree=lead["arms"][0], tmp=str(Path(lead["home"], "tmp")), arms=tuple(lead["arms"]))
    job = importlib.import_module(f"rsi_sandbox.worker.jobs.{lead['kind']}")
    reply = _guarded(lambda: job.lead(lead["args"], context, spawn))
    for inhabited in cells:
        cell.sweep(inhabited)
    wire.write_all(answers, wire.pack(reply))
    os._exit(0)


def _report(watched: Watched, leftovers: int) -> Message:
    status, value = watched.status, None
    if status == "ok":
        try:
            (body,) = [wire.unpack(watched.result[4:])]
            if "raised" in body:
                status, value = "raised", body["raised"]
            else:
                value = body["value"]
        except (wire.WireError, KeyError):
            status = "killed" if watched.exit_code else "flood"
    return {
        "status": status,
        "value": value,
        "exit_code": watched.exit_code,
        "wall_ns": watched.wall_ns,
        "cpu_ns": watched.cpu_ns,
        "max_rss": watched.max_rss_bytes,
        "stdout": wire.to_text(watched.stdout),
        "stderr": wire.to_text(watched.stderr),
        "leftovers": leftovers,
    }
