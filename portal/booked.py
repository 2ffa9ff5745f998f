"""Marks that came with a whole file of results: which of them are a line's own, read from the journal of the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from portal.models.journal import Journal
from portal.models.payment import Payment
from portal.models.result_file import ResultFile
from sync.line_sets import holds


class Booked(Struct, frozen=True):
    """A mark a line got with a file: the journal's entry (`seq`, `at`, `account`, `role`, `unit`), the line, the mark, the file's name."""

    seq: int
    at: str
    account: str
    role: str
    unit: str
    line: str
    month: str
    mark: Mapping[str, Any]
    name: str


def of_lines(ids: Iterable[str]) -> list[Booked]:
    """What files said of these lines, in the journal's order."""
    rows: Any = Payment.select(Payment.id, Payment.month).where(Payment.id.in_(list(ids))).tuples()
    months: dict[str, list[str]] = {}
    for line, month in rows:
        months.setdefault(month, []).append(line)
    of_month: Any = ResultFile.select(ResultFile.id, ResultFile.month, ResultFile.name).where(ResultFile.month.in_(sorted(months))).tuples()
    files = {id_: (month, name) for id_, month, name in of_month} if months else {}
    entries: Any = Journal.select(Journal.seq, Journal.at, Journal.account, Journal.record, Journal.body).where(
        Journal.record.in_(sorted(files)), Journal.kind == "result_file"
    )
    found = []
    for seq, at, account, record, body in entries.order_by(Journal.seq).tuples() if files else ():
        told = msgspec.json.decode(body)
        month, name = files[record]
        about = {"seq": seq, "at": at, "account": account, "role": told["role"], "unit": told["unit"], "month": month, "name": name or ""}
        steps = told.get("bulk", ())
        for group in steps[0]["args"]["booked"] if steps else ():
            found += [Booked(line=line, mark=group["mark"], **about) for line in months[month] if holds(group["lines"], line)]
    return found
