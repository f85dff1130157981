"""Titles and sections: slugs, redaction, words by section."""

import re
import unicodedata
from collections import Counter

__all__ = ["redact", "section_words", "slugify_titles"]


def _ascii(text):
    result = ""
    for char in unicodedata.normalize("NFKD", text):
        if not unicodedata.combining(char):
            result = result + char
    return result.encode("ascii", "ignore").decode("ascii")


def _slug(title, max_length):
    slug = _ascii(title).lower()
    slug = slug.replace("&", " and ").replace("@", " at ")
    slug = re.sub(r"[^a-z0-9]+", "-", slug)
    while slug.startswith("-"):
        slug = slug[1:]
    while slug.endswith("-"):
        slug = slug[:-1]
    if len(slug) > max_length:
        words = slug.split("-")
        while len("-".join(words)) > max_length and len(words) > 1:
            words = words[:-1]
        slug = "-".join(words)[:max_length]
    return slug or "untitled"


def slugify_titles(titles, max_length=40):
    """A slug for each title, made unique with -2, -3 and so on."""
    slugs = []
    for title in titles:
        base = _slug(title, max_length)
        slug = base
        number = 2
        while slug in slugs:
            slug = f"{base}-{number}"
            number += 1
        slugs.append(slug)
    return slugs


def redact(text, terms, mask="*"):
    """Cover every occurrence of the terms, whatever their case; longer terms go first."""
    report = {}
    for term in sorted(terms, key=len, reverse=True):
        if not term:
            continue
        count = 0
        position = text.lower().find(term.lower())
        while position != -1:
            before = text[:position]
            after = text[position + len(term) :]
            whole = not (before and before[-1].isalnum()) and not (after and after[0].isalnum())
            if whole:
                text = before + mask * len(term) + after
                count += 1
            position = text.lower().find(term.lower(), position + 1)
        if count > 0:
            report[term] = count
    return text, report


HEADING = re.compile(r"^(#+)\s+(.*?)\s*#*$")
WORD = re.compile(r"[^\W\d_]{3,}")


def section_words(text, top=3):
    """The most frequent words below each heading of a Markdown text; code blocks are left out."""
    sections = {}
    counter = Counter()
    sections[""] = counter
    in_code = False
    for line in text.splitlines():
        if line.startswith("```"):
            in_code = not in_code
            continue
        if in_code:
            continue
        match = HEADING.match(line)
        if match:
            counter = sections.setdefault(match[2], Counter())
        else:
            counter.update(WORD.findall(line.lower()))
    return {title: counter.most_common(top) for title, counter in sections.items() if counter}
