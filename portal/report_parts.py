"""A report as text before it is laid out: paragraphs with a role each, and figures that lead to their lines.

One paragraph a line, "role: text"; the cells of a table stand between " | ". A marked figure carries the address of its lines, which a
page links and a document leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

ROLES = frozenset(
    {
        *("above", "organ", "number", "country", "motto", "place", "type", "abstract", "part", "section", "text", "close"),
        *("receivers", "receiver", "sign", "annex", "title", "note", "unit", "columns", "row", "total"),
    }
)
TABLE = ("columns", "row", "total")
_LINE = re.compile(r"([a-z]+):(?: (.*))?")
_OPENS, _PARTS, _ENDS = "\ue000", "\ue001", "\ue002"  # from the private use area: no text of an office holds them
_MARKED = re.compile(f"{_OPENS}([^{_PARTS}]*){_PARTS}([^{_ENDS}]*){_ENDS}")

Part = tuple[str, str]
"""A role and its text."""


def read(text: str) -> list[Part]:
    """The paragraphs of a text, in order.

    Raises:
        ValueError: for a line that has no role, or one nobody knows: a mistake in the template.
    """
    parts = []
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found and found[1] in ROLES:
            parts.append((found[1], (found[2] or "").rstrip()))
        elif line.strip():
            raise ValueError(f"no role in the line: {line!r}")
    return parts


def cells(text: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip() for cell in text.split("|")]


def marked(figure: str, address: str) -> str:
    """A figure with the address of its lines."""
    return f"{_OPENS}{address}{_PARTS}{figure}{_ENDS}"


def plain(text: str) -> str:
    """A text without addresses, as it is printed."""
    return _MARKED.sub(r"\2", text)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A text in pieces: (words, address), "" where they lead nowhere."""
    at = 0
    for found in _MARKED.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], ""
        yield found[2], found[1]
        at = found.end()
    if at < len(text):
        yield text[at:], ""
