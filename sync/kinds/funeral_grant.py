"""The grant towards a burial: asked for by the commune, decided by another, paid once with the next monthly list.

Decree 20/2021, articles 11 and 34.4 (form 04); Decree 176/2025 for the social pension. Never twice for one death.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import holds, shapes, values
from sync.desk import Desk, Shelf
from sync.edit import Outcome, Record, Refused
from sync.enact import next_code
from sync.fields import APPROVER, COMMUNE, DISTRICT, POST, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs
from sync.ids import named
from sync.journal import digest
from sync.overpaid import is_paid, recount
from sync.procedure import FUNERAL
from sync.text import fold

BASES = (
    Choice("recipient", "Người đang hưởng trợ cấp mất", "Somebody who received an allowance"),
    Choice("child", "Con của người đơn thân nghèo đang hưởng trợ cấp", "The child of a single poor parent"),
    Choice("monthly", "Người từ đủ 80 tuổi hưởng trợ cấp BHXH, trợ cấp hằng tháng khác", "80 or more, with another monthly allowance"),
)
STATES = (
    Choice("proposed", "Chờ duyệt", "Waiting for a decision"),
    Choice("approved", "Đã duyệt", "Approved"),
    Choice("rejected", "Không duyệt", "Rejected"),
    Choice("withdrawn", "Đã rút", "Withdrawn"),
    Choice("revoked", "Đã hủy quyết định", "Revoked"),
)
STANDING = ("proposed", "approved")
DEATH = "CHET"
UNDECIDED = ("proposed", "returned")
OLD_YEARS = 80
_code = partial(values.parse_text, max_length=80)
_text = partial(values.parse_text, max_length=160)
_long = partial(values.parse_text, max_length=500)
_LONGEST = 500


KIND = Kind(
    "funeral_grant",
    "Mai táng phí",
    "Funeral grant",
    fields(
        fixed("basis", "Trường hợp", "Case", "choice", one_of(BASES), choices=BASES, required=True, input="select"),
        fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        fixed("commune", "Xã, thị trấn", "Commune", "text", _code, input="commune"),
        fixed("hamlet", "Thôn/TDP", "Hamlet", "text", _code, input="hamlet"),
        fixed("deceased", "Họ và tên người mất", "Name of the deceased", "name", values.parse_name),
        fixed("birth", "Ngày sinh người mất", "Born", "birth", values.parse_birth),
        fixed("death_date", "Ngày mất", "Date of death", "birth", values.parse_birth, input="day"),
        fixed("burial_day", "Ngày mai táng", "Date of burial", "day", values.parse_day, input="day"),
        fixed("document", "Số giấy chứng tử", "Death certificate", "text", _code),
        fixed("stop_document", "Quyết định thôi hưởng của BHXH", "Stop decision of social insurance", "text", _code),
        fixed("organiser", "Người hoặc cơ quan tổ chức mai táng", "Who arranges the burial", "text", _text, required=True),
        fixed(
            "relation", "Quan hệ với người mất (cơ quan: người đại diện)", "Relation (agency: represented by)", "text", _text, required=True
        ),
        fixed(
            "organiser_id",
            "Số CCCD người tổ chức mai táng",
            "Organiser's citizen ID",
            "national_id",
            values.parse_national_id,
            hidden_from=POST,
        ),
        fixed(
            "payment_method", "Hình thức chi trả", "Payment method", "payment_method", values.parse_payment_method, input="payment_method"
        ),
        fixed("note", "Ghi chú", "Note", "text", _long, input="textarea"),
        fixed("line_code", "Mã dòng chi", "Line code", "text", _code),
        fixed("grant_code", "Loại mai táng phí", "Grant", "code", _code),
        fixed("rate", "Mức chuẩn", "Base rate", "money", values.parse_money),
        fixed("multiple", "Số lần mức chuẩn", "Multiple", "int", shapes.parse_int),
        fixed("amount", "Số tiền", "Amount", "money", values.parse_money),
        Field("state", "Trạng thái", "State", "choice", one_of(STATES), choices=STATES, direct=frozenset({COMMUNE, DISTRICT, APPROVER})),
        Field("decision", "Quyết định", "Decision", "json", shapes.parse_object, direct=frozenset({COMMUNE, DISTRICT, APPROVER})),
        fixed("author", "Người đề nghị", "Author", "text", _code),
        fixed("author_role", "Vai trò", "Author's role", "code", _code),
        fixed("at", "Thời điểm", "At", "text", _code),
        fixed("decided_by", "Người duyệt", "Decided by", "text", _code),
        fixed("decided_at", "Duyệt lúc", "Decided at", "text", _code),
        fixed("revoked_by", "Người hủy quyết định", "Revoked by", "text", _code),
        fixed("revoked_at", "Hủy lúc", "Revoked at", "text", _code),
        fixed("revoked_why", "Lý do hủy", "Revoked because", "text", _long),
    ),
    create=frozenset({COMMUNE, DISTRICT}),
)
ASKED = (
    "basis", "person", "commune", "hamlet", "deceased", "birth", "death_date", "burial_day", "document", "stop_document",
    "organiser", "relation", "organiser_id", "payment_method", "note",
)  # fmt: skip
"""What a request says; everything else is the door's."""


def shown(shelf: Shelf, record: Record) -> dict[str, Any]:
    """What a decider is shown, and what their decision's digest is over: the request with its sum, and how the person stands now."""
    person = shelf.get("person", record["person"]) if record["person"] else None
    now = [person["status"], person["death_date"], person["commune"]] if person is not None else None
    return {"asked": {name: record[name] for name in (*ASKED, "amount", "state")}, "person": now}


def shown_digest(shelf: Shelf, record: Record) -> str:
    """SHA-256 (hex) of `shown`."""
    return digest(shown(shelf, record))


def reached(birth: str, day: str, years: int) -> bool:
    """Whether somebody had reached an age in years; of what is not known of the birth, January and the first count (domain.md 4.2)."""
    by = f"{int(birth[:4]) + years:04d}{birth[4:]}"
    known = min(len(by), len(day))
    return by[:known] <= day[:known]


class FuneralGrantRules(Fieldwise):
    """From request to decision; the sum is the law's of the month of death."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Asks for the grant. Raises `Refused`: `no_death_report`, `no_grant`, `already`, …."""
        given = {name: value for name, value in values_.items() if value is not None}
        if not set(given) <= set(ASKED):
            raise Refused("forbidden", field=min(set(given) - set(ASKED)))
        if not desk.law.procedure(FUNERAL, desk.now).admits(desk.actor.role):
            raise Refused("forbidden", field="basis", detail="other_role")
        for field in KIND.fields.values():
            if field.required and given.get(field.name) is None:
                raise Refused("invalid_value", field=field.name, detail="missing")
        person = desk.get("person", given.get("person"))
        if given.get("person") and (person is None or not desk.actor.reaches(person["commune"])):
            raise Refused("unknown_record", field="person")
        made = {**given, **_who(desk, given, person)}
        if not desk.actor.reaches(made["commune"]):
            raise Refused("forbidden", field="commune", detail="other_area")
        if made.get("burial_day") and made["burial_day"] < made["death_date"]:
            raise Refused("invalid_value", field="burial_day", detail="before_death")
        _once(desk, made, desk.edit.record)
        made.setdefault("payment_method", {"method": "cash"})
        code, rate, multiple = _granted(desk, made)
        desk.create(
            "funeral_grant",
            desk.edit.record,
            {
                **made,
                "grant_code": code,
                "rate": rate,
                "multiple": multiple,
                "amount": rate * multiple,
                "state": "proposed",
                "author": desk.actor.account,
                "author_role": desk.actor.role,
                "at": desk.now,
            },
        )
        return dict.fromkeys(given, "proposed")

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """A decision, its revocation, or the author's withdrawal."""
        if not desk.actor.reaches(record["commune"]):
            raise Refused("unknown_record")
        if set(pairs) == {"decision"}:
            return {"decision": self._decide(desk, record, pairs["decision"][1])}
        if pairs.get("state", ("", ""))[1] == "revoked" and len(pairs) == 1:
            return {"state": self._revoke(desk, record, pairs["state"][0])}
        if set(pairs) != {"state"} or pairs["state"][1] != "withdrawn" or record["author"] != desk.actor.account:
            raise Refused("forbidden", field=min(pairs))
        if record["state"] == "withdrawn":
            return {"state": "unchanged"}
        if record["state"] != "proposed" or pairs["state"][0] != "proposed":
            return {"state": "conflict"}
        desk.write(record, state="withdrawn")
        return {"state": "applied"}

    def _decide(self, desk: Desk, record: Record, decision: Any) -> Outcome:
        if not isinstance(decision, dict) or decision.get("verdict") not in ("approve", "reject"):
            raise Refused("invalid_value", field="decision", detail="verdict")
        if any(
            not isinstance(decision.get(name) or "", str) or len(decision.get(name) or "") > _LONGEST
            for name in ("number", "date", "reason")
        ):
            raise Refused("invalid_value", field="decision", detail="reason")
        if desk.actor.role not in desk.law.procedure(FUNERAL, desk.now).decides:
            raise Refused("forbidden", field="decision")
        if record["author"] == desk.actor.account:
            raise Refused("forbidden", field="decision", detail="own_change")
        if record["state"] != "proposed" or decision.get("digest") != shown_digest(desk.shelf, record):
            return "conflict"
        if decision["verdict"] == "reject" and not decision.get("reason"):
            raise Refused("invalid_value", field="decision", detail="reason_missing")
        if decision["verdict"] == "approve":
            self._approve(desk, record)
        desk.write(
            record,
            state="approved" if decision["verdict"] == "approve" else "rejected",
            decision=decision,
            decided_by=desk.actor.account,
            decided_at=desk.now,
        )
        return "applied"

    def _revoke(self, desk: Desk, record: Record, seen: Any) -> Outcome:
        """Takes a wrong approval back: what waits to be paid is held, what was paid is to be recovered, and it may be asked for again.

        Raises:
            Refused: `carried_on` while the sum is on its way from a settled list to the next: it is held there once that list is frozen.
        """
        if desk.actor.role not in desk.law.procedure(FUNERAL, desk.now).decides:
            raise Refused("forbidden", field="state")
        if record["author"] == desk.actor.account:
            raise Refused("forbidden", field="state", detail="own_change")
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        if record["state"] == "revoked":
            return "unchanged"
        if record["state"] != "approved" or seen != "approved":
            return "conflict"
        standing = [p for p in desk.where("payment", person=record["person"]) if p["line_code"] == record["line_code"] and not _is_draft(desk, p)]
        last = max((p for p in standing if not _is_cancelled(p)), key=lambda p: (p["month"], p["addendum"] or 0), default=None)
        if last is not None and not is_paid(last) and _is_settled(desk, last):
            raise Refused("forbidden", field="state", detail="carried_on")
        desk.write(record, state="revoked", revoked_by=desk.actor.account, revoked_at=desk.now, revoked_why=desk.edit.why)
        holds.withhold(desk, [p for p in standing if not _is_settled(desk, p)], desk.edit.why, None, None)
        recount(desk, record["person"], (record["line_code"],))
        return "applied"

    def _approve(self, desk: Desk, record: Record) -> None:
        """Gives the line its code, on the facts as they were decided: the death has been, and once only."""
        person = desk.get("person", record["person"])
        if record["basis"] == "recipient":
            if person is None or person["status"] != "dead":
                raise Refused("forbidden", field="decision", detail="death_undecided")
            desk.write(record, death_date=person["death_date"])
        _once(desk, record.fields, record.id)
        code, rate, multiple = _granted(desk, record.fields)
        desk.write(record, grant_code=code, rate=rate, multiple=multiple, amount=rate * multiple)
        if person is None:
            person = desk.create("person", named("funeral", record.id), _buried(desk, record))
            desk.write(record, person=person.id)
        count = sum(1 for other in desk.where("funeral_grant", person=person.id) if other["line_code"])
        desk.write(record, line_code=f"{person['code']}/MT{count + 1 if count else ''}")


def _is_settled(desk: Desk, payment: Record) -> bool:
    owner = desk.get("payment_list", payment["list"])
    return owner is not None and owner["state"] == holds.CLOSED_TO_HOLDS


def _is_draft(desk: Desk, payment: Record) -> bool:
    """A draft is built again without the line; until then it is not frozen."""
    owner = desk.get("payment_list", payment["list"])
    return owner is None or owner["state"] == "draft"


def _is_cancelled(payment: Record) -> bool:
    """Held back for good, as a line is that a correction replaced."""
    return bool(payment["hold"] and not payment["hold"]["due"] and not is_paid(payment))


def _who(desk: Desk, given: dict[str, Any], person: Record | None) -> dict[str, Any]:
    """Who died, when and where, as the register and the reports say; or as the request does, of somebody who is not on the register."""
    basis = given["basis"]
    if basis != "monthly" and person is None:
        raise Refused("invalid_value", field="person", detail="missing")
    if person is not None and basis != "child":
        day = _death(desk, person) or given.get("death_date")
        if day is None:
            raise Refused("forbidden", field="person", detail="no_death_report")
        known = {"deceased": person["full_name"], "birth": person["birth"], "death_date": day, "hamlet": person["hamlet"]}
    else:
        for name in ("deceased", "birth", "death_date", *(() if person is not None else ("commune",))):
            if not given.get(name):
                raise Refused("invalid_value", field=name, detail="missing")
        known = {"death_date": given["death_date"]} | ({"hamlet": person["hamlet"]} if person is not None else {})
    if len(known["death_date"]) == len("YYYY"):
        raise Refused("invalid_value", field="death_date", detail="month_missing")
    if known["death_date"] > desk.law.day(desk.now)[: len(known["death_date"])]:
        raise Refused("invalid_value", field="death_date", detail="in_the_future")
    return {**known, "commune": person["commune"] if person is not None else given["commune"]}


def _death(desk: Desk, person: Record) -> str | None:
    """The day of a person's death as decided, else as the first report says that nobody has decided."""
    if person["status"] == "dead" and person["death_date"]:
        return str(person["death_date"])
    reports = [c for c in desk.where("change", person=person.id) if c["reason"] == DEATH and c["state"] in UNDECIDED and c["event_date"]]
    return str(reports[0]["event_date"]) if reports else None


def _granted(desk: Desk, made: dict[str, Any]) -> tuple[str, int, int]:
    """Code, level and multiple of the highest grant the law has (article 11.3: one only). Raises `Refused`."""
    month = made["death_date"][:7]
    if made["basis"] == "monthly":
        if not reached(made["birth"], made["death_date"], OLD_YEARS):
            raise Refused("invalid_value", field="birth", detail="not_old_enough")
        found = [desk.law.funeral_grant("monthly", None, month)]
    else:
        rights = desk.where("entitlement", person=made["person"])
        live = [r for r in rights if r["start_month"] <= month and (r["stop_month"] is None or month < r["stop_month"])]
        found = [desk.law.funeral_grant(made["basis"], right["category"], month) for right in live]
    grants = [each for each in found if each is not None]
    if not grants:
        raise Refused("forbidden", field="basis", detail="no_grant")
    return max(grants, key=lambda grant: grant[1] * grant[2])


def _once(desk: Desk, made: dict[str, Any], record: str) -> None:
    """Raises `Refused` where the same death has been asked for, or granted, already."""
    others = (
        desk.where("funeral_grant", person=made["person"]) if made.get("person") else desk.where("funeral_grant", commune=made["commune"])
    )
    for other in others:
        same = (other["basis"] == "child") == (made["basis"] == "child")
        if other.id == record or other["state"] not in STANDING or not same:
            continue
        named_alike = fold(other["deceased"]) == fold(made["deceased"]) and other["birth"] == made.get("birth")
        if (made.get("person") and made["basis"] != "child") or named_alike:
            raise Refused("forbidden", field="deceased", detail="already")


def _buried(desk: Desk, record: Record) -> dict[str, Any]:
    """The file of somebody who was not on the register: closed from the start, there for the list to name."""
    return {
        "code": next_code(desk, record["commune"]),
        "full_name": record["deceased"],
        "birth": record["birth"],
        "commune": record["commune"],
        "hamlet": record["hamlet"],
        "payment_method": {"method": "cash"},
        "status": "dead",
        "death_date": record["death_date"],
        "closed": record["death_date"],
    }


RULES = FuneralGrantRules(KIND)
