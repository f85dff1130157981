"""How alike words and documents are."""


def shared_words(first: list[str], second: list[str]) -> list[str]:
    """Words of the first text that the second has too, once each, in order."""
    shared = []
    for word in first:
        if word in second and word not in shared:
            shared.append(word)
    return shared


def overlap(first: list[str], second: list[str]) -> float:
    """Jaccard similarity of two texts' words; two empty texts are alike."""
    either = set(first) | set(second)
    if not either:
        return 1.0
    return len(set(first) & set(second)) / len(either)


def nearest_documents(query: list[str], documents: list[list[str]], top: int = 3) -> list:
    """(document number, score) of the documents most like the query, best first.

    Score is the share of the query's words in the document, weighted by word length.
    """
    scored = []
    for number, document in enumerate(documents):
        hits = 0
        for word in sorted(set(query)):
            if word in document:
                hits += len(word)
        total = sum(len(word) for word in set(query))
        scored.append((number, round(hits / total, 6) if total else 0.0))
    scored.sort(key=lambda row: (-row[1], row[0]))
    return scored[:top]


def edit_distance(first: str, second: str) -> int:
    """Insertions, deletions and replacements that turn one word into the other."""
    if not first:
        return len(second)
    if not second:
        return len(first)
    if first[-1] == second[-1]:
        return edit_distance(first[:-1], second[:-1])
    return 1 + min(
        edit_distance(first[:-1], second),
        edit_distance(first, second[:-1]),
        edit_distance(first[:-1], second[:-1]),
    )


def suggest(word: str, vocabulary: list[str], limit: int = 2) -> list[str]:
    """Known words within `limit` edits, nearest first; a known word is its own suggestion."""
    if word in vocabulary:
        return [word]
    close = []
    for known in vocabulary:
        if abs(len(known) - len(word)) <= limit:
            distance = edit_distance(word, known)
            if distance <= limit:
                close.append((distance, known))
    return [known for _, known in sorted(close)]


def closest_score(scores: list[float]) -> float:
    """The lowest score.

    Raises:
        IndexError: there are no scores.
    """
    return sorted(scores)[0]
