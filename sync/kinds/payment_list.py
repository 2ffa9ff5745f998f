"""The month's list: built, frozen, approved by someone else on what they were shown, posted, settled.

Frozen, it never changes; later news becomes a numbered addendum.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import APPROVER, DISTRICT, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs
from sync.kinds.unit import serves_all

STATES = (
    Choice("draft", "Đang lập", "Draft"),
    Choice("frozen", "Đã chốt", "Closed"),
    Choice("approved", "Đã duyệt", "Approved"),
    Choice("posted", "Đã chuyển bưu điện", "Sent to the post office"),
    Choice("settled", "Đã quyết toán", "Settled"),
)
STEPS = {
    ("draft", "frozen"): DISTRICT,
    ("frozen", "draft"): DISTRICT,
    ("frozen", "approved"): APPROVER,
    ("approved", "draft"): APPROVER,
    ("approved", "posted"): DISTRICT,
}
"""Who may take a list from one state to the next. An approver sends a frozen list back by `returned`."""
_code = partial(values.parse_text, max_length=80)


KIND = Kind(
    "payment_list",
    "Danh sách chi trả",
    "Payment list",
    fields(
        fixed("month", "Tháng", "Month", "month", values.parse_month, required=True),
        Field(
            "state",
            "Trạng thái",
            "State",
            "choice",
            one_of(STATES),
            choices=STATES,
            direct=frozenset({DISTRICT, APPROVER}),
        ),
        Field("build", "Lần lập", "Build", "int", shapes.parse_int, direct=frozenset({DISTRICT})),
        Field("approval", "Duyệt", "Approval", "json", shapes.parse_object, direct=frozenset({APPROVER})),
        fixed("lines", "Số lượt", "Lines", "int", shapes.parse_int),
        fixed("total", "Tổng tiền", "Total", "money", values.parse_money),
        fixed("digest", "Mã nội dung", "Content digest", "text", _code),
        fixed("built_by", "Người lập", "Built by", "text", _code),
        fixed("built_at", "Lập lúc", "Built at", "text", _code),
        fixed("frozen_by", "Người chốt", "Closed by", "text", _code),
        fixed("frozen_at", "Chốt lúc", "Closed at", "text", _code),
        fixed("approved_by", "Người duyệt", "Approved by", "text", _code),
        fixed("approved_at", "Duyệt lúc", "Approved at", "text", _code),
        fixed("posted_by", "Người chuyển", "Sent by", "text", _code),
        fixed("posted_at", "Chuyển lúc", "Sent at", "text", _code),
        fixed("returned_why", "Lý do trả lại", "Returned because", "text", partial(values.parse_text, max_length=500)),
        fixed("built_in", "Bước nhật ký đã lập", "Built in journal entry", "int", shapes.parse_int),
    ),
    scope=None,
    unique=(("month",),),
    create=frozenset({DISTRICT}),
)


class PaymentListRules(Fieldwise):
    """Each step is one edit; the sums are made by set-based steps of the store (`build`, `freeze`, `post`)."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Opens a month and builds its list from the register."""
        if set(values_) != {"month"} or values_["month"] is None:
            raise Refused("invalid_value", field="month", detail="missing")
        if desk.where("payment_list", month=values_["month"]):
            raise Refused("invalid_value", field="month", detail="taken")
        figures = desk.bulk("build", list=desk.edit.record, month=values_["month"], at=desk.now)
        desk.create(
            "payment_list",
            desk.edit.record,
            {
                "month": values_["month"],
                "state": "draft",
                "build": 1,
                **_figures(figures),
                "built_by": desk.actor.account,
                "built_at": desk.now,
                "built_in": desk.seq,
            },
        )
        return {"month": "applied"}

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Builds a draft again, or takes the list a step on."""
        if "build" in pairs:
            return self._build(desk, record, pairs)
        if "state" not in pairs:
            raise Refused("forbidden", field=min(pairs))
        seen, wanted = pairs["state"]
        if record["state"] == wanted:
            return {"state": "unchanged"}
        if record["state"] != seen:
            return {"state": "conflict"}
        role = desk.actor.role
        if role == APPROVER and not serves_all(desk):
            raise Refused("forbidden", field="state", detail="other_area")
        if role == APPROVER and (seen, wanted) == ("frozen", "draft"):
            return self._return(desk, record)
        if STEPS.get((seen, wanted)) != role:
            raise Refused("forbidden", field="state")
        step = getattr(self, f"_to_{wanted}")
        step(desk, record, pairs)
        return dict.fromkeys(pairs, "applied")

    def _build(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        if desk.actor.role != DISTRICT:
            raise Refused("forbidden", field="build")
        if record["state"] != "draft":
            raise Refused("forbidden", field="build", detail="frozen")
        seen, wanted = pairs["build"]
        if seen != record["build"] or wanted != seen + 1:
            return {"build": "conflict"}
        figures = desk.bulk("build", list=record.id, month=record["month"], at=desk.now)
        desk.write(record, build=wanted, **_figures(figures), built_by=desk.actor.account, built_at=desk.now, built_in=desk.seq)
        return {"build": "applied"}

    def _to_frozen(self, desk: Desk, record: Record, pairs: Pairs) -> None:
        """Refused by the store while a blocking check fails, or when the list is not the one that was shown."""
        desk.bulk("freeze", list=record.id, month=record["month"], digest=record["digest"], at=desk.now)
        desk.write(record, state="frozen", frozen_by=desk.actor.account, frozen_at=desk.now, returned_why=None)

    def _to_draft(self, desk: Desk, record: Record, pairs: Pairs) -> None:
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        desk.write(
            record,
            state="draft",
            returned_why=desk.edit.why,
            frozen_by=None,
            frozen_at=None,
            approved_by=None,
            approved_at=None,
            approval=None,
        )

    def _return(self, desk: Desk, record: Record) -> dict[str, Outcome]:
        self._to_draft(desk, record, {})
        return {"state": "applied"}

    def _to_approved(self, desk: Desk, record: Record, pairs: Pairs) -> None:
        if desk.actor.account in (record["built_by"], record["frozen_by"]):
            raise Refused("forbidden", field="state", detail="own_list")
        approval = pairs.get("approval", (None, None))[1]
        if not approval or approval.get("digest") != record["digest"]:
            raise Refused("invalid_value", field="approval", detail="digest")
        desk.write(
            record,
            state="approved",
            approval=approval,
            approved_by=desk.actor.account,
            approved_at=desk.now,
        )

    def _to_posted(self, desk: Desk, record: Record, pairs: Pairs) -> None:
        """Posts the list and, with it, the schedule (refused by the store where a pay point has no session)."""
        desk.bulk("post", list=record.id, month=record["month"])
        schedules = desk.where("schedule", month=record["month"])
        for schedule in schedules:
            desk.write(schedule, revision=(schedule["revision"] or 0) + 1, posted_at=desk.now)
        desk.write(record, state="posted", posted_by=desk.actor.account, posted_at=desk.now)


def _figures(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in ("lines", "total", "digest")}


RULES = PaymentListRules(KIND)
