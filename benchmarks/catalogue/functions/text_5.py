"""Phrases, links, transliteration."""

import re
from collections import Counter

__all__ = ["count_phrases", "extract_links", "transliterate"]

TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def count_phrases(texts, size=2, least=2):
    """Phrases of `size` words that occur at least `least` times, most frequent first; they don't cross texts."""
    if size < 1:
        raise ValueError("a phrase has at least one word")
    counts = Counter()
    for text in texts:
        words = TOKEN.findall(text.lower())
        counts.update(zip(*[words[start:] for start in range(size)]))
    return [(" ".join(phrase), count) for phrase, count in counts.most_common() if count >= least]


LINK = re.compile(
    r"""\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]+)(?:\s+"(?P<title>[^"]*)")?\)"""
    r"""|<(?P<auto>https?://[^<>\s]+)>"""
    r"""|(?P<code>`[^`]*`)"""
)


def extract_links(markdown, base=""):
    """Links of a Markdown text as (line, target, text); relative targets get the base, code is left out."""
    links = []
    line = 1
    counted = 0
    for match in LINK.finditer(markdown):
        if match["code"] is not None:
            continue
        line += markdown.count("\n", counted, match.start())
        counted = match.start()
        target = match["auto"] or match["target"]
        if "://" not in target and not target.startswith(("#", "mailto:")):
            target = base + target.removeprefix("./")
        links.append((line, target, match["text"] or match["title"] or target))
    return links


CYRILLIC = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i",
        "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
        "э": "e", "ю": "yu", "я": "ya",
    }
)  # fmt: skip


def transliterate(names):
    """Latin spelling of Russian names: `е` at the beginning or after a vowel is `ye`; first letters are capital."""
    results = []
    for name in names:
        words = []
        for word in name.lower().split():
            word = re.sub(r"(^|(?<=[аеёиоуыэюяьъ]))е", "ye", word)
            words.append(word.translate(CYRILLIC).capitalize())
        results.append(" ".join(words))
    return results
