from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from portal import door, known_lines
from portal.known_lines import Known, of_register
from portal.list_arrival import Place, Row, lay_beside
from portal.workbook.arrived import opened
from portal.workbook.headings import heading
from portal.workbook.opened import WorkbookProblem
from portal.workbook.survey import Survey, Told, day_of, survey
from sync.values import ValueProblem, parse_birth
from tests.district import District

DATA = Path(__file__).parents[2] / "shared" / "data"

COMMUNES = {"18580": "Xã Thạch Kim", "18598": "Xã Hộ Độ"}
HEADING = ["Họ tên", "CCCD", "Ngày sinh", "Giới tính", "Mã ĐT", "Hệ số", "Tiền", "Ghi chú"]
DAO = Known("LH18580-0001/1", "Nguyễn Thị Đào", "1938-05-12", "099138000001", "18580", "5.5c")
ROW = ["Nguyễn Thị Đào", "099138000001", "12/05/1938", "Nữ", "5.5c", 1, 500_000, ""]


def made(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read(*rows: list[Any], known: tuple[Known, ...] = (DAO,)) -> Survey:
    return survey(made(["Xã Thạch Kim, tháng 10/2024"], HEADING, *rows), COMMUNES, known)


def changed(**cells: Any) -> list[Any]:
    return [
        cells.get(name, value)
        for name, value in zip(["name", "id", "birth", "sex", "category", "coef", "amount", "note"], ROW, strict=True)
    ]


def test_a_clean_row_is_its_line_without_a_word() -> None:
    found = read(ROW)
    assert found.arrival.matches == {"Sheet!3": DAO.line_code}
    assert (found.arrival.new, found.errors, found.warnings, found.repairs) == ([], [], [], [])


@pytest.mark.parametrize(
    ("row", "at", "code"),
    [
        (changed(name=""), "A3", "NAME_MISSING"),
        (changed(id="9.9138E+10"), "B3", "ID_FORMAT"),
        (changed(birth="31/02/1938"), "C3", "BIRTH_UNREADABLE"),
        (changed(birth=""), "C3", "BIRTH_MISSING"),
        (changed(birth="12/05/2031", id=""), "3", "BIRTH_FUTURE"),
        (changed(category="5.5k"), "E3", "CATEGORY_UNKNOWN"),
        (changed(coef=1.5, amount=750_000), "F3", "COEF_CATEGORY"),
        (changed(amount=360_000), "G3", "AMOUNT"),
        (changed(amount="500.5"), "G3", "MONEY_AMBIGUOUS"),
        (changed(category="5.6-nang", coef=1.5, amount=750_000), "E3", "AGE_CATEGORY"),
        (changed(name="Lê Văn Khác", birth="01/02/1940"), "B3", "ID_DUPLICATE"),
    ],
)
def test_what_must_not_be_taken_over_is_an_error_at_its_cell(row: list[Any], at: str, code: str) -> None:
    assert (f"Sheet!{at}", code) in {(one.at, one.code) for one in read(row).errors}


@pytest.mark.parametrize(
    ("row", "at", "code", "to", "ask"),
    [
        (changed(id=99_138_000_001), "B3", "ID_ZERO", "099138000001", True),
        (changed(id="'099138000001"), "B3", "ID_APOS", "099138000001", False),
        (changed(birth=14_012), "C3", "DATE_SERIAL", "1938-05-12", True),
        (changed(birth="12/5/38"), "C3", "DATE_TEXT", "1938-05-12", True),
        (changed(birth="ngày 12 tháng 5 năm 1938"), "C3", "DATE_TEXT", "1938-05-12", False),
        (changed(name=" Nguyễn  Thị Đào"), "A3", "TRIM", "Nguyễn Thị Đào", False),
    ],
)
def test_what_may_be_put_right_is_proposed_and_still_matches(row: list[Any], at: str, code: str, to: str, ask: bool) -> None:
    found = read(row)
    assert [(one.at, one.code, one.to, one.ask) for one in found.repairs] == [(f"Sheet!{at}", code, to, ask)]
    assert (found.arrival.matches, found.errors) == ({"Sheet!3": DAO.line_code}, [])


def test_two_lines_that_fit_alike_are_an_error_not_a_guess() -> None:
    twin = Known("LH18580-0002/1", "Nguyễn Thị Đào", "1938", "", "18580", "5.5c")
    other = Known("LH18580-0003/1", "Nguyễn Thị Đào", "1938-05-12", "", "18580", "5.5c")
    found = read(changed(id=""), known=(twin, other))
    assert [(one.at, one.code) for one in found.errors] == [("Sheet!3", "AMBIGUOUS")]
    assert found.arrival.matches == {}


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (Known("LH18580-0001/1", "Nguyễn Thị Đào", "1938-05-12", "099138000001", "18580", "5.5c", dead=True), "PERSON_DEAD"),
        (Known("LH18598-0001/1", "Nguyễn Thị Đào", "1938-05-12", "099138000001", "18598", "5.5c"), "COMMUNE_OTHER"),
    ],
)
def test_the_dead_and_another_communes_people_are_errors(known: Known, code: str) -> None:
    assert [one.code for one in read(ROW, known=(known,)).errors] == [code]


def test_a_person_twice_a_wrong_total_and_a_text_like_a_formula_are_told() -> None:
    found = read(ROW, changed(note="+cmd|' /C calc'!A0"), ["Cộng", "", "", "", "", "", 1])
    assert [(one.at, one.code) for one in found.errors] == [("Sheet!4", "DUP_IN_FILE")]
    assert {(one.at, one.code) for one in found.warnings} == {("Sheet!H4", "FORMULA_TEXT"), ("Sheet!G5", "TOTAL")}


def test_what_the_sender_says_of_the_columns_counts_above_their_headings_and_of_the_file_above_its_titles() -> None:
    content = made(["Người thụ hưởng", "Giấy tờ", "Sinh", "Liên lạc", "Nhóm"], [*ROW[:3], "0510000001", "5.5c"])
    with pytest.raises(WorkbookProblem):
        survey(content, COMMUNES, [DAO])
    [sheet] = opened(content)
    supposed = heading(sheet)
    assert supposed is not None and (supposed.rows, supposed.columns) == ((1,), {})
    columns = {"full_name": 0, "national_id": 1, "birth": 2, "phone": 3, "category": 4}
    found = survey(content, COMMUNES, [DAO], Told({supposed.layout: columns}, kind="increase", commune="18580", else_month="2024-10"))
    assert (found.kind, found.commune, found.month, found.arrival.matches) == ("increase", "18580", "2024-10", {"Sheet!2": DAO.line_code})
    assert (found.rows[0].phone, found.rows[0].note) == ("0510000001", "")
    other = heading(opened(made(["Người thụ hưởng", "Sinh", "Giấy tờ", "Nhóm"], ["a", "b", "c", "d"]))[0])
    assert other is not None and other.layout != supposed.layout


def test_each_sheet_of_a_file_is_the_list_of_the_commune_it_names() -> None:
    book = openpyxl.Workbook()
    other = Known("LH18598-0001/1", "Trần Thị Hai", "1940-02-03", "099140000002", "18598", "5.5c")
    for title, row in (("Xã Thạch Kim, tháng 10/2024", ROW), ("Xã Hộ Độ", ["Trần Thị Hai", other.national_id, "03/02/1940", *ROW[3:]]), ("", ROW)):
        sheet = book.create_sheet()
        for cells in ([title], HEADING, row):
            sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    found = survey(content.getvalue(), COMMUNES, [DAO, other], Told(else_commune="18598"))
    assert [row.commune for row in found.rows] == ["18580", "18598", "18598"]
    assert list(found.arrival.matches.values()) == [DAO.line_code, other.line_code, DAO.line_code]
    assert [(one.at, one.code) for one in found.errors] == [("Sheet3!3", "COMMUNE_OTHER"), ("Sheet3!3", "DUP_IN_FILE")]


@given(st.one_of(st.from_regex(r"\A[0-3]\d/[01]\d/(1[789]|2[01])\d\d\Z"), st.dates().map("{:%d/%m/%Y}".format), st.text(max_size=12)))
def test_a_birth_written_the_usual_way_is_read_as_any_other(text: str) -> None:
    try:
        born = parse_birth(text)
    except ValueProblem:
        born = ""
    assert day_of(text) in ("", born)
    assert day_of("12/05/1938") == "1938-05-12"


@pytest.mark.parametrize("share", [0, 1_000], ids=["line by line", "end to end"])
def test_a_register_asked_for_what_a_list_needs_finds_what_the_whole_register_would(
    each_district: District, monkeypatch: pytest.MonkeyPatch, share: int
) -> None:
    """By code, id, name; of another commune; of people with several lines, two people with one number, the dead, the stopped."""
    monkeypatch.setattr(known_lines, "_SHARE", share)
    with each_district.open():
        store = door.store()
        several = "SELECT person FROM entitlement GROUP BY person HAVING COUNT(*) > 1 ORDER BY person LIMIT 1"
        store.run(f"UPDATE entitlement SET commune = '18580' WHERE id = (SELECT MAX(id) FROM entitlement WHERE person = ({several}))")
        store.run("UPDATE entitlement SET stop_month = '2024-09' WHERE id = (SELECT MIN(id) FROM entitlement WHERE commune = '18580')")
        numbers = [number for (number,) in store.run("SELECT national_id FROM person WHERE national_id IS NOT NULL ORDER BY id").fetchall()]
        store.run("UPDATE person SET national_id = ? WHERE national_id = ?", (numbers[0], numbers[-1]))
        columns = "e.line_code, p.full_name, p.birth, COALESCE(p.national_id, ''), e.commune, e.category, COALESCE(p.status, '') = 'dead'"
        lines = store.run(f"SELECT {columns}, e.stop_month FROM entitlement e JOIN person p ON p.id = e.person ORDER BY e.line_code").fetchall()
        every = [Known(*line[:-1]) for line in lines if line[-1] is None or line[-2]]
        communes = sorted({line[4] for line in lines})
        assert len(every) < len(lines)
        lists: list[list[Row]] = []
        for commune in [*communes, "no commune"]:
            place = Place("S", {}, commune)
            by_code = [Row(f"S!{n}", place, n, full_name=one[1], birth=one[2], line_code=one[0], category=one[5]) for n, one in enumerate(lines, 1)]
            by_id = [Row(f"S!{n}", place, n, full_name=one[1], birth=one[2], national_id=one[3], category=one[5]) for n, one in enumerate(lines, 1000)]
            by_name = [Row(f"S!{n}", place, n, full_name=one[1], birth=one[2], category=one[5]) for n, one in enumerate(lines, 2000)]
            lists += [by_code, by_id, by_name, [*by_code, *by_id, *by_name], by_id[:3]]
        for rows in (*lists, [row for some in lists for row in some]):
            asked, whole = (lay_beside([replace(row) for row in rows], known, "", "2024-10") for known in (of_register, every))
            assert asked == whole


if DATA.is_dir():
    EXPECTED = json.loads((DATA / "messy" / "expected.json").read_text(encoding="utf-8"))["files"]

    @pytest.fixture(scope="module")
    def september() -> list[Known]:
        from portal.workbook.read import read_list

        found = [
            Known(row.line_code, row.full_name, row.birth, row.national_id or "", sheet.commune_code, row.category)
            for sheet in read_list(DATA / "danh-sach-2024-09.xlsx").sheets
            for row in sheet.rows
        ]
        with (DATA / "bien-dong.csv").open(encoding="utf-8-sig") as file:
            found.extend(dead(row) for row in csv.DictReader(file) if row["reason"] == "CHET")
        return found

    def dead(row: dict[str, Any]) -> Known:
        return Known(row["line_code"], row["name"], row["birth"], row["national_id"], row["commune_code"], row["category"], dead=True)

    @pytest.mark.parametrize(
        "told", [one for one in EXPECTED if one["file"][:2] in ("01", "02", "03", "04", "07")], ids=lambda one: one["file"]
    )
    def test_a_messy_list_gives_what_is_expected_of_it(told: dict[str, Any], september: list[Known]) -> None:
        with (DATA / "don-vi.csv").open(encoding="utf-8-sig") as file:
            communes = {row["code"]: row["name"] for row in csv.DictReader(file) if row["code"].startswith("18") and len(row["code"]) == 5}
        found = survey((DATA / "messy" / told["file"]).read_bytes(), communes, september)
        assert (found.kind, found.commune, found.month) == (told["kind"], told["commune_code"], told["month"])
        assert len(found.rows) == told["rows"]
        assert found.arrival.matches == told["matches"]
        assert found.arrival.new == told["new"]
        for said, expected in ((found.errors, told["errors"]), (found.warnings, told["warnings"])):
            assert sorted((one.at, one.code) for one in said) == sorted((one["at"], one["code"]) for one in expected)
        repairs = {(one.at, one.code): (one.to, one.ask) for one in found.repairs}
        for one in told["repairs"]:
            assert repairs.pop((one["at"], one["code"])) == (one["to"], one["ask"])
        assert {code for _, code in repairs} <= {"FONT"}
        if "sum_amount" in told:
            assert sum(row.amount or 0 for row in found.rows) == told["sum_amount"]

    def test_a_word_document_with_another_name_is_no_workbook() -> None:
        with pytest.raises(WorkbookProblem) as refused:
            survey((DATA / "messy" / "08-tang-thang-10.xlsx").read_bytes(), COMMUNES, [])
        assert refused.value.code == "not_a_workbook"
