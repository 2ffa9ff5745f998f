"""How a payment file for a bank is laid out: columns, writing of numbers and names, the content of a transfer (domain.md 3.4).

No bank's layout could be verified, so that a layout is data which people edit. A transfer's content never names a category: none of
the words it may be made of does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from sync.fields import Choice
from sync.structs import looked_up
from sync.text import nfc
from sync.values import ValueProblem, parse_text

CONTENT_LENGTH = 70
"""The longest content of a transfer every bank takes."""
COLUMNS: Mapping[str, tuple[str, str]] = {
    "stt": ("STT", "No."),
    "line": ("Mã dòng", "Line code"),
    "account": ("Số tài khoản", "Account"),
    "holder": ("Chủ tài khoản", "Account holder"),
    "name": ("Họ tên người hưởng", "Beneficiary"),
    "bank": ("Tên ngân hàng", "Bank"),
    "bin": ("Mã BIN", "BIN"),
    "amount": ("Số tiền", "Amount"),
    "content": ("Nội dung", "Content"),
    "commune": ("Xã, thị trấn", "Commune"),
    "result": ("Kết quả (để ngân hàng ghi)", "Result (for the bank)"),
    "reason": ("Mã lý do (để ngân hàng ghi)", "Reason (for the bank)"),
}
"""What a column may hold → its name. Neither category nor identity number: the post office is not told either (domain.md 7.2.1)."""
CONSTANT = "text:"
"""Begins a column that holds the same words in every row: `text:VND`."""
NEEDED = ("account", "amount")
_IN_CONTENT = frozenset({"MM", "YYYY", "line", "stt"})
IN_HEADER = ("bank", "bin", "MM", "YYYY", "count", "total", "number", "user", "time")
"""What the rows above the headings may speak of."""
FORMATS = (Choice("csv", "CSV", "CSV"), Choice("xlsx", "Excel (XLSX)", "Excel (XLSX)"))
SEPARATORS = (
    Choice("comma", "Dấu phẩy ,", "Comma ,"),
    Choice("semicolon", "Dấu chấm phẩy ;", "Semicolon ;"),
    Choice("tab", "Tab", "Tab"),
    Choice("pipe", "Gạch đứng |", "Pipe |"),
)
MARKS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ENCODINGS = (
    Choice("utf-8", "UTF-8", "UTF-8"),
    Choice("utf-8-bom", "UTF-8 có BOM (Excel mở đúng dấu)", "UTF-8 with BOM (for Excel)"),
    Choice("utf-16", "UTF-16", "UTF-16"),
    Choice("windows-1258", "Windows-1258", "Windows-1258"),
    Choice("ascii", "ASCII (chỉ chữ không dấu)", "ASCII (no accents)"),
)
_CODECS = {"utf-8": "utf-8", "utf-8-bom": "utf-8-sig", "utf-16": "utf-16", "windows-1258": "cp1258", "ascii": "ascii"}
NUMBERS = (
    Choice("plain", "1250000", "1250000"),
    Choice("dot", "1.250.000", "1.250.000"),
    Choice("comma", "1,250,000", "1,250,000"),
)
_WORD = re.compile(r"\{([^{}]*)\}")
_LONGEST_LIST = 40
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Transfer(Struct, frozen=True):
    """A sum to transfer: the line of the list it pays, whose account, and how much (đồng)."""

    line: str
    account: str
    holder: str
    name: str
    bank: str
    bin: str
    amount: int
    commune: str


class Layout(Struct, frozen=True):
    """A layout as `sync.kinds.bank_file` keeps it; `columns` are "key=heading", `max_rows` 0 for no limit."""

    columns: tuple[str, ...] = ()
    header_rows: tuple[str, ...] = ()
    format: str = "csv"
    sheet: str = ""
    separator: str = "comma"
    encoding: str = "utf-8-bom"
    number_style: str = "plain"
    accents: bool = False
    upper: bool = True
    content: str = "TCXH T{MM}/{YYYY} {line}"
    max_rows: int = 0

    @property
    def parts(self) -> list[tuple[str, str]]:
        """(key, heading) of each column."""
        return [(key, heading) for key, _, heading in (each.partition("=") for each in self.columns)]


FIELDS = tuple(Layout.__struct_fields__)


looked_up(Layout)


def layout(values: Mapping[str, Any]) -> Layout:
    """The layout in the fields of a record, those without a value as usual."""
    return msgspec.convert({name: values[name] for name in FIELDS if values.get(name) is not None}, Layout)


def parse_columns(raw: object) -> list[str]:
    """Columns in order, each "key=heading" (or the key alone, which then has its usual heading). Raises `ValueProblem`."""
    found = []
    for text in _lines(raw):
        key, _, heading = (part.strip() for part in text.partition("="))
        if key not in COLUMNS and not key.startswith(CONSTANT):
            raise ValueProblem("unknown_column", told=key, known=", ".join(COLUMNS))
        found.append(f"{key}={heading or (COLUMNS[key][0] if key in COLUMNS else '')}")
    keys = [each.partition("=")[0] for each in found]
    for needed in NEEDED:
        if needed not in keys:
            raise ValueProblem("column_missing", told=needed)
    if not {"line", "content"} & set(keys):
        raise ValueProblem("column_missing", told="line / content")
    return found


def parse_header_rows(raw: object) -> list[str]:
    """The rows above the headings, each one cell. Raises `ValueProblem` for a word in braces that stands for nothing."""
    found = _lines(raw)
    for text in found:
        _known_words(text, IN_HEADER)
    return found


def parse_content(raw: object) -> str:
    """The content of a transfer with {MM}, {YYYY}, {line}, {stt}. It has the line, by which the bank's answer is matched."""
    text = parse_text(raw, max_length=CONTENT_LENGTH)
    _known_words(text, sorted(_IN_CONTENT))
    if "{line}" not in text:
        raise ValueProblem("content_without_line")
    return text


def parse_max_rows(raw: object) -> int:
    """How many rows a file may have at most; 0: no limit."""
    text = str(raw).strip()
    if isinstance(raw, bool) or not text.isascii() or not text.isdigit() or int(text) > 1_000_000:
        raise ValueProblem("not_a_number")
    return int(text)


def content(of: Layout, month: str, line: str, number: int = 1) -> str:
    """What a transfer says: "TCXH T10/2024 LH18568-0001/1". `month` is YYYY-MM."""
    words = {"MM": month[5:], "YYYY": month[:4], "line": line, "stt": str(number)}
    return spelt(of, _WORD.sub(lambda found: words[found[1]], of.content))


def spelt(of: Layout, text: str) -> str:
    """Words as the layout writes them: with or without accents, in capitals or as they are."""
    written = nfc(text) if of.accents else without_accents(text)
    return written.upper() if of.upper else written


def without_accents(text: str) -> str:
    """Letters without their marks, đ as d, in the case they have."""
    plain = text.replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))


def number(of: Layout, amount: int) -> str:
    """A sum as the layout writes it."""
    return {"plain": f"{amount}", "dot": f"{amount:,}".replace(",", "."), "comma": f"{amount:,}"}[of.number_style]


def header(of: Layout, told: Mapping[str, str]) -> list[str]:
    """The rows above the headings; `told` has a word for each of `IN_HEADER`."""
    return [spelt_header(of, _WORD.sub(lambda found: told[found[1]], text)) for text in of.header_rows]


def spelt_header(of: Layout, text: str) -> str:
    """A heading as the layout writes it: never in capitals for that."""
    return nfc(text) if of.accents else without_accents(text)


def headings(of: Layout) -> list[str]:
    """The headings in order."""
    return [spelt_header(of, heading) for _, heading in of.parts]


def row(of: Layout, month: str, place: int, transfer: Transfer) -> list[str | int]:
    """The cells of one transfer; a whole number is one a worksheet counts with."""
    cells: list[str | int] = []
    for key, _ in of.parts:
        if key.startswith(CONSTANT):
            cells.append(spelt_header(of, key.removeprefix(CONSTANT)))
        elif key == "stt":
            cells.append(place)
        elif key == "amount":
            cells.append(transfer.amount if of.format == "xlsx" and of.number_style == "plain" else number(of, transfer.amount))
        elif key == "content":
            cells.append(content(of, month, transfer.line, place))
        elif key in ("line", "account", "bin"):
            cells.append(getattr(transfer, key))
        else:
            cells.append(spelt(of, getattr(transfer, key, "")))
    return cells


def encoded(of: Layout, text: str) -> bytes:
    """Text in the layout's encoding, without a mark at its beginning.

    Raises:
        UnicodeEncodeError: where the encoding cannot carry a letter.
    """
    codec = _CODECS[of.encoding]
    if codec == "cp1258":
        return _for_1258(text).encode(codec)
    return text.encode({"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec, codec))


def mark_of(of: Layout) -> bytes:
    """What a CSV file in this encoding begins with."""
    return {"utf-8-bom": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}.get(of.encoding, b"")


def is_carried(of: Layout, text: str) -> bool:
    """Whether the file can hold this text: a workbook can hold any."""
    if of.format == "xlsx":
        return True
    try:
        encoded(of, text)
    except UnicodeEncodeError:
        return False
    return True


def unfit(of: Layout, month: str, transfers: Iterable[Transfer]) -> list[tuple[str, str, str]]:
    """What the layout cannot carry: (code, line, detail) with `content_too_long` (detail: length) or `encoding` (detail: the words).

    The line is "" for a heading.
    """
    above = (*headings(of), *(spelt_header(of, text) for text in of.header_rows))
    found: list[tuple[str, str, str]] = [("encoding", "", text) for text in above if not is_carried(of, text)]
    for place, each in enumerate(transfers, 1):
        words = content(of, month, each.line, place)
        if len(words) > CONTENT_LENGTH:
            found.append(("content_too_long", each.line, str(len(words))))
        found += [("encoding", each.line, str(cell)) for cell in row(of, month, place, each) if not is_carried(of, str(cell))]
    return found


def harmless(text: str) -> str:
    """A CSV cell no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def joined(of: Layout, cells: Sequence[str | int]) -> str:
    """A row of a CSV file, quoted where it has to be (RFC 4180)."""
    separator = MARKS[of.separator]
    texts = [harmless(str(cell)) if isinstance(cell, str) else str(cell) for cell in cells]
    special = (separator, '"', "\n", "\r")
    return separator.join('"' + text.replace('"', '""') + '"' if any(c in text for c in special) else text for text in texts) + "\r\n"


def _lines(raw: object) -> list[str]:
    given = raw.splitlines() if isinstance(raw, str) else raw
    if not isinstance(given, list | tuple) or len(given) > _LONGEST_LIST:
        raise ValueProblem("not_a_list")
    return [parse_text(text, max_length=160) for text in given if not isinstance(text, str) or text.strip()]


def _known_words(text: str, known: Iterable[str]) -> None:
    for word in _WORD.findall(text):
        if word not in known:
            raise ValueProblem("unknown_word", told=word, known=", ".join(f"{{{each}}}" for each in known))
    if "{" in _WORD.sub("", text) or "}" in _WORD.sub("", text):
        raise ValueProblem("unknown_word", told=text, known=", ".join(f"{{{each}}}" for each in known))


def _for_1258(text: str) -> str:
    """Letters as Windows-1258 has them: the tone behind its vowel, which keeps its own mark (ế is ê and an acute)."""
    found = []
    for letter in nfc(text):
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(part for part in parts if part in _TONES)
        found.append(nfc("".join(part for part in parts if part not in _TONES)) + tones)
    return "".join(found)
