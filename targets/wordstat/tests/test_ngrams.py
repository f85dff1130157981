from collections import Counter

import pytest

from wordstat.ngrams import collocations, neighbours, ngram_counts, ngrams, repeated_runs

TOKENS = "new york is not old york but new york is new".split()


def test_ngrams():
    assert ngrams(["a", "b", "c"], 2) == [("a", "b"), ("b", "c")]
    assert ngrams(["a", "b"], 1) == [("a",), ("b",)]
    assert ngrams(["a", "b"], 3) == []
    assert ngrams([], 2) == []


@pytest.mark.parametrize("n", [0, -1])
def test_ngrams_refuses_empty_runs(n):
    with pytest.raises(ValueError, match=f"not {n}"):
        ngrams(["a"], n)


def test_ngram_counts():
    counts = ngram_counts(TOKENS, 2)
    assert isinstance(counts, Counter)
    assert counts["new", "york"] == 2
    assert counts["york", "new"] == 0


def test_collocations_best_first():
    assert collocations(TOKENS) == [("york", "is", 1.874469), ("new", "york", 1.289507)]


def test_collocations_below_the_minimum():
    assert collocations(TOKENS, min_count=3) == []
    assert collocations([]) == []
    assert collocations(["one"], min_count=1) == []


def test_collocations_ties_by_word():
    rows = collocations(["d", "e", "a", "b"], min_count=1)
    assert [row[:2] for row in rows] == [("a", "b"), ("d", "e"), ("e", "a")]


def test_neighbours():
    assert neighbours(TOKENS, "york") == ["new", "is", "not", "old", "but"]
    assert neighbours(TOKENS, "york", reach=1) == ["new", "is", "old", "but"]
    assert neighbours(TOKENS, "paris") == []
    assert neighbours([], "york") == []


def test_neighbours_ignore_case_of_the_word_only():
    assert neighbours(["New", "York", "new"], "YORK") == ["New", "new"]


def test_a_word_can_be_its_own_neighbour():
    assert neighbours(["x", "x"], "x") == ["x"]


def test_repeated_runs():
    assert repeated_runs(TOKENS, 2) == [("new", "york"), ("york", "is")]
    assert repeated_runs(TOKENS, 3) == [("new", "york", "is")]
    assert repeated_runs(TOKENS, 4) == []
