"""What the bank, or the post office, says became of a month's lines: looked at first, then booked whole, or not at all.

What nobody has marked yet is booked by one journalled step (`sync.kinds.result_file`); a `paid` that is taken back, a line that is
held, or one that somebody marked otherwise is an edit of its own, with all the door's rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from portal import door, result_check
from portal.clock import utc_text
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.result_file import ResultFile, ResultUpload
from portal.result_check import Booking, Checked, Sent, Source, Table
from portal.schedule import Communes
from sync import line_sets
from sync.edit import Actor, Edit
from sync.ids import named

KEPT = timedelta(days=1)
"""How long a file that was looked at waits to be confirmed."""
_UNDO = 1_000_000
"""Added to a row's number for the edit that takes an earlier `paid` back before the row's own."""
_FILE = 2_000_000
"""The number of the edit that books the file."""
_SENT = ("id", "line_code", "full_name", "commune", "total", "bank", "account", "recipient", "state", "mark", "hold", "addendum")
_REST = "Các khoản còn lại"


class Applied(Struct, frozen=True):
    """What became of a file: rows written, rows that said nothing new, paid ones that are held back, those the door kept aside.

    `changed` is true where somebody marked or held a line since the file was looked at: the file itself was not booked.
    """

    paid: int
    unpaid: int
    unchanged: int
    on_hold: int
    kept: int
    changed: bool


class Upload(Struct, frozen=True):
    """A file somebody has looked at, waiting for their yes. `at` is the moment its marks get."""

    key: str
    month: str
    name: str
    at: str
    content: bytes


class Handed(Struct, frozen=True):
    """A file that was booked: whose, when, how many lines, how many of them paid."""

    source: str
    name: str
    lines: int
    paid: int
    amount: int
    by: str
    at: str


def check(month: str, communes: Communes, table: Table) -> Checked:
    """Looks at the whole file; see `portal.result_check.check`."""
    cash = table.source == "post"
    return result_check.check(sent(month, communes, cash=cash), _codes(month, communes, cash=not cash), table, month)


def sent(month: str, communes: Communes, *, cash: bool) -> list[Sent]:
    """The published lines of a month that are paid in cash, or into accounts."""
    found = _of_month(month, communes, cash=cash)
    rows: Any = found.select(*(getattr(Payment, name) for name in _SENT)).tuples()
    return [_sent(row) for row in rows]


def apply(actor: Actor, now: datetime, month: str, checked: Checked, *, name: str, digest: str = "", at: str = "") -> Applied:
    """Books a file that is right.

    `actor.device` is named by the form, so that a second press is the same edits. `at` (UTC text) is the marks' moment, else `now`.
    """
    news = [each for each in checked.bookings if _is_new(each)]
    free = [each for each in news if each.line.mark is None and each.line.hold is None and each.line.state == "planned"]
    moment = at or utc_text(now)
    edits = _single(news, {each.line.id for each in free}, moment, checked.source)
    list_id = posted(month)
    if free and list_id is not None:
        edits = [_file(actor, list_id, checked.source, _grouped(free, moment), name, digest, moment), *edits]
    results = {result.n: result for result in door.submit(edits, actor, now).results} if edits else {}
    changed = bool(free) and (_FILE not in results or results[_FILE].reason is not None)
    outcomes = {each.row: "changed" if changed else "applied" for each in free}
    outcomes |= {each.row: results[each.row].fields.get("mark", "refused") for each in news if each.row in results}
    applied = [each for each in news if outcomes[each.row] == "applied"]
    return Applied(
        paid=sum(each.mark["state"] == "paid" for each in applied),
        unpaid=sum(each.mark["state"] != "paid" for each in applied),
        unchanged=len(checked.bookings) - len(news) + sum(outcome == "unchanged" for outcome in outcomes.values()),
        on_hold=sum(each.mark["state"] == "paid" and each.line.hold is not None for each in applied),
        kept=sum(outcome not in ("applied", "unchanged", "changed") for outcome in outcomes.values()),
        changed=changed,
    )


def news(checked: Checked) -> int:
    """How many of a file's rows say something new."""
    return sum(_is_new(each) for each in checked.bookings)


def book(
    actor: Actor, now: datetime, list_id: str, source: Source, marks: Iterable[tuple[Mapping[str, Any], Sequence[str]]], *, name: str
) -> bool:
    """Marks many lines at once that nobody has marked or held back, in one journalled step: (mark, ids of its lines), all or none.

    Returns whether it was done: not where one of the lines is not free any more.
    """
    booked = [{"mark": dict(mark), "lines": line_sets.packed(ids)} for mark, ids in marks if ids]
    if not booked:
        return True
    edit = _file(actor, list_id, source, booked, name, "", utc_text(now))
    return door.submit([edit], actor, now).results[0].reason is None


def remaining(month: str, communes: Communes) -> list[Sent]:
    """Transfers nobody has answered for yet, in a fixed order."""
    return sorted((line for line in sent(month, communes, cash=False) if line.state == "planned"), key=lambda line: line.id)


def pay_remaining(actor: Actor, now: datetime, month: str, communes: Communes) -> int:
    """Marks every transfer without a result as paid; returns how many."""
    lines, list_id = remaining(month, communes), posted(month)
    if not lines or list_id is None:
        return 0
    mark = {"state": "paid", "how": "bank", "at": utc_text(now)}
    return len(lines) if book(actor, now, list_id, "bank", [(mark, [line.id for line in lines])], name=_REST) else 0


def posted(month: str) -> str | None:
    """The id of a month's list with the post office, or None."""
    found = PaymentList.get_or_none(PaymentList.month == month, PaymentList.state == "posted")
    return None if found is None else str(found.id)


def keep(account: str, now: datetime, month: str, name: str, content: bytes) -> Upload:
    """Keeps a file until its sender says yes, or a day has passed."""
    key = hashlib.sha256(b"\x1f".join((account.encode(), month.encode(), content))).hexdigest()
    ResultUpload.delete().where(ResultUpload.at < utc_text(now - KEPT)).execute()
    if ResultUpload.get_or_none(ResultUpload.key == key) is None:
        ResultUpload.insert(key=key, account=account, month=month, name=name[:200], at=utc_text(now), content=content).on_conflict_ignore().execute()
    found = kept(account, key)
    return found if found is not None else Upload(key, month, name[:200], utc_text(now), content)


def kept(account: str, key: str) -> Upload | None:
    """A file this account has looked at, or None."""
    found = ResultUpload.get_or_none(ResultUpload.key == key, ResultUpload.account == account)
    return None if found is None else Upload(found.key, found.month, found.name, found.at, bytes(found.content))


def drop(account: str, key: str) -> None:
    """Forgets a file that was booked, or will not be."""
    ResultUpload.delete().where(ResultUpload.key == key, ResultUpload.account == account).execute()


def handed_in(month: str) -> list[Handed]:
    """The files that were booked for a month, the newest first."""
    rows = ResultFile.select().where(ResultFile.month == month).order_by(ResultFile.at.desc(), ResultFile.id)
    return [Handed(row.source or "", row.name or "", row.lines or 0, row.paid or 0, row.amount or 0, row.by or "", row.at or "") for row in rows]


def digest_of(upload: Upload) -> str:
    """SHA-256 (hex) of the file's bytes."""
    return hashlib.sha256(upload.content).hexdigest()


def _of_month(month: str, communes: Communes, *, cash: bool) -> Any:
    wanted: list[Any] = [Payment.month == month, Payment.published, (Payment.method == "cash") if cash else (Payment.method != "cash")]
    wanted += [] if communes is None else [Payment.commune.in_(sorted(communes))]
    return Payment.select().where(*wanted)


def _codes(month: str, communes: Communes, *, cash: bool) -> list[str]:
    rows: Any = _of_month(month, communes, cash=cash).select(Payment.line_code).tuples()
    return [code for (code,) in rows]


def _sent(row: Sequence[Any]) -> Sent:
    given = dict(zip(_SENT, row, strict=True))
    texts: dict[str, Any] = {name: given[name] or "" for name in _SENT if name not in ("total", "addendum", "mark", "hold")}
    texts |= {name: json.loads(given[name]) if given[name] else None for name in ("mark", "hold")}
    return Sent(**texts, total=int(given["total"] or 0), addendum=int(given["addendum"] or 0))


def _single(news: Iterable[Booking], free: set[str], at: str, source: Source) -> list[Edit]:
    """Edits for the rows that are more than a first mark. A transfer that was paid and came back is taken back first."""
    edits = []
    for each in news:
        if each.line.id in free:
            continue
        if source == "bank" and each.mark["state"] == "rejected" and (each.line.mark or {}).get("how") == "bank" and each.line.state == "paid":
            why = f"Ngân hàng trả lại: {each.mark['reason']}"
            back = {"mark": (each.line.mark, None)}
            edits.append(Edit(n=_UNDO + each.row, kind="payment", record=each.line.id, op="set", set=back, at=at, why=why))
        mark = {**each.mark, "at": at}
        edits.append(Edit(n=each.row, kind="payment", record=each.line.id, op="set", set={"mark": (None, mark)}, at=at))
    return edits


def _grouped(free: Iterable[Booking], at: str) -> list[dict[str, Any]]:
    """The marks with the lines that get them; the same marks are one group."""
    groups: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for each in free:
        mark = {**each.mark, "at": at}
        groups.setdefault(json.dumps(mark, sort_keys=True), (mark, []))[1].append(each.line.id)
    return [{"mark": mark, "lines": line_sets.packed(ids)} for _, (mark, ids) in sorted(groups.items())]


def _file(actor: Actor, list_id: str, source: Source, booked: list[dict[str, Any]], name: str, digest: str, at: str) -> Edit:
    values = {"list": list_id, "source": source, "name": name, "booked": booked, **({"digest": digest} if digest else {})}
    record = named("result-file", actor.device, list_id)
    return Edit(n=_FILE, kind="result_file", record=record, op="create", set={key: (None, value) for key, value in values.items()}, at=at)


def _is_new(each: Booking) -> bool:
    """Whether a row says more than stands there. How cash was handed out, the staff who did so know better than a file."""
    current, wanted = each.line.mark, each.mark
    if current is None:
        return True
    by_bank = wanted.get("how") == "bank"
    names = ("state", "how", "reason") if by_bank else ("state",)
    return (current.get("how") == "bank") != by_bank or any(current.get(name) != wanted.get(name) for name in names)
