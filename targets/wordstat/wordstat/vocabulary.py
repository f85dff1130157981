"""Distinct words, how often they occur, and the ids by which models know them."""

from collections.abc import Iterable

UNKNOWN = -1


def unique_words(tokens: list[str]) -> list[str]:
    """Each word once, in the order in which it was first seen."""
    seen = []
    for token in tokens:
        if token not in seen:
            seen.append(token)
    return seen


def unique_rows(rows: Iterable[list]) -> list[list]:
    """Each row once, in order. Rows are lists and compare as lists (1 and 1.0 are one row)."""
    kept: list[list] = []
    for row in rows:
        if row not in kept:
            kept.append(row)
    return kept


def frequencies(tokens: list[str]) -> list[tuple[str, int]]:
    """(word, count) pairs, most frequent first, ties by word."""
    pairs = []
    for word in unique_words(tokens):
        pairs.append((word, tokens.count(word)))
    pairs.sort(key=lambda pair: (-pair[1], pair[0]))
    return pairs


def hapaxes(tokens: list[str]) -> list[str]:
    """Words that occur exactly once, in order."""
    return [token for token in tokens if tokens.count(token) == 1]


def build_vocabulary(documents: list[list[str]], min_documents: int = 1) -> list[str]:
    """Words that occur in at least `min_documents` documents, in first-seen order."""
    vocabulary = []
    for document in documents:
        for word in document:
            if word in vocabulary:
                continue
            vocabulary.append(word)
    if min_documents > 1:
        found = document_frequency(vocabulary, documents)
        vocabulary = [word for word in vocabulary if found[word] >= min_documents]
    return vocabulary


def document_frequency(words: list[str], documents: list[list[str]]) -> dict[str, int]:
    """In how many documents each word occurs."""
    found = {}
    for word in words:
        found[word] = 0
    for document in documents:
        for word in words:
            if word in document:
                found[word] += 1
    return found


def encode(tokens: list[str], vocabulary: list[str]) -> list[int]:
    """Ids of the tokens: the position in the vocabulary, or `UNKNOWN`."""
    ids = []
    for token in tokens:
        if token in vocabulary:
            ids.append(vocabulary.index(token))
        else:
            ids.append(UNKNOWN)
    return ids


def decode(ids: list[int], vocabulary: list[str]) -> list[str]:
    """The words behind ids; `UNKNOWN` becomes `?`.

    Raises:
        IndexError: an id is beyond the vocabulary.
    """
    return ["?" if i == UNKNOWN else vocabulary[i] for i in ids]


def add_synonyms(words: list[str], synonyms: dict[str, list[str]]) -> list[str]:
    """Extend `words` in place with synonyms, synonyms of synonyms and so on; returns `words`."""
    for word in words:
        for other in synonyms.get(word, []):
            if other not in words:
                words.append(other)
    return words


def coverage(counts: list[int]) -> list[float]:
    """Share of the text that the first 1, 2, 3... words cover, given their counts."""
    shares = []
    for i in range(len(counts)):
        shares.append(sum(counts[: i + 1]) / sum(counts))
    return shares
