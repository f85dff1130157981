"""Comparing words and documents: spelling suggestions, near duplicates, concordance."""

import re
from collections.abc import Iterator

__all__ = ["concordance", "near_duplicates", "suggest_spelling"]


def edit_distance(first: str, second: str) -> int:
    """Levenshtein distance."""
    rows = len(first) + 1
    cols = len(second) + 1
    matrix = [[0 for _ in range(cols)] for _ in range(rows)]
    for i in range(rows):
        matrix[i][0] = i
    for j in range(cols):
        matrix[0][j] = j
    for i in range(1, rows):
        for j in range(1, cols):
            if first[i - 1] == second[j - 1]:
                cost = 0
            else:
                cost = 1
            matrix[i][j] = min(matrix[i - 1][j] + 1, matrix[i][j - 1] + 1, matrix[i - 1][j - 1] + cost)
    return matrix[rows - 1][cols - 1]


def suggest_spelling(words: list[str], vocabulary: list[str], limit: int = 3, max_distance: int = 2) -> dict:
    """The nearest words of the vocabulary for each unknown word, by distance and then by their place in it."""
    suggestions = {}
    for word in words:
        word = word.lower()
        if word in vocabulary:
            continue
        candidates = []
        for known in vocabulary:
            distance = edit_distance(word, known)
            if distance <= max_distance:
                candidates.append((distance, vocabulary.index(known), known))
        candidates.sort()
        suggestions[word] = [known for _, _, known in candidates[:limit]]
    return suggestions


class Document:
    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @property
    def words(self) -> list[str]:
        return re.findall(r"[a-z0-9']+", self.text.lower())

    def shingles(self, size: int) -> set[tuple[str, ...]]:
        result = set()
        for i in range(len(self.words) - size + 1):
            result.add(tuple(self.words[i : i + size]))
        return result

    def similarity(self, other: "Document", size: int) -> float:
        mine = self.shingles(size)
        theirs = other.shingles(size)
        if not mine or not theirs:
            return 0.0
        return len(mine & theirs) / len(mine | theirs)


def near_duplicates(texts: dict[str, str], threshold: float = 0.5, size: int = 3) -> list[tuple[str, str, float]]:
    """Pairs of documents that share most of their shingles, the most similar first."""
    documents = [Document(name, text) for name, text in texts.items()]
    pairs = []
    for i, first in enumerate(documents):
        for second in documents[i + 1 :]:
            if first.similarity(second, size) >= threshold:
                pairs.append((first.name, second.name, round(first.similarity(second, size), 3)))
    return sorted(pairs, key=lambda pair: -pair[2])


def concordance(text: str, word: str, width: int = 30) -> Iterator[str]:
    """Every occurrence of a word with `width` characters on either side, the words above one another."""
    if not word:
        raise ValueError("no word to look for")
    pattern = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    flat = " ".join(text.split())
    for match in pattern.finditer(flat):
        start, end = match.span()
        left = flat[max(0, start - width) : start].rjust(width)
        right = flat[end : end + width]
        yield f"{left}[{match.group()}]{right}".rstrip()
