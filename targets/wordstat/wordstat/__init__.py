"""Text analytics for plain-text corpora."""

from wordstat.report import render, summarise
from wordstat.text import tokenise

__all__ = ["render", "summarise", "tokenise"]
