"""What an approved change does to the register (Decree 20/2021, article 8)."""

from __future__ import annotations

import re
from typing import Any

from sync import highest, holds, methods, overpaid
from sync.desk import Desk
from sync.edit import Record, Refused
from sync.ids import uuid7
from sync.kinds.entitlement import pays_in
from sync.methods import month_after
from sync.values import ValueProblem, parse_month

_CODE = re.compile(r"(.*\D)(\d{1,9})")
_DATED_AGAIN = ("CHET", "MAT_TICH")
"""An event that happens once: approved again with another date, it corrects the months in which rights ended by it."""
_MAY_OVERPAY = ("decrease", "adjustment", "correction")
_MAY_REORDER = ("increase", "decrease", "adjustment")
ENDS_PERSON = {"CHET": "dead", "MAT_TICH": "dead", "CHUYEN_DI": "moved"}


def enact(desk: Desk, change: Record, decision: dict[str, Any]) -> None:
    """Writes an approved change. Raises `Refused` where it would write nothing, or lacks what it needs."""
    before = len(desk.writes)
    _BY_TYPE[change["type"]](desk, change, decision)
    if len(desk.writes) == before:
        raise Refused("invalid_value", field="decision", detail="writes_nothing")
    ordered = change["type"] in _MAY_REORDER and _reorder(desk, change)
    if change["person"] and (ordered or change["type"] in _MAY_OVERPAY):
        overpaid.recount(desk, change["person"])


def _reorder(desk: Desk, change: Record) -> bool:
    """Lets the highest allowance stand and the lower ones yield (article 6.2); whether that changed any."""
    person = desk.get("person", change["person"])
    if person is None or change["reason"] == "TIEP_TUC":
        return False
    if change["type"] == "decrease" and (change["entitlement"] is None or person["closed"] is not None):
        highest.forget(desk, person, _effective(change), change["reason"])
        return False
    ended = _death(desk, person) if change["type"] == "increase" else None
    if ended is None:
        return highest.settle(desk, person, _effective(change))
    changed = highest.settle(desk, person, _effective(change), until=ended["stop_month"])
    highest.forget(desk, person, ended["stop_month"], ended["stop_reason"])
    return changed


def _set_fields(desk: Desk, change: Record, decision: dict[str, Any]) -> None:
    target = desk.get(change["target_kind"], change["target"])
    if target is None:
        raise Refused("unknown_record")
    set_fields(desk, target, {name: pair[1] for name, pair in change["target_set"].items()}, change)


def set_fields(desk: Desk, target: Record, wanted: dict[str, Any], change: Record | None = None) -> None:
    """Writes decided values of a record with what goes with them: a person's rights move and are paid with the person."""
    if "payment_method" in wanted:
        methods.changed(desk, target, wanted["payment_method"], change)
    if target.kind == "person" and "payment_method" in wanted:
        _pay_alike(desk, target, wanted["payment_method"])
    commune = wanted.get("commune")
    if target.kind == "person" and commune is not None and commune != target["commune"]:
        former = [c for c in (*(target["former_communes"] or ()), target["commune"]) if c != commune]
        wanted["former_communes"] = former
        for right in desk.where("entitlement", person=target.id):
            desk.write(right, commune=commune)
        for kind in ("recovery", "funeral_grant"):
            for each in desk.where(kind, person=target.id):
                desk.write(each, commune=commune)
    desk.write(target, **wanted)


def _pay_alike(desk: Desk, person: Record, method: Any) -> None:
    """Rights paid as the person was are paid as the person is; one that is paid in its own way keeps it."""
    for right in desk.where("entitlement", person=person.id):
        if right["payment_method"] is not None and right["payment_method"] == person["payment_method"]:
            desk.write(right, payment_method=method)


def _increase(desk: Desk, change: Record, decision: dict[str, Any]) -> None:
    if change["reason"] == "TIEP_TUC":
        _reopen(desk, change)
        with_arrears = _brings_arrears(change, decision)
        for right in _suspended(desk, change, with_arrears=with_arrears):
            _resume(desk, change, right, with_arrears=with_arrears)
        return
    if change["category"] is None or change["coefficient10"] is None:
        raise Refused("invalid_value", field="category", detail="missing")
    effective = _start(desk, change, decision)
    person = desk.get("person", change["person"])
    if person is None:
        person = _new_person(desk, change)
    ended = _death(desk, person)
    if ended is not None and ended["stop_month"] <= effective:
        raise Refused("invalid_value", field="effective", detail="dead")
    if ended is None and person["closed"] is not None:
        desk.write(person, status="active", closed=None)
    count = len({right["line_code"] for right in desk.where("entitlement", person=person.id)})
    desk.create(
        "entitlement",
        uuid7(),
        {
            "person": person.id,
            "commune": person["commune"],
            "line_code": f"{person['code']}/{count + 1}",
            "category": change["category"],
            "coefficient10": change["coefficient10"],
            "child_birth": change["child_birth"],
            "payee": change["payee"],
            "payment_method": change["payment_method"] or person["payment_method"],
            "start_month": effective,
            **(ended or {}),
            "decision_no": decision.get("number"),
            "decision_date": decision.get("date"),
            "note": change["note"],
        },
    )


def _death(desk: Desk, person: Record) -> dict[str, Any] | None:
    """How a right ends whose person has died: a decision that comes after the death pays until it, and nobody lives again by it."""
    if person["status"] != "dead":
        return None
    for right in _ended_by_death(desk, person.id):
        return {name: right[name] for name in ("stop_month", "stop_reason")}
    return {"stop_month": month_after(str(person["closed"])[:7]), "stop_reason": _DATED_AGAIN[0]}


def _ended_by_death(desk: Desk, person: str) -> list[Record]:
    """The rights that a death ended, not those that had yielded to another before it (their reason is the death's by now)."""
    ended = [right for right in desk.where("entitlement", person=person) if right["stop_reason"] in _DATED_AGAIN]
    last = max((right["stop_month"] for right in ended), default=None)
    return [right for right in ended if right["stop_month"] == last]


def _reopen(desk: Desk, change: Record) -> None:
    """Takes back an exit by a death that has turned out not to be one: rights go on, what was held for it is let go."""
    person = desk.get("person", change["person"])
    if person is None or person["status"] != "dead":
        return
    ended = {right.id for right in _ended_by_death(desk, person.id)}
    for right in desk.where("entitlement", person=person.id):
        if right.id in ended:
            desk.write(right, stop_month=None, stop_reason=None)
        elif right["stop_reason"] in _DATED_AGAIN:
            desk.write(right, stop_reason=highest.YIELDS)
    desk.write(person, status="active", closed=None, death_date=None)
    held = [p for p in holds.unsettled(desk, person.id) if p["hold"] and p["hold"]["reason"] in _DATED_AGAIN]
    holds.release(desk, held, change["reason"], change.id)
    overpaid.recount(desk, person.id)


def _brings_arrears(change: Record, decision: dict[str, Any]) -> bool:
    """Whether the suspended months are paid: as whoever decides says, else as was proposed."""
    said = decision.get("arrears")
    return said if isinstance(said, bool) else not change["without_arrears"]


def _resume(desk: Desk, change: Record, right: Record, *, with_arrears: bool) -> None:
    """Pays a suspended right again; the months between are due as well, unless the decision says not (circular 02/2021, article 2.4).

    Without them the line ends with its suspension and begins anew, so that no list ever takes those months for owed.
    """
    since, effective = right["suspended_from"], change["effective"]
    if not with_arrears and effective is None:
        raise Refused("invalid_value", field="effective", detail="missing")
    if with_arrears or effective <= max(since, right["start_month"]):
        desk.write(right, suspended_from=None)
    else:
        before = {**right.fields, "suspended_from": None}
        desk.write(right, stop_month=since, stop_reason=change["reason"])
        desk.create("entitlement", uuid7(), {**before, "start_month": effective})
        since = effective
    held = [p for p in holds.unsettled(desk, right["person"], right.id) if p["month"] >= since and _is_suspension(desk, p["hold"])]
    holds.release(desk, held, change["reason"], change.id)


def _suspended(desk: Desk, change: Record, *, with_arrears: bool) -> list[Record]:
    """The rights that resuming is about; what was suspended with one of them and ended in between is due as well where arrears are."""
    found = [right for right in _rights(desk, change) if right["suspended_from"] is not None]
    alike = {(right["line_code"], right["suspended_from"]) for right in found}
    others = desk.where("entitlement", person=change["person"]) if with_arrears else []
    return found + [r for r in others if (r["line_code"], r["suspended_from"]) in alike and all(r.id != right.id for right in found)]


def _is_suspension(desk: Desk, hold: dict[str, Any] | None) -> bool:
    return bool(hold and hold.get("change") and desk.law.reason_type(hold["reason"]) == "suspension")


def _new_person(desk: Desk, change: Record) -> Record:
    data = change["new_person"]
    if not data:
        raise Refused("unknown_record", field="person")
    if any(c["state"] == "open" for c in desk.where("conflict", about=change.id)):
        raise Refused("invalid_value", field="decision", detail="same_person_open")
    values = {k: v for k, v in data.items() if k not in ("id", "code")}
    values.setdefault("payment_method", change["payment_method"] or {"method": "cash"})
    code = next_code(desk, values["commune"], data.get("code"))
    person = desk.create("person", data["id"], {**values, "code": code, "status": "active"})
    desk.write(change, person=person.id)
    return person


def next_code(desk: Desk, commune: str, wanted: str | None = None) -> str:
    """The code after the last one of the commune, in the form its codes have; the first of a commune is numbered from 1.

    A code that was proposed stands where it is one of the commune's and nobody's.
    """
    given = _CODE.fullmatch(wanted or "")
    if given is not None and given[1].endswith(f"{commune}-") and not desk.where("person", code=wanted):
        return given[0]
    found = [known for person in desk.where("person", commune=commune) if (known := _CODE.fullmatch(person["code"] or ""))]
    last = max(found, key=lambda known: (int(known[2]), known[1]), default=None)
    stem, number, width = (last[1], int(last[2]), len(last[2])) if last else (f"{commune}-", 0, 4)
    while True:
        number += 1
        code = f"{stem}{number:0{width}d}"
        if not desk.where("person", code=code):  # somebody who has moved away may have it
            return code


def _decrease(desk: Desk, change: Record, decision: dict[str, Any]) -> None:
    effective = _effective(change)
    for right in _rights(desk, change):
        if right["stop_month"] is None or effective < right["stop_month"]:
            desk.write(right, stop_month=effective, stop_reason=change["reason"])
    if change["reason"] in _DATED_AGAIN and not change["entitlement"]:
        for right in _ended_by_death(desk, change["person"]):
            desk.write(right, stop_month=effective)
    person = desk.get("person", change["person"])
    status = ENDS_PERSON.get(change["reason"])
    if person is not None and status is not None and change["entitlement"] is None:
        closed = change["event_date"] or f"{effective}-01"
        dead = {"death_date": change["event_date"]} if status == "dead" else {}
        desk.write(person, status=status, closed=closed, **dead)
    _hold_from(desk, change, effective)


def _suspend(desk: Desk, change: Record, decision: dict[str, Any]) -> None:
    effective = _effective(change)
    for right in _rights(desk, change):
        lasts = right["stop_month"] is None or right["start_month"] < right["stop_month"]
        begins_later = lasts and right["suspended_from"] is None and right["start_month"] > effective
        if begins_later or pays_in(right.fields, effective):
            desk.write(right, suspended_from=effective)
    _hold_from(desk, change, effective)


def _hold_from(desk: Desk, change: Record, effective: str) -> None:
    """Holds what is not due on lists drawn up already; what was paid nevertheless becomes an exception."""
    line = _line(desk, change)
    named = None if line is None else {right.id for right in line}
    payments = [p for p in holds.unsettled(desk, change["person"]) if named is None or p["entitlement"] in named]
    undue = [p for p in payments if p["month"] >= effective]
    held = [p for p in payments if p["month"] < effective and p["hold"] and _holds(change, p["hold"])]
    holds.withhold(desk, undue + held, change["reason"], change.id, effective)
    for payment in undue:
        if holds.state_of(payment["mark"], None) == "paid":
            holds.exception(desk, "paid_after_stop", payment, payment["mark"])


def _holds(change: Record, hold: dict[str, Any]) -> bool:
    """Whether a payment is held for this change, or for an earlier report of the same event."""
    return hold["change"] is not None and (hold["change"] == change.id or (hold["reason"] == change["reason"] and change["reason"] in _DATED_AGAIN))


def _adjust(desk: Desk, change: Record, decision: dict[str, Any]) -> None:
    """Ends the line as it was and begins it anew, so that every month keeps the sum that was right in it."""
    effective = _effective(change)
    right = desk.get("entitlement", change["entitlement"])
    if right is None:
        raise Refused("unknown_record", field="entitlement")
    wanted = {
        "category": change["category"] or right["category"],
        "coefficient10": change["coefficient10"] or right["coefficient10"],
        "child_birth": change["child_birth"] or right["child_birth"],
        "payee": change["payee"] or right["payee"],
    }
    if all(right[name] == value for name, value in wanted.items()):
        return
    wanted["decision_no"] = decision.get("number") or right["decision_no"]
    wanted["decision_date"] = decision.get("date") or right["decision_date"]
    if right["stop_month"] is not None and right["stop_month"] <= effective:
        raise Refused("invalid_value", field="effective", detail="ended")
    if effective < right["start_month"] and any(pays_in(other.fields, effective) for other in _line(desk, change) or ()):
        raise Refused("invalid_value", field="effective", detail="begins_later")
    if effective <= right["start_month"]:
        desk.write(right, **wanted)
        return
    before = dict(right.fields)
    desk.write(right, stop_month=effective, stop_reason=change["reason"])
    desk.create("entitlement", uuid7(), {**before, **wanted, "start_month": effective})


def _start(desk: Desk, change: Record, decision: dict[str, Any]) -> str:
    """The first month of a new right: the decision's own where the right counts from its signing (article 8.1)."""
    signed = decision.get("effective")
    if signed is not None:
        try:
            desk.write(change, effective=parse_month(signed))
        except ValueProblem as problem:
            raise Refused("invalid_value", field="decision", detail="effective") from problem
    return _effective(change)


def _effective(change: Record) -> str:
    if change["effective"] is None:
        raise Refused("invalid_value", field="effective", detail="missing")
    return str(change["effective"])


def _rights(desk: Desk, change: Record) -> list[Record]:
    """The rights a change is about, as far as they have not ended by its month: those of the line it names, or all of the person's."""
    effective, line = change["effective"], _line(desk, change)
    if line is not None and effective is None:
        return line
    rights = desk.where("entitlement", person=change["person"]) if line is None else line
    return [r for r in rights if r["stop_month"] is None or (effective is not None and effective < r["stop_month"])]


def _line(desk: Desk, change: Record) -> list[Record] | None:
    """The rights of the line a change names; None where it names none. A line may have one more from an age on that was decided ahead."""
    if not change["entitlement"]:
        return None
    named = desk.get("entitlement", change["entitlement"])
    return [] if named is None else [r for r in desk.where("entitlement", person=named["person"]) if r["line_code"] == named["line_code"]]


_BY_TYPE = {
    "increase": _increase,
    "decrease": _decrease,
    "suspension": _suspend,
    "adjustment": _adjust,
    "correction": _set_fields,
    "payment_method": _set_fields,
}
