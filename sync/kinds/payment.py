"""A line of a month's list and what became of its money. The sums never change; marks climb a ladder; holds come and go."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from sync import conflicts, holds, overpaid, shapes, values
from sync.desk import Desk, Shelf
from sync.edit import Outcome, Record, Refused
from sync.fields import AGENT, COMMUNE, IMPORTER, OFFICE, POST, SUPERVISOR, Choice, Field, Kind, fields, fixed
from sync.fieldwise import Fieldwise, Pairs
from sync.merge import ladder

STATES = (
    Choice("planned", "Chưa chi", "Planned"),
    Choice("paid", "Đã nhận", "Paid"),
    Choice("uncollected", "Chưa nhận", "Uncollected"),
    Choice("rejected", "Chuyển khoản bị trả lại", "Rejected transfer"),
    Choice("withheld", "Giữ lại", "Withheld"),
)
MARKED = ("posted", "settled")
_code = partial(values.parse_text, max_length=40)
_text = partial(values.parse_text, max_length=200)


def _money(name: str, label: str, label_en: str) -> Field:
    return fixed(name, label, label_en, "money", values.parse_money)


KIND = Kind(
    "payment",
    "Dòng chi trả",
    "Payment",
    fields(
        fixed("list", "Danh sách", "List", "uuid", values.parse_uuid),
        fixed("month", "Tháng", "Month", "month", values.parse_month),
        fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        fixed("entitlement", "Chế độ", "Entitlement", "uuid", values.parse_uuid),
        fixed("line_code", "Mã hồ sơ", "Line code", "text", _code),
        fixed("commune", "Xã, thị trấn", "Commune", "text", _code),
        fixed("hamlet", "Thôn/TDP", "Hamlet", "text", _text),
        fixed("full_name", "Họ và tên", "Full name", "name", values.parse_name),
        fixed("category", "Loại đối tượng", "Category", "text", _code, hidden_from=POST),
        fixed("coefficient10", "Hệ số", "Coefficient", "coefficient", values.parse_coefficient10, hidden_from=POST),
        _money("rate", "Mức chuẩn", "Base rate"),
        _money("allowance", "Mức hưởng", "Benefit amount"),
        _money("arrears", "Truy lĩnh", "Arrears"),
        _money("carried_over", "Chưa nhận kỳ trước", "Carried over"),
        fixed("carried_from", "Chuyển từ tháng", "Carried from", "list", shapes.parse_list),
        _money("funeral", "Mai táng phí", "Funeral grant"),
        _money("total", "Tổng cộng", "Total"),
        fixed("method", "Hình thức", "Method", "code", _code),
        fixed("bank", "Ngân hàng", "Bank", "text", _text),
        fixed("account", "Số tài khoản", "Account", "text", _code),
        fixed("holder", "Chủ tài khoản", "Account holder", "text", _text),
        fixed("recipient", "Người nhận", "Recipient", "text", _text),
        fixed("home_delivery", "Chi trả tại nhà", "Paid at home", "bool", values.parse_bool),
        fixed("addendum", "Phụ lục bổ sung số", "Addendum", "int", shapes.parse_int),
        fixed("published", "Đã niêm yết", "Published", "bool", values.parse_bool),
        Field(
            "mark",
            "Kết quả chi trả",
            "Mark",
            "mark",
            shapes.parse_mark,
            merge="ladder",
            direct=POST | {IMPORTER},
            decide=frozenset({SUPERVISOR}),
        ),
        Field(
            "hold",
            "Giữ lại",
            "Hold",
            "json",
            shapes.parse_object,
            direct=OFFICE,
            decide=OFFICE,
        ),
    ),
    unique=(("list", "line_code", "addendum"),),
    pulled=True,
    gate="published",
    carried=frozenset(
        ("month", "person", "line_code", "commune", "hamlet", "full_name", "total", "method", "recipient", "home_delivery", "mark", "hold")
    ),
    window="month",
)


class PaymentRules(Fieldwise):
    """Marks are facts and never refused to the staff who hand out money; holds are the offices'."""

    def gather(self, shelf: Shelf, ids: Iterable[str]) -> None:
        """The lists these payments stand on, their rights, and the open conflicts about them."""
        known = list(ids)
        found = [p for i in known if (p := shelf.get("payment", i))]
        shelf.fetch("payment_list", {p["list"] for p in found})
        shelf.fetch("entitlement", {p["entitlement"] for p in found if p["entitlement"]})
        shelf.gather("conflict", "about", known)

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """One of `mark` or `hold`."""
        if not desk.actor.reaches(record["commune"]):
            raise Refused("unknown_record")
        if set(pairs) == {"mark"}:
            return {"mark": self._mark(desk, record, *pairs["mark"])}
        if set(pairs) == {"hold"}:
            return {"hold": self._hold(desk, record, *pairs["hold"])}
        raise Refused("forbidden", field=min(pairs))

    def _mark(self, desk: Desk, record: Record, seen: Any, wanted: Any) -> Outcome:
        owner = desk.get("payment_list", record["list"])
        if owner is None or owner["state"] not in MARKED or not record["published"]:
            raise Refused("unknown_record")
        if desk.actor.role not in KIND.fields["mark"].direct:
            raise Refused("forbidden", field="mark")
        current = record["mark"]
        if self._undoes(current, wanted):
            return self._undo(desk, record, seen, wanted)
        outcome = ladder(seen, current, wanted)
        if outcome == "applied":
            desk.write(record, mark=wanted)
            conflicts.yielded(desk, record, "mark")
            self._exceptions(desk, record, owner, wanted)
            if wanted["state"] == "paid":
                overpaid.after_mark(desk, record, is_settled=owner["state"] == "settled")
        elif outcome == "conflict" and wanted["state"] == "paid":
            holds.exception(desk, "double_payment", record, wanted)
        elif outcome == "conflict":
            conflicts.keep(desk, record, KIND.fields["mark"], seen, wanted, commune=record["commune"])
        return outcome

    def _undoes(self, current: Any, wanted: Any) -> bool:
        return current is not None and current["state"] == "paid" and wanted is None

    def _undo(self, desk: Desk, record: Record, seen: Any, wanted: Any) -> Outcome:
        """Taking a `paid` back: a supervisor's act, with a reason, on a page that shows the present state."""
        if desk.actor.role != SUPERVISOR or not desk.actor.online:
            raise Refused("forbidden", field="mark", detail="undo")
        if not desk.edit.why:
            raise Refused("invalid_value", field="mark", detail="reason_missing")
        if seen != record["mark"]:
            conflicts.keep(desk, record, KIND.fields["mark"], seen, wanted, commune=record["commune"])
            return "conflict"
        # What was signed is corrected by opening it again, with a reason, not behind the signature.
        if any(each["state"] in ("signed", "closed") for each in desk.where("settlement", month=record["month"])):
            raise Refused("forbidden", field="mark", detail="signed")
        desk.write(record, mark=wanted)
        overpaid.recount(desk, record["person"], (record["line_code"],))
        return "applied"

    def _exceptions(self, desk: Desk, record: Record, owner: Record, wanted: dict[str, Any]) -> None:
        paid = wanted["state"] == "paid"
        if paid and record["hold"]:
            holds.exception(desk, "paid_on_hold", record, wanted)
        if paid and owner["state"] == "settled":
            holds.exception(desk, "late", record, wanted)
        if desk.actor.role == AGENT and not _assigned(desk, record):
            holds.exception(desk, "not_assigned", record, wanted)

    def _hold(self, desk: Desk, record: Record, seen: Any, wanted: Any) -> Outcome:
        """Release (wanted None) by commune or district; withhold by the district. Needs a reason; told as an addendum."""
        if desk.actor.role not in OFFICE or (wanted is not None and desk.actor.role == COMMUNE):
            raise Refused("forbidden", field="hold")
        if not desk.edit.why:
            raise Refused("invalid_value", field="hold", detail="reason_missing")
        owner = desk.get("payment_list", record["list"])
        if owner is None or owner["state"] == "settled":
            raise Refused("forbidden", field="hold", detail="settled")
        if wanted == record["hold"]:
            return "unchanged"
        if seen != record["hold"]:
            conflicts.keep(desk, record, KIND.fields["hold"], seen, wanted, commune=record["commune"])
            return "conflict"
        if wanted is None and record["entitlement"] is None and _was_revoked(desk, record):
            raise Refused("forbidden", field="hold", detail="revoked")
        if wanted is None:
            holds.release(desk, [record], desk.edit.why, record["hold"]["change"])
        else:
            holds.withhold(desk, [record], desk.edit.why, None, None)
        return "applied"


def _was_revoked(desk: Desk, record: Record) -> bool:
    """Whether the approval of the funeral grant this line pays was taken back."""
    grants = desk.where("funeral_grant", person=record["person"])
    return any(grant["state"] == "revoked" and grant["line_code"] == record["line_code"] for grant in grants)


def _assigned(desk: Desk, record: Record) -> bool:
    places = {(record["month"], record["commune"], hamlet) for hamlet in ("", record["hamlet"] or "")}
    return not places.isdisjoint(desk.actor.assignments)


RULES = PaymentRules(KIND)
