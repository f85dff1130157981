"""Words of documents: key terms, wrapping, cleaning."""

import math
import string

__all__ = ["clean_text", "key_terms", "wrap_paragraphs"]

STOPWORDS = [
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been", "but", "by",
    "can", "could", "did", "do", "for", "from", "had", "has", "have", "he", "her", "his", "how", "if", "in", "into",
    "is", "it", "its", "just", "like", "more", "no", "not", "of", "on", "one", "or", "other", "our", "out", "she",
    "so", "some", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "up", "was",
    "we", "were", "what", "when", "which", "who", "will", "with", "would", "you", "your",
]  # fmt: skip


def _words(text):
    words = []
    for raw in text.lower().split():
        word = raw.strip(string.punctuation)
        if len(word) > 1 and word not in STOPWORDS:
            words.append(word)
    return words


def key_terms(documents, per_document=5):
    """The terms of each document with the highest tf-idf, ties by the word."""
    tokenised = [_words(document) for document in documents]
    result = []
    for words in tokenised:
        scores = []
        for word in sorted(set(words)):
            frequency = words.count(word) / len(words)
            containing = 0
            for other in tokenised:
                if word in other:
                    containing += 1
            scores.append((word, frequency * math.log(len(documents) / containing)))
        scores.sort(key=lambda pair: pair[1], reverse=True)
        result.append([word for word, score in scores[:per_document] if score > 0])
    return result


def wrap_paragraphs(text, width=72, indent=""):
    """Wrap each paragraph (they are separated by blank lines); words longer than a line are broken."""
    if width <= len(indent):
        raise ValueError(f"no room for text in {width} columns")
    paragraphs = []
    current = []
    for line in text.split("\n"):
        if line.strip() == "":
            if current:
                paragraphs.append(" ".join(current))
                current = []
        else:
            current.append(line.strip())
    if current:
        paragraphs.append(" ".join(current))
    wrapped = []
    for paragraph in paragraphs:
        lines = []
        words = paragraph.split()
        line = []
        while words:
            word = words.pop(0)
            room = width - len(indent)
            if len(word) > room:
                words = [word[:room], word[room:]] + words
                continue
            if len(" ".join(line + [word])) <= room:
                line = line + [word]
            else:
                lines.append(indent + " ".join(line))
                line = [word]
        if line:
            lines.append(indent + " ".join(line))
        wrapped.append("\n".join(lines))
    return "\n\n".join(wrapped)


QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"'}
DASHES = ["\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015"]


def clean_text(text):
    """Plain quotes and dashes, no control characters, one space for any run of blanks, no blanks around newlines."""
    result = ""
    last = ""
    for char in text:
        if char in QUOTES:
            char = QUOTES[char]
        elif char in DASHES:
            char = "-"
        elif char == "\u2026":
            char = "..."
        elif char in ["\t", "\u00a0", "\u2009", "\u202f"]:
            char = " "
        elif char == "\r":
            continue
        elif char != "\n" and (ord(char) < 32 or ord(char) == 127):
            continue
        if char == " " and last in (" ", "\n", ""):
            continue
        if char == "\n" and last == " ":
            result = result[:-1]
        result += char
        last = char[-1]
    return result.strip()
