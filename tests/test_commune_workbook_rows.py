"""Rows of a commune's workbook are known by their keys: sorted, copied, cut apart, retyped by a program, they mean the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.workbook.arrived import Sheet
from portal.workbook.commune_book import HIDDEN, KEY, About, Base, Line, hidden_rows, keys
from portal.workbook.opened import WorkbookProblem
from portal.workbook.returned import Cell, Sorted, changes, is_same, read, sort_out

SECRET = "a secret of the tests"
FIELDS = ("full_name", "birth", "national_id", "phone", "note")
ABOUT = About("b", "18568", "xa", "2024-10-05T02:00:00Z", 7, {"Khóa": KEY, **{f"Cột {name}": name for name in FIELDS}})
BIRTHS = ("1938", "05/1941", "12/05/1941", "01/02/1940")
NEW_TEXTS = {
    "full_name": ("Lê Thị Xuân", "Trần Văn Hạ", "=1+1"),
    "birth": ("1950", "03/1951", "09/10/1952"),
    "national_id": ("042138000077", "123456789"),
    "phone": ("0912 345 678", "0987654321"),
    "note": ("đã gọi", "không rõ", "0", "1e5", "TRUE"),
}

Row = list[Any]


@st.composite
def _people(draw: st.DrawFn) -> dict[str, dict[str, str]]:
    found = {}
    for number, key in enumerate(list(keys([f"record-{n}" for n in range(draw(st.integers(1, 7)))]).values())):
        texts = {
            "full_name": f"Nguyễn Thị Số {number}",
            "birth": draw(st.sampled_from(BIRTHS)),
            "national_id": draw(st.sampled_from(("", f"099•••••{number:04d}"))),
            "phone": draw(st.sampled_from(("", f"09123456{number:02d}"))),
            "note": draw(st.sampled_from(("", "Nhà cạnh chợ", "007"))),
        }
        found[key] = {name: text for name, text in texts.items() if text}
    return found


@st.composite
def _edits(draw: st.DrawFn, texts: Mapping[str, str]) -> dict[str, str]:
    some = draw(st.lists(st.sampled_from(FIELDS), unique=True))
    return {name: draw(st.sampled_from([new for new in NEW_TEXTS[name] if new != texts.get(name)])) for name in some}


@st.composite
def _retyped(draw: st.DrawFn, text: str) -> Any:
    """What a program may make of a text that nobody changed."""
    if not text or not draw(st.booleans()):
        return draw(st.sampled_from((text, f" {text} "))) if text else draw(st.sampled_from(("", None)))
    if text.isdecimal():
        return float(text)
    parts = text.split("/")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    return date(int(parts[1]), int(parts[0]), 1) if len(parts) == 2 and parts[1].isdecimal() else text


def sheet(rows: Sequence[Row], columns: Sequence[str], *, name: str = "Danh sách", above: int = 4) -> Sheet:
    headings = {value: heading for heading, value in ABOUT.headings.items()}
    return Sheet(name, [[""] * len(columns)] * above + [[headings[column] for column in columns], *rows])


def hidden(people: Mapping[str, Mapping[str, str]]) -> Sheet:
    lines = [Line(key, Base(f"record-of-{key}", dict(texts), {})) for key, texts in people.items()]
    return Sheet(HIDDEN, [list(row) for row in hidden_rows(ABOUT, lines, SECRET)], is_hidden=True)


def sorted_out(people: Mapping[str, Mapping[str, str]], *sheets: Sheet) -> Sorted:
    return sort_out(read([*sheets, hidden(people)], SECRET))


def told(found: Sorted, people: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    bases = {key: Base("", dict(texts), {}) for key, texts in people.items()}
    return {key: {name: cell.text for name, cell in changes(row, bases[key]).items()} for key, row in found.edited.items()}


@given(st.data())
def test_however_rows_are_moved_and_retyped_only_what_was_edited_is(data: st.DataObject) -> None:
    people = data.draw(_people())
    removed = data.draw(st.sets(st.sampled_from(list(people)), max_size=len(people) - 1))
    edits = {key: data.draw(_edits(texts)) for key, texts in people.items() if key not in removed}
    columns = data.draw(st.permutations((KEY, *FIELDS)))
    news = data.draw(st.lists(st.sampled_from(("Phạm Văn Mới", "Đỗ Thị Mới", "Bùi Văn Mới")), unique=True))
    rows = [
        {KEY: key, **{name: edits[key].get(name) or data.draw(_retyped(people[key].get(name, ""))) for name in FIELDS}} for key in edits
    ]
    rows += [{KEY: "", "full_name": name, "birth": "1944"} for name in news]
    rows += [{}] * data.draw(st.integers(0, 3))
    laid = [[row.get(column, "") for column in columns] for row in data.draw(st.permutations(rows))]
    copies = [sheet(laid[::-1], columns, name=f"Bản {n}", above=n) for n in range(data.draw(st.integers(0, 2)))]
    found = sorted_out(people, sheet(laid, columns, above=data.draw(st.integers(0, 9))), *copies)
    assert told(found, people) == {key: said for key, said in edits.items() if said}
    assert found.removed == tuple(key for key in people if key in removed)
    assert sorted(row.said["full_name"] for row in found.new) == sorted(news)
    assert (found.asked, found.findings) == ({}, ())


@given(st.data())
def test_a_copy_from_before_is_asked_about_and_the_edited_row_is_offered(data: st.DataObject) -> None:
    people = data.draw(_people())
    edits = {key: data.draw(_edits(texts)) for key, texts in people.items()}
    columns = (KEY, *FIELDS)
    before = [[key, *(texts.get(name, "") for name in FIELDS)] for key, texts in people.items()]
    after = [[key, *(edits[key].get(name) or people[key].get(name, "") for name in FIELDS)] for key in people]
    found = sorted_out(people, sheet(before, columns, name="Cũ"), sheet(after, columns, name="Mới"))
    assert list(found.asked) == [key for key in people if edits[key]]
    assert [versions.rows[versions.likely or 0].place.partition("!")[0] for versions in found.asked.values()] == ["Mới"] * len(found.asked)
    assert (found.edited, found.removed) == ({}, ())


@pytest.mark.parametrize(
    ("cell", "text", "same"),
    [
        (Cell("", "912345678", "number"), "0912345678", True),
        (Cell("", "912345678"), "0912345678", False),
        (Cell("", "1", "number"), "10", False),
        (Cell("", "0", "number"), "000", True),
        (Cell("", "01/05/1941", "date"), "05/1941", True),
        (Cell("", "01/05/1941"), "05/1941", False),
        (Cell("", "02/05/1941", "date"), "05/1941", False),
        (Cell("", "Nguyễn Thị Đào"), "Nguyễn Thị Đào", True),
    ],
)
def test_what_counts_as_unchanged(cell: Cell, text: str, same: bool) -> None:
    assert is_same(cell, text) is same


def test_two_different_rows_of_one_key_speak_for_none() -> None:
    people = {"NA": {"full_name": "A", "note": "x"}}
    found = sorted_out(people, sheet([["NA", "A", "một"], ["NA", "A", "hai"]], (KEY, "full_name", "note")))
    assert (found.asked["NA"].likely, len(found.asked["NA"].rows), found.edited) == (None, 2, {})


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda rows: rows[2].__setitem__(2, rows[2][2].replace("Số 0", "Số 9")), "tampered"),
        (lambda rows: rows.pop(), "tampered"),
        (lambda rows: rows[1].__setitem__(0, rows[1][0].replace("18568", "18580")), "tampered"),
        (lambda rows: rows[0].__setitem__(1, "99"), "newer"),
        (lambda rows: rows[0].__setitem__(0, "gì khác"), "not_ours"),
    ],
)
def test_a_hidden_sheet_that_is_not_as_it_was_made_is_refused(spoil: Any, code: str) -> None:
    own = hidden({"NA": {"full_name": "Số 0"}, "NB": {"full_name": "Số 1"}})
    spoil(own.rows)
    with pytest.raises(WorkbookProblem) as problem:
        read([sheet([["NA", "Số 0", ""]], (KEY, "full_name", "note")), own], SECRET)
    assert problem.value.code == code


def test_a_workbook_without_its_headings_is_refused() -> None:
    with pytest.raises(WorkbookProblem) as problem:
        read([Sheet("Danh sách", [["NA", "A"]]), hidden({"NA": {"full_name": "A"}})], SECRET)
    assert problem.value.code == "no_heading"


def test_a_column_that_is_not_found_is_said() -> None:
    found = sorted_out({"NA": {"full_name": "A"}}, sheet([["NA", "A", "1940"]], (KEY, "full_name", "birth")))
    assert [(each.code, each.details["told"]) for each in found.findings] == [("columns_missing", "Cột national_id, Cột note, Cột phone")]
    assert list(found.edited) == ["NA"]


def test_a_person_has_the_same_key_in_every_workbook() -> None:
    assert keys(["a", "b"])["b"] == keys(["b", "c"])["b"]
