"""A tokenizer, a CSV reader and formulas."""

import re
from dataclasses import dataclass

__all__ = ["evaluate_formulas", "read_csv", "tokenize"]

TOKEN_TYPES = [
    ("COMMENT", r"//[^\n]*"),
    ("NUMBER", r"\d+(\.\d+)?"),
    ("STRING", r'"(\\.|[^"\\])*"'),
    ("NAME", r"[A-Za-z_]\w*"),
    ("OPERATOR", r"==|!=|<=|>=|&&|\|\||[-+*/%<>=!]"),
    ("PUNCTUATION", r"[(){}\[\];,.]"),
    ("SPACE", r"\s+"),
]
KEYWORDS = ["if", "else", "while", "for", "return", "func", "var", "true", "false", "null"]


@dataclass(frozen=True)
class Token:
    type: str
    text: str
    line: int
    column: int


class SyntaxProblem(ValueError):
    """Text no token type matches, or a formula that can't be read."""


def tokenize(source):
    """Tokens of a small C-like language without blanks and comments; lines and columns count from 1."""
    tokens = []
    position = 0
    while position < len(source):
        rest = source[position:]
        line = source[:position].count("\n") + 1
        last_newline = source[:position].rfind("\n")
        column = position - last_newline
        for type_, pattern in TOKEN_TYPES:
            match = re.match(pattern, rest)
            if match:
                text = match.group(0)
                if type_ == "NAME" and text in KEYWORDS:
                    type_ = "KEYWORD"
                if type_ not in ("SPACE", "COMMENT"):
                    tokens.append(Token(type_, text, line, column))
                position += len(text)
                break
        else:
            raise SyntaxProblem(f"line {line}, column {column}: unexpected {rest[0]!r}")
    return tokens


def read_csv(text, delimiter=","):
    """Rows of a CSV text as dicts by the first row; quotes are doubled inside quoted fields, short rows get None."""
    rows = []
    row = []
    field = ""
    quoted = False
    was_quoted = False
    i = 0
    while i < len(text):
        char = text[i]
        if quoted:
            if char == '"':
                if i + 1 < len(text) and text[i + 1] == '"':
                    field += '"'
                    i += 1
                else:
                    quoted = False
            else:
                field += char
        elif char == '"' and field == "":
            quoted = True
            was_quoted = True
        elif char == delimiter:
            row.append(field if was_quoted else field.strip())
            field = ""
            was_quoted = False
        elif char == "\n":
            row.append(field if was_quoted else field.strip())
            if row != [""]:
                rows.append(row)
            row = []
            field = ""
            was_quoted = False
        elif char != "\r":
            field += char
        i += 1
    if quoted:
        raise SyntaxProblem("a quoted field is never closed")
    if field or row:
        row.append(field if was_quoted else field.strip())
        rows.append(row)
    if not rows:
        return []
    header = rows[0]
    records = []
    for row in rows[1:]:
        record = {}
        for name in header:
            place = header.index(name)
            record[name] = row[place] if place < len(row) else None
        records.append(record)
    return records


class Formula:
    """Recursive descent over + - * / ^, parentheses, names and numbers."""

    def __init__(self, text, variables):
        self.tokens = re.findall(r"\d+\.?\d*|[A-Za-z_]\w*|\S", text)
        self.variables = variables
        self.position = 0

    def peek(self):
        if self.position < len(self.tokens):
            return self.tokens[self.position]
        return None

    def take(self):
        token = self.peek()
        self.position += 1
        return token

    def value(self):
        result = self.sum()
        if self.peek() is not None:
            raise SyntaxProblem(f"unexpected {self.peek()}")
        return result

    def sum(self):
        result = self.product()
        while self.peek() in ["+", "-"]:
            if self.take() == "+":
                result = result + self.product()
            else:
                result = result - self.product()
        return result

    def product(self):
        result = self.power()
        while self.peek() in ["*", "/"]:
            if self.take() == "*":
                result = result * self.power()
            else:
                result = result / self.power()
        return result

    def power(self):
        base = self.atom()
        if self.peek() == "^":
            self.take()
            return base ** self.power()
        return base

    def atom(self):
        token = self.take()
        if token is None:
            raise SyntaxProblem("unexpected end")
        if token == "-":
            return -self.power()
        if token == "(":
            result = self.sum()
            if self.take() != ")":
                raise SyntaxProblem("missing )")
            return result
        if token[0].isdigit():
            return float(token)
        if token in self.variables:
            return self.variables[token]
        raise SyntaxProblem(f"unknown {token}")


def evaluate_formulas(columns, rows):
    """Add computed columns to each row; a formula sees the columns before it, division by zero gives None."""
    result = []
    for row in rows:
        row = dict(row)
        for name, text in columns.items():
            try:
                row[name] = Formula(text, row).value()
            except ZeroDivisionError:
                row[name] = None
        result.append(row)
    return result
