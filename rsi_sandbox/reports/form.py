"""The formats of results, apart from their renderers so that parsing a command line loads none of them."""

from enum import StrEnum


class Format(StrEnum):
    """How a result is written to stdout."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    """Events as they happen, one JSON object per line."""
    MARKDOWN = "markdown"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"
