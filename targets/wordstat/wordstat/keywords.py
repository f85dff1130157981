"""What a document is about: key phrases and tf-idf terms."""

import math

from wordstat.text import STOPWORDS


def phrases(tokens: list[str], stopwords: list[str] = STOPWORDS) -> list[list[str]]:
    """Runs of words between stop words; each phrase is a list of its own."""
    found: list[list[str]] = []
    phrase: list[str] = []
    for token in tokens:
        if token in stopwords:
            if phrase:
                found.append(phrase)
            phrase = []
        else:
            phrase = phrase + [token]
    if phrase:
        found.append(phrase)
    return found


def key_phrases(tokens: list[str], top: int = 10) -> list[tuple[str, float]]:
    """The best phrases by degree over frequency of their words (as RAKE does)."""
    candidates = [phrase for phrase in phrases(tokens) if len(phrase) <= 4]
    words = []
    for phrase in candidates:
        words.extend(phrase)
    degree: dict[str, int] = {}
    for phrase in candidates:
        for word in phrase:
            degree[word] = degree.get(word, 0) + len(phrase)
    scores: dict[str, float] = {}
    for phrase in candidates:
        score = 0.0
        for word in phrase:
            score += degree[word] / words.count(word)
        scores[" ".join(phrase)] = round(score, 6)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:top]


def term_weights(counts: dict[str, int], found_in: dict[str, int], documents: int) -> list:
    """(term, weight) pairs in the order of `counts`; no terms, no weights.

    Raises:
        KeyError: a counted term has no document frequency.
    """
    weights = []
    for term, count in counts.items():
        relative = 0.5 + 0.5 * count / max(counts.values())
        rarity = math.log((1 + documents) / (1 + found_in[term])) + 1
        weights.append((term, round(relative * rarity, 6)))
    return weights


def mark_keywords(text: str, keywords: list[str]) -> str:
    """The text with its keywords between asterisks, whatever their case."""
    marked = []
    for word in text.split():
        bare = word.strip(".,;:!?\"'()").lower()
        if bare in [keyword.lower() for keyword in keywords]:
            marked.append("*" + word + "*")
        else:
            marked.append(word)
    return " ".join(marked)
