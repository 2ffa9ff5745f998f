"""The communes' monthly word: a commune gives it, takes it back, gives it again; the district sees who has not."""

from __future__ import annotations

import json
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, clock, declaration, pages, wording
from portal.language import mark
from portal.problems import NotFound
from sync.edit import Reason, Result
from sync.journal import canonical
from sync.values import ValueProblem, parse_month, parse_text

bp = Blueprint("declaration", __name__, url_prefix="/declarations")

_FROZEN = mark("Danh sách tháng này đã chốt; tin mới thì gửi đề nghị biến động, sẽ có phụ lục.")
_CHANGED = mark("Báo cáo này vừa được người khác trong xã sửa; hãy xem lại rồi gửi.")


@bp.get("")
@access.deed("declaration.read")
def index() -> Response:
    """Who has declared the month, who has not, and by when; for a commune its own form."""
    return _page(_month(request.args.get("month", "")))


@bp.post("")
@access.deed("declaration.declare")
def declare() -> Response:
    """The commune declares its month complete, for the first time or again."""
    month = _month(request.form.get("month", ""))
    typed = {name: request.form.get(name, "") for name in ("no_change", "note")}
    errors = {}
    note = None
    try:
        note = parse_text(typed["note"], max_length=500) if typed["note"].strip() else None
    except ValueProblem as problem:
        errors["note"] = wording.wrong_value(problem)
    if typed["no_change"] not in ("yes", "no"):
        errors["no_change"] = pages.gettext(mark("Hãy chọn: có biến động, hay không biến động."))
    if errors:
        return _page(month, typed=typed, errors=errors, status=422)
    actor = access.form_actor()
    seen = _seen(request.form.get("seen", ""))
    result = declaration.declare(actor, g.now, month, no_change=typed["no_change"] == "yes", note=note, seen=seen)
    return _answer(month, result, typed, mark("Đã báo cáo tháng."))


@bp.post("/withdrawal")
@access.deed("declaration.declare")
def withdraw() -> Response:
    """The commune takes its word back before the list is frozen."""
    month = _month(request.form.get("month", ""))
    result = declaration.withdraw(access.form_actor(), g.now, month, request.form.get("why", "").strip())
    return _answer(month, result, None, mark("Đã rút lại. Xong việc thì báo cáo lại."))


def _answer(month: str, result: Result, typed: dict[str, str] | None, done: str) -> Response:
    if "conflict" in result.fields.values() or (result.reason is not None and result.reason.detail == "exists"):
        return _page(month, typed=typed, errors={"form": pages.gettext(_CHANGED)}, status=409)
    if result.reason is not None:
        return _page(month, typed=typed, errors={"form": _said(result.reason)}, status=422)
    flask.flash(pages.gettext(done), "success")
    return pages.redirect("declaration.index", month=month)


def _said(reason: Reason) -> str:
    return pages.gettext(_FROZEN) if reason.detail == "list_frozen" else wording.refused(reason)



def _month(text: str) -> str:
    first, last = declaration.months(g.now)
    try:
        month = parse_month(text)
    except ValueProblem:
        return last
    if not first <= month <= last:
        raise NotFound
    return month


def _seen(text: str) -> dict[str, Any] | None:
    """What the form was opened on, as it carried it."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _page(month: str, *, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    actor = access.actor(access.me(), access.page_device())
    board = declaration.board(actor, month, g.now)
    own = (
        next((line for line in board.lines if line.commune == actor.unit), None) if access.may(access.me(), "declaration.declare") else None
    )
    stands = own is not None and own.state == "declared"
    kept = typed or {"no_change": ("yes" if own.no_change else "no") if own and own.declared_at else "", "note": own.note if own else ""}
    return pages.render(
        "declaration/index.html",
        status=status,
        board=board,
        own=own,
        stands=stands,
        typed=kept,
        errors=errors or {},
        token=pages.edit_token(),
        seen=canonical(declaration.standing(actor.unit, month)) if own else "",
        first=declaration.months(g.now)[0],
        current=declaration.open_month(g.now),
        months=(clock.month_after(month, -1), clock.month_after(month)),
    )
