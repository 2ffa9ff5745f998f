"""A hamlet's reports: its people by name, a form to say who died or left, and what became of what was reported."""

from __future__ import annotations

import flask
from flask import Blueprint, Response, g, request

from portal import access, change_record, hamlet_report, pages, wording
from portal.language import mark
from portal.problems import Forbidden
from sync.ids import uuid7
from sync.values import ValueProblem, parse_birth, parse_text, parse_uuid

bp = Blueprint("hamlet_report", __name__, url_prefix="/hamlet-reports")

_FIELDS = ("person", "reason", "event_date", "note")


@bp.get("")
@access.deed("hamlet.report")
def index() -> Response:
    """The hamlet's people, the form, and one's own reports."""
    return _page({}, {})


@bp.post("")
@access.deed("hamlet.report")
def send() -> Response:
    """Reports a death, a move or a disappearance; sent twice it is one report."""
    form = request.form
    typed = {name: form.get(name, "").strip() for name in _FIELDS}
    read, errors = _read(typed)
    if errors:
        return _page(typed, errors, status=422)
    actor = access.form_actor()
    record = form.get("record", "")
    try:
        record = parse_uuid(record)
    except ValueProblem:
        record = uuid7()
    result = hamlet_report.report(actor, g.now, record, read)
    if result.reason is not None:
        return _page(typed, {"": wording.refused(result.reason)}, status=422)
    flask.flash(pages.gettext(mark("Đã báo. Công chức xã sẽ thẩm định.")), "success")
    return pages.redirect("hamlet_report.index")


def _read(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    read, errors = dict(typed), {}
    if not typed["person"]:
        errors["person"] = pages.gettext(mark("Hãy chọn một người trong thôn."))
    if typed["reason"] not in hamlet_report.REASONS:
        errors["reason"] = pages.gettext(mark("Hãy chọn việc cần báo."))
    for name, parse in (("event_date", parse_birth), ("note", lambda text: parse_text(text, max_length=500))):
        try:
            read[name] = parse(typed[name]) if typed[name] else ""
        except ValueProblem as problem:
            errors[name] = wording.wrong_value(problem)
    if not typed["event_date"]:
        errors["event_date"] = pages.gettext(mark("Hãy ghi ngày; chỉ biết tháng thì ghi tháng."))
    return read, errors


def _page(typed: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    me = access.me()
    at = hamlet_report.place(me)
    if at is None:
        raise Forbidden
    return pages.render(
        "hamlet_report/index.html",
        status=status,
        commune=at[0],
        hamlet=at[1],
        people=hamlet_report.neighbours(*at, g.now),
        reports=hamlet_report.own(me.name),
        reasons=[(code, pages.gettext(change_record.reason_label(code))) for code in hamlet_report.REASONS],
        typed={name: typed.get(name, "") for name in _FIELDS},
        errors=errors,
        token=request.form.get("_edit") or pages.edit_token(),
        record=request.form.get("record") or uuid7(),
    )
