"""What a change does to rights and money, before and after it is decided: codes and figures, which a page puts in words.

Payments are read from lists that are not settled; sums are whole đồng, months "YYYY-MM".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field
from peewee import fn

from portal import clock
from portal.law import amount as money
from portal.law import book
from portal.law.errors import LawError
from portal.models.entitlement import Entitlement
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.person import Person
from sync.enact import ENDS_PERSON
from sync.kinds.change import DEATH


class Effect(Struct, frozen=True):
    """One thing a change does, by `code`.

    On rights: stops, suspends, resumes, resumes_anew (without the suspended months), alive (an exit by death is taken back), starts,
    arrears, unlisted (months before the first list, which no list brings), forgoes (months that are not paid), adjusts, method, sets, person_dead, person_moved. On payments: holds (will be held),
    held (is held now), due (held, but rightly due), releases (will be let go), paid_after (paid for a month without a right).
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def monthly(category: str | None, coefficient10: int | None, month: str | None) -> int | None:
    """Amount in đồng of a line in a month; None where the law of that month has no such category."""
    if not category or not coefficient10 or not month:
        return None
    try:
        law = book.load().at(month)
        return money.amount(law, coefficient10, rate=law.category(category).rate)
    except LawError:
        return None


def effects(change: Mapping[str, Any], open_month: str) -> tuple[Effect, ...]:
    """What the change does, or did. `change` has the catalogue's fields and "id"; `open_month` is the next list's month."""
    done = change.get("state") in ("rejected", "withdrawn")
    found: list[Effect] = []
    if not done:
        found += _on_rights(change, open_month)
    if change["type"] in ("decrease", "suspension") and change.get("person"):
        found += _on_payments(change, done=done)
    return tuple(found)


def _on_rights(change: Mapping[str, Any], open_month: str) -> list[Effect]:
    kind, effective = change["type"], change.get("effective")
    if kind in ("decrease", "suspension"):
        return _ending(change)
    if kind == "adjustment":
        return _adjusting(change)
    if kind in ("payment_method", "correction"):
        names = sorted(change.get("target_set") or ())
        method_month = effective if change.get("state") == "approved" and effective else open_month
        return [Effect("method", {"month": method_month}) if name == "payment_method" else Effect("sets", {"field": name}) for name in names]
    if change["reason"] == "TIEP_TUC":
        found = [effect for right in _rights(change) if right.suspended_from for effect in _resuming(change, right, open_month)]
        return found + ([Effect("alive")] if Person.select().where(Person.id == change.get("person"), Person.status == "dead").exists() else [])
    sum_ = monthly(change.get("category"), change.get("coefficient10"), effective)
    found = [Effect("starts", {"month": effective, "amount": sum_, "category": change.get("category")})]
    if effective and effective < open_month:
        first = PaymentList.select(fn.MIN(PaymentList.month)).scalar() or open_month
        last = min(clock.month_after(open_month, -1), _last_alive(change))
        unlisted, months = _span(effective, min(last, clock.month_after(first, -1))), _span(max(effective, first), last)
        if months:
            owed = sum(monthly(change.get("category"), change.get("coefficient10"), month) or 0 for month in months)
            found.append(Effect("arrears", {"line": "", "since": months[0], "until": last, "count": len(months), "amount": owed}))
        if unlisted:
            found.append(Effect("unlisted", {"since": unlisted[0], "until": unlisted[-1], "count": len(unlisted)}))
    return found


def _last_alive(change: Mapping[str, Any]) -> str:
    """The last month that is due to somebody who has died; a month that never comes for anybody else."""
    died = Person.get_or_none(Person.id == change.get("person"), Person.status == "dead") if change.get("person") else None
    return str(died.closed)[:7] if died is not None and died.closed else "9999-12"


def resumption(change: Mapping[str, Any], open_month: str) -> tuple[tuple[Effect, ...], tuple[Effect, ...]] | None:
    """What resuming does with the suspended months, and without them; None where there is nothing to choose."""
    if change["reason"] != "TIEP_TUC":
        return None
    with_them, without = (effects({**change, "without_arrears": chosen}, open_month) for chosen in (False, True))
    return (with_them, without) if with_them != without else None


def _resuming(change: Mapping[str, Any], right: Any, open_month: str) -> list[Effect]:
    """A suspended right goes on: from when, which of the months between are paid, how, and which are not."""
    since, effective, last = str(right.suspended_from), str(change.get("effective") or ""), clock.month_after(open_month, -1)
    anew = bool(change.get("without_arrears")) and effective > since
    first = effective if anew else since
    rows = _listed(right.id, since)
    lost = [month for month in _span(since, clock.month_after(first, -1)) if rows.get(month) != "paid"]
    let_go = {month for month, state in rows.items() if state == "held" and month >= first}
    owed = [month for month in _span(first, last) if rows.get(month) != "paid" and month not in let_go]
    found = [Effect("resumes_anew" if anew else "resumes", {"line": right.line_code, "month": first})]
    for code, months in (("arrears", owed), ("forgoes", lost), ("releases", sorted(let_go))):
        if months:
            amount = sum(monthly(right.category, right.coefficient10, month) or 0 for month in months)
            told = {"line": right.line_code, "since": months[0], "until": months[-1], "months": months}
            found.append(Effect(code, {**told, "count": len(months), "amount": amount}))
    return found


def _listed(right: str, since: str) -> dict[str, str]:
    """Month → "paid", or "held" where a right's payment waits on a list that is not settled yet."""
    rows: Any = (
        Payment.select(Payment.month, Payment.state, PaymentList.state.alias("list_state"))
        .join(PaymentList, on=(PaymentList.id == Payment.list))
        .where(Payment.entitlement == right, Payment.month >= since, Payment.state.in_(("paid", "withheld")))
        .objects()
    )
    return {row.month: "paid" if row.state == "paid" else "held" for row in rows if row.state == "paid" or row.list_state != "settled"}


def _ending(change: Mapping[str, Any]) -> list[Effect]:
    code, effective = ("stops" if change["type"] == "decrease" else "suspends"), change.get("effective")
    approved = change.get("state") == "approved"
    found: list[Effect] = []
    for right in _rights(change):
        if any(told.values["line"] == right.line_code for told in found):
            continue  # what the line would have become later
        ended = right.stop_month if code == "stops" else right.suspended_from
        if approved and ended != effective:
            continue
        if not approved and right.stop_month and effective and right.stop_month <= effective:
            continue
        sum_ = monthly(right.category, right.coefficient10, effective)
        found.append(Effect(code, {"line": right.line_code, "month": effective, "amount": sum_}))
    status = ENDS_PERSON.get(change["reason"])
    if status and not change.get("entitlement"):
        found.append(Effect(f"person_{status}", {"day": change.get("event_date")}))
    return found


def _adjusting(change: Mapping[str, Any]) -> list[Effect]:
    right = Entitlement.get_or_none(Entitlement.id == change.get("entitlement"))
    effective = change.get("effective")
    if right is None or not effective:
        return []
    category = change.get("category") or right.category
    coefficient10 = change.get("coefficient10") or right.coefficient10
    values = {
        "line": right.line_code,
        "month": effective,
        "before": monthly(right.category, right.coefficient10, effective),
        "after": monthly(category, coefficient10, effective),
    }
    return [Effect("adjusts", values)]


def _on_payments(change: Mapping[str, Any], *, done: bool) -> list[Effect]:
    rows: Any = (
        Payment.select(Payment, PaymentList.state.alias("list_state"))
        .join(PaymentList, on=(PaymentList.id == Payment.list))
        .where(Payment.person == change["person"], Payment.entitlement.is_null(False))
        .order_by(Payment.month)
        .objects()
    )
    found: dict[str, list[Any]] = {"held": [], "due": [], "holds": [], "paid_after": []}
    effective = change.get("effective")
    line = {right.id for right in _rights(change)} if change.get("entitlement") else None
    for row in rows:
        if line is not None and row.entitlement not in line:
            continue
        hold = json.loads(row.hold) if row.hold else None
        late = bool(effective and row.month >= effective)
        if row.state == "paid":
            if late and not done:
                found["paid_after"].append(row)
        elif hold and hold.get("change") == change.get("id"):
            found["due" if hold.get("due") else "held"].append(row)
        elif hold is None and not done and row.list_state != "settled" and (late or change["reason"] == DEATH):
            found["holds"].append(row)
    return [
        Effect(code, {"count": len(lines), "amount": sum(line.total or 0 for line in lines), "months": sorted({line.month for line in lines})})
        for code, lines in found.items()
        if lines
    ]


def _rights(change: Mapping[str, Any]) -> list[Any]:
    """Those of the line a change names, or all of the person's (`sync.enact`)."""
    wanted = Entitlement.person == change.get("person")
    if change.get("entitlement"):
        named = Entitlement.alias()
        line = named.select(named.line_code).where(named.id == change["entitlement"])
        wanted = Entitlement.line_code.in_(line)
    return list(Entitlement.select().where(wanted).order_by(Entitlement.line_code, Entitlement.start_month))


def _span(first: str, last: str) -> list[str]:
    found = []
    while first <= last:
        found.append(first)
        first = clock.month_after(first)
    return found
