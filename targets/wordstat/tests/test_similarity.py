import math

import pytest

from wordstat.similarity import (
    closest_score,
    edit_distance,
    nearest_documents,
    overlap,
    shared_words,
    suggest,
)


def test_shared_words_in_the_order_of_the_first():
    assert shared_words(["c", "a", "c", "b"], ["a", "b", "c", "a"]) == ["c", "a", "b"]
    assert shared_words([], ["a"]) == []
    assert shared_words(["a"], []) == []


def test_overlap():
    assert overlap(["a", "b"], ["b", "c"]) == pytest.approx(1 / 3)
    assert overlap([], []) == 1.0
    assert overlap(["a"], []) == 0.0


def test_nearest_documents():
    documents = [["cat"], ["dog", "horse"], ["dog", "cat"], []]
    assert nearest_documents(["dog", "cat", "dog"], documents) == [(2, 1.0), (0, 0.5), (1, 0.5)]
    assert nearest_documents(["dog"], documents, top=1) == [(1, 1.0)]


def test_nearest_documents_to_nothing():
    assert nearest_documents([], [["a"], []]) == [(0, 0.0), (1, 0.0)]
    assert nearest_documents(["a"], []) == []


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("same", "same", 0),
        ("ab", "ba", 2),
    ],
)
def test_edit_distance(first, second, distance):
    assert edit_distance(first, second) == distance


def test_suggest_nearest_first():
    vocabulary = ["house", "mouse", "horse", "hose", "elephant"]
    assert suggest("house", vocabulary) == ["house"]
    assert suggest("housr", vocabulary) == ["house", "horse", "hose", "mouse"]
    assert suggest("housr", vocabulary, limit=1) == ["house"]
    assert suggest("zzzzzz", vocabulary) == []


def test_suggest_keeps_known_repeats():
    assert suggest("cut", ["cat", "cat"]) == ["cat", "cat"]


def test_closest_score():
    assert closest_score([0.4, 0.1, 0.9]) == 0.1


def test_closest_score_of_none_is_an_index_error():
    with pytest.raises(IndexError):
        closest_score([])


def test_closest_score_sorts_around_nan():
    assert closest_score([3.0, math.nan, 1.0]) == 3.0
