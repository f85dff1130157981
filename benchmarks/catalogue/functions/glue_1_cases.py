"""Cases for glue_1."""

import random
from functools import cache

import pytest

from functions.glue_1 import InterpolationError, flatten_settings, interpolate_settings, merge_layers


def _layer(rng: random.Random, depth: int) -> dict:
    layer = {}
    for n in range(4):
        name = f"k{rng.randrange(6)}"
        kind = rng.random()
        if depth and kind < 0.7:
            layer[name] = _layer(rng, depth - 1)
        elif kind < 0.8:
            layer[name] = [rng.randrange(30) for _ in range(6)]
        elif kind < 0.83:
            layer[name] = None
        elif kind < 0.86:
            layer[name + "!"] = {"only": n}
        else:
            layer[name] = f"value {n}"
    return layer


@cache
def _layers() -> list:
    rng = random.Random(2401)
    return [_layer(rng, 4) for _ in range(5)]


def bench_merge_layers():
    return merge_layers(_layers())


def test_merge_layers_by_hand():
    layers = [{"a": {"x": 1, "y": [1, 2]}, "b": 1}, None, {"a": {"y": [2, 3], "z": {}}, "b": None, "c": "new"}]
    assert merge_layers(layers) == {"a": {"x": 1, "y": [1, 2, 3], "z": {}}, "c": "new"}


def test_merge_layers_can_replace_whole_sections():
    assert merge_layers([{"a": {"x": 1}}, {"a!": {"y": 2}}]) == {"a": {"y": 2}}


def test_merge_layers_shares_nothing_with_its_input():
    first, second = {"a": {"x": [1]}}, {"b": {"y": [[2]]}, "a": {"x": [{"p": 1}]}}
    merged = merge_layers([first, second])
    merged["a"]["x"][1]["p"] = 9
    merged["b"]["y"][0].append(9)
    merged["a"]["x"].append(9)
    assert first == {"a": {"x": [1]}}
    assert second == {"b": {"y": [[2]]}, "a": {"x": [{"p": 1}]}}


def test_merge_layers_of_nothing():
    assert merge_layers([]) == {}
    assert merge_layers([None, {}]) == {}
    assert merge_layers([{"a": None}]) == {}


def test_merge_layers_keeps_the_place_of_a_key_and_repeats_of_one_list():
    merged = merge_layers([{"a": 1, "b": [1, 1]}, {"b": [1], "a": {"x": 1}}])
    assert list(merged.items()) == [("a", {"x": 1}), ("b", [1, 1])]


def test_merge_layers_refuses_what_is_no_dict():
    with pytest.raises(TypeError, match="not list"):
        merge_layers([{}, []])


@cache
def _references() -> dict:
    rng = random.Random(2402)
    settings = {"paths": {"root": "/srv", "p0": "${paths.root}/p0"}, "names": {}, "numbers": {}}
    for n in range(1, 14):
        settings["paths"][f"p{n}"] = f"${{paths.p{n - 1}}}/p{n}"
    for n in range(900):
        settings["numbers"][f"n{n}"] = n
        settings["names"][f"name{n}"] = rng.choice(
            ["plain", f"x-${{numbers.n{n}}}", f"${{paths.p{rng.randrange(14)}}}"]
        )
    return settings


def bench_interpolate_settings():
    return interpolate_settings(_references())


def test_interpolate_settings_by_hand():
    settings = {"a": {"x": "${b}-${a.y}", "y": 5}, "b": "<${a.y}>", "c": [1]}
    assert interpolate_settings(settings) == {"a": {"x": "<5>-5", "y": 5}, "b": "<5>", "c": [1]}
    assert settings["b"] == "<${a.y}>"


def test_interpolate_settings_over_several_hops():
    assert interpolate_settings({"a": "${b}", "b": "${c}", "c": None}) == {"a": "None", "b": "None", "c": None}


def test_interpolate_settings_of_nothing():
    assert interpolate_settings({}) == {}
    assert interpolate_settings({"a": "$ {x} ${"}) == {"a": "$ {x} ${"}


def test_interpolate_settings_in_a_circle():
    with pytest.raises(InterpolationError, match="circle"):
        interpolate_settings({"a": "${b}", "b": "x${a}"})
    assert interpolate_settings({"a": "${a}"}) == {"a": "${a}"}


def test_interpolate_settings_refuses_what_is_not_there():
    with pytest.raises(InterpolationError, match=r"no setting b\.c"):
        interpolate_settings({"a": "${b.c}", "b": 1})
    with pytest.raises(InterpolationError, match="b is a section"):
        interpolate_settings({"a": "${b}", "b": {}})


@cache
def _tree() -> dict:
    rng = random.Random(2403)
    return {f"part{n}": _layer(rng, 4) for n in range(9)}


def bench_flatten_settings():
    return flatten_settings(_tree())


def test_flatten_settings_by_hand():
    settings = {"b": {"x": 1, "y": [5, {"z": 6}]}, "a": None, "e": {}}
    assert list(flatten_settings(settings).items()) == [("a", None), ("b.x", 1), ("b.y.0", 5), ("b.y.1.z", 6)]


def test_flatten_settings_keeps_empty_ones_when_asked():
    assert flatten_settings({"a": {}, "b": [[]]}, keep_empty=True) == {"a": {}, "b.0": []}


def test_flatten_settings_of_nothing():
    assert flatten_settings({}) == {}
    assert flatten_settings({}, keep_empty=True) == {}
    assert flatten_settings(5) == {"": 5}


def test_flatten_settings_with_another_separator():
    assert flatten_settings({"a": {1: "x"}}, "/") == {"a/1": "x"}
