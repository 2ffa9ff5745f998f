"""A file of results somebody handed in: what the bank or the post office says became of a month's lines.

Its marks are booked by one set-based step (`book`), all of them or none: lines nobody has marked or held back. Whatever is more than
that (a `paid` taken back, a line on hold) is an edit of its own.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import overpaid, shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Refused
from sync.fields import IMPORTER, SUPERVISOR, Choice, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise
from sync.line_sets import unpacked

SOURCES = (Choice("bank", "Ngân hàng", "Bank"), Choice("post", "Bưu điện", "Post office"))
_own = frozenset({SUPERVISOR, IMPORTER})
_name = partial(values.parse_text, max_length=200)


def parse_booked(raw: object) -> list[dict[str, Any]]:
    """[{"mark": a mark, "lines": see `sync.line_sets`}, …]. Raises `ValueProblem`."""
    if not isinstance(raw, list):
        raise values.ValueProblem("not_a_list")
    found = []
    for each in raw:
        if not isinstance(each, dict) or set(each) != {"mark", "lines"}:
            raise values.ValueProblem("not_an_object")
        unpacked(each["lines"])
        found.append({"mark": shapes.parse_mark(each["mark"]), "lines": each["lines"]})
    return found


KIND = Kind(
    "result_file",
    "Tệp kết quả",
    "Result file",
    fields(
        fixed("list", "Danh sách", "List", "uuid", values.parse_uuid, required=True),
        fixed("month", "Tháng", "Month", "month", values.parse_month),
        fixed("source", "Nguồn", "Source", "choice", one_of(SOURCES), choices=SOURCES, required=True),
        fixed("name", "Tên tệp", "File name", "text", _name, required=True),
        fixed("digest", "Mã kiểm tra (SHA-256)", "SHA-256", "text", _name),
        fixed("booked", "Đã ghi", "Booked", "json", parse_booked, required=True),
        fixed("lines", "Số khoản", "Lines", "int", shapes.parse_int),
        fixed("paid", "Số khoản đã chi", "Paid lines", "int", shapes.parse_int),
        fixed("amount", "Số tiền đã chi", "Paid amount", "money", values.parse_money),
        fixed("by", "Người gửi", "By", "text", _name),
        fixed("at", "Gửi lúc", "At", "text", _name),
    ),
    scope=None,
    create=_own,
)


class ResultFileRules(Fieldwise):
    """Booked when it is handed in, and never changed."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Books a file's marks. Raises `Refused`: `changed` where a line was marked or held back since the file was looked at."""
        if not set(values_) <= {"list", "source", "name", "digest", "booked"}:
            raise Refused("forbidden", field=min(set(values_) - {"list", "source", "name", "digest", "booked"}))
        for field in self.kind.fields.values():
            if field.required and values_.get(field.name) is None:
                raise Refused("invalid_value", field=field.name, detail="missing")
        owner = desk.get("payment_list", values_["list"])
        if owner is None or owner["state"] != "posted":
            raise Refused("forbidden", field="list", detail="not_posted")
        communes = None if desk.actor.communes is None else sorted(desk.actor.communes)
        figures = desk.bulk("book", list=owner.id, booked=values_["booked"], communes=communes)
        told = {name: figures[name] for name in ("lines", "paid", "amount")}
        # What was booked stands in the journal; kept a second time here it would only be longer.
        desk.create(
            "result_file",
            desk.edit.record,
            {**values_, "booked": None, "month": owner["month"], **told, "by": desk.actor.account, "at": desk.now},
        )
        for person, line_code in figures["moved"]:
            overpaid.recount(desk, person, (line_code,))
        return dict.fromkeys(values_, "applied")


RULES = ResultFileRules(KIND)
