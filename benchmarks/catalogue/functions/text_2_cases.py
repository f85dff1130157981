"""Cases for text_2."""

import random
from functools import cache

import pytest

from functions.text_2 import Document, concordance, edit_distance, near_duplicates, suggest_spelling


def _word(rng: random.Random, low: int, high: int) -> str:
    return "".join(rng.choices("etaoinshrdlu", k=rng.randrange(low, high)))


@cache
def _spelling() -> tuple:
    rng = random.Random(701)
    vocabulary = list(dict.fromkeys(_word(rng, 3, 11) for _ in range(80)))
    words = []
    for _ in range(5):
        word = rng.choice(vocabulary)
        cut = rng.randrange(len(word))
        words.append(word[:cut] + rng.choice("xyz") + word[cut + 1 :])
    return words + vocabulary[:10] + words[:4], vocabulary


def bench_suggest_spelling():
    return suggest_spelling(*_spelling())


def test_suggest_spelling_nearest_first():
    vocabulary = ["house", "horse", "mouse", "cat"]
    assert suggest_spelling(["Hous", "cat", "mause"], vocabulary) == {
        "hous": ["house", "horse", "mouse"],
        "mause": ["mouse", "house"],
    }


def test_suggest_spelling_limit_and_distance():
    vocabulary = ["aa", "ab", "ac", "bbb"]
    assert suggest_spelling(["ad"], vocabulary, limit=2) == {"ad": ["aa", "ab"]}
    assert suggest_spelling(["ad"], vocabulary, max_distance=0) == {"ad": []}


def test_suggest_spelling_of_nothing():
    assert suggest_spelling([], ["a"]) == {}
    assert suggest_spelling(["a"], []) == {"a": []}


def test_suggest_spelling_keeps_a_word_listed_twice():
    assert suggest_spelling(["ax"], ["ab", "cd", "ab"], max_distance=1) == {"ax": ["ab", "ab"]}


def test_suggest_spelling_distance_by_hand():
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3
    assert edit_distance("flaw", "lawn") == 2


@cache
def _texts() -> dict:
    rng = random.Random(702)
    base = [[_word(rng, 2, 5) for _ in range(40)] for _ in range(4)]
    texts = {}
    for n in range(7):
        words = list(base[n % 4])
        for _ in range(rng.randrange(0, 5)):
            words[rng.randrange(40)] = _word(rng, 2, 5)
        texts[f"doc{n}"] = " ".join(words)
    return texts


def bench_near_duplicates():
    return near_duplicates(_texts())


def test_near_duplicates_by_hand():
    texts = {"a": "One two three four.", "b": "one, two; three FOUR", "c": "two three four five", "d": "x y z"}
    assert near_duplicates(texts) == [("a", "b", 1.0)]
    assert near_duplicates(texts, 0.3) == [("a", "b", 1.0), ("a", "c", 0.333), ("b", "c", 0.333)]


def test_near_duplicates_of_short_documents():
    assert near_duplicates({"a": "one two", "b": "one two"}) == []
    assert near_duplicates({"a": "one two", "b": "one two"}, size=2) == [("a", "b", 1.0)]


def test_near_duplicates_of_nothing():
    assert near_duplicates({}) == []
    assert near_duplicates({"a": "x y z"}) == []


def test_near_duplicates_with_no_threshold_lists_every_pair():
    assert near_duplicates({"a": "", "b": "p q r"}, 0.0) == [("a", "b", 0.0)]


def test_near_duplicates_words_of_a_changed_document():
    document = Document("a", "it's 5 o'clock")
    assert document.words == ["it's", "5", "o'clock"]
    document.text = "NO"
    assert document.words == ["no"]
    assert document.shingles(1) == {("no",)}


@cache
def _book() -> str:
    rng = random.Random(703)
    return "\n".join(
        " ".join(rng.choice(["ship", "sea", "the", "a", _word(rng, 2, 9)]) for _ in range(12)) for _ in range(2500)
    )


def bench_concordance():
    return list(concordance(_book(), "sea"))


def test_concordance_by_hand():
    text = "The sea was calm.\nSea   birds, seaside, by the sea"
    assert list(concordance(text, "sea", 6)) == ["  The [sea] was c", "calm. [Sea] birds", "y the [sea]"]


def test_concordance_of_nothing():
    assert list(concordance("", "x")) == []
    assert list(concordance("axb", "x")) == []


def test_concordance_takes_the_word_literally():
    assert list(concordance("1.5 kg, 1x5 kg", "1.5", 2)) == ["  [1.5] k"]


def test_concordance_is_lazy_about_its_complaint():
    lines = concordance("text", "")
    with pytest.raises(ValueError, match="no word"):
        next(lines)
