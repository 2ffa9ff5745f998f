"""Templates of banks' payment files: those people keep, and those the portal begins with until somebody changes them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from portal import door
from portal.models.bank_file import BankTemplate
from sync import bank_layout, banks
from sync.bank_layout import Layout, Transfer
from sync.edit import Actor, Result
from sync.ids import named
from sync.kinds.bank_file import TEMPLATE

_PRESETS = Path(__file__).with_name("bank_templates.toml")
NAMES = tuple(name for name in TEMPLATE.fields if name != "state")
"""What a template's form asks for."""
SHOWN = 5
"""Rows of a preview."""


class Template(Struct, frozen=True):
    """A template: its id, its fields as the catalogue has them, and whether it is one the portal begins with, unchanged so far."""

    id: str
    values: Mapping[str, Any]
    is_preset: bool

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.values["name"])

    @property
    def bank(self) -> str:
        """The bank it is for, "" for any."""
        return self.values["bank"] or ""

    @property
    def layout(self) -> Layout:
        """How it lays a file out."""
        return bank_layout.layout(self.values)

    @property
    def is_retired(self) -> bool:
        """Whether it is out of use."""
        return bool(self.values["state"] == "retired")


def every() -> list[Template]:
    """Every template: by bank, those for any bank last, then by name."""
    kept = {str(row.id) for row in BankTemplate.select(BankTemplate.id)}
    shelf = door.shelf()
    shelf.fetch("bank_template", kept)
    found = [Template(key, record.fields, is_preset=False) for key in kept if (record := shelf.get("bank_template", key)) is not None]
    found += [each for each in _presets() if each.id not in kept]
    return sorted(found, key=lambda each: (each.is_retired, not each.bank, each.bank, each.name, each.id))


def find(template_id: str) -> Template | None:
    """The template with this id, or None."""
    return next((each for each in every() if each.id == template_id), None)


def for_bank(bank: str) -> list[Template]:
    """The templates a bank's file may be made with, its own first."""
    return [each for each in every() if not each.is_retired and each.bank in ("", bank)]


def save(actor: Actor, now: datetime, template_id: str, values: Mapping[str, tuple[Any, Any]], *, is_new: bool) -> Result:
    """Hands a template in: field → (seen, wanted). One the portal began with becomes the office's own."""
    return door.submit_one(actor, now, "bank_template", template_id, values, create=is_new)


def sample(layout: Layout, bank: str, month: str) -> list[Transfer]:
    """Transfers that show what a layout does with names, where the month has none to show. No real person's."""
    known = banks.find(bank) or banks.BANKS[0]
    people = (
        ("Nguyễn Thị Hường", "0001"),
        ("Đặng Đức Ước", "0002"),
        ("Lưu Quỳnh Như", "0003"),
        ("Trần Văn Kỷ", "0004"),
        ("Phạm Thị Ấu", "0005"),
    )
    return [
        Transfer(f"LH99999-{number}/1", f"00009900{number}", name, name, known.name, known.bin, 500_000 + 250_000 * place, "Xã Mẫu")
        for place, (name, number) in enumerate(people[:SHOWN])
    ]


@cache
def _presets() -> tuple[Template, ...]:
    given = tomllib.loads(_PRESETS.read_text(encoding="utf-8"))
    found = []
    for key, values in given.items():
        read = {name: field.read(values.get(name)) for name, field in TEMPLATE.fields.items()}
        found.append(Template(named("bank-template", key), {**read, "state": "active"}, is_preset=True))
    return tuple(found)
