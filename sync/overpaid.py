"""Money paid for months without a right: found from dates, kept as a recovery which the door opens and corrects by itself.

A right stops with the month after the event (Decree 20/2021, article 8.2); what was paid for that month or a later one is an
overpayment, whenever the event or the payment comes to be known. No text rules how it is recovered, so that it is never netted off:
a recovery is a ledger of its own (domain.md 2.2, 2.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sync.desk import Desk
from sync.edit import Record
from sync.ids import named

BANK = "bank"


def after_mark(desk: Desk, payment: Record, *, is_settled: bool) -> None:
    """Counts anew what a line was overpaid, once it was marked paid. Asks no further where its right stands as it was listed."""
    if payment["entitlement"] is None:
        recount(desk, payment["person"], (payment["line_code"],))
        return
    right = desk.get("entitlement", payment["entitlement"])
    if right is None or (not is_settled and _is_plain(payment, right)):
        return
    recount(desk, payment["person"], (payment["line_code"],))


def recount(desk: Desk, person: str, lines: Iterable[str] | None = None) -> None:
    """Brings the recoveries of a person (of these line codes; None: of all) to what the register says now.

    One that is not there is opened; months that are no overpayment any more stay in it, marked `void`; each change of its sum is kept.
    """
    every = desk.where("payment", person=person)
    grants = [p for p in every if p["entitlement"] is None and (lines is None or p["line_code"] in lines)]
    if grants:
        _recount_grants(desk, person, grants)
    payments = [p for p in every if p["entitlement"] is not None]
    rights = desk.where("entitlement", person=person)
    for line in sorted({p["line_code"] for p in payments}.intersection(lines) if lines is not None else {p["line_code"] for p in payments}):
        own = [p for p in payments if p["line_code"] == line]
        found = months_overpaid(desk, own, [r for r in rights if r["line_code"] == line])
        _keep(desk, person, line, own, found)


def _recount_grants(desk: Desk, person: str, payments: list[Record]) -> None:
    """The same of lines of funeral grants: nothing is due any more of one that was revoked."""
    revoked = {grant["line_code"] for grant in desk.where("funeral_grant", person=person) if grant["state"] == "revoked"}
    for line in sorted(revoked):
        own = [p for p in payments if p["line_code"] == line]
        found = {
            p["month"]: {
                "month": p["month"],
                "amount": p["total"] * (2 if _was_paid_twice(desk, p) else 1),
                "due": 0,
                "lists": [p["month"]],
                "payments": [p.id],
                "how": BANK if p["mark"].get("how") == BANK else "cash",
            }
            for p in own
            if is_paid(p) and p["total"]
        }
        if own:
            _keep(desk, person, line, own, found)


def months_overpaid(desk: Desk, payments: list[Record], rights: list[Record]) -> dict[str, dict[str, Any]]:
    """Month → what was paid for it on the lines of one line code beyond what was due: month, amount, due, lists, payments, how.

    `lists` are the months of the lists that paid it, `how` says whether it went into an account. Suspension ends no right: what is
    paid nevertheless is an exception for somebody to settle, for the right may be resumed with back pay (Circular 02/2021, article 2.4).
    """
    paid: dict[str, list[tuple[Record, Record, int]]] = {}
    again: dict[str, int] = {}
    for payment in payments:
        if is_paid(payment):
            twice = _was_paid_twice(desk, payment)
            for source, month, amount in _parts(desk, payment, payments):
                if amount:
                    paid.setdefault(month, []).append((payment, source, amount))
                    again[month] = again.get(month, 0) + amount * twice
    found = {}
    for month, parts in sorted(paid.items()):
        due = _due(desk, month, parts, rights)
        over = sum(amount for _, _, amount in parts) + again[month] - due
        if over > 0:
            by = sorted({payment.id: payment for payment, _, _ in parts}.values(), key=lambda p: (p["month"], p.id))
            found[month] = {
                "month": month,
                "amount": over,
                "due": due,
                "lists": sorted({p["month"] for p in by}),
                "payments": [p.id for p in by],
                "how": BANK if all(p["mark"].get("how") == BANK for p in by) else "cash",
            }
    return found


def is_paid(payment: Record) -> bool:
    """Whether the money has gone out."""
    return bool(payment["mark"] and payment["mark"]["state"] == "paid")


def _was_paid_twice(desk: Desk, payment: Record) -> bool:
    """Whether somebody has found that the line was paid a second time."""
    asked = desk.where("conflict", about=payment.id)
    return any(c["type"] == "double_payment" and (c["resolution"] or {}).get("choice") == "twice" for c in asked)


def standing(items: Iterable[dict[str, Any]]) -> int:
    """The sum in đồng of a recovery's months that are overpaid still."""
    return sum(item["amount"] for item in items if not item.get("void"))


def _is_plain(payment: Record, right: Record) -> bool:
    first = min((payment["month"], *(payment["carried_from"] or ())))
    return bool(
        right["stop_month"] is None
        and right["start_month"] <= first
        and right["coefficient10"] == payment["coefficient10"]
        and right["category"] == payment["category"]
        and not payment["addendum"]
        and not payment["hold"]
    )


def _parts(desk: Desk, payment: Record, payments: list[Record]) -> Iterator[tuple[Record, str, int]]:
    """A paid line's money as (line it was first listed on, month it was for, đồng): its own, and what it carried over."""
    yield from _own(desk, payment)
    carried = payment["carried_over"] or 0
    months = payment["carried_from"] or ()
    for source in payments:
        if carried > 0 and source["month"] in months and source.id != payment.id and not (source["hold"] and not source["hold"]["due"]):
            for part in _own(desk, source):
                yield part
                carried -= part[2]
    if carried > 0 and months:
        yield payment, min(months), carried


def _own(desk: Desk, line: Record) -> Iterator[tuple[Record, str, int]]:
    """What a line listed anew: the month's own sum, and what it was made up of for the months before."""
    yield line, line["month"], line["allowance"] or 0
    if line["arrears"]:
        for part in desk.where("arrears", line_code=line["line_code"], list=line["list"], addendum=line["addendum"]):
            yield line, part["month"], part["amount"]


def _due(desk: Desk, month: str, parts: list[tuple[Record, Record, int]], rights: list[Record]) -> int:
    """Đồng due for a month by the rights as they stand: nothing without one, and once only."""
    own = [r for r in rights if r["start_month"] <= month and (r["stop_month"] is None or month < r["stop_month"])]
    if not own:
        return 0
    right = max(own, key=lambda r: str(r["start_month"]))
    listed = [source for _, source, _ in parts if source["month"] == month]
    as_it_was = all((s["category"], s["coefficient10"]) == (right["category"], right["coefficient10"]) for _, s, _ in parts)
    paid = sum(amount for _, _, amount in parts)
    if as_it_was and len(listed) <= 1:
        return paid
    full = desk.law.amount(right["category"], right["coefficient10"], month)
    return paid if full is None else min(full, paid)


def _keep(desk: Desk, person: str, line: str, own: list[Record], found: dict[str, dict[str, Any]]) -> None:
    key = named("recovery", person, line)
    record = desk.get("recovery", key)
    if record is None:
        if found:
            _open(desk, key, person, own[0], list(found.values()))
        return
    gone = [{**item, "void": True} for item in record["items"] if item["month"] not in found]
    items = sorted([*found.values(), *gone], key=lambda item: str(item["month"]))
    if items == record["items"]:
        return
    before, after = record["overpaid"], standing(items)
    more: dict[str, Any] = {"items": items, "overpaid": after}
    if before != after:
        corrections = [*(record["corrections"] or ()), {"at": desk.now, "by": desk.actor.account, "before": before, "after": after}]
        more |= {"corrections": corrections, "state": "open", "written_off": 0, "closed_by": None, "closed_at": None, "closed_why": None}
    desk.write(record, **more)


def _open(desk: Desk, key: str, person: str, line: Record, items: list[dict[str, Any]]) -> None:
    whose = desk.get("person", person)
    desk.create(
        "recovery",
        key,
        {
            "person": person,
            "commune": whose["commune"] if whose is not None else line["commune"],
            "line_code": line["line_code"],
            "full_name": whose["full_name"] if whose is not None else line["full_name"],
            "items": items,
            "overpaid": standing(items),
            "holder": "account" if all(item["how"] == BANK for item in items) else "family",
            "state": "open",
            **dict.fromkeys(("repaid", "refunded", "handed_over", "written_off"), 0),
            "found_at": desk.now,
        },
    )
