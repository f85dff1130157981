import math

import pytest

from wordstat.vocabulary import (
    UNKNOWN,
    add_synonyms,
    build_vocabulary,
    coverage,
    decode,
    document_frequency,
    encode,
    frequencies,
    hapaxes,
    unique_rows,
    unique_words,
)


def test_unique_words_in_first_seen_order():
    assert unique_words(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]
    assert unique_words([]) == []


def test_unique_words_returns_a_new_list():
    tokens = ["a", "b"]
    result = unique_words(tokens)
    result.append("z")
    assert tokens == ["a", "b"]


def test_unique_rows_take_lists_and_compare_values():
    assert unique_rows([[1, "a"], [2, "b"], [1.0, "a"], [2]]) == [[1, "a"], [2, "b"], [2]]


def test_unique_rows_keeps_the_very_rows():
    row = ["a"]
    assert unique_rows(iter([row, ["a"]]))[0] is row


def test_unique_rows_with_nan():
    assert len(unique_rows([[math.nan], [math.nan], [float("nan")]])) == 2


def test_frequencies_ties_by_word():
    assert frequencies(["b", "a", "c", "c", "b", "a", "c"]) == [("c", 3), ("a", 2), ("b", 2)]
    assert frequencies([]) == []


def test_hapaxes():
    assert hapaxes(["x", "y", "x", "z"]) == ["y", "z"]
    assert hapaxes([]) == []


def test_build_vocabulary():
    documents = [["b", "a", "b"], [], ["c", "a"]]
    assert build_vocabulary(documents) == ["b", "a", "c"]
    assert build_vocabulary(documents, min_documents=2) == ["a"]
    assert build_vocabulary(documents, min_documents=3) == []
    assert build_vocabulary([]) == []


def test_document_frequency_counts_documents_not_words():
    documents = [["a", "a", "b"], ["a"], []]
    assert document_frequency(["b", "a", "z"], documents) == {"b": 1, "a": 2, "z": 0}


def test_document_frequency_keeps_the_order_of_words():
    assert list(document_frequency(["z", "a", "m"], [["a"]])) == ["z", "a", "m"]


def test_document_frequency_counts_a_repeated_word_each_time():
    assert document_frequency(["a", "a"], [["a"]]) == {"a": 2}


def test_encode_takes_the_first_position():
    assert encode(["b", "a", "zz", "b"], ["a", "b", "b"]) == [1, 0, UNKNOWN, 1]
    assert encode([], ["a"]) == []
    assert encode(["a"], []) == [UNKNOWN]


def test_decode_undoes_encode():
    vocabulary = ["rain", "sun"]
    assert decode(encode(["sun", "fog", "rain"], vocabulary), vocabulary) == ["sun", "?", "rain"]


def test_decode_beyond_the_vocabulary():
    with pytest.raises(IndexError):
        decode([2], ["a", "b"])


def test_add_synonyms_follows_what_it_adds():
    words = ["big"]
    table = {"big": ["large", "huge"], "huge": ["vast", "big"], "vast": ["large"]}
    assert add_synonyms(words, table) is words
    assert words == ["big", "large", "huge", "vast"]


def test_add_synonyms_keeps_existing_repeats():
    assert add_synonyms(["a", "a"], {"a": ["b"]}) == ["a", "a", "b"]


def test_coverage():
    assert coverage([5, 3, 2]) == [0.5, 0.8, 1.0]
    assert coverage([]) == []
    assert coverage([7]) == [1.0]


def test_coverage_of_zeros():
    with pytest.raises(ZeroDivisionError):
        coverage([0, 0])
