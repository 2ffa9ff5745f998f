"""A tiny district with people in it: what tests of pages and nouns start from.

`district` is one on SQLite, `each_district` the same on SQLite and on PostgreSQL. Everything in it came through the door, as from an
import: units, people with their rights, and one account for each role (two for district officers, agents and communes).
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import access, account, db, door, migrations, unit
from portal.app import create_app
from portal.models.account import Account
from sync.edit import Actor, Edit, Result
from sync.fields import IMPORTER
from sync.ids import named
from tests import machine
from tests.office import PASSWORD, settings_for

NOW = datetime(2024, 10, 5, 2, 0, tzinfo=UTC)
MONTH = "2024-10"
_UUID_LENGTH = 36
IMPORTED = datetime(2024, 9, 30, 3, 0, tzinfo=UTC)

UNITS = (
    ("448", "district", "Huyện Lộc Hà", "42", None),
    ("448-LDTBXH", "district_office", "Phòng LĐTBXH huyện Lộc Hà", "448", "448"),
    ("448-BD", "post_office", "Bưu điện huyện Lộc Hà", None, "448"),
    ("18568", "commune", "Thị trấn Lộc Hà", "448", None),
    ("18580", "commune", "Xã Thạch Kim", "448", None),
    ("18568-01", "hamlet", "TDP 1", "18568", None),
    ("18568-02", "hamlet", "TDP 2", "18568", None),
    ("18580-01", "hamlet", "Thôn 1", "18580", None),
    ("18580-02", "hamlet", "Thôn 2", "18580", None),
    ("DC-18568", "pay_point", "Điểm BĐ-VHX thị trấn Lộc Hà", "448-BD", "18568"),
    ("DC-18580", "pay_point", "Điểm BĐ-VHX xã Thạch Kim", "448-BD", "18580"),
)

# account → role, unit. The first account of a role answers to the role's name, too.
ACCOUNTS = {
    "xa": ("commune_officer", "18568"),
    "xa2": ("commune_officer", "18580"),
    "chitra": ("post_agent", "DC-18568"),
    "chitra2": ("post_agent", "DC-18580"),
    "kiemsoat": ("post_supervisor", "448-BD"),
    "huyen": ("district_officer", "448-LDTBXH"),
    "huyen2": ("district_officer", "448-LDTBXH"),
    "lanhdao": ("approver", "448-LDTBXH"),
    "giamsat": ("auditor", "448-LDTBXH"),
    "quantri": ("admin", ""),
}


def bank(account_no: str, holder: str, name: str = "Agribank") -> dict[str, str]:
    """A payment into a bank account."""
    return {"method": "bank", "bank": name, "account": account_no, "holder": holder}


CASH = {"method": "cash"}


@dataclass(frozen=True)
class Made:
    """A person of the district as written below; `rights` are (category, coefficient ×10, first month, further fields)."""

    key: str
    name: str
    birth: str
    sex: str
    hamlet: str
    rights: Sequence[tuple[str, int, str, Mapping[str, Any]]]
    fields: Mapping[str, Any]


def _made(key: str, name: str, birth: str, sex: str, hamlet: str, *rights: tuple[Any, ...], **fields: Any) -> Made:
    return Made(key, name, birth, sex, hamlet, [(*right, {})[:4] for right in rights], fields)


_CHILD = bank("00009911112222", "NGUYEN VAN TAM") | {"relation": "ông", "document": "Quyết định cử người giám hộ"}

# No number below belongs to anyone: place code 099, phones 0510, accounts 000099.
PEOPLE = (
    _made("dao", "Nguyễn Thị Đào", "1938", "F", "18568-01", ("5.5c", 10, "2018-01"), national_id="099138000001", phone="0510000001"),
    _made(
        "duong", "Đặng Văn Dưỡng", "1941-05-12", "M", "18568-01", ("5.5c", 10, "2021-05"), national_id="099041000002", home_delivery=True
    ),
    # A disabled child with a right of its own, and one for its care that is paid to the father.
    _made(
        "my",
        "Hoàng Thị Mỹ Duyên",
        "2015-03-08",
        "F",
        "18568-01",
        ("5.6-dbn-te", 25, "2017-04", {"payment_method": _CHILD}),
        ("20.2c", 10, "2017-04", {"payee": "Hoàng Văn Tám (cha)", "payment_method": _CHILD}),
        national_id="099315000003",
        payment_method=_CHILD,
        guardian="Hoàng Văn Tám",
    ),
    _made("hoa", "Nguyễn Văn Hòa", "1990-01-01", "M", "18568-02", ("5.6-nang", 15, "2019-02"), national_id="099090000004"),
    # A confidential category.
    _made("an", "Lê Văn An", "1985-07-20", "M", "18568-02", ("5.8", 15, "2022-03"), national_id="099085000005"),
    _made("binh", "Nguyễn Văn Bình", "1975-09-02", "M", "18568-02", ("5.4", 10, "2020-10"), ("5.4", 10, "2021-06"), phone="0510000006"),
    _made(
        "phuc",
        "Trần Phúc",
        "1936-11",
        "M",
        "18568-02",
        ("5.5c", 10, "2016-11"),
        national_id="099036000007",
        payment_method=bank("00009900000007", "TRAN PHUC", "LPBank"),
    ),
    # One whose right ended in August.
    _made(
        "lan",
        "Phan Thị Lan",
        "1930",
        "F",
        "18568-01",
        ("5.5c", 10, "2011-01", {"stop_month": "2024-08", "stop_reason": "CHET"}),
        status="dead",
        death_date="2024-07-15",
        closed="2024-07-20",
    ),
    _made("ut", "Võ Thị Út", "1939", "F", "18580-01", ("5.5c", 10, "2019-01"), national_id="099139000009", phone="0510000009"),
    _made("binh2", "Nguyễn Văn Bình", "1968-02-01", "M", "18580-01", ("5.6-dbn", 20, "2018-06"), national_id="099068000010"),
    _made(
        "yen",
        "Bùi Thị Yến",
        "1948-12-30",
        "F",
        "18580-02",
        ("5.6-nang-nct", 20, "2020-01"),
        national_id="099148000011",
        alternate_recipient={"name": "Bùi Văn Nam", "relation": "con trai", "until": "2025-12-31"},
    ),
    _made(
        "vinh", "Hồ Quang Vinh", "2012-06-06", "M", "18580-02", ("5.1-b", 15, "2016-06"), guardian="Hồ Thị Mai", address="Số 5 đường biển"
    ),
)


def person_id(key: str) -> str:
    """The id of one of PEOPLE; somebody else's key may be their id itself."""
    return key if len(key) == _UUID_LENGTH else named("person", key)


def right_id(key: str, number: int = 1) -> str:
    """The id of a person's right; the first is number 1."""
    return named("entitlement", key, str(number))


def line_code(key: str, number: int = 1) -> str:
    """The line code of a person's right: the person's code, "/" and its number."""
    return f"{code(key)}/{number}"


def code(key: str) -> str:
    """The code of one of PEOPLE."""
    found = next(made for made in PEOPLE if made.key == key)
    commune = found.hamlet[:5]
    neighbours = [made.key for made in PEOPLE if made.hamlet[:5] == commune]
    return f"LH{commune}-{neighbours.index(key) + 1:04d}"


@dataclass(frozen=True)
class District:
    """A portal on a small district. `url` is its database."""

    app: Flask
    url: str

    def client(self, who: str | None = None) -> FlaskClient:
        """A browser of its own, signed in as an account or as the first account of a role; nobody where None."""
        client = self.app.test_client()
        if who is not None:
            answer = client.post("/sign-in", data={"name": account_name(who), "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return client

    @contextmanager
    def open(self) -> Iterator[None]:
        """The database, for a test that asks a noun rather than a page."""
        with db.database.connection_context():
            yield

    def actor(self, who: str, device: str | None = None, *, assignments: frozenset[tuple[str, str, str]] = frozenset()) -> Actor:
        """The account as the door sees it; each call is another form unless `device` says which. Within `open()`."""
        found = Account.get(Account.name == account_name(who))
        return access.actor(found, device or f"form:{next(_forms)}", assignments=assignments)

    def submit(
        self,
        who: str,
        kind: str,
        record: str,
        pairs: Mapping[str, tuple[Any, Any]],
        *,
        create: bool = False,
        why: str | None = None,
        now: datetime = NOW,
        device: str | None = None,
    ) -> Result:
        """Hands one edit in as an account (or role), `importer` included."""
        with self.open():
            actor = import_as(f"import:{next(_forms)}") if who == IMPORTER else self.actor(who, device)
            return door.submit_one(actor, now, kind, record, pairs, create=create, why=why)

    def value(self, kind: str, record: str, field: str) -> Any:
        """What stands in a field now."""
        with self.open():
            found = door.shelf().get(kind, record)
            assert found is not None
            return found[field]

    def report_death(self, key: str, day: str, who: str = "xa") -> str:
        """Reports a person's death; the id of the change."""
        change = named("change", key, day, who)
        pairs = {"reason": (None, "CHET"), "person": (None, person_id(key)), "event_date": (None, day)}
        result = self.submit(who, "change", change, pairs, create=True, why="Gia đình báo")
        assert result.status == "accepted", result
        return change


IMPORT = Actor(account="nhap-du-lieu", role=IMPORTER, unit="", device="import", communes=None, name="Nhập dữ liệu", online=True)


def import_as(device: str) -> Actor:
    """The importer, as another file."""
    return msgspec.structs.replace(IMPORT, device=device)


_forms = iter(range(1, 1_000_000))


def account_name(who: str) -> str:
    """An account's name, from itself or from a role."""
    return who if who in ACCOUNTS else next((name for name, (role, _) in ACCOUNTS.items() if role == who), who)


def build(url: str) -> None:
    """Makes the small district in an empty database and lets go of it."""
    db.connect(url)
    migrations.migrate()
    with db.database.connection_context():
        account.use_hashing("fast")
        answer = door.submit(edits(), IMPORT, IMPORTED)
        assert [result for result in answer.results if result.status != "accepted"] == []
        unit.refresh()
        for name, (role, office) in ACCOUNTS.items():
            account.add(name, role=role, unit=office, password=PASSWORD, now=IMPORTED, full_name=f"Người {name}")
    db.disconnect()


def edits() -> list[Edit]:
    """The import that makes the units, the people and their rights."""
    units = [
        ("unit", named("unit", unit_code), {"code": unit_code, "kind": kind, "name": name, "parent": parent, "serves": serves})
        for unit_code, kind, name, parent, serves in UNITS
    ]
    dated = [(kind, record, {**values, "valid_from": "2019-01-01"}) for kind, record, values in units]
    return _numbered([*dated, *_records(PEOPLE)])


def people_edits(people: Sequence[Made]) -> list[Edit]:
    """The import of more people; each brings its own `code`."""
    return _numbered(_records(people))


def _records(people: Sequence[Made]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    hamlets = {unit_code: name for unit_code, kind, name, _, _ in UNITS if kind == "hamlet"}
    for made in people:
        own_code = made.fields.get("code") or code(made.key)
        base = {"code": own_code, "full_name": made.name, "birth": made.birth, "sex": made.sex, "payment_method": CASH}
        place = {"commune": made.hamlet[:5], "hamlet": hamlets[made.hamlet]}
        yield "person", person_id(made.key), {**base, **place, **made.fields}
        for number, (category, coefficient10, start, more) in enumerate(made.rights, 1):
            right = {
                "person": person_id(made.key),
                "commune": made.hamlet[:5],
                "line_code": f"{own_code}/{number}",
                "category": category,
                "coefficient10": coefficient10,
                "start_month": start,
                "decision_no": f"{number}/QĐ-UBND",
                "decision_date": f"{start}-10",
                "payment_method": made.fields.get("payment_method", CASH),
            }
            yield "entitlement", right_id(made.key, number), {**right, **more}


def _numbered(records: Sequence[tuple[str, str, dict[str, Any]]] | Iterator[tuple[str, str, dict[str, Any]]]) -> list[Edit]:
    return [
        Edit(
            n=n,
            kind=kind,
            record=record,
            op="create",
            at="2024-09-30T03:00:00Z",
            set={name: (None, value) for name, value in values.items() if value is not None},
        )
        for n, (kind, record, values) in enumerate(records, 1)
    ]


@contextmanager
def served(url: str) -> Iterator[District]:
    """The portal on a database that has the district in it; lets go of it at the end."""
    app = create_app(replace(settings_for(url), today=NOW.date()))
    app.testing = True
    try:
        yield District(app, url)
    finally:
        db.disconnect()


@pytest.fixture(scope="session")
def district_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small district in it, to copy from."""
    path = tmp_path_factory.mktemp("district") / "district.sqlite3"
    build(f"sqlite:///{path}")
    return path


@pytest.fixture
def district(district_file: Path, tmp_path: Path) -> Iterator[District]:
    """The small district on SQLite, this test's own."""
    path = tmp_path / "district.sqlite3"
    shutil.copyfile(district_file, path)
    with served(f"sqlite:///{path}") as found:
        yield found


@pytest.fixture(scope="session")
def district_template(postgres_server: str) -> str:
    """The name of a PostgreSQL database with the small district in it, to copy from."""
    name = "small_district"
    _psql(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0")
    build(f"{postgres_server}/{name}")
    return name


@pytest.fixture
def district_on_postgres(postgres_server: str, district_template: str) -> Iterator[District]:
    """The small district on PostgreSQL, this test's own."""
    name = f"district_{secrets.token_hex(6)}"
    _psql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {district_template}")
    with served(f"{postgres_server}/{name}") as found:
        yield found
    _psql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def each_district(request: pytest.FixtureRequest) -> District:
    """The small district on SQLite, and once more on PostgreSQL."""
    found: District = request.getfixturevalue("district" if request.param == "sqlite" else "district_on_postgres")
    return found


def _psql(server: str, statement: str) -> None:
    program = machine.postgres_programs() / "psql"
    subprocess.run([str(program), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"{server}/postgres", "-c", statement], check=True)
