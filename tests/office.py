"""A small district to test pages in: two communes, their post office, one account for each role."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Flask
from flask.testing import FlaskClient

from portal import account, db, migrations, unit
from portal.app import create_app
from portal.models.unit import Unit
from portal.settings import Settings

TODAY = date(2024, 10, 5)
NOW = datetime(2024, 10, 5, 2, 0, tzinfo=UTC)
PASSWORD = "mat-khau-thu"

UNITS = [
    ("448", "district", "Huyện Lộc Hà", "42", ""),
    ("448-LDTBXH", "district_office", "Phòng LĐTBXH huyện Lộc Hà", "448", "448"),
    ("448-BD", "post_office", "Bưu điện huyện Lộc Hà", "", "448"),
    ("18568", "commune", "Thị trấn Lộc Hà", "448", ""),
    ("18580", "commune", "Xã Thạch Kim", "448", ""),
    ("18568-01", "hamlet", "TDP 1", "18568", ""),
    ("18568-02", "hamlet", "TDP 2", "18568", ""),
    ("18580-01", "hamlet", "Thôn 1", "18580", ""),
    ("DC-18568", "pay_point", "Điểm BĐ-VHX thị trấn Lộc Hà", "448-BD", "18568"),
    ("DC-18580", "pay_point", "Điểm BĐ-VHX xã Thạch Kim", "448-BD", "18580"),
]

# name → role, unit
PEOPLE = {
    "xa": ("commune_officer", "18568"),
    "xa2": ("commune_officer", "18580"),
    "chitra": ("post_agent", "DC-18568"),
    "kiemsoat": ("post_supervisor", "448-BD"),
    "huyen": ("district_officer", "448-LDTBXH"),
    "lanhdao": ("approver", "448-LDTBXH"),
    "giamsat": ("auditor", "448-LDTBXH"),
    "quantri": ("admin", ""),
}


def settings_for(url: str) -> Settings:
    """Settings of a portal that lives on 5 October 2024."""
    return Settings(database=url, secret_key="a key for tests only, 32 or more", today=TODAY, hashing="fast")


def open_office(url: str) -> Flask:
    """The application on a new database with the small district in it."""
    app = create_app(settings_for(url))
    app.testing = True
    migrations.migrate()
    with db.database.connection_context():
        add_units()
        for name, (role, code) in PEOPLE.items():
            account.add(name, role=role, unit=code, password=PASSWORD, now=NOW, full_name=f"Người {name}")
    return app


def add_units() -> None:
    """The units of the small district."""
    for code, kind, name, parent, serves in UNITS:
        Unit.create(
            id=code, version=0, code=code, name=name, kind=kind, parent=parent, serves=serves, valid_from="2019-01-01", valid_to=None
        )
    unit.refresh()


def browser(app: Flask, name: str | None = None) -> FlaskClient:
    """A browser of its own, signed in as one of PEOPLE where a name is given."""
    client = app.test_client()
    if name is not None:
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
    return client
