"""Small seeded changes to argument values: sizes, duplicates, order, edge values, types, aliases.

The shapes that break rewrites are over-represented: NaN, negative zero, True for 1, unhashable elements, empty
and repeated containers, one object in two places. It only makes values; whether they are useful is for the caller.
"""

import random
from typing import Any

MAX_LENGTH = 4096
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 255, 1 << 31, 1 << 64, 0.0, -0.0, 1.0, 0.5, float("nan"), float("inf"),
    float("-inf"), "",
    "a", "A", "\u00df", "\u0130", "e\u0301", "\U0001f600", "\x00", " ", "0", "-1", b"", b"\xff", (), (1,),
)  # fmt: skip
_LETTERS = "abcxyzAZ019 _-.,\n\t\u00e9\u00df\u0130\u4e2d\U0001f600"


def mutated(positional: Any, named: Any, other: tuple[Any, Any], rng: random.Random) -> tuple[Any, Any]:
    """One call's arguments with one to three changes; `other` is another call's arguments to borrow from."""
    args, kwargs = list(positional), dict(named)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places: list[int | str] = [*range(len(args)), *kwargs]
        if not places:
            break
        place = rng.choice(places)
        holder: Any = args if isinstance(place, int) else kwargs
        donor: Any = list(other[0]) if isinstance(place, int) else other[1]
        roll = rng.random()
        if roll < 0.15 and _has(donor, place):
            holder[place] = donor[place]
        elif roll < 0.22:
            source = rng.choice(places)
            found = args[source] if isinstance(source, int) else kwargs[source]
            if type(found) is type(holder[place]):
                holder[place] = found
        else:
            holder[place] = change(holder[place], rng)
    return tuple(args), kwargs


def _has(donor: Any, place: int | str) -> bool:
    return place < len(donor) if isinstance(place, int) else place in donor


def change(value: Any, rng: random.Random, depth: int = 0) -> Any:
    """The value, or one like it with one thing changed. May change mutable values in place."""
    kind = type(value)
    if kind is bool:
        return not value if rng.random() < 0.8 else int(value)
    if kind is int:
        return _integer(value, rng)
    if kind is float:
        return rng.choice(
            (-value, value + 1.0, value * (1 + 2**-40), value / 3, 0.0, -0.0, 1e308, float("nan"), float("inf"))
        )
    if kind is str:
        return _text(value, rng)
    if kind is bytes:
        return _text(value.decode("latin-1"), rng).encode("latin-1", "replace")
    if kind is bytearray:
        return bytearray(_text(value.decode("latin-1"), rng).encode("latin-1", "replace"))
    if kind in (list, tuple, set, frozenset):
        return kind(_sequence(list(value), rng, depth, hashable=kind in (set, frozenset)))
    if kind is dict:
        return _mapping(value, rng, depth)
    return _object(value, rng, depth)


def _integer(value: int, rng: random.Random) -> int:
    span = max(8, abs(value))
    return rng.choice((value + 1, value - 1, -value, 0, 1, value * 2, value // 2, rng.randint(-2 * span, 2 * span)))


def _text(value: str, rng: random.Random) -> str:
    at, to = sorted((rng.randint(0, len(value)), rng.randint(0, len(value))))
    made = rng.choice(
        (
            "",
            value[:at],
            value[at:],
            value[:at] + value[to:],
            value[:at] + rng.choice(_LETTERS) + value[at:],
            value[:at] + value[at:to] * 2 + value[to:],
            value[::-1],
            value.swapcase(),
            value + value,
            "".join(rng.choice(_LETTERS) for _ in range(rng.randint(0, 12))),
            "".join(rng.sample(value, len(value))),
        )
    )
    return made[:MAX_LENGTH]


def _sequence(items: list[Any], rng: random.Random, depth: int, *, hashable: bool) -> list[Any]:
    at, to = sorted((rng.randint(0, len(items)), rng.randint(0, len(items))))
    roll = rng.randrange(11)
    if roll == 0:
        return []
    if roll == 1:
        return items[:at] + items[to:]
    if roll == 2:
        return rng.sample(items, len(items))
    if roll == 3:
        return items[::-1]
    if roll == 4:
        return (items * rng.choice((2, 2, 4)))[:MAX_LENGTH]
    if roll == 5 and items:
        return [*items[:at], rng.choice(items), *items[at:]]
    if roll == 6 and items:
        return [rng.choice(items)] * len(items)
    if roll == 7:
        odd: Any = rng.choice(ODD) if hashable or rng.random() < 0.85 else rng.choice(([], {}, {1}, [None]))
        return [*items[:at], odd, *items[at:]]
    if roll == 8:
        return items[:at]
    if items and depth < 6:
        at = min(at, len(items) - 1)
        for place in range(at, min(len(items), at + rng.choice((1, 1, 4)))):
            items[place] = change(items[place], rng, depth + 1)
    return items


def _mapping(value: dict[Any, Any], rng: random.Random, depth: int) -> dict[Any, Any]:
    items = list(value.items())
    roll = rng.randrange(6)
    if roll == 0:
        return {}
    if roll == 1:
        return dict(rng.sample(items, len(items)))
    if roll == 2 and items:
        items.pop(rng.randrange(len(items)))
        return dict(items)
    if roll == 3:
        return {**value, rng.choice(ODD): rng.choice(ODD)}
    if items and depth < 6:
        key, item = rng.choice(items)
        if roll == 4:
            return {(change(old, rng, depth + 1) if old is key else old): kept for old, kept in items}
        value[key] = change(item, rng, depth + 1)
    return value


def _object(value: Any, rng: random.Random, depth: int) -> Any:
    """Change one attribute of an object that keeps them in a plain dict, past any `__setattr__`."""
    state = getattr(value, "__dict__", None)
    if type(state) is dict and state and depth < 6 and not isinstance(value, type):
        name = rng.choice(list(state))
        state[name] = change(state[name], rng, depth + 1)
        return value
    return rng.choice(ODD) if value is None and rng.random() < 0.5 else value
