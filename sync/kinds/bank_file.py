"""Payment files for a bank: the template that says how one is laid out, and each file that was made with it.

A file is made by a set-based step (`bank_file`), which also notes its lines, so that no line is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sync import bank_layout, shapes, values
from sync.bank_layout import ENCODINGS, FIELDS, FORMATS, NUMBERS, SEPARATORS
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import DISTRICT, SUPERVISOR, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs

STATES = (Choice("active", "Đang dùng", "In use"), Choice("retired", "Ngừng dùng", "Out of use"))
_keepers = frozenset({SUPERVISOR, DISTRICT})
_name = partial(values.parse_text, max_length=80)


def _kept(name: str, label: str, label_en: str, type_: str, parse: Callable[[object], Any], **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, direct=_keepers, decide=_keepers, **more)


def _chosen(name: str, label: str, label_en: str, choices: tuple[Choice, ...]) -> Field:
    return _kept(name, label, label_en, "choice", one_of(choices), choices=choices, input="select")


TEMPLATE = Kind(
    "bank_template",
    "Mẫu tệp ngân hàng",
    "Bank file template",
    fields(
        _kept("name", "Tên mẫu", "Name", "text", _name, required=True),
        _kept("bank", "Ngân hàng (bỏ trống: mọi ngân hàng)", "Bank (empty: any)", "text", values.parse_bank),
        _kept("columns", "Các cột", "Columns", "lines", bank_layout.parse_columns, required=True, input="textarea"),
        _kept("header_rows", "Các dòng trên tiêu đề", "Rows above the headings", "lines", bank_layout.parse_header_rows, input="textarea"),
        _chosen("format", "Loại tệp", "Format", FORMATS),
        _kept("sheet", "Tên trang tính", "Sheet", "text", partial(values.parse_text, max_length=31)),
        _chosen("separator", "Dấu ngăn cột", "Separator", SEPARATORS),
        _chosen("encoding", "Bảng mã", "Encoding", ENCODINGS),
        _chosen("number_style", "Cách viết số tiền", "Numbers", NUMBERS),
        _kept("accents", "Giữ dấu tiếng Việt", "Keep accents", "bool", values.parse_bool, input="checkbox"),
        _kept("upper", "Viết hoa", "Capitals", "bool", values.parse_bool, input="checkbox"),
        _kept("content", "Nội dung chuyển khoản", "Content", "text", bank_layout.parse_content, required=True),
        _kept("max_rows", "Số dòng tối đa mỗi tệp (0: không hạn chế)", "Rows a file (0: any)", "int", bank_layout.parse_max_rows, input="number"),
        _chosen("state", "Trạng thái", "State", STATES),
    ),
    scope=None,
    create=_keepers,
)

FILE = Kind(
    "bank_file",
    "Tệp gửi ngân hàng",
    "Bank file",
    fields(
        fixed("list", "Danh sách", "List", "uuid", values.parse_uuid, required=True),
        fixed("month", "Tháng", "Month", "month", values.parse_month),
        fixed("bank", "Ngân hàng", "Bank", "text", _name, required=True),
        fixed("number", "Số tệp", "Number", "int", shapes.parse_int),
        fixed("template", "Mẫu", "Template", "text", _name, required=True),
        fixed("layout", "Cách trình bày", "Layout", "json", shapes.parse_object, required=True),
        fixed("lines", "Số khoản", "Lines", "int", shapes.parse_int),
        fixed("total", "Tổng tiền", "Total", "money", values.parse_money),
        fixed("digest", "Mã kiểm tra (SHA-256)", "SHA-256", "text", _name),
        fixed("by", "Người lập", "By", "text", _name),
        fixed("by_name", "Họ tên người lập", "By (name)", "text", _name),
        fixed("at", "Lập lúc", "At", "text", _name),
        Field("downloads", "Số lần tải", "Downloads", "int", shapes.parse_int, direct=frozenset({SUPERVISOR})),
        fixed("downloaded", "Ai đã tải", "Downloaded by", "json", shapes.parse_any),
    ),
    scope=None,
    unique=(("month", "bank", "number"),),
    create=frozenset({SUPERVISOR}),
)


class TemplateRules(Fieldwise):
    """A template's fields merge one by one; the file's layout is kept with each file, so that an old one reads as it was."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Adds a template. Raises `Refused`."""
        outcomes = super().create(desk, {"state": "active", **values_})
        return {name: outcomes[name] for name in values_}


class FileRules(Fieldwise):
    """A file is made once, of the lines no file has had; then it is only downloaded, which is written down."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Makes the bank's next file of a posted list. Raises `Refused` where nothing is left to send, or the list is not posted."""
        if not set(values_) <= {"list", "bank", "template", "layout"}:
            raise Refused("forbidden", field=min(set(values_) - {"list", "bank", "template", "layout"}))
        for field in self.kind.fields.values():
            if field.required and values_.get(field.name) is None:
                raise Refused("invalid_value", field=field.name, detail="missing")
        owner = desk.get("payment_list", values_["list"])
        if owner is None or owner["state"] != "posted":
            raise Refused("forbidden", field="list", detail="not_posted")
        former = [each for each in desk.where("bank_file", month=owner["month"]) if each["bank"] == values_["bank"]]
        made = {
            "number": 1 + len(former),
            "by": desk.actor.account,
            "by_name": desk.actor.name or desk.actor.account,
            "at": desk.now,
        }
        figures = desk.bulk(
            "bank_file",
            file=desk.edit.record,
            list=values_["list"],
            month=owner["month"],
            bank=values_["bank"],
            layout=_layout(values_["layout"]),
            communes=None if desk.actor.communes is None else sorted(desk.actor.communes),
            **made,
        )
        desk.create(
            "bank_file", desk.edit.record, {**values_, "month": owner["month"], **made, **figures, "downloads": 0, "downloaded": []}
        )
        return dict.fromkeys(values_, "applied")

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """One more download: `downloads` goes up by one. Who did so before is seen by whoever does it again."""
        seen, wanted = pairs.get("downloads", (None, None))
        if set(pairs) != {"downloads"} or desk.actor.role != SUPERVISOR:
            raise Refused("forbidden", field=min(pairs))
        if seen != record["downloads"] or wanted != seen + 1:
            return {"downloads": "conflict"}
        told = [*record["downloaded"], {"by": desk.actor.account, "name": desk.actor.name or "", "at": desk.now}]
        desk.write(record, downloads=wanted, downloaded=told)
        return {"downloads": "applied"}


def _layout(given: dict[str, Any]) -> dict[str, Any]:
    """The layout as its template's fields are read. Raises `Refused`."""
    found = {}
    for name in FIELDS:
        try:
            found[name] = TEMPLATE.fields[name].read(given.get(name))
        except values.ValueProblem as problem:
            raise Refused("invalid_value", field="layout", detail=problem.code) from problem
    return found


TEMPLATE_RULES = TemplateRules(TEMPLATE)
FILE_RULES = FileRules(FILE)
