"""Two values for one field, or a fact that clashes with a rule: kept until a person who may decide says what is true."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import holds, overpaid, shapes, values
from sync.desk import Desk, Shelf
from sync.edit import Outcome, Record, Refused
from sync.enact import set_fields
from sync.fields import APPROVER, COMMUNE, DISTRICT, POST, SUPERVISOR, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs
from sync.journal import digest

TYPES = (
    Choice("field", "Hai giá trị khác nhau", "Two values"),
    Choice("same_person", "Có thể là cùng một người", "Maybe the same person"),
    Choice("double_payment", "Có thể đã chi hai lần", "Maybe paid twice"),
    Choice("paid_on_hold", "Đã chi khoản đang giữ lại", "Paid while withheld"),
    Choice("paid_after_stop", "Đã chi sau khi thôi hưởng", "Paid after the exit"),
    Choice("late", "Báo chi sau quyết toán", "Marked after settlement"),
    Choice("not_assigned", "Người chi không được phân công", "Paid by staff not assigned"),
)
STATES = (Choice("open", "Chờ giải quyết", "Open"), Choice("resolved", "Đã giải quyết", "Resolved"))
CHOICES = {
    "field": ("current", "wanted", "other"),
    "same_person": ("same", "distinct"),
    "double_payment": ("once", "twice"),
    "paid_on_hold": ("noted",),
    "paid_after_stop": ("noted",),
    "late": ("noted",),
    "not_assigned": ("noted",),
}
_deciders = frozenset({COMMUNE, DISTRICT, SUPERVISOR, APPROVER})
_code = partial(values.parse_text, max_length=80)
# They may hold what the post office is not sent (an identity number); its supervisor decides on pages, which know the field.
_hidden = POST


KIND = Kind(
    "conflict",
    "Mâu thuẫn",
    "Conflict",
    fields(
        fixed("type", "Loại", "Type", "choice", one_of(TYPES), choices=TYPES),
        fixed("about_kind", "Bản ghi", "Record kind", "code", _code),
        fixed("about", "Mã bản ghi", "Record", "uuid", values.parse_uuid),
        fixed("field", "Trường", "Field", "code", _code),
        fixed("seen", "Giá trị đã thấy", "Value seen", "json", shapes.parse_any, hidden_from=_hidden),
        fixed("current", "Giá trị hiện có", "Current value", "json", shapes.parse_any, hidden_from=_hidden),
        fixed("wanted", "Giá trị muốn ghi", "Value wanted", "json", shapes.parse_any, hidden_from=_hidden),
        fixed("commune", "Xã, thị trấn", "Commune", "text", _code),
        fixed("author", "Người ghi", "Author", "text", _code),
        fixed("author_role", "Vai trò", "Author's role", "code", _code),
        fixed("at", "Lúc", "At", "text", _code),
        fixed("why", "Lý do", "Why", "text", partial(values.parse_text, max_length=500), hidden_from=_hidden),
        fixed("entry", "Dòng nhật ký", "Journal entry", "int", shapes.parse_int),
        fixed("deciders", "Ai giải quyết", "Who decides", "list", shapes.parse_list),
        fixed("state", "Trạng thái", "State", "choice", one_of(STATES), choices=STATES),
        Field("resolution", "Giải quyết", "Resolution", "json", shapes.parse_object, direct=_deciders),
        fixed("resolved_by", "Người giải quyết", "Resolved by", "text", _code),
        fixed("resolved_at", "Giải quyết lúc", "Resolved at", "text", _code),
    ),
    pulled=True,
    window="resolved_at",
)


def shown(shelf: Shelf, conflict: Record) -> dict[str, Any]:
    """What a decider is shown, and what their digest is over: the two values kept and the one that stands now."""
    about = shelf.get(conflict["about_kind"], conflict["about"])
    names = ("type", "about_kind", "about", "field", "seen", "wanted")
    return {**{n: conflict[n] for n in names}, "now": about.fields.get(conflict["field"]) if about else None}


def shown_digest(shelf: Shelf, conflict: Record) -> str:
    """SHA-256 (hex) of `shown`."""
    return digest(shown(shelf, conflict))


class ConflictRules(Fieldwise):
    """Resolved once, on what was shown, by someone who may decide that field and is not choosing their own value."""

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Takes a resolution: {"choice", "digest", "value" (for "other"), "note"}."""
        if not desk.actor.reaches(record["commune"]):
            raise Refused("unknown_record")
        if set(pairs) != {"resolution"}:
            raise Refused("forbidden", field=min(pairs))
        resolution = pairs["resolution"][1]
        if desk.actor.role not in (record["deciders"] or ()):
            raise Refused("forbidden", field="resolution")
        if record["state"] != "open":
            return {"resolution": "unchanged" if resolution == record["resolution"] else "conflict"}
        if not isinstance(resolution, dict) or resolution.get("choice") not in CHOICES[record["type"]]:
            raise Refused("invalid_value", field="resolution", detail="choice")
        if resolution.get("digest") != shown_digest(desk.shelf, record):
            return {"resolution": "conflict"}
        self._apply(desk, record, resolution)
        desk.write(
            record,
            state="resolved",
            resolution=resolution,
            resolved_by=desk.actor.account,
            resolved_at=desk.now,
        )
        about = desk.get(record["about_kind"], record["about"])
        if about is not None and about.kind == "payment" and record["field"] == "mark":
            overpaid.recount(desk, about["person"], (about["line_code"],))
        return {"resolution": "applied"}

    def _apply(self, desk: Desk, record: Record, resolution: dict[str, Any]) -> None:
        choice = resolution["choice"]
        if choice in ("wanted", "other"):
            self._write(desk, record, record["wanted"] if choice == "wanted" else resolution.get("value"))
        if record["type"] == "same_person":
            self._tell_apart(desk, record, same=choice == "same")

    def _write(self, desk: Desk, record: Record, value: Any) -> None:
        from sync.kinds import CATALOGUE  # noqa: PLC0415 - this kind stands in it

        about = desk.get(record["about_kind"], record["about"])
        field = CATALOGUE[record["about_kind"]].fields[record["field"]]
        if about is None:
            raise Refused("unknown_record")
        if field.propose and desk.actor.account == record["author"] and desk.actor.role not in field.direct:
            raise Refused("forbidden", field="resolution", detail="own_change")
        try:
            value = field.read(value)
        except values.ValueProblem as problem:
            raise Refused("invalid_value", field="resolution", detail=problem.code) from problem
        if field.name == "hold":
            self._hold(desk, about, value, desk.edit.why or record["why"] or "")
        else:
            set_fields(desk, about, {field.name: value})

    def _hold(self, desk: Desk, payment: Record, value: Any, reason: str) -> None:
        """Holds back or lets go as the offices do: the payer is told, and a settled month does not change."""
        owner = desk.get("payment_list", payment["list"])
        if owner is None or owner["state"] == holds.CLOSED_TO_HOLDS:
            raise Refused("forbidden", field="resolution", detail="settled")
        if value is None:
            holds.release(desk, [payment], reason, (payment["hold"] or {}).get("change"))
        else:
            holds.withhold(desk, [payment], reason, None, None)

    def _tell_apart(self, desk: Desk, record: Record, *, same: bool) -> None:
        """The same: the proposal is about the person on the list. Distinct: the proposed id was wrong and is left out."""
        change = desk.get("change", record["about"])
        if change is None or not change["new_person"]:
            raise Refused("unknown_record")
        if same:
            desk.write(change, person=record["current"]["id"], new_person=None)
        else:
            rest = {k: v for k, v in change["new_person"].items() if k != "national_id"}
            desk.write(change, new_person=rest)


RULES = ConflictRules(KIND)
