"""What was paid without a right, and the ledger of getting it back: letters, repayments, what is handed to the budget, the closing.

No decree rules it (domain.md 2.2): nothing is netted off by itself. A recovery is opened and corrected by the door (`sync.overpaid`);
people only add entries. Overpaid − repaid is what is still owed, repaid − handed over what is held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import AGENT, APPROVER, COMMUNE, DISTRICT, HAMLET, SUPERVISOR, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs

HOLDERS = (
    Choice("family", "Gia đình, người nhận", "Family or recipient"),
    Choice("account", "Tài khoản ngân hàng", "Bank account"),
    Choice("post_office", "Bưu điện", "Post office"),
)
STATES = (Choice("open", "Đang thu hồi", "Open"), Choice("closed", "Đã kết thúc", "Closed"))
ENTRY_TYPES = (
    Choice("letter", "Thư đề nghị hoàn trả", "Letter asking for the money"),
    Choice("reply", "Gia đình trả lời", "What the family says"),
    Choice("repayment", "Thu hồi được", "Repayment"),
    Choice("refund", "Trả lại phần thu thừa", "Given back, too much was collected"),
    Choice("handover", "Nộp ngân sách", "Handed to the budget"),
)
ENTRY_STATES = (
    Choice("proposed", "Chờ xác nhận", "Waiting for confirmation"),
    Choice("stands", "Đã ghi sổ", "In the ledger"),
    Choice("void", "Đã hủy", "Cancelled"),
)
MONEY = {"repayment": "repaid", "refund": "refunded", "handover": "handed_over"}
"""Type of entry that moves money → the recovery's sum it counts in."""
REPORTED = frozenset({"reply", "repayment"})
"""What commune and post office may report; a repayment of theirs counts once the district has confirmed it."""
_others = frozenset({AGENT, HAMLET})
_code = partial(values.parse_text, max_length=80)
_text = partial(values.parse_text, max_length=200)
_long = partial(values.parse_text, max_length=500)


def _made(name: str, label: str, label_en: str, type_: str, parse: Callable[[object], Any], **more: Any) -> Field:
    return fixed(name, label, label_en, type_, parse, hidden_from=_others, **more)


RECOVERY = Kind(
    "recovery",
    "Thu hồi",
    "Recovery",
    fields(
        _made("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        _made("commune", "Xã, thị trấn", "Commune", "text", _code),
        _made("line_code", "Mã hồ sơ", "Line code", "text", _code),
        _made("full_name", "Họ và tên", "Full name", "name", values.parse_name),
        _made("items", "Các tháng chi thừa", "Months overpaid", "json", shapes.parse_any),
        _made("overpaid", "Chi thừa", "Overpaid", "money", values.parse_money),
        Field(
            "holder",
            "Ai đang giữ tiền",
            "Who holds it",
            "choice",
            one_of(HOLDERS),
            choices=HOLDERS,
            direct=frozenset({DISTRICT}),
            hidden_from=_others,
            input="select",
        ),
        Field("state", "Trạng thái", "State", "choice", one_of(STATES), choices=STATES, direct=frozenset({APPROVER}), hidden_from=_others),
        _made("repaid", "Đã thu hồi", "Repaid", "money", values.parse_money),
        _made("refunded", "Đã trả lại phần thu thừa", "Given back", "money", values.parse_money),
        _made("handed_over", "Đã nộp ngân sách", "Handed to the budget", "money", values.parse_money),
        _made("written_off", "Không thu hồi được", "Written off", "money", values.parse_money),
        _made("corrections", "Các lần điều chỉnh", "Corrections", "json", shapes.parse_any),
        _made("found_at", "Phát hiện lúc", "Found at", "text", _code),
        _made("closed_by", "Người kết thúc", "Closed by", "text", _code),
        _made("closed_at", "Kết thúc lúc", "Closed at", "text", _code),
        _made("closed_why", "Lý do kết thúc", "Closed because", "text", _long),
    ),
    unique=(("person", "line_code"),),
)

ENTRY = Kind(
    "recovery_entry",
    "Dòng sổ thu hồi",
    "Recovery entry",
    fields(
        _made("recovery", "Thu hồi", "Recovery", "uuid", values.parse_uuid, required=True),
        _made("commune", "Xã, thị trấn", "Commune", "text", _code),
        _made("type", "Loại", "Type", "choice", one_of(ENTRY_TYPES), choices=ENTRY_TYPES, required=True, input="select"),
        _made("day", "Ngày", "Date", "day", values.parse_day, required=True, input="day"),
        _made("amount", "Số tiền", "Amount", "money", values.parse_money),
        _made("number", "Số văn bản, chứng từ", "Document or receipt number", "text", _code),
        _made("party", "Gửi ai, ai nộp, nộp vào đâu", "To whom, or from whom", "text", _text),
        _made("note", "Ghi chú", "Note", "text", _long, input="textarea"),
        Field(
            "state",
            "Trạng thái",
            "State",
            "choice",
            one_of(ENTRY_STATES),
            choices=ENTRY_STATES,
            direct=frozenset({DISTRICT, COMMUNE, SUPERVISOR}),
            hidden_from=_others,
        ),
        _made("void_why", "Lý do hủy", "Cancelled because", "text", _long),
        _made("author", "Người ghi", "Author", "text", _code),
        _made("author_role", "Vai trò", "Author's role", "code", _code),
        _made("at", "Ghi lúc", "At", "text", _code),
        _made("confirmed_by", "Người xác nhận", "Confirmed by", "text", _code),
    ),
    create=frozenset({DISTRICT, COMMUNE, SUPERVISOR}),
)


def owed(sums: Mapping[str, Any]) -> int:
    """Đồng still owed; negative where more was collected than was overpaid (then it is to be given back)."""
    return int(sums["overpaid"] - sums["repaid"] + sums["refunded"] - sums["written_off"])


def held(sums: Mapping[str, Any]) -> int:
    """Đồng collected and not handed on; never negative."""
    return int(sums["repaid"] - sums["refunded"] - sums["handed_over"])


def room(sums: Mapping[str, Any], type_: str) -> int:
    """The most an entry of this type may amount to, in đồng."""
    if type_ == "repayment":
        return max(owed(sums), 0)
    return min(held(sums), max(-owed(sums), 0)) if type_ == "refund" else held(sums)


class RecoveryRules(Fieldwise):
    """Opened by the door alone. The district says who holds the money, an approver ends it with a reason, or opens it again."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Nobody makes one by hand."""
        raise Refused("forbidden")

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """`holder`, or `state` with a reason."""
        if not desk.actor.reaches(record["commune"]):
            raise Refused("unknown_record")
        if set(pairs) == {"holder"}:
            return super().alter(desk, record, pairs)
        if set(pairs) != {"state"}:
            raise Refused("forbidden", field=min(pairs))
        seen, wanted = pairs["state"]
        if desk.actor.role != APPROVER:
            raise Refused("forbidden", field="state")
        if wanted == record["state"]:
            return {"state": "unchanged"}
        if seen != record["state"]:
            return {"state": "conflict"}
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        if wanted == "closed":
            self._close(desk, record)
        else:
            desk.write(record, state="open", written_off=0, closed_by=None, closed_at=None, closed_why=None)
        return {"state": "applied"}

    def _close(self, desk: Desk, record: Record) -> None:
        """What is still owed is written off; what is held has to be handed over or given back first."""
        if held(record.fields):
            raise Refused("forbidden", field="state", detail="still_held")
        if owed(record.fields) < 0:
            raise Refused("forbidden", field="state", detail="collected_too_much")
        if any(entry["state"] == "proposed" for entry in desk.where("recovery_entry", recovery=record.id)):
            raise Refused("forbidden", field="state", detail="unconfirmed")
        desk.write(
            record,
            state="closed",
            written_off=owed(record.fields),
            closed_by=desk.actor.account,
            closed_at=desk.now,
            closed_why=desk.edit.why,
        )


class EntryRules(Fieldwise):
    """Written once; a wrong one is cancelled with a reason and written again. Sums follow at once."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """A line of the ledger; the repayment that commune or post office report waits for the district."""
        given = {name: value for name, value in values_.items() if value is not None}
        owner = self._owner(desk, given)
        type_ = given["type"]
        waits = type_ == "repayment" and desk.actor.role != DISTRICT
        if type_ in MONEY and not waits:
            _count(desk, owner, type_, given["amount"])
        desk.create(
            "recovery_entry",
            desk.edit.record,
            {
                **given,
                "commune": owner["commune"],
                "state": "proposed" if waits else "stands",
                "author": desk.actor.account,
                "author_role": desk.actor.role,
                "at": desk.now,
            },
        )
        return dict.fromkeys(given, "proposed" if waits else "applied")

    def _owner(self, desk: Desk, given: dict[str, Any]) -> Record:
        """The open recovery an entry belongs to, where the actor may add such an entry to it. Raises `Refused`."""
        if not set(given) <= _TOLD:
            raise Refused("forbidden", field=min(set(given) - _TOLD))
        for name in ("recovery", "type", "day"):
            if name not in given:
                raise Refused("invalid_value", field=name, detail="missing")
        owner = desk.get("recovery", given["recovery"])
        if owner is None or not desk.actor.reaches(owner["commune"]) or not may_see(desk.actor.role, owner.fields):
            raise Refused("unknown_record", field="recovery")
        if owner["state"] != "open":
            raise Refused("forbidden", field="recovery", detail="closed")
        if desk.actor.role != DISTRICT and given["type"] not in REPORTED:
            raise Refused("forbidden", field="type")
        for name in _NEEDS[given["type"]]:
            if not given.get(name):
                raise Refused("invalid_value", field=name, detail="missing")
        if given["type"] not in MONEY and "amount" in given:
            raise Refused("forbidden", field="amount", detail="no_money")
        return owner

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """`state` alone: the district confirms or cancels (with a reason), an author takes back what nobody has confirmed."""
        owner = desk.get("recovery", record["recovery"])
        if owner is None or not desk.actor.reaches(owner["commune"]):
            raise Refused("unknown_record")
        if set(pairs) != {"state"}:
            raise Refused("forbidden", field=min(pairs))
        seen, wanted = pairs["state"]
        if wanted == record["state"]:
            return {"state": "unchanged"}
        if seen != record["state"]:
            return {"state": "conflict"}
        if owner["state"] != "open":
            raise Refused("forbidden", field="state", detail="closed")
        if (seen, wanted) == ("proposed", "stands"):
            self._confirm(desk, record, owner)
        elif wanted == "void":
            self._cancel(desk, record, owner)
        else:
            raise Refused("forbidden", field="state")
        return {"state": "applied"}

    def _confirm(self, desk: Desk, record: Record, owner: Record) -> None:
        if desk.actor.role != DISTRICT:
            raise Refused("forbidden", field="state")
        _count(desk, owner, record["type"], record["amount"])
        desk.write(record, state="stands", confirmed_by=desk.actor.account)

    def _cancel(self, desk: Desk, record: Record, owner: Record) -> None:
        own = record["state"] == "proposed" and record["author"] == desk.actor.account
        if desk.actor.role != DISTRICT and not own:
            raise Refused("forbidden", field="state")
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        sum_ = MONEY.get(record["type"])
        if sum_ is not None and record["state"] == "stands":
            after = {**owner.fields, sum_: owner[sum_] - record["amount"]}
            if held(after) < 0:
                raise Refused("forbidden", field="state", detail="handed_on_already")
            desk.write(owner, **{sum_: after[sum_]})
        desk.write(record, state="void", void_why=desk.edit.why)


_NEEDS = {
    "letter": ("number", "party"),
    "reply": ("note",),
    "repayment": ("amount", "number"),
    "refund": ("amount", "number", "party"),
    "handover": ("amount", "number"),
}
"""Type → what its entry has to say."""
_TOLD = frozenset({"recovery", "type", "day", "amount", "number", "party", "note"})
"""What an entry says; the rest is the door's."""


def may_see(role: str, recovery: Mapping[str, Any]) -> bool:
    """Whether a role reads a recovery in its area: the post office those that lie in an account or with itself."""
    return role != SUPERVISOR or recovery["holder"] != "family"


def _count(desk: Desk, owner: Record, type_: str, amount: int) -> None:
    if amount > room(owner.fields, type_):
        raise Refused("invalid_value", field="amount", detail="more_than_there_is")
    desk.write(owner, **{MONEY[type_]: owner[MONEY[type_]] + amount})


RECOVERY_RULES = RecoveryRules(RECOVERY)
ENTRY_RULES = EntryRules(ENTRY)
