"""The zip package a workbook is: its parts unpacked once each, counted, and looked at before a library lays anything out in memory."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_LAID = MAX_ROWS * MAX_COLUMNS
"""So many cells are laid out in memory for a file; of one that stands at the far end, all those before it."""
_MAX_PART = 64 * 1024 * 1024
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_PARTS = 1_000
MAX_TOKENS = 2_000_000
"""So many places of a part are looked at one by one."""
_LOCAL = b"PK\x03\x04"
_LOCAL_SIZE = 30
_STEP = 256 * 1024
_HEAD = 4096
_REF = rb"(?:[A-Z]|[AB][A-Z]|C[A-V])(?:[1-9]\d{0,3}|[1-4]\d{4}|50000)"
# A cell that does not say first, once and in the usual way that it stands within the bounds.
_UNUSUAL = re.compile(rb'<c(?! r="' + _REF + rb'"(?: [a-qs-z]\w*="\w*")*/?>|[A-Za-z])')
_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")
_SAID = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,9})(\d{1,9})["']""")
_TOKEN = re.compile(rb"<(?:\w+:)?(c|row)(?=[\s/>])")


class WorkbookProblem(Exception):
    """A file cannot be read as a workbook; `code` says why: missing_file, too_large, not_a_workbook, damaged, not_a_list."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Package:
    """A zip package whose sizes are within bounds as far as it says; `names` are those of its parts.

    Raises:
        WorkbookProblem: damaged, too_large.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                self._entries = package.infolist()
        except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError) as error:
            raise WorkbookProblem("damaged") from error
        sizes = [entry.file_size for entry in self._entries]
        if len(sizes) > _MAX_PARTS or sum(sizes) > _MAX_UNPACKED or max(sizes, default=0) > _MAX_PART:
            raise WorkbookProblem("too_large")
        self.names = {entry.filename for entry in self._entries}

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Every part by name, worksheets last: what they refer to is known by then. Each is checked before it is given out.

        Raises:
            WorkbookProblem: damaged (also a document type, which no workbook has: entity bombs), too_large.
        """
        for entry in sorted(self._entries, key=lambda entry: entry.filename.startswith("xl/worksheets/")):
            part = self._unpacked(entry)
            if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part[:_HEAD].upper():
                raise WorkbookProblem("damaged")
            _bound_places(part)  # whatever its name: the workbook says which parts are its sheets
            yield entry.filename, part

    def check(self) -> None:
        """Looks at every part, for who reads none of them. Raises `WorkbookProblem` as `parts`."""
        for _ in self.parts():
            pass

    def _unpacked(self, entry: zipfile.ZipInfo) -> bytes:
        """What is unpacked is counted, not believed: never more than the entry says, and an entry that says less is damaged."""
        head = self._content[entry.header_offset : entry.header_offset + _LOCAL_SIZE]
        if len(head) < _LOCAL_SIZE or not head.startswith(_LOCAL) or entry.flag_bits & 1:  # the bit of a password
            raise WorkbookProblem("damaged")
        start = entry.header_offset + _LOCAL_SIZE + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        packed = memoryview(self._content)[start : start + entry.compress_size]
        try:
            part = _inflated(packed, entry.file_size) if entry.compress_type == zipfile.ZIP_DEFLATED else bytes(packed)
        except zlib.error as error:
            raise WorkbookProblem("damaged") from error
        usual = entry.compress_type in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)
        if not usual or len(part) != entry.file_size:  # the check sum is looked at by who reads the part
            raise WorkbookProblem("damaged")
        return part


def _inflated(packed: memoryview, size: int) -> bytes:
    """The unpacked content, or one byte more than `size` where there is more; in steps, because what is left over is copied each time."""
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    room = size + 1
    for at in range(0, len(packed), _STEP):
        rest: bytes | memoryview = packed[at : at + _STEP]
        while rest and room and not engine.eof:
            pieces.append(engine.decompress(rest, room))
            room -= len(pieces[-1])
            rest = engine.unconsumed_tail
    return b"".join(pieces) if engine.eof else b""


def _bound_places(xml: bytes) -> None:
    """One cell at the far end of a sheet would make every cell before it exist in memory."""
    if _UNUSUAL.search(xml) is None and _PREFIXED.search(xml) is None:  # two patterns: one that begins with letters is found by them
        return
    far_row = far_column = 0
    for count, match in enumerate(_SAID.finditer(xml)):
        far_row, far_column = max(far_row, int(match[2])), max(far_column, _index(match[1]))
        if far_row > MAX_ROWS or far_column > MAX_COLUMNS or count > MAX_TOKENS:
            raise WorkbookProblem("too_large")
    # A row or cell that does not say where it stands comes after the one before it.
    rows = across = widest = 0
    for count, match in enumerate(_TOKEN.finditer(xml)):
        rows, across = (rows + 1, 0) if match[1] == b"row" else (rows, across + 1)
        widest = max(widest, across)
        if count > MAX_TOKENS:
            raise WorkbookProblem("too_large")
    if (far_row + rows) * (far_column + widest) > MAX_LAID:
        raise WorkbookProblem("too_large")


def _index(letters: bytes) -> int:
    index = 0
    for each in letters.upper():
        index = index * 26 + each - ord("A") + 1
    return index
