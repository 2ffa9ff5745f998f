"""Templates of banks' payment files: the list, and the form with a preview of a few rows as it is filled in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, bank_file, bank_template, clock, forms, pages, payment, schedule, wording
from portal.bank_template import Template
from portal.forms import Form
from portal.language import mark
from portal.problems import NotFound
from sync import bank_layout, banks
from sync.ids import uuid7

bp = Blueprint("bank_template", __name__, url_prefix="/bank-templates")

_SAID = {
    "saved": mark("Đã lưu mẫu."),
    "conflict": mark("Người khác vừa sửa mẫu này; cả hai giá trị được giữ lại, hãy xem lại."),
}
_UNFIT = {
    "content_too_long": mark("Nội dung dài %(detail)s ký tự ở dòng %(line)s; tối đa là %(most)s."),
    "encoding": mark("Bảng mã không viết được «%(detail)s»; chọn bảng mã khác hoặc bỏ dấu."),
}
_REQUIRED = ("name", "columns", "content", "format")


@bp.get("")
@access.deed("bank_template.edit")
def index() -> Response:
    """Every template with its bank, and whether it is in use."""
    return pages.render("bank_template/index.html", templates=bank_template.every(), formats_=_choice_words(), token=pages.edit_token())


@bp.get("/new")
@access.deed("bank_template.edit")
def new() -> Response:
    """A template like another one, to be given its own name."""
    copied = _template(request.args.get("copy") or next(each.id for each in bank_template.every() if not each.is_retired))
    values = {**copied.values, "name": ""}
    return _form(uuid7(), forms.show("bank_template", bank_template.NAMES, values, required=_REQUIRED, options=_options()), None, values)


@bp.get("/<uuid:template_id>/edit")
@access.deed("bank_template.edit")
def edit(template_id: uuid.UUID) -> Response:
    """The form with what stands there now."""
    found = _template(str(template_id))
    return _form(found.id, forms.show("bank_template", bank_template.NAMES, found.values, required=_REQUIRED, options=_options()), found, found.values)


@bp.post("/<uuid:template_id>/edit")
@access.deed("bank_template.edit")
def save(template_id: uuid.UUID) -> Response:
    """Keeps what was typed, or only shows what it would look like."""
    found = bank_template.find(str(template_id))
    kept = found is not None and not found.is_preset
    current = found.values if found is not None else None
    typed = forms.read("bank_template", request.form, bank_template.NAMES, current, required=_REQUIRED, options=_options())
    if request.form.get("step") != "save" or typed.errors:
        shown = None if typed.errors else typed.values
        return _form(str(template_id), typed, found, shown, status=422 if typed.errors and request.form.get("step") == "save" else 200)
    pairs = forms.pairs(typed, current) if kept else {name: (None, value) for name, value in typed.values.items() if value is not None}
    if not pairs:
        flask.flash(pages.gettext(mark("Không có gì thay đổi.")), "info")
        return pages.redirect("bank_template.index")
    token = request.form.get("_edit") or pages.edit_token()
    actor = access.actor(access.me(), f"form:{token}")
    result = bank_template.save(actor, g.now, str(template_id), pairs, is_new=not kept)
    if result.reason is not None and bank_template.find(str(template_id)) is None:
        typed.errors[result.reason.field or "name"] = wording.refused(result.reason)
        return _form(str(template_id), typed, found, typed.values, status=422)
    code = "conflict" if "conflict" in result.fields.values() else "saved"
    flask.flash(pages.gettext(_SAID[code]), "warning" if code == "conflict" else "success")
    return pages.redirect("bank_template.index")


@bp.post("/<uuid:template_id>/state")
@access.deed("bank_template.edit")
def change_state(template_id: uuid.UUID) -> Response:
    """Takes a template out of use, or back into it."""
    found = _template(str(template_id))
    wanted = "retired" if request.form.get("state") == "retired" else "active"
    actor = access.form_actor()
    if found.is_preset:
        kept = {name: (None, value) for name, value in found.values.items() if value is not None}
        bank_template.save(actor, g.now, found.id, {**kept, "state": (None, wanted)}, is_new=True)
    else:
        bank_template.save(actor, g.now, found.id, {"state": (found.values["state"], wanted)}, is_new=False)
    return pages.redirect("bank_template.index")


def _form(template_id: str, typed: Form, found: Template | None, values: Mapping[str, Any] | None, status: int = 200) -> Response:
    rows, wrong, heads = _preview(values) if values else ([], [], [])
    return pages.render(
        "bank_template/edit.html",
        "bank_template/_preview.html",
        status=200 if pages.htmx.partial else status,
        template_id=template_id,
        found=found,
        edited=typed,
        rows=rows,
        wrong=wrong,
        heads=heads,
        columns=[(key, wording_of(key)) for key in bank_layout.COLUMNS],
        token=pages.edit_token(),
    )


def wording_of(column: str) -> str:
    """The name of a column, in the language of the page."""
    vi, en = bank_layout.COLUMNS[column]
    return en if pages.current_language() == "en" else vi


def _preview(values: Mapping[str, Any]) -> tuple[list[list[str]], list[str], list[str]]:
    """The first rows as the file would have them, what the layout cannot carry, and the headings."""
    layout = bank_layout.layout(values)
    bank, month = values.get("bank") or banks.BANKS[0].name, next(iter(payment.months()), schedule.month_at_hand(clock.local_date(g.now)))
    list_id = bank_file.posted(month)
    communes = access.scope_of(access.me()).communes
    lines = list(bank_file.to_send(list_id, bank, communes, bank_template.SHOWN)) if list_id and access.may(access.me(), "bank_file.make") else []
    lines = lines or bank_template.sample(layout, bank, month)
    unfit = bank_layout.unfit(layout, month, lines)
    told = [pages.gettext(_UNFIT[code]) % {"line": line, "detail": detail, "most": bank_layout.CONTENT_LENGTH} for code, line, detail in unfit]
    rows = [[str(cell) for cell in bank_layout.row(layout, month, place, each)] for place, each in enumerate(lines, 1)]
    return rows, list(dict.fromkeys(told)), bank_layout.headings(layout)


def _options() -> dict[str, list[tuple[str, str]]]:
    return {"bank": [(each.name, f"{each.name} ({each.bin})") for each in banks.BANKS]}


def _choice_words() -> dict[str, str]:
    return {choice.code: wording.label(choice) for choice in (*bank_layout.FORMATS, *bank_layout.ENCODINGS)}


def _template(template_id: str) -> Template:
    found = bank_template.find(template_id)
    if found is None:
        raise NotFound
    return found
