from __future__ import annotations

import io
import random
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.workbook.opened import WorkbookProblem
from portal.workbook.read import Finding, read_list
from tests.workbooks import BANK, line, one_list, saved, sheet


def codes(content: bytes) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in read_list(content).findings]


def test_a_list_is_read_line_by_line() -> None:
    found = read_list(one_list(line(1), line(2, note="Chi trả tại nhà", phone="0510 991 486", **BANK), words="Một triệu đồng"))
    assert found.findings == ()
    assert found.month == "2024-09"
    (commune,) = found.sheets
    assert (commune.name, commune.commune_code, commune.commune_name) == ("Xã 1", "18580", "Xã Thạch Kim")
    first, second = commune.rows
    assert (first.row, first.line_code, first.sex, first.birth, first.coefficient10, first.amount) == (
        10,
        "LH18580-0001/1",
        "F",
        "1938",
        10,
        500_000,
    )
    assert (first.decision_date, first.start_month, first.payment_method, first.payee) == (
        "2018-01-12",
        "2018-01",
        {"method": "cash"},
        None,
    )
    assert second.payment_method == {
        "method": "bank", "bank": "Agribank", "bin": "970405", "account": "00009911112222", "holder": "LE VAN AN"
    }  # fmt: skip
    assert (second.phone, second.note) == ("0510991486", "Chi trả tại nhà")
    assert commune.cell(second, "note") == "Xã 1!V11"


@pytest.mark.parametrize(
    ("cells", "column", "value"),
    [
        ({"birth_female": date(1938, 5, 12)}, "birth", "1938-05-12"),
        ({"birth_female": "05/1938"}, "birth", "1938-05"),
        ({"birth_female": None, "birth_male": 1938.0}, "sex", "M"),
        ({"coefficient10": "1,5"}, "coefficient10", 15),
        ({"coefficient10": 2.5}, "coefficient10", 25),
        ({"amount": "500.000đ"}, "amount", 500_000),
        ({"amount": 500000.0}, "amount", 500_000),
        ({"decision_date": date(2018, 1, 12)}, "decision_date", "2018-01-12"),
        ({"national_id": None}, "national_id", None),
        ({"national_id": 183456789}, "national_id", "183456789"),
        ({"full_name": "Hô\u0323  Đô\u0323"}, "full_name", "Hộ Độ"),
        ({"hamlet": 3}, "hamlet", "3"),
    ],
)
def test_cells_are_read_as_dates_numbers_or_text(cells: dict[str, Any], column: str, value: Any) -> None:
    found = read_list(one_list(line(1, **cells), total={"full_name": "Cộng: 1 lượt"}))
    assert found.findings == ()
    assert getattr(found.rows[0], column) == value


@pytest.mark.parametrize(
    ("cells", "cell", "code"),
    [
        ({"full_name": None}, "D10", "missing"),
        ({"line_code": "LH18580-0002/1"}, "C10", "other_person"),
        ({"birth_female": None}, "E10", "missing"),
        ({"birth_male": 1938}, "E10", "two_births"),
        ({"birth_female": "31/02/1938"}, "F10", "impossible_date"),
        ({"national_id": 99138000001}, "G10", "lost_zero"),
        ({"coefficient10": "1,55"}, "J10", "not_a_coefficient"),
        ({"amount": "500.5"}, "K10", "not_money"),
        ({"start_month": "2018"}, "N10", "not_a_month"),
        ({"method": None}, "O10", "missing"),
        ({"method": "Séc"}, "O10", "not_a_choice"),
        ({**BANK, "account": None}, "R10", "missing"),
        ({**BANK, "bin": "970436"}, "Q10", "other_bin"),
        ({"phone": "0123"}, "U10", "not_a_phone"),
    ],
)
def test_what_cannot_be_read_is_found_at_its_cell_and_its_line_left_out(cells: dict[str, Any], cell: str, code: str) -> None:
    content = one_list(line(1, **cells), line(2))
    found = read_list(content)
    assert [(finding.where, finding.code) for finding in found.findings] == [(f"Xã 1!{cell}", code)]
    assert [row.row for row in found.rows] == [11]


def test_several_mistakes_of_a_line_are_all_told() -> None:
    assert codes(one_list(line(1, full_name=None, amount="viết sai"))) == [("Xã 1!D10", "missing"), ("Xã 1!K10", "not_money")]


def test_a_lost_zero_is_suggested() -> None:
    (finding,) = read_list(one_list(line(1, national_id=99138000001))).findings
    assert finding == Finding("Xã 1!G10", "lost_zero", {"suggestion": "099138000001"})


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"total": {"full_name": "Cộng: 3 lượt", "coefficient10": 2, "amount": 1_000_000}}, [("Xã 1!D12", "other_count")]),
        ({"total": {"full_name": "Cộng: 2 lượt", "coefficient10": 2.5, "amount": 1_000_000}}, [("Xã 1!J12", "other_total")]),
        ({"total": {"full_name": "Cộng: 2 lượt", "coefficient10": "2,0", "amount": "900.000"}}, [("Xã 1!K12", "other_total")]),
        ({"words": "Chín trăm nghìn đồng"}, [("Xã 1!A13", "other_words")]),
        ({"total": None}, [("Xã 1", "no_total")]),
        ({"month": "QUÝ III"}, [("Xã 1", "no_month")]),
        ({"commune": "Xã Thạch Kim"}, [("Xã 1", "no_commune")]),
    ],
)
def test_a_sheet_that_does_not_agree_with_itself_is_told(options: dict[str, Any], found: list[tuple[str, str]]) -> None:
    content = saved(
        lambda into: sheet(into, [line(1), line(2)], **{"total": {"full_name": "Cộng: 2 lượt", "amount": 1_000_000}, **options}),
        lambda into: sheet(into, [line(3)], total={"full_name": "Cộng: 1 lượt"}),
    )
    assert codes(content) == found


def test_one_line_stands_once_in_all_sheets() -> None:
    content = saved(*[lambda into: sheet(into, [line(1)], total={"full_name": "Tổng cộng"})] * 2)
    (finding,) = read_list(content).findings
    assert (finding.where, finding.code, finding.details) == ("Xã 2!C10", "line_twice", {"first": "Xã 1!C10"})


def test_sheets_of_two_months_are_told() -> None:
    content = saved(
        lambda into: sheet(into, [line(1)], total={"full_name": "Cộng"}),
        lambda into: sheet(into, [line(2)], total={"full_name": "Cộng"}, month="THÁNG 10 NĂM 2024"),
    )
    assert codes(content) == [("Xã 2", "other_month")]


def test_columns_are_found_by_their_headings_wherever_they_stand() -> None:
    def moved(into: Any) -> None:
        sheet(into, [line(1)], total={"full_name": "Cộng: 1 lượt"})
        into.insert_cols(4, amount=2)
        into.insert_rows(7, amount=3)

    found = read_list(saved(moved))
    assert found.findings == ()
    assert [(row.row, row.full_name) for row in found.rows] == [(13, "Nguyễn Thị Đào")]
    assert found.sheets[0].cell(found.rows[0], "full_name") == "Xã 1!F13"


def test_a_column_that_is_not_there_and_a_sheet_without_heading_are_told() -> None:
    def without(into: Any) -> None:
        sheet(into, [line(1)])
        into.delete_cols(9)

    content = saved(without, lambda into: into.append(["Hướng dẫn"]))
    found = read_list(content)
    assert [(finding.where, finding.code) for finding in found.findings] == [("Xã 1", "column_missing"), ("Xã 2", "no_heading")]
    assert found.findings[0].details == {"column": "Mã loại đối tượng"}
    assert found.rows == ()


def packed(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return content.getvalue()


def repacked(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new)
    return packed(**parts)


WHOLE = one_list(line(1))
BOOK = {"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_workbook"),
        (b"not a workbook at all", "not_a_workbook"),
        (packed(**{"a.txt": b"a"}), "not_a_workbook"),
        (WHOLE[: len(WHOLE) // 2], "damaged"),
        (packed(**BOOK), "damaged"),
        (saved(lambda into: into.append(["Họ và tên", "Số tiền"])), "not_a_list"),
        (b"PK" + bytes(17 * 1024 * 1024), "too_large"),
        (packed(**BOOK, **{"xl/media/bomb": bytes(201 * 1024 * 1024)}), "too_large"),
        (packed(**BOOK, **{f"xl/{number}": b"" for number in range(1000)}), "too_large"),
        (repacked(WHOLE, "xl/worksheets/sheet1.xml", b'r="A1"', b'r="XFD1"'), "too_large"),
        (repacked(WHOLE, "xl/worksheets/sheet1.xml", b'r="A1"', b"r='A1048576'"), "too_large"),
    ],
    ids=["empty", "text", "zip", "cut", "no-sheets", "no-list", "large", "bomb", "many-parts", "far-column", "far-row"],
)
def test_a_file_that_is_no_list_is_one_clear_problem(content: bytes, code: str) -> None:
    with pytest.raises(WorkbookProblem) as problem:
        read_list(content)
    assert problem.value.code == code


def test_an_entry_that_says_it_is_smaller_than_it_is_does_not_get_through() -> None:
    content = bytearray(packed(**BOOK, **{"xl/worksheets/sheet1.xml": bytes(1_000_000)}))
    said = (1_000_000).to_bytes(4, "little")
    assert said in content
    with pytest.raises(WorkbookProblem) as problem:
        read_list(bytes(content).replace(said, (10).to_bytes(4, "little")))
    assert problem.value.code == "damaged"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkbookProblem) as problem:
        read_list(tmp_path / "none.xlsx")
    assert problem.value.code == "missing_file"


def test_random_damage_is_a_problem_or_a_reading_and_nothing_else() -> None:
    chance = random.Random(2024)
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    outcomes = set()
    for _ in range(400):
        name = chance.choice(list(parts))
        body = bytearray(parts[name])
        for _ in range(chance.randint(1, 8)):
            body[chance.randrange(len(body))] = chance.choice(b'0123456789<>/"&AB\x00\xff')
        try:
            read_list(packed(**{**parts, name: bytes(body)}))
            outcomes.add("read")
        except WorkbookProblem as problem:
            outcomes.add(problem.code)
    assert {"read", "damaged"} <= outcomes


def test_the_real_sized_lists_are_read_whole(shared_data: Path | None) -> None:
    """Beside the checkout only; `test_demo` checks the copies that the project carries."""
    lists = {"2022-01": (5778, 2_662_380_000), "2024-09": (5904, 3_777_750_000)}
    for path in sorted(shared_data.glob("danh-sach-*.xlsx")) if shared_data else ():
        found = read_list(path)
        lines, amount = lists[found.month]
        assert (len(found.rows), len(found.sheets), found.findings) == (lines, 12, ())
        assert sum(row.amount or 0 for row in found.rows) == amount
