import itertools

import pytest

from wordstat.text import (
    STOPWORDS,
    classify,
    rejoin_hyphenated,
    remove_stopwords,
    sentences,
    stem,
    stem_all,
    tokenise,
    wrap,
)


def test_sentences_across_lines():
    lines = ["It rained. The", "streets were wet!", "", "Nobody (almost) came"]
    assert list(sentences(lines)) == [
        "It rained.",
        "The streets were wet!",
        "Nobody (almost) came",
    ]


def test_sentences_keep_abbreviations_before_small_letters():
    assert list(sentences(["See e.g. the index. Then stop."])) == [
        "See e.g. the index.",
        "Then stop.",
    ]


def test_sentences_are_lazy():
    read = []

    def endless():
        for number in itertools.count(1):
            read.append(number)
            yield f"Line {number}."

    stream = sentences(endless())
    assert [next(stream), next(stream)] == ["Line 1.", "Line 2."]
    assert read == [1, 2]


def test_sentences_of_nothing():
    assert list(sentences([])) == []
    assert list(sentences(["", "  "])) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Hello, World!", ["hello", "world"]),
        ("don't  over-think\tit", ["don't", "over-think", "it"]),
        ("42 apples, 3rd row", ["apples", "row"]),
        ("'quoted' (bracketed) -- dash", ["quoted", "bracketed", "dash"]),
        ("Ünïcode straße ÉTÉ", ["ünïcode", "straße", "été"]),
        ("_private 9lives", []),
    ],
)
def test_tokenise(text, words):
    assert tokenise(text) == words


def test_classify():
    tokens = ["2024-06-11", "-17", "3.5%", "1,000", "@ann", "NATO", "U.S.", "A", "well-known"]
    assert classify(tokens) == [
        "date",
        "number",
        "number",
        "number",
        "mention",
        "acronym",
        "acronym",
        "word",
        "word",
    ]
    assert classify(["--", "", "a1", "2024-6-1"]) == ["other"] * 4
    assert classify([]) == []


def test_classify_wants_strings():
    with pytest.raises(TypeError):
        classify(["rain", 7])


def test_remove_stopwords_keeps_order_and_repeats():
    assert remove_stopwords(["the", "cat", "and", "the", "cat"]) == ["cat", "cat"]
    assert remove_stopwords(["The", "THE"]) == ["The", "THE"]
    assert remove_stopwords([]) == []


def test_remove_stopwords_with_own_list():
    tokens = ["the", "cat", "sat"]
    assert remove_stopwords(tokens, ["cat"]) == ["the", "sat"]
    assert remove_stopwords(tokens, []) == tokens
    assert remove_stopwords(tokens, []) is not tokens


def test_remove_stopwords_leaves_the_list_alone():
    before = list(STOPWORDS)
    remove_stopwords(["the", "end"])
    assert before == STOPWORDS


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("relational", "relate"),
        ("darkness", "dark"),
        ("ponies", "pony"),
        ("creations", "create"),
        ("walking", "walk"),
        ("sing", "sing"),
        ("bus", "bus"),
        ("cats", "cat"),
        ("classes", "class"),
        ("hopefulness", "hopeful"),
        ("", ""),
    ],
)
def test_stem(word, expected):
    assert stem(word) == expected


def test_stem_all():
    assert stem_all(["cats", "walking", "cats"]) == ["cat", "walk", "cat"]


def test_rejoin_hyphenated_works_in_place():
    tokens = ["infor-", "ma-", "tion", "-", "x-"]
    assert rejoin_hyphenated(tokens) is tokens
    assert tokens == ["information", "-", "x-"]
    assert rejoin_hyphenated([]) == []


def test_wrap():
    assert wrap(["aaa", "bb", "c", "dddd"], 6) == ["aaa bb", "c dddd"]
    assert wrap(["toolongword", "a"], 4) == ["toolongword", "a"]
    assert wrap([], 10) == []


def test_wrap_leaves_its_argument_alone():
    tokens = ["one", "two", "three"]
    wrap(tokens, 3)
    assert tokens == ["one", "two", "three"]


def test_wrap_refuses_no_width():
    with pytest.raises(ValueError, match="width must be positive, not 0"):
        wrap(["a"], 0)
