"""Benchmarks over a made-up corpus with the word frequencies of real text (Zipf)."""

import random

from wordstat.keywords import key_phrases, mark_keywords, phrases, term_weights
from wordstat.ngrams import collocations
from wordstat.report import summarise
from wordstat.similarity import nearest_documents, shared_words, suggest
from wordstat.text import STOPWORDS, classify, remove_stopwords, stem_all, tokenise, wrap
from wordstat.vocabulary import (
    build_vocabulary,
    coverage,
    document_frequency,
    encode,
    frequencies,
    unique_words,
)

_RANDOM = random.Random(20240611)
_SYLLABLES = "ba co di fu ga ho ki lo me nu pa ri so tu ve wa ly er ing ness ation".split()
_CONTENT = ["".join(_RANDOM.choices(_SYLLABLES, k=2 + i % 3)) for i in range(900)]
_WEIGHTS = [1 / (rank + 3) for rank in range(len(_CONTENT))]


def _words(count: int) -> list[str]:
    content = _RANDOM.choices(_CONTENT, _WEIGHTS, k=count)
    glue = _RANDOM.choices(STOPWORDS, k=count)
    coin = _RANDOM.choices((True, False), (5, 3), k=count)
    return [word if take else stop for word, stop, take in zip(content, glue, coin, strict=True)]


_TOKENS = _words(4000)
_TEXT = " ".join(word.title() + "," if i % 9 == 0 else word for i, word in enumerate(_TOKENS))
_DOCUMENTS = [_words(150) for _ in range(40)]
_VOCABULARY = list(dict.fromkeys(_CONTENT))
_COUNTS = {word: 900 // (i + 1) + 1 for i, word in enumerate(_VOCABULARY)}
_FOUND_IN = {word: 1 + i % 30 for i, word in enumerate(_VOCABULARY)}
_RAW = ["2024-06-11", "17", "3.5%", "@ann", "NATO", "well-known", "--", "rain"] * 1200


def bench_tokenise():
    return tokenise(_TEXT * 3)


def bench_classify():
    return classify(_RAW)


def bench_remove_stopwords():
    return remove_stopwords(_TOKENS * 3)


def bench_stem():
    return stem_all(_TOKENS)


def bench_wrap():
    return wrap(_TOKENS * 4, 72)


def bench_unique():
    return unique_words(_TOKENS)


def bench_frequencies():
    return frequencies(_TOKENS[:2000])


def bench_vocabulary():
    return build_vocabulary(_DOCUMENTS)


def bench_document_frequency():
    return document_frequency(_VOCABULARY[:300], _DOCUMENTS)


def bench_encode():
    return encode(_TOKENS[:2500], _VOCABULARY)


def bench_coverage():
    return coverage(list(_COUNTS.values()) * 2)


def bench_collocations():
    return collocations(_TOKENS[:900])


def bench_key_phrases():
    return key_phrases(_TOKENS[:3000], 25)


def bench_phrases():
    return phrases(_TOKENS * 2)


def bench_term_weights():
    return term_weights(_COUNTS, _FOUND_IN, 30)


def bench_mark_keywords():
    return mark_keywords(_TEXT, _CONTENT[:40])


def bench_shared_words():
    return shared_words(_TOKENS[:2000], _TOKENS[2000:])


def bench_nearest_documents():
    return nearest_documents(_TOKENS[:400], _DOCUMENTS)


def bench_suggest():
    return suggest("wabok", _VOCABULARY[:90])


def bench_summarise():
    return summarise([" ".join(document) for document in _DOCUMENTS[:8]])
