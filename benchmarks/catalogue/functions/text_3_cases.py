"""Cases for text_3."""

import random
from functools import cache

import pytest

from functions.text_3 import redact, section_words, slugify_titles

WORDS = [
    "Garten",
    "Stra\u00dfe",
    "caf\u00e9",
    "R&D",
    "plan",
    "Year",
    "2024",
    "report",
    "na\u00efve",
    "Sm\u00f8r",
    "x@y",
]


@cache
def _titles() -> list:
    rng = random.Random(801)
    return [" ".join(rng.choices(WORDS, k=rng.choice([1, 1, 2, 3, 8]))) for _ in range(420)]


def bench_slugify_titles():
    return slugify_titles(_titles())


def test_slugify_titles_by_hand():
    titles = ["Caf\u00e9 & Bar!", "  R@D  ", "\u00c5ngstr\u00f6m--units", "100 % sure?"]
    assert slugify_titles(titles) == ["cafe-and-bar", "r-at-d", "angstrom-units", "100-sure"]


def test_slugify_titles_makes_them_unique():
    assert slugify_titles(["a", "A", "a-2", "a!"]) == ["a", "a-2", "a-2-2", "a-3"]


def test_slugify_titles_cuts_at_a_word():
    assert slugify_titles(["alpha beta gamma"], 12) == ["alpha-beta"]
    assert slugify_titles(["alphabetical"], 5) == ["alpha"]


def test_slugify_titles_of_nothing():
    assert slugify_titles([]) == []
    assert slugify_titles(["", "?!", "\u4f60"]) == ["untitled", "untitled-2", "untitled-3"]


@cache
def _letter() -> tuple:
    rng = random.Random(802)
    names = ["Anna Berg", "berg", "Acme", "account 77", "Oslo"]
    words = [rng.choice([*names, "bergen", "and", "wrote", "to", "the", "office", "about", "it"]) for _ in range(2200)]
    return " ".join(words), names


def bench_redact():
    return redact(*_letter())


def test_redact_by_hand():
    text, report = redact("Ann met ann and Annabel; ANN.", ["ann"])
    assert text == "*** met *** and Annabel; ***."
    assert report == {"ann": 3}


def test_redact_longer_terms_first():
    text, report = redact("Anna Berg, Berg", ["Berg", "Anna Berg"], "#")
    assert text == "#########, ####"
    assert report == {"Anna Berg": 1, "Berg": 1}


def test_redact_only_whole_words_and_overlaps():
    assert redact("a-a-a", ["a-a"]) == ("***-a", {"a-a": 1})
    assert redact("abab", ["ab"]) == ("abab", {})


def test_redact_of_nothing():
    assert redact("", ["a"]) == ("", {})
    assert redact("text", []) == ("text", {})
    assert redact("text", [""]) == ("text", {})


def test_redact_with_a_mask_that_contains_the_term():
    assert redact("x y", ["x"], "x") == ("x y", {"x": 1})
    assert redact("x y", ["x"], "") == (" y", {"x": 1})


@cache
def _markdown() -> str:
    rng = random.Random(803)
    lines = []
    for n in range(120):
        lines.append(f"## Part {n % 40} ##")
        for _ in range(14):
            lines.append(" ".join(rng.choice(["river", "Bank", "of", "boats", "1st", "map", "town"]) for _ in range(9)))
        if n % 5 == 0:
            lines.extend(["```python", "river = bank", "```"])
    return "\n".join(lines)


def bench_section_words():
    return section_words(_markdown())


def test_section_words_by_hand():
    text = "The cat.\n# Pets #\ncat dog Cat\n```\ndog dog dog\n```\n## More\n12 ab\n# Pets\ndog dog\n"
    assert section_words(text) == {"": [("the", 1), ("cat", 1)], "Pets": [("dog", 3), ("cat", 2)]}


def test_section_words_of_nothing():
    assert section_words("") == {}
    assert section_words("# A\n# B\n") == {}


def test_section_words_never_closed_code():
    assert section_words("one two\n```\nthree") == {"": [("one", 1), ("two", 1)]}


def test_section_words_top_and_ties():
    assert section_words("bbb aaa bbb ccc", 2) == {"": [("bbb", 2), ("aaa", 1)]}
    assert section_words("bbb aaa", 0) == {"": []}


def test_section_words_needs_text():
    with pytest.raises(AttributeError):
        section_words(None)
