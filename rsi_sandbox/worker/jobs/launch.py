"""One launch: two arms, each in a confined process of its own, timed from outside in interleaved blocks.

Runs in a fresh interpreter (own hash seed and address layout) that never loads either arm. The leader reads the
arms' CPU clocks, and each reading starts where the last one ended: work done between two commands is charged to
the next. An arm that dies, lies or is late gives an error and never a number.
"""

import math
import os
import random
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median
from typing import Any, Protocol

from rsi_sandbox.worker.arm import ANSWER, COMMAND, DONE, LOAD, PREPARE, RAISED, REPLY, RUN, SAMPLE, obey, occupy
from rsi_sandbox.worker.context import Context

PHASES = {LOAD: "load", PREPARE: "prepare", RUN: "run", ANSWER: "answer"}
PHASE_SECONDS = 15.0
FEWEST_PAIRS = 3
MOST_CALLS = 100_000
BLOCK_BYTES = 16 << 20
"""Pickled arguments of one block."""
LONG_ROUND_NS = 50_000_000
"""A round over all calls of a case that takes longer is measured in slices."""
PRECISE = 0.006
"""Standard error of the median log ratio at which more pairs add nothing to what launches differ by."""


class Cell(Protocol):
    """A confined process."""

    pid: int
    """Whose CPU clock is read."""


Spawn = Callable[[str, Callable[[], None], tuple[int, ...]], Cell]


class ArmFailedError(Exception):
    """An arm did not do what it was told."""

    def __init__(self, arm: int, case: int, phase: str, reason: str) -> None:
        super().__init__(reason)
        self.arm, self.case, self.phase, self.reason = arm, case, phase, reason


@dataclass(slots=True)
class Arm:
    """The leader's end of one arm: two pipe ends and a CPU clock."""

    index: int
    commands: int
    replies: int
    clock: int
    deadline: float
    """`time.monotonic()` moment at which this launch has taken too long."""
    secret: random.Random = field(default_factory=random.SystemRandom)
    """Not derived from the launch's seed, which an arm can find in its memory."""
    seen_ns: int = 0

    def command(self, operation: bytes, case: int, count: int = 0, start: int = 0) -> tuple[int, int, bytes]:
        """CPU ns since the last reading, wall ns of this command, and the reply's digest.

        Raises:
            ArmFailedError: no reply in time, another one than was due, or no process any more.
        """
        nonce = self.secret.getrandbits(64)
        order = COMMAND.pack(operation, nonce, case, count, start)
        try:
            began = time.perf_counter_ns()
            os.write(self.commands, order)
            reply = self._reply()
            wall = time.perf_counter_ns() - began
            cpu = time.clock_gettime_ns(self.clock)
        except OSError:
            raise ArmFailedError(self.index, case, PHASES[operation], "died") from None
        except ValueError as error:
            raise ArmFailedError(self.index, case, PHASES[operation], str(error)) from None
        spent, self.seen_ns = cpu - self.seen_ns, cpu
        status, echoed, payload = REPLY.unpack(reply)
        if echoed != nonce or status not in (DONE, RAISED):
            raise ArmFailedError(self.index, case, PHASES[operation], "answered garbage")
        if status == RAISED:
            name = "".join(char for char in payload.decode("ascii", "replace") if char.isidentifier())
            raise ArmFailedError(self.index, case, PHASES[operation], f"raised {name}")
        return spent, wall, payload

    def _reply(self) -> bytes:
        data = b""
        limit = min(self.deadline, time.monotonic() + PHASE_SECONDS)
        while len(data) < REPLY.size:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self.replies], [], [], left)[0]:
                raise ValueError("was late")
            chunk = os.read(self.replies, REPLY.size - len(data))
            if not chunk:
                raise ValueError("died")
            data += chunk
        return data

    def close(self) -> None:
        """Close the pipes, which ends an arm that behaves."""
        os.close(self.commands)
        os.close(self.replies)


@dataclass(slots=True)
class Block:
    """How one case is measured."""

    case: int
    size: int
    """Distinct calls of the case."""
    count: int = 1
    repeats: int = 4
    best_wall: list[float] = field(default_factory=lambda: [math.inf, math.inf])


def lead(args: dict[str, Any], context: Context, spawn: Spawn) -> dict[str, Any]:
    """Measure every case; the leader's half, unconfined and trusted. Whoever gave `spawn` sweeps the cells."""
    chance = random.Random(args["seed"])  # noqa: S311 (replayable on purpose)
    _pin(chance)
    budget = args["budget_ns"] / 1e9
    deadline = time.monotonic() + 4 * budget + PHASE_SECONDS
    arms: list[Arm] = []
    try:
        for index in (0, 1) if args["first"] == 0 else (1, 0):
            arms.append(_start(index, list(arms), args, context, spawn=spawn, deadline=deadline))
        arms.sort(key=lambda arm: arm.index)
        imports = [arm.command(LOAD, 0)[0] for arm in arms]
        cases = {}
        for index, case in enumerate(args["cases"]):
            ends = time.monotonic() + budget / len(args["cases"])
            cases[case["id"]] = _measure(arms, index, args, chance=chance, ends=ends)
    except ArmFailedError as error:
        named = args["cases"][error.case]["id"] if error.phase != "load" else ""
        return {"error": {"arm": error.arm, "case": named, "phase": error.phase, "reason": error.reason}}
    finally:
        for arm in arms:
            arm.close()
    return {"cases": cases, "import_cpu": imports}


def _pin(chance: random.Random) -> None:
    """One core for both arms, another one each launch; where the kernel refuses, any core will do."""
    try:
        os.sched_setaffinity(0, {chance.choice(sorted(os.sched_getaffinity(0)))})
    except (OSError, AttributeError):
        return


def _start(
    index: int,
    others: Sequence[Arm],
    args: dict[str, Any],
    context: Context,
    *,
    spawn: Spawn,
    deadline: float,
) -> Arm:
    order_read, order = os.pipe()
    reply, reply_write = os.pipe()
    mine = replace(context, tree=context.arms[index], arms=())
    foreign = [fd for other in others for fd in (other.commands, other.replies)] + [order, reply]

    def body() -> None:
        for fd in foreign:
            try:
                os.close(fd)
            except OSError:
                continue  # the cell keeps only what it was told to keep
        kept = occupy(f"{args['seed']}:{index}")
        obey(order_read, reply_write, args["cases"], mine, args["roots"])
        del kept

    cell = spawn(mine.tree, body, (order_read, reply_write))
    os.close(order_read)
    os.close(reply_write)
    return Arm(index, order, reply, clock=(~cell.pid << 3) | 2, deadline=deadline)


def _measure(
    arms: list[Arm], index: int, args: dict[str, Any], *, chance: random.Random, ends: float
) -> dict[str, Any]:
    case = args["cases"][index]
    block = Block(index, len(case["calls"]))
    once = {arm.index: _first_round(arm, block) for arm in chance.sample(arms, 2)}
    digests = [once[0][0], once[1][0]]
    cold = [round(once[arm][1][clock], 3) for clock in (0, 1) for arm in (0, 1)]
    same = digests[0] == digests[1]
    _calibrate(arms, block, case, args["sub_ns"])
    fewest, most = args["pairs"]
    pairs: list[list[float]] = []
    logs: list[float] = []
    while len(pairs) < most:
        start, seed = (len(pairs) * block.count) % block.size, arms[0].secret.getrandbits(63)
        order = arms if chance.random() < 0.5 else arms[::-1]
        found = {arm.index: _one(arm, block, start, seed) for arm in order}
        (left, left_digest), (right, right_digest) = found[0], found[1]
        same = same and left_digest == right_digest
        pairs.append([round(value, 3) for both in zip(left, right, strict=True) for value in both])
        logs.append(math.log(max(left[0], 1e-3) / max(right[0], 1e-3)))
        if len(pairs) >= FEWEST_PAIRS and time.monotonic() > ends:
            break
        if len(pairs) >= max(fewest, FEWEST_PAIRS) and _error(logs) < PRECISE:
            break
    shown = [digest.hex() for digest in digests]
    measured = {"k": block.count, "calls": block.size, "pairs": pairs, "cold": cold}
    return {**measured, "same": same, "digests": shown}


def _error(logs: Sequence[float]) -> float:
    """Standard error of the median. It looks at scale only: stopping on the sign would choose the answer."""
    middle = median(logs)
    return 1.2533 * 1.4826 * median([abs(log - middle) for log in logs]) / math.sqrt(len(logs))


def _first_round(arm: Arm, block: Block) -> tuple[bytes, list[float]]:
    """Every call once, before anything could be remembered: the digest, and all CPU and wall ns per call."""
    steps = [arm.command(operation, block.case, block.size) for operation in (PREPARE, RUN, ANSWER)]
    cpu, wall = sum(step[0] for step in steps), sum(step[1] for step in steps)
    return steps[-1][2], [cpu / block.size, wall / block.size]


def _calibrate(arms: Sequence[Arm], block: Block, case: dict[str, Any], sub_ns: int) -> None:
    """Calls per block: `sub_ns` of the faster arm, in whole rounds over the case's calls where that is short."""
    most = max(1, min(MOST_CALLS, BLOCK_BYTES * block.size // max(1, sum(map(len, case["calls"])))))
    count = min(block.size, most)
    while True:
        times = [min(_once(arm, block.case, count) for _ in range(2)) for arm in arms]
        if max(times) >= sub_ns / 4 or count >= most:
            break
        count = min(most, count * max(2, min(16, int(sub_ns / max(times) / 2))))
    # A far slower arm limits the block, so that one arm's quickness can't make the other's blocks endless.
    call = max(min(times), max(times) / 8) / count
    rounds = max(1, round(sub_ns / (call * block.size)))
    if call * block.size > LONG_ROUND_NS:
        block.count = max(1, int(LONG_ROUND_NS / call))
    else:
        block.count = rounds * block.size
    block.count = min(block.count, most)
    expected = call * block.count
    block.repeats = 4 if expected < 2e6 else 2 if expected < 2e7 else 1


def _once(arm: Arm, case: int, count: int) -> float:
    arm.command(PREPARE, case, count)
    cpu, wall, _ = arm.command(RUN, case)
    return max(1.0, cpu if cpu > wall / 2 else wall)


def _one(arm: Arm, block: Block, start: int, seed: int) -> tuple[list[float], bytes]:
    """One arm's half of a pair, ns per call: the best CPU and wall, everything else spent, and the answer."""
    runs, spent = [], []
    for _ in range(block.repeats):
        prepared = arm.command(PREPARE, block.case, block.count, start)[0]
        cpu, wall, _ = arm.command(RUN, block.case)
        runs.append((cpu, wall))
        spent.append(prepared + cpu)
    count = min(SAMPLE, block.count)
    answered, _, digest = arm.command(ANSWER, block.case, count, seed)
    block.best_wall[arm.index] = best = min(block.best_wall[arm.index], *(wall for _, wall in runs))
    # Virtual machines lose time: a clock that shows much less than the best wall time missed some of it.
    plausible = [cpu for cpu, _ in runs if cpu > 0.9 * best] or [cpu for cpu, _ in runs]
    cpu = min(plausible)
    times = [cpu, min(wall for _, wall in runs), max(0.0, fmean(spent) - cpu)]
    return [*(value / block.count for value in times), answered / count], digest
