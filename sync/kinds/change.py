"""A change that waits for a decision: an increase, a decrease, an adjustment, a suspension, or proposed field values.

Who proposes, appraises and decides is asked of the law, by procedure and day; nobody decides their own (domain.md 1.5, 1.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk, Shelf
from sync.edit import Outcome, Record, Refused
from sync.enact import enact
from sync.fields import COMMUNE, DISTRICT, HAMLET, IMPORTER, OFFICE, POST, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs
from sync.holds import release, take_over, unsettled, withhold
from sync.journal import digest
from sync.kinds.person import KIND as PERSON
from sync.kinds.person import same_person
from sync.proposals import checked_target

TYPES = (
    Choice("increase", "Tăng", "Increase"),
    Choice("decrease", "Giảm", "Decrease"),
    Choice("adjustment", "Điều chỉnh", "Adjustment"),
    Choice("suspension", "Tạm dừng", "Suspension"),
    Choice("correction", "Đính chính", "Correction"),
    Choice("payment_method", "Hình thức chi trả", "Payment method"),
)
STATES = (
    Choice("proposed", "Chờ duyệt", "Waiting for a decision"),
    Choice("returned", "Trả lại hỏi thêm", "Returned with a question"),
    Choice("approved", "Đã duyệt", "Approved"),
    Choice("rejected", "Không duyệt", "Rejected"),
    Choice("withdrawn", "Đã rút", "Withdrawn"),
)
UNDECIDED = ("proposed", "returned")
ENDING = ("decrease", "suspension")
SETS_FIELDS = ("correction", "payment_method")
DEATH = "CHET"
UNAPPRAISED = {"wanted": True}
"""The appraisal of what someone reported who may not propose by themselves, until somebody vouches for it."""
_YEAR = 4
_LONGEST = 500
SHOWN = (
    "type",
    "reason",
    "person",
    "new_person",
    "commune",
    "effective",
    "event_date",
    "evidence",
    "note",
    "entitlement",
    "category",
    "coefficient10",
    "child_birth",
    "without_arrears",
    "payee",
    "payment_method",
    "target_kind",
    "target",
    "target_set",
)
_staff = OFFICE | POST
_all = _staff | {HAMLET}
_long = partial(values.parse_text, max_length=500)
_code = partial(values.parse_text, max_length=40)


def _given(name: str, label: str, label_en: str, type_: str, parse: Callable[[object], Any], **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, decide=OFFICE, **{"direct": _staff, **more})


KIND = Kind(
    "change",
    "Biến động",
    "Change",
    fields(
        fixed("type", "Loại biến động", "Type", "choice", one_of(TYPES), choices=TYPES, input="select"),
        fixed("reason", "Lý do", "Reason", "code", _code, required=True, input="reason"),
        fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        fixed("new_person", "Người mới", "New person", "json", shapes.parse_object, hidden_from=POST),
        fixed("commune", "Xã, thị trấn", "Commune", "text", _code),
        _given("effective", "Từ tháng", "Effective month", "month", values.parse_month, input="month"),
        _given("event_date", "Ngày xảy ra", "Date of the event", "birth", values.parse_birth, input="day", direct=_all),
        _given("evidence", "Giấy tờ kèm theo", "Evidence", "text", _long, direct=_all),
        _given("note", "Ghi chú", "Note", "text", _long, input="textarea", direct=_all),
        fixed("entitlement", "Chế độ", "Entitlement", "uuid", values.parse_uuid),
        _given("category", "Loại đối tượng", "Category", "text", _code, hidden_from=POST, input="category"),
        _given("coefficient10", "Hệ số", "Coefficient", "coefficient", values.parse_coefficient10, hidden_from=POST),
        _given("child_birth", "Ngày sinh của con", "Child's date of birth", "birth", values.parse_birth, hidden_from=POST, input="day"),
        _given("without_arrears", "Không truy lĩnh các tháng tạm dừng", "No back pay for the suspended months", "bool", values.parse_bool, input="checkbox"),
        _given("payee", "Người nhận", "Payee", "text", partial(values.parse_text, max_length=160)),
        _given(
            "payment_method",
            "Hình thức chi trả",
            "Payment method",
            "payment_method",
            values.parse_payment_method,
            input="payment_method",
        ),
        fixed("target_kind", "Bản ghi", "Record kind", "code", _code),
        fixed("target", "Mã bản ghi", "Record", "uuid", values.parse_uuid),
        fixed("target_set", "Giá trị đề nghị", "Proposed values", "json", shapes.parse_object, hidden_from=POST),
        fixed("state", "Trạng thái", "State", "choice", one_of(STATES), choices=STATES),
        fixed("question", "Câu hỏi", "Question", "text", _long),
        fixed("decision", "Quyết định", "Decision", "json", shapes.parse_object),
        fixed("author", "Người đề nghị", "Author", "text", values.parse_text),
        fixed("author_role", "Vai trò", "Author's role", "code", _code),
        fixed("at", "Thời điểm", "At", "text", values.parse_text),
        fixed("decided_by", "Người duyệt", "Decided by", "text", values.parse_text),
        fixed("decided_at", "Duyệt lúc", "Decided at", "text", values.parse_text),
        fixed("deciders", "Ai duyệt", "Who decides", "list", shapes.parse_list),
        Field("appraisal", "Thẩm định", "Appraisal", "json", shapes.parse_object, direct=OFFICE, decide=OFFICE),
    ),
    pulled=True,
    window="decided_at",
    create=_all,
)


def waits_for_appraisal(appraisal: Mapping[str, Any] | None) -> bool:
    """Whether a change was only reported, and nobody has vouched for it yet."""
    return bool(appraisal and appraisal.get("wanted"))


def shown(shelf: Shelf, change: Record) -> dict[str, Any]:
    """What a decider is shown, and what their decision's digest is over: the proposal, and what stands there now."""
    now: dict[str, Any] = {}
    if change["target"]:
        target = shelf.get(change["target_kind"], change["target"])
        now["target"] = {name: target.fields.get(name) for name in change["target_set"]} if target else None
    if change["person"]:
        person = shelf.get("person", change["person"])
        now["person"] = [person["status"], person["closed"], person["commune"]] if person else None
        now["rights"] = [
            [r.id, r["category"], r["coefficient10"], r["start_month"], r["stop_month"], r["suspended_from"]]
            for r in shelf.where("entitlement", {"person": change["person"]})
        ]
    return {"change": {name: change[name] for name in SHOWN}, "now": now}


def shown_digest(shelf: Shelf, change: Record) -> str:
    """SHA-256 (hex) of `shown`."""
    return digest(shown(shelf, change))


class ChangeRules(Fieldwise):
    """From proposal to decision."""

    def gather(self, shelf: Shelf, ids: Iterable[str]) -> None:
        """The conflicts about these changes, and the people they name."""
        known = list(ids)
        shelf.gather("conflict", "about", known)
        people = [c["person"] for i in known if (c := shelf.get("change", i)) and c["person"]]
        shelf.fetch("person", people)
        shelf.gather("entitlement", "person", people)

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Proposes. A reported death holds the person's unpaid payments back at once, before anyone decides."""
        for name in ("state", "question", "decision", "author", "author_role", "at", "decided_by", "decided_at", "deciders", "appraisal"):
            if values_.get(name) is not None:
                raise Refused("forbidden", field=name)
        reason = values_.get("reason")
        type_ = desk.law.reason_type(reason) if reason else None
        if type_ is None or values_.get("type") not in (None, type_):
            raise Refused("invalid_value", field="reason", detail="unknown_reason")
        powers = desk.law.procedure(type_, desk.now)
        if desk.actor.role != IMPORTER and not powers.admits(desk.actor.role):
            raise Refused("forbidden", field="reason", detail="other_role")
        values_ = {**values_, "type": type_, "commune": self._commune(desk, values_)}
        if type_ in SETS_FIELDS:
            values_.update(checked_target(desk, values_))
        elif any(values_.get(name) is not None for name in ("target_kind", "target", "target_set")):
            raise Refused("invalid_value", field="target", detail="sets_no_fields")
        self._complete(desk, values_)
        made = desk.create(
            "change",
            desk.edit.record,
            {
                **values_,
                "note": values_.get("note") or desk.edit.why,
                "state": "proposed",
                "author": desk.actor.account,
                "author_role": desk.actor.role,
                "at": desk.now,
                "deciders": sorted(powers.decides),
                "appraisal": dict(UNAPPRAISED) if powers.is_report(desk.actor.role) else None,
            },
        )
        if reason == DEATH and made["person"]:
            free = [p for p in unsettled(desk, made["person"]) if p["hold"] is None]
            withhold(desk, free, DEATH, made.id, made["effective"])
        outcome: Outcome = "proposed"
        data = made["new_person"]
        if data and data.get("national_id"):
            same = desk.where("person", national_id=data["national_id"])
            if same:
                same_person(desk, made.id, same[0].id, {**data, "commune": made["commune"]})
                outcome = "conflict"
        return dict.fromkeys((name for name in values_ if name in desk.edit.set), outcome)

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """A decision, a withdrawal, or the completing of a proposal nobody has decided."""
        if not desk.actor.reaches(record["commune"]) or (desk.actor.hamlet is not None and record["author"] != desk.actor.account):
            raise Refused("unknown_record")
        if "decision" in pairs:
            return self._decide(desk, record, pairs)
        if "appraisal" in pairs:
            return self._appraise(desk, record, pairs)
        if "state" in pairs:
            return self._answer(desk, record, pairs) if pairs["state"][1] == "proposed" else self._withdraw(desk, record, pairs)
        if record["state"] not in UNDECIDED:
            raise Refused("forbidden", detail="decided")
        own = record["author"] == desk.actor.account
        if not own and desk.actor.role not in OFFICE:
            raise Refused("forbidden")
        outcomes = super().alter(desk, record, pairs)
        if outcomes.get("event_date") == "applied" and "effective" not in pairs and record["type"] in ENDING:
            desk.write(record, effective=_stop_month(desk, record["reason"], record["event_date"]))
        if record["reason"] == DEATH and record["person"]:
            take_over(desk, self._held(desk, record), DEATH, record.id, record["effective"])
        if own and "applied" in outcomes.values():
            desk.write(record, state="proposed", question=None, appraisal=dict(UNAPPRAISED) if record["appraisal"] else None)
        return outcomes

    def _commune(self, desk: Desk, values_: dict[str, Any]) -> str:
        data = values_.get("new_person")
        if values_.get("person"):
            person = desk.get("person", values_["person"])
            communes = [person["commune"], *(person["former_communes"] or ())] if person else []
            if person is None or not any(desk.actor.reaches(c) for c in communes) or not desk.actor.reaches_hamlet(person["hamlet"]):
                raise Refused("unknown_record", field="person")
            return str(person["commune"])
        if not isinstance(data, dict):
            raise Refused("invalid_value", field="person", detail="missing")
        values_["new_person"] = self._person(data)
        if not desk.actor.reaches(data.get("commune")):
            raise Refused("forbidden", field="commune", detail="other_area")
        return str(data["commune"])

    def _person(self, data: dict[str, Any]) -> dict[str, Any]:
        try:
            clean: dict[str, Any] = {"id": values.parse_uuid(data.get("id"))}
        except values.ValueProblem as problem:
            raise Refused("invalid_value", field="new_person", detail="id_missing") from problem
        for name, raw in data.items():
            field = PERSON.fields.get(name)
            if name == "id":
                continue
            if field is None or (field.merge == "fixed" and name != "code"):
                raise Refused("unknown_field", field=name)
            try:
                clean[name] = field.read(raw)
            except values.ValueProblem as problem:
                raise Refused("invalid_value", field=name, detail=problem.code) from problem
        for field in PERSON.fields.values():
            if field.required and clean.get(field.name) is None:
                raise Refused("invalid_value", field=field.name, detail="missing")
        return {name: value for name, value in clean.items() if value is not None}

    def _complete(self, desk: Desk, values_: dict[str, Any]) -> None:
        """Fills in what the law says: the stop month of an event, the coefficient of a category."""
        if values_["type"] in ENDING and values_.get("event_date"):
            month = _stop_month(desk, values_["reason"], values_["event_date"])
            values_["effective"] = values_.get("effective") or month
        if values_.get("category") and not values_.get("coefficient10") and values_.get("effective"):
            values_["coefficient10"] = desk.law.coefficient10(values_["category"], values_["effective"])
        if values_["type"] == "adjustment" and not values_.get("entitlement"):
            raise Refused("invalid_value", field="entitlement", detail="missing")
        if values_["type"] == "increase" and values_["reason"] != "TIEP_TUC" and not values_.get("category"):
            raise Refused("invalid_value", field="category", detail="missing")
        if values_.get("entitlement"):
            right = desk.get("entitlement", values_["entitlement"])
            if right is None or right["person"] != values_.get("person"):
                raise Refused("unknown_record", field="entitlement")

    def _decide(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        decision = pairs["decision"][1]
        if len(pairs) > 1 or not isinstance(decision, dict):
            raise Refused("invalid_value", field="decision", detail="alone")
        if desk.actor.role not in (record["deciders"] or ()):
            raise Refused("forbidden", field="decision")
        if record["author"] == desk.actor.account:
            raise Refused("forbidden", field="decision", detail="own_change")
        if record["state"] not in UNDECIDED or decision.get("digest") != shown_digest(desk.shelf, record):
            return {"decision": "conflict"}
        verdict = _verdict(decision)
        appraisal = record["appraisal"] or {}
        if verdict == "approve" and waits_for_appraisal(appraisal):
            raise Refused("forbidden", field="decision", detail="not_appraised")
        if appraisal.get("by") == desk.actor.account:
            raise Refused("forbidden", field="decision", detail="own_change")
        if verdict == "return":
            desk.write(record, state="returned", question=decision["reason"])
            return {"decision": "applied"}
        if verdict == "approve":
            enact(desk, record, decision)
        elif record["reason"] == DEATH:
            self._release(desk, record, "rejected")
        desk.write(
            record,
            state="approved" if verdict == "approve" else "rejected",
            decision=decision,
            decided_by=desk.actor.account,
            decided_at=desk.now,
        )
        return {"decision": "applied"}

    def _appraise(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Vouches, on what was shown, for what someone reported who may not propose by themselves: {"digest", "note"}."""
        wanted = pairs["appraisal"][1]
        if len(pairs) > 1 or not isinstance(wanted, dict) or not isinstance(wanted.get("note") or "", str):
            raise Refused("invalid_value", field="appraisal", detail="alone")
        powers = desk.law.procedure(record["type"], desk.now)
        if desk.actor.role not in powers.appraises or record["author"] == desk.actor.account:
            raise Refused("forbidden", field="appraisal")
        if record["state"] not in UNDECIDED or not waits_for_appraisal(record["appraisal"]) or wanted.get("digest") != shown_digest(desk.shelf, record):
            return {"appraisal": "conflict"}
        note = (wanted.get("note") or "")[:_LONGEST]
        desk.write(record, appraisal={"by": desk.actor.account, "role": desk.actor.role, "at": desk.now, "note": note})
        return {"appraisal": "applied"}

    def _answer(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """The author answers the question with which a proposal came back; the answer is the edit's `why`."""
        if len(pairs) > 1 or record["author"] != desk.actor.account:
            raise Refused("forbidden", field="state")
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        if record["state"] == "proposed":
            return {"state": "unchanged"}
        if record["state"] != "returned":
            return {"state": "conflict"}
        desk.write(record, state="proposed", question=None)
        return {"state": "applied"}

    def _withdraw(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """The author takes a proposal back. What a reported death holds back is released only by commune or district."""
        seen, wanted = pairs["state"]
        if len(pairs) > 1 or wanted != "withdrawn" or record["author"] != desk.actor.account:
            raise Refused("forbidden", field="state")
        if record["state"] == "withdrawn":
            return {"state": "unchanged"}
        if record["state"] not in UNDECIDED or record["state"] != seen:
            return {"state": "conflict"}
        if record["reason"] == DEATH and desk.actor.role in (COMMUNE, DISTRICT):
            self._release(desk, record, "withdrawn")
        desk.write(record, state="withdrawn")
        return {"state": "applied"}

    def _held(self, desk: Desk, record: Record) -> list[Record]:
        return [p for p in unsettled(desk, record["person"]) if p["hold"] and p["hold"]["change"] == record.id]

    def _release(self, desk: Desk, record: Record, reason: str) -> None:
        """Lets payments go, unless another report of the death still stands: then they are held for that one."""
        held = self._held(desk, record)
        reports = desk.where("change", person=record["person"], reason=DEATH)
        other = next((c for c in reports if c.id != record.id and c["state"] in UNDECIDED), None)
        if other is not None:
            take_over(desk, held, DEATH, other.id, other["effective"])
        else:
            release(desk, held, reason, record.id)


def _stop_month(desk: Desk, reason: str, event_date: str | None) -> str | None:
    """The month the law says, None where no date is known. A year alone says no month."""
    if event_date is None:
        return None
    if len(event_date) == _YEAR:
        raise Refused("invalid_value", field="event_date", detail="month_missing")
    return desk.law.stop_month(reason, event_date)


def _verdict(decision: dict[str, Any]) -> str:
    """The verdict of a decision whose members can be. Raises `Refused`."""
    for name in ("reason", "number", "date", "effective"):
        if not isinstance(decision.get(name) or "", str) or len(decision.get(name) or "") > _LONGEST:
            raise Refused("invalid_value", field="decision", detail=name)
    verdict = decision.get("verdict")
    if verdict not in ("approve", "return", "reject"):
        raise Refused("invalid_value", field="decision", detail="verdict")
    if verdict != "approve" and not decision.get("reason"):
        raise Refused("invalid_value", field="decision", detail="reason_missing")
    return str(verdict)


RULES = ChangeRules(KIND)
