from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal import account, cli, clock, db, door, migrations, unit
from portal.demo import copy, load, source
from portal.demo.movement import Movement, movements
from portal.demo.replay import Replay
from portal.models.account import Account
from portal.models.entitlement import Entitlement
from portal.models.journal import Journal
from portal.models.payment import Payment
from portal.models.person import Person
from portal.models.unit import Unit
from tests.workbooks import BANK, line, one_list

UNITS = """code,kind,name,parent_code,serves,valid_from,valid_to
448,district,Huyện Lộc Hà,42,,2019-01-01,
448-LDTBXH,district_office,Phòng LĐTBXH,448,448,2019-01-01,
448-BD,post_office,Bưu điện huyện,,448,2019-01-01,
18580,commune,Xã Thạch Kim,448,,2019-01-01,
18580-01,hamlet,Thôn 1,18580,,2019-01-01,
DC-18580,pay_point,Điểm Bưu điện xã Thạch Kim,448-BD,18580,2019-01-01,
"""


@pytest.fixture
def portal(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PORTAL_DATABASE", sqlite_url)
    yield sqlite_url
    db.disconnect()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A district of two people in the form `--data` takes."""
    folder = tmp_path / "huyen-nho"
    folder.mkdir()
    (folder / "don-vi.csv").write_text(UNITS, encoding="utf-8")
    child = line(2, birth_female="2012-06-06", payee="Hồ Thị Mai (bà ngoại)", category="5.1-b", coefficient10=1.5, amount=750_000)
    old = line(1, note="Chi trả tại nhà", payee="Bùi Văn Nam (con trai)", phone="0510991486")
    care = line(1, line_code="LH18580-0001/2", category="20.2c", payee="Lê Văn An (chồng)", **BANK)
    (folder / "danh-sach-2024-09.xlsx").write_bytes(one_list(care, child, old))
    return folder


def call(*words: str) -> Result:
    return CliRunner().invoke(cli.main, words)


def test_the_copy_holds_the_whole_district() -> None:
    district = source.read()
    assert (district.month, len(district.people), len(district.lines)) == ("2024-09", 5393, 5904)
    assert Counter(each.kind for each in district.units) == {
        "commune": 12, "hamlet": 91, "pay_point": 12, "district": 1, "district_office": 1, "post_office": 1
    }  # fmt: skip
    hamlets = {(each.parent, each.name) for each in district.units if each.kind == "hamlet"}
    assert {(person.commune, person.hamlet) for person in district.people} <= hamlets
    assert {line.line_code: (line.category, line.coefficient10, line.amount) for line in district.lines} == source.expected_lines()
    assert sum(path.stat().st_size for path in source.DATA.iterdir()) <= 2 * 1024 * 1024


def test_no_number_of_the_copy_can_be_a_real_persons() -> None:
    for month in source.months():
        for _, row in source.list_lines(None, month):
            assert row.national_id is None or row.national_id.startswith("099" if len(row.national_id) == 12 else "99")
            assert row.phone is None or row.phone.startswith("0510")
            assert row.payment_method.get("account", "000099").startswith("000099")


def test_the_movements_lead_from_the_first_list_to_the_last_with_the_figures_expected() -> None:
    assert source.months() == ["2022-01", "2024-09"]
    first = source.read(month="2022-01")
    state = {line.line_code: (line.category, line.coefficient10, line.payment_method) for line in first.lines}
    by_month: dict[str, list[Movement]] = {}
    for movement in movements():
        by_month.setdefault(movement.month, []).append(movement)
    for wanted in source.expected():
        if wanted.commune:
            continue
        moved = by_month.get(wanted.month, [])
        for each in moved:
            code = each.line.line_code
            if each.kind == "decrease":
                del state[code]
            else:
                assert (code in state) == (each.kind != "increase")
                state[code] = (each.line.category, each.line.coefficient10, each.line.payment_method)
        assert len(state) == wanted.lines
        assert sum(coefficient10 for _, coefficient10, _ in state.values()) == wanted.coefficient10
        assert sum(method["method"] == "bank" for _, _, method in state.values()) == wanted.account_lines
        if moved:
            kinds = Counter(each.kind for each in moved)
            assert (kinds["increase"], kinds["decrease"]) == (wanted.increases, wanted.decreases)
    last = source.read()
    assert state == {line.line_code: (line.category, line.coefficient10, line.payment_method) for line in last.lines}


def test_the_copy_is_made_from_the_data_beside_the_checkout(shared_data: Path | None, tmp_path: Path) -> None:
    """Beside the checkout only; on a clone alone the tests above check what the copy holds."""
    for path in copy.copy(shared_data, tmp_path) if shared_data else ():
        assert path.read_bytes() == (source.DATA / path.name).read_bytes(), path.name
    if shared_data:
        assert source.read(shared_data) == source.read()


def test_a_directory_is_read_as_the_copy_is(small: Path) -> None:
    district = source.read(small)
    old, child = district.people
    assert (old.code, old.home_delivery, old.phone, old.payment_method) == ("LH18580-0001", True, "0510991486", {"method": "cash"})
    assert (old.alternate_recipient, old.guardian) == ({"name": "Bùi Văn Nam", "relation": "con trai"}, None)
    assert (child.alternate_recipient, child.guardian) == (None, "Hồ Thị Mai (bà ngoại)")
    care = district.lines[1]
    assert (care.line_code, care.payee, care.payment_method["account"]) == ("LH18580-0001/2", "Lê Văn An (chồng)", "00009911112222")
    made = {path.name for path in copy.copy(small, small / "copy")}
    assert made == {"don-vi.csv.gz", "danh-sach-2024-09.csv.gz"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("don-vi.csv", None, "cannot be read"),
        ("don-vi.csv", b"code,kind\n1,commune\n", "lacks the column"),
        ("don-vi.csv", b"\xff\xfe\x00", "no CSV file"),
        ("danh-sach-2024-09.xlsx", None, "no list of a month"),
        ("danh-sach-2024-09.xlsx", b"none", "not_a_workbook"),
        ("danh-sach-2024-09.xlsx", one_list(line(1, full_name=None)), "Xã 1!D10: missing"),
        ("danh-sach-2024-09.xlsx", one_list(line(1), month="THÁNG 08 NĂM 2024"), "the list of 2024-08"),
    ],
)
def test_a_directory_that_is_no_district_is_told_in_a_sentence(
    portal: str, small: Path, name: str, content: bytes | None, told: str
) -> None:
    (small / name).unlink() if content is None else (small / name).write_bytes(content)
    answer = call("demo", "--data", str(small))
    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1].startswith("Error: ")
    assert told in answer.output


def test_the_district_is_loaded_through_the_door_and_its_month_is_open(portal: str, small: Path) -> None:
    answer = call("demo", "--data", str(small))
    assert answer.exit_code == 0, answer.output
    assert "2 people with 3 lines; the list of 2024-10 is drawn up with 3. Today is 2024-10-08." in answer.output
    assert account.DEMO_PASSWORD in answer.output
    with db.database.connection_context():
        assert Unit.select().count() == 6
        assert {row.full_name for row in Person.select()} == {"Nguyễn Thị Đào"}
        rights = {row.line_code: row for row in Entitlement.select()}
        assert (rights["LH18580-0001/2"].payee, rights["LH18580-0001/2"].account) == ("Lê Văn An (chồng)", "00009911112222")
        assert rights["LH18580-0002/1"].coefficient10 == 15
        assert Payment.select().where(Payment.month == "2024-10").count() == 3
        assert {json.loads(row.body)["role"] for row in Journal.select()} == {"importer", "district_officer"}
        assert Journal.select().count() == 6 + 2 + 3 + 1
        roles = Counter(each.role for each in Account.select())
        assert roles == {
            "commune_officer": 1, "post_agent": 1, "post_supervisor": 1, "district_officer": 2, "approver": 1, "auditor": 1, "admin": 1
        }  # fmt: skip
        assert all(unit.by_code(each.unit) for each in Account.select() if each.role != "admin")
        found = account.sign_in("xa-thach-kim", account.DEMO_PASSWORD, clock.now(date(2024, 10, 8))).account
        assert found is not None
        assert (found.role, found.unit) == ("commune_officer", "18580")


def test_only_an_empty_database_is_filled(portal: str, small: Path) -> None:
    assert call("demo", "--data", str(small)).exit_code == 0
    again = call("demo", "--data", str(small))
    assert again.exit_code == 1
    assert again.output == "Error: The database holds data already: the demo district is loaded into an empty one only.\n"
    quiet = call("demo", "--if-empty")
    assert (quiet.exit_code, quiet.output) == (0, "")
    with db.database.connection_context():
        assert Person.select().count() == 2


def test_a_district_the_door_refuses_leaves_the_database_empty(portal: str, small: Path) -> None:
    migrated(portal)
    district = source.read(small)
    twice = replace(district, people=(*district.people, replace(district.people[0], code="LH18580-0009")))
    with db.database.connection_context():
        with pytest.raises(load.LoadProblem, match="LH18580-0009"):
            load.load(twice, clock.now(date(2024, 10, 8)))
        assert load.is_empty()
        assert Unit.select().count() == 0


def test_a_movement_the_door_refuses_is_named_and_what_is_left_is_no_district(portal: str, small: Path) -> None:
    migrated(portal)
    district = source.read(small)
    given = next(movements())
    line = replace(given.line, person_code="LH18580-0001", line_code="LH18580-0001/1", category="0.0")
    wrong = replace(given, kind="adjustment", reason="CHUYEN_DT", commune="18580", month="2024-10", list_closed="2024-09-24", line=line)
    told = replace(wrong, event_date="2024-09-10", reported_date="2024-09-10", line=replace(line, category="5.5c"))
    with db.database.connection_context():
        with pytest.raises(load.LoadProblem, match="LH18580-0001/1 for 2024-10"):
            Replay(district, [told], "2024-10", lambda _count: None).run(clock.now(date(2024, 11, 8)))
        assert not load.is_empty()


def test_the_district_is_loaded_into_postgresql_too(postgres_url: str, small: Path) -> None:
    migrated(postgres_url)
    try:
        with db.database.connection_context():
            loaded = load.load(source.read(small), clock.now(date(2024, 10, 8)))
            assert (loaded.people, loaded.lines, loaded.list_lines) == (2, 3, 3)
            assert not load.is_empty()
    finally:
        db.disconnect()


def test_a_demo_lives_in_its_month_unless_told_otherwise(portal: str, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("demo", "--data", str(small)).exit_code == 0
    assert cli.ready().today == date(2024, 10, 8)
    monkeypatch.setenv("PORTAL_TODAY", "2024-10-12")
    assert cli.ready().today == date(2024, 10, 12)
    with db.database.connection_context():
        Account.update(origin="office").execute()
    monkeypatch.delenv("PORTAL_TODAY")
    assert cli.ready().today is None


def test_the_whole_demo_district_agrees_with_the_figures_expected_line_by_line(portal: str) -> None:
    answer = call("demo")
    assert answer.exit_code == 0, answer.output
    with db.database.connection_context():
        expected = source.expected_lines()
        held = {row.line_code: (row.category, row.coefficient10) for row in Entitlement.select()}
        assert held == {code: (category, coefficient10) for code, (category, coefficient10, _) in expected.items()}
        listed = {row.line_code: row.total for row in Payment.select().where(Payment.month == "2024-10")}
        assert listed == {code: amount for code, (_, _, amount) in expected.items()}
        assert Account.select().where(Account.role.in_(["commune_officer", "post_agent"])).count() == 24
        head = door.store().head()
        assert head[0] == 118 + 5393 + 5904 + 1


def migrated(url: str) -> None:
    db.connect(url)
    migrations.migrate()
