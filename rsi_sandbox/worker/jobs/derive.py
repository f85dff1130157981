"""Job: make more inputs out of recorded ones by seeded mutation, and keep those the original can answer in time.

It runs on the original tree only, never on a candidate. Inputs on which the original is too slow, exhausts memory or
the stack, or which do not survive pickling, are dropped; calls that raise are kept up to a share, because a rewrite
must raise the same, but a fuzz of nothing but TypeErrors would prove nothing.

Unless `foreign` is asked for, a mutant holds only kinds of values that the recorded calls of that function hold: a
function that was never given a list of lists promises nothing about one, and honest rewrites rely on that.
"""

import math
import pickle
import random
import signal
from collections.abc import Callable, Sequence
from typing import Any

from rsi_sandbox.worker import wire
from rsi_sandbox.worker.canon import Encoder
from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.jobs.mutate import mutated
from rsi_sandbox.worker.jobs.replay import Resolver, perform

DEADLINE = 0.2
"""Seconds the original may take for one input, encoding included."""
TRIES = 12
"""Mutations tried per input that is wanted."""
RAISING = 0.3
"""Largest share of mutated inputs that may raise."""
SMALL = 2048
LARGE_SHARE = 0.05
"""How much rarer seeds over SMALL bytes are mutated: edge cases are small, and large inputs cost the time of many."""
LARGEST = 1 << 16
"""Bytes of a mutated pickle; larger ones cost more to repeat than they can show."""


DEEPEST = 8
"""Levels of containers that are looked into for types."""
MOST_VALUES = 50_000
"""Values of one call that are looked at for their types."""


class _TooSlow(BaseException):
    """The original did not answer in time."""


def run(args: dict[str, Any], context: Context) -> dict[str, Any]:
    """`inputs`: for each function up to `count`, the recorded ones first; `dropped`: how many were tried in vain."""
    context.enter(args["roots"])
    resolver = Resolver(context, args["roots"])
    inputs: dict[str, list[str]] = {}
    dropped: dict[str, int] = {}
    for key in sorted(args["functions"]):
        function = resolver(key)
        recorded = [wire.to_bytes(text) for text in args["functions"][key]]
        if isinstance(function, str):
            inputs[key], dropped[key] = [], len(recorded)
            continue
        rng = random.Random(f"{args['seed']}:{key}")  # noqa: S311
        kept, lost = derived(
            function,
            recorded,
            rng,
            args["count"],
            args.get("deadline", DEADLINE),
            foreign=bool(args.get("foreign", False)),
        )
        inputs[key] = [wire.to_text(item) for item in kept]
        dropped[key] = lost
    return {"inputs": inputs, "dropped": dropped}


def derived(
    function: Callable[..., Any],
    recorded: Sequence[bytes],
    rng: random.Random,
    count: int,
    deadline: float = DEADLINE,
    *,
    foreign: bool = False,
) -> tuple[list[bytes], int]:
    """At most `count` distinct pickles (but every usable recorded one), and how many were dropped."""
    kept: dict[bytes, None] = {}
    lost = 0
    for pickled in dict.fromkeys(recorded):
        if _tried(function, pickled, deadline) is None:
            lost += 1
        else:
            kept[pickled] = None
    seeds = list(kept)
    known = {_again(pickled) for pickled in seeds}
    native = set().union(*(kinds(pickled) for pickled in seeds))
    raising = 0
    for _ in range(TRIES * max(0, count - len(kept)) if seeds else 0):
        if len(kept) >= count:
            break
        fresh = _mutant(seeds, rng)
        if fresh is None or fresh in known or not (foreign or kinds(fresh) <= native):
            lost += 1
            continue
        known.add(fresh)
        raised = _tried(function, fresh, deadline)
        if raised is None or (raised and raising + 1 > RAISING * (len(kept) + 1)):
            lost += 1
            continue
        raising += raised
        kept[fresh] = None
    return list(kept), lost


def kinds(pickled: bytes) -> set[str]:
    """Which type was seen where: `0/list/str` is a string in a list in the first argument.

    NaN and infinities count as types of their own. Places inside a container are not told apart, keys and values are.
    """
    positional, named = pickle.loads(pickled)
    found: set[str] = set()
    pending = [(value, str(place)) for place, value in [*enumerate(positional), *named.items()]]
    for _ in range(MOST_VALUES):
        if not pending:
            break
        value, path = pending.pop()
        kind = type(value)
        odd = kind is float and not math.isfinite(value)
        path = f"{path}/{'odd ' if odd else ''}{kind.__qualname__}"
        found.add(path)
        if path.count("/") > DEEPEST:
            continue
        if kind in (list, tuple, set, frozenset):
            pending.extend((item, path) for item in value)
        elif kind is dict:
            pending.extend((key, path + " key") for key in value)
            pending.extend((item, path) for item in value.values())
        elif type(state := getattr(value, "__dict__", None)) is dict:
            pending.extend((item, f"{path}.{name}") for name, item in state.items())
    return found


def _again(pickled: bytes) -> bytes:
    """The same arguments as this module would pickle them."""
    try:
        return pickle.dumps(pickle.loads(pickled), protocol=5)
    except Exception:
        return pickled


def _mutant(seeds: Sequence[bytes], rng: random.Random) -> bytes | None:
    try:
        weights = [1.0 if len(seed) <= SMALL else LARGE_SHARE for seed in seeds]
        positional, named = pickle.loads(rng.choices(seeds, weights)[0])
        other = pickle.loads(rng.choice(seeds))
        made = pickle.dumps(mutated(positional, named, other, rng), protocol=5)
    except Exception:
        return None
    return made if len(made) <= max(LARGEST, *(len(seed) for seed in seeds)) else None


def _tried(function: Callable[..., Any], pickled: bytes, deadline: float) -> bool | None:
    """Whether the original raises for this input; None when it can't be used."""

    def stop(*_: object) -> None:
        raise _TooSlow

    state = random.getstate()
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, deadline)
    try:
        try:
            positional, named = pickle.loads(pickled)
            text = perform(function, positional, named, Encoder())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except (_TooSlow, Exception):
        return None
    finally:
        signal.signal(signal.SIGALRM, before)
        random.setstate(state)
    if not text.startswith("raised "):
        return False
    unusable = ("<rsi_sandbox.worker.jobs.derive._TooSlow>", "<MemoryError>", "<RecursionError>", "<SystemExit>")
    return None if any(name in text.partition("\n")[0] for name in unusable) else True
