"""When, where and by whom money is handed out: sessions of a month, and the schedule that posts them as revisions."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import SUPERVISOR, Choice, Field, Kind, fields, one_of
from sync.fieldwise import Fieldwise, Pairs
from sync.ids import named
from sync.kinds.payment import MARKED

STATES = (Choice("planned", "Theo lịch", "Planned"), Choice("cancelled", "Đã hủy", "Cancelled"))
_own = frozenset({SUPERVISOR})
_code = partial(values.parse_text, max_length=80)


def _set(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, direct=_own, decide=_own, **more)


SESSION = Kind(
    "pay_session",
    "Phiên chi trả",
    "Pay session",
    fields(
        Field("month", "Tháng", "Month", "month", values.parse_month, merge="fixed", required=True),
        Field("commune", "Xã, thị trấn", "Commune", "text", _code, merge="fixed", required=True),
        _set("pay_point", "Điểm chi trả", "Pay point", "text", _code, required=True, input="pay_point"),
        _set("hamlets", "Thôn/TDP (để trống: cả xã)", "Hamlets (empty: all)", "list", shapes.parse_list, input="hamlets"),
        _set("day", "Ngày", "Day", "day", values.parse_day, required=True, input="day"),
        _set("starts", "Từ giờ", "From", "time", shapes.parse_time, required=True, input="time"),
        _set("ends", "Đến giờ", "Until", "time", shapes.parse_time, required=True, input="time"),
        _set("place", "Địa điểm", "Place", "text", partial(values.parse_text, max_length=200)),
        _set("agent", "Nhân viên chi trả", "Paying agent", "text", _code, required=True, input="agent"),
        _set("note", "Ghi chú", "Note", "text", partial(values.parse_text, max_length=300), input="textarea"),
        _set("state", "Trạng thái", "State", "choice", one_of(STATES), choices=STATES, input="select"),
    ),
    create=_own,
)

SCHEDULE = Kind(
    "schedule",
    "Lịch chi trả",
    "Payment schedule",
    fields(
        Field("month", "Tháng", "Month", "month", values.parse_month, merge="fixed", required=True),
        Field("revision", "Lần niêm yết", "Revision", "int", shapes.parse_int, direct=_own),
        Field("posted_at", "Niêm yết lúc", "Posted at", "text", _code, merge="fixed"),
    ),
    scope=None,
    unique=(("month",),),
)


def schedule_id(month: str) -> str:
    """The id of a month's schedule."""
    return named("schedule", month)


class SessionRules(Fieldwise):
    """Sessions are the supervisor's; the first one of a month opens its schedule."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Adds a session."""
        _orderly(values_)
        outcomes = super().create(desk, {"state": "planned", **values_})
        if desk.get("schedule", schedule_id(values_["month"])) is None:
            desk.create("schedule", schedule_id(values_["month"]), {"month": values_["month"], "revision": 0})
        return {name: outcomes[name] for name in values_}

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Changes a session; those who read the schedule see it when it is posted again."""
        _orderly({**record.fields, **{name: pair[1] for name, pair in pairs.items()}})
        return super().alter(desk, record, pairs)


class ScheduleRules(Fieldwise):
    """Posted with the list, and again, as the next revision, whenever the supervisor says so."""

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Posts the next revision."""
        seen, wanted = pairs.get("revision", (None, None))
        if set(pairs) != {"revision"} or desk.actor.role != SUPERVISOR:
            raise Refused("forbidden", field=min(pairs))
        if not record["revision"] and not any(each["state"] in MARKED for each in desk.where("payment_list", month=record["month"])):
            raise Refused("forbidden", field="revision", detail="posted_with_the_list")
        if seen != record["revision"] or wanted != seen + 1:
            return {"revision": "conflict"}
        desk.write(record, revision=wanted, posted_at=desk.now)
        return {"revision": "applied"}


def _orderly(session: dict[str, Any]) -> None:
    day, starts, ends = session.get("day"), session.get("starts"), session.get("ends")
    if day and session.get("month") and not day.startswith(session["month"]):
        raise Refused("invalid_value", field="day", detail="other_month")
    if starts and ends and starts >= ends:
        raise Refused("invalid_value", field="ends", detail="before_start")


SESSION_RULES = SessionRules(SESSION)
SCHEDULE_RULES = ScheduleRules(SCHEDULE)
