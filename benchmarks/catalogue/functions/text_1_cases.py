"""Cases for text_1."""

import random
from functools import cache

import pytest

from functions.text_1 import clean_text, key_terms, wrap_paragraphs

SYLLABLES = ["ka", "ro", "mi", "te", "su", "lan", "dor", "pel", "vin", "zu", "ber", "gol"]
COMMON = ["the", "and", "of", "to", "in", "that", "was", "with", "for", "not"]


def _word(rng: random.Random) -> str:
    if rng.random() < 0.45:
        return rng.choice(COMMON)
    return "".join(rng.choices(SYLLABLES, k=rng.randrange(1, 4)))


@cache
def _documents() -> list:
    rng = random.Random(601)
    return [" ".join(_word(rng) + rng.choice(["", "", "", ",", "."]) for _ in range(120)) for _ in range(14)]


def bench_key_terms():
    return key_terms(_documents())


def test_key_terms_rare_words_win():
    documents = ["Apple pie, apple cake.", "Pie of plums", "plums and cake"]
    assert key_terms(documents, 2) == [["apple", "cake"], ["pie", "plums"], ["cake", "plums"]]


def test_key_terms_in_every_document_score_nothing():
    assert key_terms(["sun moon", "sun"]) == [["moon"], []]
    assert key_terms(["alone"]) == [[]]


def test_key_terms_of_nothing():
    assert key_terms([]) == []
    assert key_terms(["", "the of", "a b"]) == [[], [], []]


def test_key_terms_as_many_as_asked():
    assert key_terms(["red red green blue", ""], 1) == [["red"], []]
    assert key_terms(["red red green blue", ""], 0) == [[], []]


@cache
def _essay() -> str:
    rng = random.Random(602)
    paragraphs = []
    for _ in range(12):
        words = [_word(rng) if rng.random() < 0.98 else "x" * 90 for _ in range(500)]
        paragraphs.append("\n".join(" ".join(words[i : i + 25]) for i in range(0, len(words), 25)))
    return "\n\n".join(paragraphs)


def bench_wrap_paragraphs():
    return wrap_paragraphs(_essay(), 68, "  ")


def test_wrap_paragraphs_by_hand():
    text = "one two\nthree four\n\n\nfive\n"
    assert wrap_paragraphs(text, 9) == "one two\nthree\nfour\n\nfive"


def test_wrap_paragraphs_breaks_long_words():
    assert wrap_paragraphs("ab cdefghij k", 4) == "ab\ncdef\nghij\nk"
    assert wrap_paragraphs("abcde", 3, ">") == "\n".join([">ab", ">cd", ">e"])


def test_wrap_paragraphs_after_a_full_line_of_nothing():
    assert wrap_paragraphs("abcd", 4) == "abcd"
    assert wrap_paragraphs("  a   b  ", 3) == "a b"


def test_wrap_paragraphs_of_nothing():
    assert wrap_paragraphs("") == ""
    assert wrap_paragraphs(" \n \n\t") == ""


def test_wrap_paragraphs_needs_room():
    with pytest.raises(ValueError, match="no room"):
        wrap_paragraphs("a", 2, "  ")


def test_wrap_paragraphs_never_exceeds_the_width():
    lines = wrap_paragraphs(_essay(), 40, "    ").split("\n")
    assert max(len(line) for line in lines) <= 40
    assert all(line == "" or line.startswith("    ") for line in lines)


@cache
def _raw() -> str:
    rng = random.Random(603)
    odd = ["\u2019", "\u201c", "\u201d", "\u2014", "\t", "  ", " \n", "\r\n", "\u2026", "\u00a0", "\x07"]
    return "".join(_word(rng) + (" " if rng.random() < 0.8 else rng.choice(odd)) for _ in range(6000))


def bench_clean_text():
    return clean_text(_raw())


def test_clean_text_replaces_typography():
    assert clean_text("\u201cIt\u2019s\u201d \u2014 \u00abfine\u00bb\u2026") == '"It\'s" - "fine"...'


def test_clean_text_squeezes_blanks():
    assert clean_text("  a \t b\u00a0 \nc  \n\n d ") == "a b\nc\n\nd"
    assert clean_text("a\r\nb\rc") == "a\nbc"


def test_clean_text_drops_control_characters():
    assert clean_text("a\x00 \x1f b\x7fc") == "a bc"


def test_clean_text_of_nothing():
    assert clean_text("") == ""
    assert clean_text(" \n\t ") == ""
    assert clean_text("\u2003x\u2003") == "x"


def test_clean_text_needs_text():
    with pytest.raises(TypeError):
        clean_text(None)
