"""From text to words: sentences, tokens, stop words, stems, and back to wrapped lines."""

import re
from collections.abc import Iterable, Iterator

STOPWORDS = (
    "a about above after again all also am an and any are as at be because been before being "
    "below between both but by can could did do does doing down during each few for from "
    "further had has have having he her here hers him his how i if in into is it its just me "
    "more most my no nor not now of off on once only or other our out over own same she so "
    "some such than that the their them then there these they this those through to too under "
    "until up very was we were what when where which while who whom why will with you your"
).split()


def sentences(lines: Iterable[str]) -> Iterator[str]:
    """Yield sentences as soon as they are complete, reading no line before it is needed."""
    pending = ""
    for line in lines:
        pending = f"{pending} {line.strip()}".strip()
        while True:
            end = re.search(r"[.!?]+(?=\s+[A-Z\"'])", pending)
            if end is None:
                break
            yield pending[: end.end()]
            pending = pending[end.end() :].lstrip()
        if pending.endswith((".", "!", "?")):
            yield pending
            pending = ""
    if pending:
        yield pending


def tokenise(text: str) -> list[str]:
    """Lower-cased words; apostrophes and hyphens inside a word belong to it."""
    tokens = []
    for chunk in text.lower().split():
        word = re.sub(r"^\W+|\W+$", "", chunk)
        if re.match(r"[^\W\d_]", word):
            tokens.append(word)
    return tokens


def classify(tokens: list[str]) -> list[str]:
    """One label per raw token: number, date, mention, acronym, word or other."""
    labels = []
    for token in tokens:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", token):
            labels.append("date")
        elif re.fullmatch(r"[+-]?\d+(?:[.,]\d+)*%?", token):
            labels.append("number")
        elif re.fullmatch(r"@\w+", token):
            labels.append("mention")
        elif re.fullmatch(r"(?:[A-Z]\.?){2,}", token):
            labels.append("acronym")
        elif re.fullmatch(r"[^\W\d_]+(?:['-][^\W\d_]+)*", token):
            labels.append("word")
        else:
            labels.append("other")
    return labels


def remove_stopwords(tokens: list[str], stopwords: list[str] = STOPWORDS) -> list[str]:
    """The tokens that are no stop words, in order."""
    kept = []
    for token in tokens:
        if token not in stopwords:
            kept.append(token)
    return kept


def stem(word: str) -> str:
    """A light stemmer: the longest known ending is replaced if three letters remain."""
    endings = {
        "ational": "ate",
        "fulness": "ful",
        "iveness": "ive",
        "ization": "ize",
        "ousness": "ous",
        "ations": "ate",
        "ation": "ate",
        "ness": "",
        "ment": "",
        "ies": "y",
        "ing": "",
        "ers": "",
        "ed": "",
        "er": "",
        "ly": "",
        "es": "",
        "s": "",
    }
    for ending in sorted(endings, key=len, reverse=True):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: len(word) - len(ending)] + endings[ending]
    return word


def stem_all(tokens: list[str]) -> list[str]:
    """The stems of the tokens, in order."""
    stems = []
    for token in tokens:
        stems.append(stem(token))
    return stems


def rejoin_hyphenated(tokens: list[str]) -> list[str]:
    """Undo line-break hyphenation in place: `["infor-", "mation"]` becomes one token."""
    i = 0
    while i < len(tokens) - 1:
        if tokens[i].endswith("-") and len(tokens[i]) > 1:
            tokens[i] = tokens[i][:-1] + tokens.pop(i + 1)
        else:
            i += 1
    return tokens


def wrap(tokens: list[str], width: int) -> list[str]:
    """Fill lines of at most `width` characters; a longer word gets a line of its own."""
    if width < 1:
        raise ValueError(f"width must be positive, not {width}")
    queue = list(tokens)
    lines = []
    line = ""
    while queue:
        word = queue.pop(0)
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    return lines
