"""Cases for text_5."""

import random
from functools import cache

import pytest

from functions.text_5 import count_phrases, extract_links, transliterate


@cache
def _texts() -> list:
    rng = random.Random(3701)
    words = ["green", "tea", "house", "of", "the", "river", "don't", "stone", "and", "bridge"]
    return [" ".join(rng.choices(words, k=200)) + "." for _ in range(60)]


def bench_count_phrases():
    return count_phrases(_texts(), 3)


def test_count_phrases_by_hand():
    assert count_phrases(["The cat; the cat sat", "cat the cat"]) == [("the cat", 3), ("cat the", 2)]


def test_count_phrases_do_not_cross_texts():
    assert count_phrases(["a b", "c d", "b c"], least=1) == [("a b", 1), ("c d", 1), ("b c", 1)]


def test_count_phrases_of_nothing():
    assert count_phrases([]) == []
    assert count_phrases(["", "one"], 2, 1) == []


def test_count_phrases_needs_a_size():
    with pytest.raises(ValueError, match="at least one word"):
        count_phrases([], 0)


@cache
def _markdown() -> str:
    rng = random.Random(3702)
    pieces = [
        "see [the page](./a/b.md)",
        "<https://x.example/a>",
        "plain words here",
        "`[not](a link)`",
        "\n",
        "[x](#top)",
    ]
    return " ".join(rng.choices(pieces, k=7000))


def bench_extract_links():
    return extract_links(_markdown(), "https://example.org/")


def test_extract_links_by_hand():
    text = 'A [b](c.md "T")\n\n`[d](e)` <http://f>\n[](./g) [h](#i)'
    assert extract_links(text, "/base/") == [
        (1, "/base/c.md", "b"),
        (3, "http://f", "http://f"),
        (4, "/base/g", "/base/g"),
        (4, "#i", "h"),
    ]


def test_extract_links_takes_the_title_where_there_is_no_text():
    assert extract_links('[](a "The title") [x](mailto:a@b)') == [(1, "a", "The title"), (1, "mailto:a@b", "x")]


def test_extract_links_of_nothing():
    assert extract_links("") == []
    assert extract_links("[a] (b) <ftp://c>") == []


@cache
def _names() -> list:
    rng = random.Random(3703)
    parts = ["анна", "сер", "ге", "щерба", "юл", "ель", "цин", "со", "ловь", "ев", "фёд", "ор", "достоев", "ский"]
    return [" ".join("".join(rng.choices(parts, k=4)).title() for _ in range(3)) for _ in range(700)]


def bench_transliterate():
    return transliterate(_names())


def test_transliterate_by_hand():
    assert transliterate(["Юрий Гагарин", "ЕЛЕНА щукина"]) == ["Yuriy Gagarin", "Yelena Shchukina"]


def test_transliterate_after_vowels_and_signs():
    assert transliterate(["Соловьев Достоевский подъезд"]) == ["Solovyev Dostoyevskiy Podyezd"]


def test_transliterate_of_nothing():
    assert transliterate([]) == []
    assert transliterate(["", "  Ann  Lee "]) == ["", "Ann Lee"]


def test_transliterate_needs_text():
    with pytest.raises(AttributeError):
        transliterate([None])
