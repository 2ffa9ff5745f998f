"""Payment files for banks: what of a month is left to send, what was sent when and by whom, and what was left out and why."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any, cast

from msgspec import Struct
from peewee import fn

from portal import bank_file_steps, door
from portal.bank_file_steps import TO_SEND, TRANSFER, within
from portal.bank_template import Template
from portal.list_lines import dialect, execute
from portal.models.bank_file import BankFile, BankFileLine
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.schedule import Communes
from sync import bank_layout, banks
from sync.bank_layout import FIELDS, Transfer
from sync.edit import Actor, Result

LISTED = 200
"""Lines that are shown of those left out."""
_IN_MEMORY = 2 * 1024 * 1024
_SUMS = """
SELECT p.bank, COUNT(*), COALESCE(SUM(p.total), 0),
  COALESCE(SUM(CASE WHEN f.payment IS NULL THEN 0 ELSE 1 END), 0), COALESCE(SUM(CASE WHEN f.payment IS NULL THEN 0 ELSE p.total END), 0),
  COALESCE(SUM(CASE WHEN f.payment IS NULL AND p.state = 'planned' AND p.total > 0 THEN 1 ELSE 0 END), 0),
  COALESCE(SUM(CASE WHEN f.payment IS NULL AND p.state = 'planned' AND p.total > 0 THEN p.total ELSE 0 END), 0)
FROM payment p LEFT JOIN bank_file_line f ON f.payment = p.id
WHERE p.list = :list AND p.published = :yes AND p.method <> 'cash' {within}
GROUP BY p.bank ORDER BY p.bank
"""
_ALL = "{transfer} FROM (SELECT p.*, 0 AS place {to_send} AND p.bank = :bank) p JOIN (SELECT 0 AS place) f ON 1 = 1"
_ORDER = " ORDER BY p.commune {C}, COALESCE(p.hamlet, '') {C}, COALESCE(p.sort_key, '') {C}, p.line_code {C}, p.id {C}"


class Bank(Struct, frozen=True):
    """What a month has for one bank, in lines and đồng: all of it, what is in files, what is left to send."""

    name: str
    bin: str
    lines: int
    amount: int
    sent_lines: int
    sent_amount: int
    left_lines: int
    left_amount: int

    @property
    def left_out(self) -> int:
        """Lines in no file that no file will carry."""
        return self.lines - self.sent_lines - self.left_lines


class File(Struct, frozen=True):
    """A file that was made. `downloaded` tells who took it when: {"by", "name", "at"}."""

    id: str
    list: str
    month: str
    bank: str
    number: int
    template: str
    layout: Mapping[str, Any]
    lines: int
    total: int
    digest: str
    by: str
    by_name: str
    at: str
    downloads: int
    downloaded: tuple[Mapping[str, str], ...]

    @property
    def name(self) -> str:
        """The name to save it under: month, bank and number stand in it."""
        known = banks.find(self.bank)
        bank = bank_layout.without_accents(known.name if known is not None else self.bank)
        kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in bank).strip("-").lower()
        return f"chuyen-khoan-{self.month}-{kept or 'ngan-hang'}-{self.number:02d}.{self.layout.get('format') or 'csv'}"


class LeftOut(Struct, frozen=True):
    """A line no file carries, or one that was sent and should not have been: why is a code of `_why`, `hold` its reason's code."""

    id: str
    line_code: str
    full_name: str
    commune: str
    total: int
    why: str
    hold: str
    number: int


def posted(month: str) -> str | None:
    """The id of a month's list, where it is with the post office (posted, not yet settled)."""
    found = PaymentList.get_or_none(PaymentList.month == month, PaymentList.state == "posted")
    return None if found is None else str(found.id)


def overview(list_id: str, communes: Communes) -> list[Bank]:
    """What the list has for each bank, by name."""
    values: dict[str, Any] = {"list": list_id, "yes": True}
    rows = execute(door.store(), _SUMS.format(within=within(communes, values)), values).fetchall()
    return [Bank(row[0] or "", _bin(row[0] or ""), *(int(value) for value in row[1:])) for row in rows]


def files(month: str) -> list[File]:
    """A month's files, by bank, the newest first."""
    rows = BankFile.select(BankFile.id).where(BankFile.month == month).order_by(BankFile.bank, BankFile.number.desc())
    return [file for row in rows if (file := find(str(row.id))) is not None]


def find(file_id: str) -> File | None:
    """One file, or None."""
    record = door.shelf().get("bank_file", file_id)
    if record is None:
        return None
    values = {name: record[name] for name in File.__struct_fields__ if name != "id"}
    return File(id=record.id, **{**values, "downloaded": tuple(values["downloaded"] or ())})


def make(actor: Actor, now: datetime, file_id: str, list_id: str, bank: str, template: Template) -> Result:
    """Makes the bank's next file of what was in no file before."""
    layout = {name: template.values.get(name) for name in FIELDS}
    pairs = {"list": (None, list_id), "bank": (None, bank), "template": (None, template.name), "layout": (None, layout)}
    return door.submit_one(actor, now, "bank_file", file_id, pairs, create=True)


def download(actor: Actor, now: datetime, file: File, seen: int) -> Result:
    """Writes down that the file is taken; `seen` is how often it was, by what the person was shown."""
    return door.submit_one(actor, now, "bank_file", file.id, {"downloads": (seen, seen + 1)})


def content(file: File) -> IO[bytes]:
    """The file's bytes, the same whenever they are asked for; to be read from their beginning, and closed."""
    out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # whoever sends it closes it
    about = {
        "file": file.id, "month": file.month, "bank": file.bank, "layout": file.layout, "number": file.number, "by_name": file.by_name, "at": file.at,
    }  # fmt: skip
    bank_file_steps.write(door.store(), cast("IO[bytes]", out), about)
    out.seek(0)
    return cast("IO[bytes]", out)


def to_send(list_id: str, bank: str, communes: Communes, most: int = 0) -> Iterator[Transfer]:
    """What the bank's next file would carry, in order; `most` of them (0: all)."""
    values: dict[str, Any] = {"list": list_id, "bank": bank, "yes": True, "last": "9999-12-31"}
    store = door.store()
    sql = _ALL.format(transfer=TRANSFER, to_send=TO_SEND.format(within=within(communes, values)))
    limit = f" LIMIT {int(most)}" if most else ""
    for row in execute(store, f"{sql}{_ORDER.format(C=dialect(store)['C'])}{limit}", values):
        yield bank_file_steps.transfer(row)


def left_out(list_id: str, communes: Communes, bank: str = "") -> list[LeftOut]:
    """Lines that are paid into an account and are in no file, nor will be as they stand: held back, answered for, or of no sum."""
    wanted: list[Any] = [BankFileLine.file.is_null(), (Payment.state != "planned") | (Payment.total == 0)]
    wanted += [Payment.bank == bank] if bank else []
    return _lines(list_id, communes, wanted)


def recalled(list_id: str, communes: Communes) -> list[LeftOut]:
    """Lines that went to the bank and are held back, or were replaced, since: whoever sends money has to be told."""
    return _lines(list_id, communes, [BankFileLine.file.is_null(is_null=False), Payment.state == "withheld"])


def _lines(list_id: str, communes: Communes, wanted: list[Any]) -> list[LeftOut]:
    names = (Payment.id, Payment.line_code, Payment.full_name, Payment.commune, Payment.total, Payment.state, Payment.hold)
    within_ = [] if communes is None else [Payment.commune.in_(sorted(communes))]
    query: Any = (
        Payment.select(*names, fn.COALESCE(BankFile.number, 0))
        .left_outer_join(BankFileLine, on=(BankFileLine.payment == Payment.id))
        .left_outer_join(BankFile, on=(BankFile.id == BankFileLine.file))
        .where(Payment.list == list_id, Payment.published, Payment.method != "cash", *within_, *wanted)
        .order_by(Payment.line_code, Payment.addendum)
        .limit(LISTED)
    )
    return [_left_out(row) for row in query.tuples()]


def _left_out(row: tuple[Any, ...]) -> LeftOut:
    id_, code, name, commune, total, state, hold, number = row
    told = json.loads(hold) if hold else {}
    return LeftOut(id_, code, name, commune, int(total), "no_sum" if not total else state, str(told.get("reason") or ""), int(number))


def _bin(bank: str) -> str:
    known = banks.find(bank)
    return known.bin if known is not None else ""
