"""What each column of a sheet is, by what its heading says, and where a list begins and ends in the sheet."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from portal.workbook.arrived import Sheet
from portal.workbook.columns import COLUMNS
from sync.text import fold

_SAID = {
    "number": "tt, stt, so tt",
    "full_name": "ho va ten, ho ten, ten, ten doi tuong, ho ten doi tuong, ho va ten doi tuong",
    "birth": "nam sinh, ngay sinh, sn, ngay thang nam sinh, ngay, sinh ngay",
    "birth_male": "nam, nam sinh (nam)",
    "birth_female": "nu, nam sinh (nu)",
    "sex": "gioi tinh, gioi, gt, phai",
    "hamlet": "thon, o thon, thon/tdp, xom, to dan pho, thon/xom",
    "category": "loai doi tuong, doi tuong, dien, ma dt, ma doi tuong huong, ma loai doi tuong, nhom doi tuong",
    "coefficient10": "he so, hs, he so huong",
    "amount": "muc huong, muc tro cap, muc, so tien/thang, so tien, thanh tien, tien, tro cap",
    "start_month": "huong tu thang, tu thang",
    "note": "ghi chu",
    "reason": "ly do",
    "decision_no": "so quyet dinh, so qd",
    "phone": "dien thoai, sdt, so dt, so dien thoai lien he",
}
_BY_WORDS = {fold(column.heading): column.name for column in COLUMNS} | {
    words.strip(): name for name, said in _SAID.items() for words in said.split(",")
}
_ID = re.compile(r"cccd|cmnd|can cuoc|dinh danh")
_TOTAL = re.compile(r"(cong|tong cong|tong so|tong)\b")
_NUMBERED = re.compile(r"\(?\d{1,2}\)?")
_BLANK = ("", None)
_WITHIN = 40
_ENOUGH = 3


@dataclass(frozen=True)
class Region:
    """A list in a sheet. Rows are numbered from 1; `columns`: name → index from 0; `total` is 0 where there is none."""

    header_rows: tuple[int, ...]
    columns: dict[str, int]
    data: tuple[int, ...]
    groups: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class Heading:
    """The heading of a table in a sheet: its rows, what its columns are taken to be, and `layout`, the same for the same words in the same places."""

    rows: tuple[int, ...]
    columns: dict[str, int]
    layout: str


def column_of(heading: Any) -> str | None:
    """The column a heading stands for, or None."""
    said = fold(heading) if isinstance(heading, str) else ""
    return _BY_WORDS.get(said) or ("national_id" if _ID.search(said) else None)


def region(sheet: Sheet, chosen: Mapping[str, Mapping[str, int]] | None = None) -> Region | None:
    """Where the list of a sheet is; None for a sheet that holds none (a look-up table, a letter).

    `chosen`: layout → column name → index from 0, what somebody said the columns of such a heading are.
    """
    found = heading(sheet)
    if found is None:
        return None
    columns = dict((chosen or {}).get(found.layout, found.columns))
    return _lines(sheet, found.rows, columns) if "full_name" in columns and len(columns) >= _ENOUGH else None


def heading(sheet: Sheet) -> Heading | None:
    """The heading by which a sheet's columns are known; where no row has the words of a list, the first one that looks like a heading."""
    found = _known(sheet) or _supposed(sheet)
    if found is None:
        return None
    rows, columns = found
    said = [[fold(str(cell)) for cell in sheet.rows[number - 1]] for number in rows]
    layout = "\x1e".join("\x1f".join(words).rstrip("\x1f") for words in said)
    return Heading(rows, columns, hashlib.sha256(layout.encode()).hexdigest())


def _known(sheet: Sheet) -> tuple[tuple[int, ...], dict[str, int]] | None:
    for at, row in enumerate(sheet.rows[:_WITHIN]):
        names = [column_of(cell) for cell in row]
        if "full_name" not in names or len(set(filter(None, names))) < _ENOUGH:
            continue
        columns = {name: place for place, name in reversed(list(enumerate(names))) if name}
        heads = [at + 1]
        below = sheet.rows[at + 1] if at + 1 < len(sheet.rows) else []
        under = {place: name for place, cell in enumerate(below) if (name := column_of(cell)) in ("birth_male", "birth_female")}
        if under and _blank(below, columns, "full_name", "national_id", "category"):
            columns.pop("birth", None)
            columns |= {str(name): place for place, name in under.items()}
            heads.append(at + 2)
        return tuple(heads), _by_values(sheet, columns, heads[-1])
    return None


def _supposed(sheet: Sheet) -> tuple[tuple[int, ...], dict[str, int]] | None:
    for at, row in enumerate(sheet.rows[:_WITHIN]):
        words = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
        below = sheet.rows[at + 1] if at + 1 < len(sheet.rows) else []
        if len(set(words)) == len(words) >= _ENOUGH <= sum(cell not in ("", None) for cell in below):
            names = [column_of(cell) for cell in row]
            return (at + 1,), {name: place for place, name in reversed(list(enumerate(names))) if name}
    return None


def _by_values(sheet: Sheet, columns: dict[str, int], below: int) -> dict[str, int]:
    """Mã đối tượng is a person's code on one office's list and the group's on another's: the cells tell."""
    at = columns.get("person_code")
    if at is not None and "category" not in columns:
        some = [str(row[at]) for row in sheet.rows[below : below + 5] if at < len(row) and row[at] != ""]
        if some and all(re.match(r"\d+\.\d", each) for each in some):
            columns["category"] = columns.pop("person_code")
    return columns


def _lines(sheet: Sheet, heads: tuple[int, ...], columns: dict[str, int]) -> Region:
    data: list[int] = []
    groups: list[int] = []
    total = 0
    width = len(sheet.rows[0]) if sheet.rows else 0
    places = [at for at in columns.values() if at < width]
    marks = [at for name in ("national_id", "category") if (at := columns.get(name, width)) < width]
    if len(places) < _ENOUGH:
        return Region(heads, columns, (), (), 0)
    picked = itemgetter(*places)
    for number, row in enumerate(sheet.rows[heads[-1] :], heads[-1] + 1):
        said = len(places) - picked(row).count("")
        is_marked = any([row[at] != "" for at in marks])  # noqa: C419  # a generator for each row costs more than a list of two
        if is_marked and said >= _ENOUGH and not isinstance(row[0], str):
            data.append(number)  # nearly all rows; what they are not needs no closer look
            continue
        filled = [cell for cell in row if cell != ""]
        if not filled or _is_numbering(filled):
            continue
        if not is_marked and any(_is_total(cell) for cell in filled):
            total = number
            break
        if said >= _ENOUGH:
            data.append(number)
        elif len(filled) == 1:
            groups.append(number)
    last = data[-1] if data else 0
    return Region(heads, columns, tuple(data), tuple(one for one in groups if one < last), total)


def _is_total(cell: Any) -> bool:
    return isinstance(cell, str) and _TOTAL.match(fold(cell)) is not None


def _blank(row: list[Any], columns: dict[str, int], *names: str) -> bool:
    places = [columns[name] for name in names if name in columns]
    return all(place >= len(row) or row[place] in _BLANK for place in places)


def _is_numbering(filled: list[Any]) -> bool:
    return len(filled) > _ENOUGH and all(
        isinstance(cell, str) and _NUMBERED.fullmatch(cell.strip()) and cell.strip("() ") == str(at) for at, cell in enumerate(filled, 1)
    )
