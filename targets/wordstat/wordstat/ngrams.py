"""Runs of words: n-grams, collocations, and which words keep company."""

import math
from collections import Counter


def ngrams(tokens: list[str], n: int) -> list[tuple[str, ...]]:
    """All runs of `n` words.

    Raises:
        ValueError: `n` is below one.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    window: list[str] = []
    runs = []
    for token in tokens:
        window.append(token)
        if len(window) > n:
            window.pop(0)
        if len(window) == n:
            runs.append(tuple(window))
    return runs


def ngram_counts(tokens: list[str], n: int) -> Counter:
    """How often each run of `n` words occurs."""
    return Counter(ngrams(tokens, n))


def collocations(tokens: list[str], min_count: int = 2) -> list[tuple[str, str, float]]:
    """Pairs seen together more often than chance would have it, by mutual information."""
    pairs = ngrams(tokens, 2)
    scored = []
    for pair in set(pairs):
        together = pairs.count(pair)
        if together < min_count:
            continue
        first, second = pair
        expected = tokens.count(first) * tokens.count(second) / len(tokens)
        scored.append((first, second, round(math.log2(together / expected), 6)))
    return sorted(scored, key=lambda row: (-row[2], row[0], row[1]))


def neighbours(tokens: list[str], word: str, reach: int = 2) -> list[str]:
    """Distinct words within `reach` places of `word`, nearest occurrence first."""
    near = []
    for i in range(len(tokens)):
        if tokens[i].lower() != word.lower():
            continue
        for j in range(max(0, i - reach), min(len(tokens), i + reach + 1)):
            if j != i and tokens[j] not in near:
                near.append(tokens[j])
    return near


def repeated_runs(tokens: list[str], n: int) -> list[tuple[str, ...]]:
    """Runs of `n` words that occur again later, once each, in order of the first occurrence."""
    runs = ngrams(tokens, n)
    repeated = []
    for run in runs:
        if run not in repeated and runs.count(run) > 1:
            repeated.append(run)
    return repeated
