import pytest

from wordstat.keywords import key_phrases, mark_keywords, phrases, term_weights


def test_phrases_split_at_stopwords():
    tokens = "the quick brown fox and the lazy dog".split()
    assert phrases(tokens) == [["quick", "brown", "fox"], ["lazy", "dog"]]
    assert phrases(["the", "and"]) == []
    assert phrases([]) == []


def test_phrases_are_lists_of_their_own():
    first, second = phrases(["red", "x", "red"], stopwords=["x"])
    first.append("!")
    assert second == ["red"]


def test_phrases_do_not_touch_the_tokens():
    tokens = ["red", "car"]
    phrases(tokens)[0].append("!")
    assert tokens == ["red", "car"]


def test_key_phrases():
    tokens = "deep learning and deep neural networks or learning".split()
    assert key_phrases(tokens) == [
        ("deep neural networks", 8.5),
        ("deep learning", 4.0),
        ("learning", 1.5),
    ]
    assert key_phrases(tokens, top=1) == [("deep neural networks", 8.5)]
    assert key_phrases([]) == []


def test_key_phrases_leaves_out_long_runs():
    assert key_phrases(["a1", "b1", "c1", "d1", "e1"]) == []


def test_term_weights_in_the_order_of_counts():
    weights = term_weights({"z": 4, "a": 2}, {"a": 1, "z": 3, "q": 9}, 3)
    assert weights == [("z", 1.0), ("a", 1.26986)]


def test_no_terms_no_weights():
    assert term_weights({}, {}, 0) == []


def test_a_term_never_seen():
    with pytest.raises(KeyError, match="ghost"):
        term_weights({"ghost": 1}, {}, 3)


def test_mark_keywords_whatever_the_case():
    text = "Rain, rain go away;  RAINY day"
    assert mark_keywords(text, ["RAIN", "Day"]) == "*Rain,* *rain* go away; RAINY *day*"
    assert mark_keywords(text, []) == "Rain, rain go away; RAINY day"
    assert mark_keywords("", ["rain"]) == ""


def test_mark_keywords_looks_at_keywords_only_when_there_is_text():
    assert mark_keywords("", [None]) == ""
    with pytest.raises(AttributeError):
        mark_keywords("rain", [None])
