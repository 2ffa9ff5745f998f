from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from portal import cli, db, door, upload
from portal.models.entitlement import Entitlement
from portal.models.journal import Journal
from portal.models.person import Person
from sync.door import Answer
from sync.edit import Actor, Edit
from sync.ids import named
from tests.arranged import add_session, post_list
from tests.district import District, line_code, person_id
from tests.sent import DAO, HOA, NEW, book
from tests.workbooks import BANK, line, one_list, saved, sheet


@pytest.fixture
def office(district: District, monkeypatch: pytest.MonkeyPatch) -> District:
    """The small district, and a command line that works on it."""
    monkeypatch.setenv("PORTAL_DATABASE", district.url)
    monkeypatch.setenv("PORTAL_TODAY", "2024-10-05")
    return district


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "danh-sach.xlsx"


def call(file: Path, *options: str) -> Result:
    return CliRunner().invoke(cli.main, ["import", str(file), *options])


def report(file: Path, *options: str, code: int = 0) -> dict[str, Any]:
    answer = call(file, "--json", *options)
    assert answer.exit_code == code, answer.output
    found: dict[str, Any] = json.loads(answer.output)
    return found


def counts() -> tuple[int, int, int]:
    with db.database.connection_context():
        return Person.select().count(), Entitlement.select().count(), Journal.select().count()


def test_new_lines_are_added_through_the_door_and_the_same_file_again_changes_nothing(office: District, file: Path) -> None:
    care = line(101, line_code="LH18580-0101/2", category="20.2c", payee="Lê Văn An (chồng)", **BANK)
    own = line(101, category="5.6-dbn-nct", coefficient10=2.5, amount=1_250_000, note="Chi trả tại nhà", payee="Lê Văn An (chồng)")
    file.write_bytes(one_list(care, own, line(102)))
    before = counts()
    first = report(file)
    assert (first["month"], first["lines"], first["matched"], first["new"], first["added"]) == ("2024-09", 3, 0, 3, 3)
    assert (first["differences"], first["errors"]) == ([], [])
    after = counts()
    assert [then - now for now, then in zip(before, after, strict=True)] == [2, 3, 5]
    with office.open():
        person = Person.get(Person.code == "LH18580-0101")
        right = Entitlement.get(Entitlement.line_code == "LH18580-0101/2")
        assert (person.full_name, person.home_delivery, person.method, person.status) == ("Nguyễn Thị Đào", True, "cash", "active")
        assert json.loads(person.alternate_recipient or "") == {"name": "Lê Văn An", "relation": "chồng"}
        assert (right.person, right.coefficient10, right.account, right.payee) == (person.id, 10, "00009911112222", "Lê Văn An (chồng)")
        assert {json.loads(row.body)["role"] for row in Journal.select().where(Journal.seq > before[2])} == {"importer"}
    again = report(file)
    assert (again["matched"], again["new"], again["added"], again["errors"], again["differences"]) == (3, 0, 0, [], [])
    assert counts() == after


def test_a_dry_run_says_the_same_and_changes_nothing(office: District, file: Path) -> None:
    file.write_bytes(one_list(line(101), line(102)))
    before = counts()
    found = report(file, "--dry-run")
    assert (found["new"], found["added"]) == (2, 0)
    assert counts() == before


def test_what_differs_is_told_by_cell_and_left_alone(office: District, file: Path) -> None:
    file.write_bytes(one_list(line(101)))
    assert report(file)["added"] == 1
    changed = line(101, full_name="Nguyễn Thị Đào Anh", birth_female=1939, phone="0510000001", **BANK)
    file.write_bytes(one_list(changed, line(101, line_code="LH18580-0101/2", category="20.2c", hamlet="Thôn 2")))
    found = report(file, code=1)
    assert (found["matched"], found["new"], found["added"], found["errors"]) == (1, 1, 1, [])
    assert {(each["where"], each["code"], each["details"]["field"]) for each in found["differences"]} == {
        ("Xã 1!D10", "differs", "full_name"),
        ("Xã 1!F10", "differs", "birth"),
        ("Xã 1!U10", "differs", "phone"),
        ("Xã 1!O10", "differs", "payment_method"),
        ("Xã 1!H11", "differs", "hamlet"),
    }
    with office.open():
        person = Person.get(Person.code == "LH18580-0101")
        assert (person.full_name, person.birth, person.phone, person.method) == ("Nguyễn Thị Đào", "1938", None, "cash")


@pytest.mark.parametrize(
    ("cells", "where", "code"),
    [
        ({"full_name": None}, "D10", "missing"),
        ({"category": "5.99"}, "I10", "unknown_category"),
        ({"coefficient10": 1.5}, "J10", "other_coefficient"),
        ({"national_id": "099139000009"}, "G10", "same_national_id"),
        ({"person_code": "LH18568-0001", "line_code": "LH18568-0001/9"}, "B10", "other_commune"),
    ],
)
def test_a_line_with_an_error_is_left_out_and_its_neighbour_taken_in(
    office: District, file: Path, cells: dict[str, Any], where: str, code: str
) -> None:
    file.write_bytes(one_list(line(101, **cells), line(102)))
    found = report(file, code=1)
    assert [(each["where"], each["code"]) for each in found["errors"]] == [(f"Xã 1!{where}", code)]
    assert (found["new"], found["added"]) == (1, 1)
    with office.open():
        assert Person.get_or_none(Person.code == "LH18580-0101") is None
        assert Person.get_or_none(Person.code == "LH18580-0102") is not None


def test_two_new_people_with_one_number_are_told(office: District, file: Path) -> None:
    file.write_bytes(one_list(line(101), line(102, national_id="099138000101")))
    found = report(file, code=1)
    assert [(each["where"], each["code"], each["details"]) for each in found["errors"]] == [
        ("Xã 1!G11", "same_national_id", {"person": "LH18580-0101"})
    ]


def test_a_commune_that_is_none_is_told_and_its_sheet_left_out(office: District, file: Path) -> None:
    file.write_bytes(
        saved(
            lambda into: sheet(into, [line(101)], total={"full_name": "Cộng"}, commune="Xã Khác (mã 99999)"),
            lambda into: sheet(into, [line(102)], total={"full_name": "Cộng"}),
        )
    )
    found = report(file, code=1)
    assert [(each["where"], each["code"]) for each in found["errors"]] == [("Xã 1", "unknown_commune")]
    assert found["added"] == 1


def test_a_line_that_was_stopped_is_told(office: District, file: Path) -> None:
    with office.open():
        right = Entitlement.get(Entitlement.line_code == line_code("lan"))
        assert right.stop_month == "2024-08"
    stopped = line(1, person_code="LH18568-0008", line_code=line_code("lan"), commune="18568")
    file.write_bytes(one_list(stopped, commune="Thị trấn Lộc Hà (mã 18568)"))
    found = report(file, code=1)
    assert ("Xã 1!C10", "stopped") in {(each["where"], each["code"]) for each in found["differences"]}


def test_what_the_door_refuses_is_told_at_its_line(office: District, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else takes the person in between the comparison and the import."""
    file.write_bytes(one_list(line(101), line(102)))
    submit = door.submit
    values = {"code": "LH18580-0101", "full_name": "Lê Thị Xuân", "birth": "1939", "commune": "18580"}

    def overtaken(edits: Sequence[Edit], actor: Actor, now: datetime) -> Answer:
        monkeypatch.setattr(door, "submit", submit)
        pairs = {name: (None, value) for name, value in values.items()}
        assert door.submit_one(replace(actor, device="other"), now, "person", named("person", "x"), pairs, create=True).status == "accepted"
        return submit(edits, actor, now)

    monkeypatch.setattr(door, "submit", overtaken)
    found = report(file, code=1)
    assert found["added"] == 1
    assert [(each["where"], each["code"], each["details"]["detail"]) for each in found["errors"]] == [("Xã 1!C10", "refused", "taken")]


def test_people_read_what_became_of_it_in_lines(office: District, file: Path) -> None:
    file.write_bytes(one_list(line(101), line(102, full_name=None)))
    answer = call(file)
    assert answer.exit_code == 1
    assert answer.output == (
        "danh-sach.xlsx: the list of 2024-09, 1 sheet(s), 1 line(s) read.\n"
        "0 there already, 1 new, 1 added.\n"
        "1 cannot be taken in:\n"
        "  Xã 1!D11  missing\n"
    )


@pytest.mark.parametrize(("content", "code"), [(None, "missing_file"), (b"none", "not_a_workbook"), (bytes(17 * 1024 * 1024), "too_large")])
def test_a_file_that_cannot_be_read_is_a_sentence_or_a_code(office: District, file: Path, content: bytes | None, code: str) -> None:
    if content is not None:
        file.write_bytes(content)
    answer = call(file)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: danh-sach.xlsx cannot be read: ")
    assert report(file, code=1) == {"file": "danh-sach.xlsx", "unreadable": code}


def test_a_list_in_a_layout_of_its_own_is_told_row_by_row_and_changes_nothing(office: District, file: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["XÃ THẠCH KIM - danh sách tháng 10/2024"],
        ["Tên đối tượng", "CCCD", "SN", "GT", "Diện", "Hệ số", "Số tiền"],
        ["Trần Mới", 99144345142, "28.01.1944", "Nữ", "5.5c", "1,0", "500.000đ"],
        ["Trần Mới Hai", "9.91E+10", "31/02/1943", "Nữ", "5.9", 1, "500.5"],
    ):
        sheet.append(row)
    book.save(file)
    before = counts()
    found = report(file, "--dry-run", code=1)
    assert (found["outcome"], found["kind"], found["month"], found["rows"], found["matches"]) == ("import", "list", "2024-10", 2, {})
    assert found["new"] == ["Sheet!3", "Sheet!4"]
    assert {(one["at"], one["code"]) for one in found["errors"]} == {
        ("Sheet!B4", "ID_FORMAT"),
        ("Sheet!C4", "BIRTH_UNREADABLE"),
        ("Sheet!E4", "CATEGORY_UNKNOWN"),
        ("Sheet!G4", "MONEY_AMBIGUOUS"),
    }
    assert {(one["at"], one["to"], one["ask"]) for one in found["repairs"]} == {
        ("Sheet!B3", "099144345142", True),
        ("Sheet!C3", "1944-01-28", False),
    }
    assert counts() == before


def test_a_person_of_the_register_is_found_and_a_word_document_is_refused(office: District, file: Path) -> None:
    with office.open():
        rights = list(Entitlement.select().where(Entitlement.commune == "18580", Entitlement.stop_month.is_null()))
        people = {each.id: each for each in Person.select()}
        owners = [each.person for each in Entitlement.select()]
        right = next(each for each in rights if owners.count(each.person) == 1 and people[each.person or ""].national_id)
        one = people[right.person or ""]
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Xã Thạch Kim tháng 10 năm 2024"])
    book.worksheets[0].append(["Họ tên", "CCCD", "Ngày sinh", "Mã ĐT"])
    book.worksheets[0].append([one.full_name, one.national_id, one.birth, right.category])
    book.save(file)
    found = json.loads(call(file, "--dry-run", "--json").output)
    assert found["matches"] == {"Sheet!3": right.line_code}
    file.write_bytes(b"PK\x03\x04no workbook")
    assert report(file, "--dry-run", code=1)["refuse_code"] == "DAMAGED"


def test_a_list_in_a_layout_of_its_own_is_taken_in_as_an_accounts_and_again_says_nothing_new(office: District, file: Path) -> None:
    file.write_bytes(book({**DAO, "phone": "0510000009"}, NEW, {**HOA, "category": "5.5k"}))
    assert call(file).exit_code == 2
    assert call(file, "--account", "kiemsoat").exit_code == 2
    found = report(file, "--account", "xa", code=1)
    assert (found["results"], [(one["at"], one["code"]) for one in found["errors"]]) == ({"proposed": 1, "applied": 1}, [("Sheet!H5", "CATEGORY_UNKNOWN")])
    assert [(one["at"], one["deed"], one["fields"].get("phone")) for one in found["changes"]] == [
        ("Sheet!3", "set", ["0510000001", "0510000009"]),
        ("Sheet!4", "new", None),
    ]
    assert office.value("person", person_id("dao"), "phone") == "0510000009"
    before = counts()
    again = call(file, "--account", "xa")
    assert again.exit_code == 1 and "0 change(s), 1 row(s) left out" in again.output and "Handed in: nothing new." in again.output
    assert counts() == before


def test_what_a_repair_asks_is_agreed_to_by_an_option_and_another_communes_list_is_refused(office: District, file: Path) -> None:
    file.write_bytes(book({**DAO, "id": 99_138_000_001, "phone": "0510000009"}))
    assert report(file, "--account", "xa", "--dry-run")["left_out"] == {"Sheet!3": "asked"}
    assert report(file, "--account", "xa2", code=1) == {"file": file.name, "unreadable": "other_commune"}
    assert "area" in call(file, "--account", "xa2").output
    assert report(file, "--account", "xa", "--accept-repairs")["results"] == {"applied": 1}


def test_an_import_that_was_killed_goes_on_where_it_was(office: District, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(book({**DAO, "phone": "0510000009"}, {**HOA, "hamlet": "TDP 1"}))
    monkeypatch.setattr(upload, "BATCH", 1)
    carry_on = upload.carry_on

    def killed(*args: Any) -> None:
        carry_on(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as short:
        short.setattr(upload, "carry_on", killed)
        assert call(file, "--account", "xa").exit_code != 0
    assert [office.value("person", person_id(key), name) for key, name in (("dao", "phone"), ("hoa", "hamlet"))] == ["0510000009", "TDP 2"]
    before = counts()
    assert report(file, "--account", "xa")["results"] == {"applied": 2}
    assert office.value("person", person_id("hoa"), "hamlet") == "TDP 1"
    assert counts()[2] == before[2] + 1


def test_a_file_of_results_is_told_by_a_dry_run_and_handed_in_elsewhere(office: District, file: Path) -> None:
    add_session(office)
    add_session(office, commune="18580", agent="chitra2")
    post_list(office)
    lines = [f"{line_code(key)};{amount};{paid};{unpaid};" for key, amount, paid, unpaid in (("dao", "500000", "x", ""), ("hoa", "1", "x", ""))]
    titles = ["KẾT QUẢ CHI TRẢ THÁNG 10/2024;;;;", "Mã hồ sơ;Số tiền;Đã nhận;Chưa nhận;Lý do"]
    results = file.with_suffix(".csv")
    results.write_text("\n".join([*titles, *lines, "LH9-1/1;500.000;;x;đi vắng"]), encoding="utf-8")
    found = report(results, "--dry-run", code=1)
    assert (found["kind"], found["month"], found["rows"]) == ("payment_result", "2024-10", 3)
    assert found["sheets"] == [{"name": "", "header_rows": [2], "first_row": 3, "last_row": 5}]
    assert found["matches"] == {"3": line_code("dao"), "4": line_code("hoa")}
    told = [(each["at"], each["code"]) for each in found["errors"] if each["code"] != "NO_RESULT"]
    assert told == [("4:Số tiền", "AMOUNT"), ("5:Mã hồ sơ", "CODE_UNKNOWN")]
    assert [(each["at"], each["code"], each["to"], each["ask"]) for each in found["repairs"]] == [("5:Số tiền", "MONEY_TEXT", "500000", False)]
    assert "2 found among what was sent" in call(results, "--dry-run").output
    assert report(results, code=1)["unreadable"] == "results"
    results.write_text("\n".join(["THÁNG 09/2024;;;;", titles[1], *lines]), encoding="utf-8")
    assert report(results, "--dry-run", code=1)["refuse_code"] == "NO_PAYMENTS"
