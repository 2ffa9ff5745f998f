"""Where things stand in a TOML file: which line to look at when its sixth [[rate]] is wrong."""

from __future__ import annotations

import re

_TABLE = re.compile(r"\s*\[{1,2}\s*([A-Za-z_]+)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_]+)\s*=")
_PATH = re.compile(r"at `(?:key in )?\$(?:\.(\w+))?(?:\[(\d+)\])?(?:\.(\w+))?")
_UNKNOWN = re.compile(r"unknown field `(\w+)`")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


class Places:
    """The tables of a decree file, line by line; lines count from 1, and 0 stands for "somewhere in the file"."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._tables: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, 1):
            found = _TABLE.match(line)
            if found is not None:
                self._tables.setdefault(found[1], []).append(number)

    def of(self, table: str, index: int = 0, key: str = "") -> int:
        """The line of the table's `index`-th occurrence, or of a key in it."""
        lines = self._tables.get(table, [])
        if index >= len(lines):
            return self._key(table, 0)
        return self._key(key, lines[index]) or lines[index]

    def of_error(self, message: str) -> int:
        """The line a message of the decoder is about: its own number, or that of the value its path names."""
        at_line = _AT_LINE.search(message)
        if at_line is not None:
            return int(at_line[1])
        found = _PATH.search(message)
        unknown = _UNKNOWN.search(message)
        key = unknown[1] if unknown is not None else ""
        if found is None or found[1] is None:
            return self._key(key, 0) if key else len(self._lines)
        return self.of(found[1], int(found[2] or 0), key or found[3] or "")

    def _key(self, key: str, after: int) -> int:
        """The first line below `after`, in the same table, that gives the key."""
        for number, line in enumerate(self._lines[after:], after + 1):
            if _TABLE.match(line):
                return 0
            found = _KEY.match(line)
            if key and found is not None and found[1] == key:
                return number
        return 0
