"""The summary that the command prints: plain data first, text last."""

from wordstat.keywords import key_phrases
from wordstat.text import remove_stopwords, tokenise
from wordstat.vocabulary import coverage, frequencies, hapaxes


def shortest_word(words: list[str]) -> str:
    """The shortest word, the first in the alphabet among equals; raises IndexError on none."""
    return sorted(words, key=lambda word: (len(word), word))[0]


def length_histogram(words: list[str]) -> dict[int, int]:
    """Number of words by length, short lengths first, gaps filled with zero."""
    histogram = {}
    lengths = [len(word) for word in words]
    for length in range(1, max(lengths, default=0) + 1):
        histogram[length] = lengths.count(length)
    return histogram


def summarise(documents: list[str], top: int = 10) -> dict:
    """Figures over all documents, as plain data."""
    tokens: list[str] = []
    for document in documents:
        tokens = tokens + tokenise(document)
    content = remove_stopwords(tokens)
    ranked = frequencies(content)
    try:
        shortest = shortest_word(content)
    except IndexError:
        shortest = None
    return {
        "documents": len(documents),
        "words": len(tokens),
        "distinct": len(ranked),
        "once": len(hapaxes(content)),
        "shortest": shortest,
        "top": ranked[:top],
        "coverage": [round(share, 4) for share in coverage([n for _, n in ranked])[:top]],
        "lengths": length_histogram(content),
        "phrases": key_phrases(tokens, top),
    }


def bar(value: int, largest: int, width: int = 30) -> str:
    """A bar of hashes, at least one for a value above zero."""
    if value <= 0:
        return ""
    return "#" * max(1, value * width // largest)


def render(summary: dict) -> str:
    """The report as text."""
    lines: list[str] = []
    lines = lines + [f"{summary['words']} words in {summary['documents']} documents"]
    lines = lines + [f"{summary['distinct']} distinct, {summary['once']} used once"]
    lines = lines + [f"shortest: {summary['shortest'] or '-'}"]
    for (word, count), share in zip(summary["top"], summary["coverage"], strict=True):
        lines = lines + [f"  {word:<16}{count:>6}  {share:>7.1%}"]
    for length, count in summary["lengths"].items():
        largest = max(summary["lengths"].values())
        lines = lines + [f"  {length:>3} {bar(count, largest)}"]
    for phrase, score in summary["phrases"]:
        lines = lines + [f"  {score:>6.2f}  {phrase}"]
    return "\n".join(lines)
