import pickle

from rsi_sandbox.worker import wire
from tests.worker.job_process import run_job

MODULE = """
import functools, random, sys, warnings

def double(x): return x * 2
def grow(xs): xs.append(1)
def fail(x): raise KeyError(x)
def leave(): sys.exit(3)
def speak(x): print(x); sys.stderr.write('e')
def warn(): warnings.warn('old', DeprecationWarning)
def lucky(): return random.random()
def stream(n): yield from range(n)
async def later(x): return x
async def drip(n):
    for i in range(n): yield i
def big(): return list(range(5000))
def hidden(): return lambda: 1
@functools.lru_cache
def cached(x): return x
class Box:
    def __init__(self, v): self.v = v
    def put(self, v): self.v = v
    @classmethod
    def made(cls, v): return cls(v)
    @staticmethod
    def plain(v): return v
    def shown(self): return self.v
"""


def call(*args, **kwargs):
    return wire.to_text(pickle.dumps((args, kwargs)))


def replay(tmp_path, calls, files=None):
    files = files or {"m.py": MODULE}
    return run_job("replay", tmp_path, files, calls=[[f"m.py::{name}", data] for name, data in calls])


def test_answers_cover_value_arguments_output_and_warnings(tmp_path):
    names = {
        "double": call(4), "grow": call([0]), "fail": call("k"), "leave": call(), "speak": call("hi"), "warn": call(),
        "stream": call(3), "later": call(5), "drip": call(2), "cached": call(6),
    }  # fmt: skip
    answers = dict(zip(names, replay(tmp_path, names.items())["answers"], strict=True))
    assert answers["double"].startswith("value 8\n")
    assert "arguments t(t(l[0,1]),d{})" in answers["grow"]
    assert answers["fail"].startswith("raised o<KeyError>(e(t(s'k'))")
    assert answers["leave"].startswith("raised o<SystemExit>")
    assert "out s'hi\\n'" in answers["speak"]
    assert "err s'e'" in answers["speak"]
    assert "warned DeprecationWarning s'old'" in answers["warn"]
    assert "i<generator>[0,1,2]" in answers["stream"]
    assert answers["later"].startswith("value 5\n")
    assert "s'async generator',0,1" in answers["drip"]
    assert answers["cached"].startswith("value 6\n")


def test_methods_take_the_recorded_self_and_class_methods_their_class(tmp_path):
    boxed = b"\x80\x04cm\nBox\n)\x81}\x8c\x01vK\x05sb"
    with_self = b"\x80\x04" + boxed[2:] + b"\x85}\x86."
    with_self_and_value = b"\x80\x04" + boxed[2:] + b"K\x09\x86}\x86."
    calls = [
        ("Box.shown", wire.to_text(with_self)),
        ("Box.put", wire.to_text(with_self_and_value)),
        ("Box.made", call(7)),
        ("Box.plain", call(8)),
    ]
    shown, put, made, plain = replay(tmp_path, calls)["answers"]
    assert shown.startswith("value 5\n")
    assert "o<m.Box>(;v=9)" in put
    assert made.startswith("value o<m.Box>(;v=7)")
    assert plain.startswith("value 8\n")


def test_long_answers_travel_as_a_digest(tmp_path):
    (text,) = replay(tmp_path, [("big", call())])["answers"]
    assert text.startswith("sha256:")
    assert len(text) == len("sha256:") + 64


def test_randomness_is_the_same_for_every_call(tmp_path):
    one, two = replay(tmp_path, [("lucky", call()), ("lucky", call())])["answers"]
    assert one == two


def test_what_cannot_be_called_is_named_and_opaque(tmp_path):
    calls = [("nothing", call()), ("double", wire.to_text(b"junk")), ("hidden", call()), ("double", call(1))]
    answer = replay(tmp_path, calls)
    assert answer["answers"][0] == "unresolved:AttributeError"
    assert answer["answers"][1].startswith("unreadable:")
    assert answer["opaque"] == [0, 1, 2]


def test_a_tree_that_cannot_be_imported_is_an_answer(tmp_path):
    answer = replay(tmp_path, [("double", call(1))], {"m.py": "raise SystemExit(0)\n"})
    assert answer["answers"] == ["unresolved:SystemExit"]
