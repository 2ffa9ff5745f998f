"""Recoveries: the list with its totals, one case with its months and ledger, the entries people add, and the closing."""

from __future__ import annotations

import uuid
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, formats, forms, pages, recovery, telling, unit, wording
from portal.forms import Form
from portal.language import mark
from portal.money import in_words
from portal.problems import NotFound
from portal.recovery import Case, Filter
from sync.edit import Actor, Reason, Result
from sync.ids import uuid7
from sync.kinds.recovery import ENTRY_TYPES, HOLDERS, MONEY
from sync.values import ValueProblem, parse_uuid

bp = Blueprint("recovery", __name__, url_prefix="/recoveries")

_STATES = (
    ("open", mark("Đang thu hồi")),
    ("owed", mark("Còn phải thu")),
    ("held", mark("Đã thu, chưa nộp ngân sách")),
    ("unasked", mark("Chưa gửi thư đề nghị")),
    ("unconfirmed", mark("Có khoản chờ xác nhận")),
    ("closed", mark("Đã kết thúc")),
    ("all", mark("Tất cả")),
)
_FIELDS = {
    "letter": ("day", "number", "party", "note"),
    "reply": ("day", "party", "note"),
    "repayment": ("day", "amount", "number", "party", "note"),
    "refund": ("day", "amount", "number", "party", "note"),
    "handover": ("day", "amount", "number", "party", "note"),
}
_REQUIRED = {
    "letter": ("day", "number", "party"),
    "reply": ("day", "note"),
    "repayment": ("day", "amount", "number"),
    "refund": ("day", "amount", "number", "party"),
    "handover": ("day", "amount", "number"),
}
_SAID = {
    "more_than_there_is": mark("Số tiền lớn hơn số hiện có thể ghi; hãy xem lại số dư."),
    "still_held": mark("Còn tiền đã thu mà chưa nộp ngân sách; hãy nộp trước khi kết thúc."),
    "collected_too_much": mark("Đã thu nhiều hơn số chi thừa; hãy trả lại phần thừa trước khi kết thúc."),
    "unconfirmed": mark("Còn khoản chờ xác nhận."),
    "handed_on_already": mark("Khoản này đã nộp ngân sách hoặc trả lại; hãy hủy chứng từ đó trước."),
    "closed": mark("Khoản thu hồi này đã kết thúc."),
    "missing": mark("Chưa điền."),
}
_LOST = mark("Người khác vừa ghi trước bạn. Đây là tình trạng mới; hãy xem lại.")


@bp.get("")
@access.deed("recovery.read")
def index() -> Response:
    """The recoveries one may see: searched, narrowed, with the totals of what matches."""
    actor, args = _actor(), request.args
    state, holder = args.get("state", "open"), args.get("holder", "")
    wanted = Filter(
        words=args.get("q", "")[:100],
        commune=args.get("commune", ""),
        state=state if state in recovery.VIEWS else "open",
        holder=holder if holder in {choice.code for choice in HOLDERS} else "",
    )
    found = recovery.listed(actor, wanted, _id(args.get("after", "")))
    kept = {"q": wanted.words, "commune": wanted.commune, "state": wanted.state, "holder": wanted.holder}
    given: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return pages.render(
        "recovery/index.html",
        "recovery/_rows.html",
        found=found,
        wanted=wanted,
        next_url=flask.url_for("recovery.index", **given, after=found.after) if found.after else None,
        first_url=flask.url_for("recovery.index", **given) if args.get("after") else None,
        states=[(code, pages.gettext(label)) for code, label in _STATES],
        holders=_holders(),
        communes=[(each.code, each.name) for each in unit.communes() if actor.reaches(each.code)],
    )


@bp.get("/<uuid:recovery_id>")
@access.deed("recovery.read")
def show(recovery_id: uuid.UUID) -> Response:
    """One recovery: the months, the balances in figures and words, the ledger, and what may be added."""
    case = _found(str(recovery_id))
    type_ = request.args.get("entry", "")
    if type_ not in recovery.possible(case, access.me().role):
        return _page(case)
    return _page(case, type_=type_, form=_empty(case, type_))


@bp.post("/<uuid:recovery_id>/entries")
@access.deed("recovery.record")
def add(recovery_id: uuid.UUID) -> Response:
    """Adds a line to the ledger; what was typed is kept where it cannot be."""
    case, type_ = _found(str(recovery_id)), request.form.get("type", "")
    if type_ not in recovery.types_for(access.me().role):
        raise NotFound
    form = forms.read("recovery_entry", request.form, _FIELDS[type_], required=_REQUIRED[type_])
    record = _id(request.form.get("record", "")) or uuid7()
    if form.errors:
        return _page(case, type_=type_, form=form, errors=form.errors, status=422)
    result = recovery.add(access.form_actor(), g.now, record, case.id, type_, form.values)
    if result.reason is not None:
        name = result.reason.field if result.reason.field in _FIELDS[type_] else "form"
        form.errors[name] = _said(result.reason)
        return _page(_found(case.id), type_=type_, form=form, errors=form.errors, status=422)
    waits = "proposed" in result.fields.values()
    flask.flash(pages.gettext(mark("Đã gửi; được xác nhận thì tính vào số đã thu.") if waits else mark("Đã ghi sổ.")), "success")
    return pages.redirect("recovery.show", recovery_id=case.id)


@bp.post("/<uuid:recovery_id>/entries/<uuid:entry_id>/confirmation")
@access.deed("recovery.keep")
def confirm(recovery_id: uuid.UUID, entry_id: uuid.UUID) -> Response:
    """The district confirms a repayment that commune or post office reported."""
    case = _found(str(recovery_id))
    return _answer(case, recovery.confirm(access.form_actor(), g.now, _entry(case, entry_id)), mark("Đã xác nhận."))


@bp.post("/<uuid:recovery_id>/entries/<uuid:entry_id>/cancellation")
@access.deed("recovery.record")
def cancel(recovery_id: uuid.UUID, entry_id: uuid.UUID) -> Response:
    """Cancels an entry with a reason: it stays to be seen, and counts no more."""
    case = _found(str(recovery_id))
    entry, why = _entry(case, entry_id), request.form.get("why", "").strip()
    if not why:
        return _page(case, errors={f"why-{entry}": pages.gettext(mark("Hãy ghi lý do."))}, status=422)
    return _answer(case, recovery.cancel(access.form_actor(), g.now, entry, request.form.get("seen.state", ""), why), mark("Đã hủy dòng này."))


@bp.post("/<uuid:recovery_id>/holder")
@access.deed("recovery.keep")
def hold(recovery_id: uuid.UUID) -> Response:
    """Says who holds the money."""
    case, holder = _found(str(recovery_id)), request.form.get("holder", "")
    return _answer(
        case, recovery.hold(access.form_actor(), g.now, case.id, request.form.get("seen.holder", ""), holder), mark("Đã ghi ai đang giữ tiền.")
    )


@bp.post("/<uuid:recovery_id>/end")
@access.deed("recovery.close")
def end(recovery_id: uuid.UUID) -> Response:
    """Closes a recovery or opens it again, with a reason."""
    case, why = _found(str(recovery_id)), request.form.get("why", "").strip()
    if not why:
        return _page(case, errors={"why": pages.gettext(mark("Hãy ghi lý do."))}, status=422)
    seen = request.form.get("seen.state", "")
    done = mark("Đã kết thúc.") if seen == "open" else mark("Đã mở lại.")
    return _answer(case, recovery.end(access.form_actor(), g.now, case.id, seen, why), done)


def _answer(case: Case, result: Result, done: str) -> Response:
    if result.reason is not None:
        return _page(_found(case.id), errors={"form": _said(result.reason)}, status=422)
    if "conflict" in result.fields.values():
        return _page(_found(case.id), errors={"form": pages.gettext(_LOST)}, status=409)
    flask.flash(pages.gettext(done), "success")
    return pages.redirect("recovery.show", recovery_id=case.id)


def _said(reason: Reason) -> str:
    sentence = _SAID.get(reason.detail)
    return pages.gettext(sentence) if sentence else wording.refused(reason)


def _actor() -> Actor:
    return access.actor(access.me(), access.page_device())



def _found(recovery_id: str) -> Case:
    case = recovery.find(_actor(), recovery_id)
    if case is None:
        raise NotFound
    return case


def _entry(case: Case, entry_id: uuid.UUID) -> str:
    entry = recovery.entry_of(_actor(), case.id, str(entry_id))
    if entry is None:
        raise NotFound
    return entry.id


def _id(text: str) -> str:
    try:
        return parse_uuid(text) if text else ""
    except ValueProblem:
        return ""


def _empty(case: Case, type_: str) -> Form:
    form = forms.show("recovery_entry", _FIELDS[type_], required=_REQUIRED[type_])
    if type_ in MONEY:
        form.typed["amount"] = formats.number(case.sums.room(type_))
    return form


def _holders() -> list[tuple[str, str]]:
    return [(choice.code, wording.label(choice)) for choice in HOLDERS]


def _page(case: Case, *, type_: str = "", form: Form | None = None, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return pages.render(
        "recovery/show.html",
        status=status,
        case=case,
        type_=type_,
        form_=form,
        errors=errors or {},
        record=request.form.get("record") or uuid7(),
        possible=recovery.possible(case, access.me().role),
        types={choice.code: wording.label(choice) for choice in ENTRY_TYPES},
        holders=_holders(),
        words=lambda amount: in_words(abs(amount)),
        reason=telling.reason,
        token=pages.edit_token(),
    )
