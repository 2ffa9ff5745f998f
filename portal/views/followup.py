"""People who did not collect: who, for how long, what the payer said, what the commune found out, and the suspensions that are due."""

from __future__ import annotations

import uuid

import flask
from flask import Blueprint, Response, g, request

from portal import access, clock, followup, forms, pages, unit, wording
from portal.followup import ASKED, Case
from portal.forms import Form
from portal.language import mark
from portal.problems import NotFound
from sync.values import ValueProblem, parse_month

bp = Blueprint("followup", __name__, url_prefix="/follow-ups")

_LOST = mark("Người khác vừa ghi trước bạn; đây là nội dung đang có. Hãy xem lại rồi gửi.")
_MISSING = mark("Hãy chọn lý do, hoặc ghi điều tìm hiểu được.")


@bp.get("")
@access.deed("followup.read")
def index() -> Response:
    """Everyone in the account's area who did not collect for two months or more."""
    month = _month(request.args.get("month", ""))
    scope = access.scope_of(access.me())
    found = followup.cases(month, scope.communes) if month else []
    return pages.render(
        "followup/index.html",
        month=month,
        found=found,
        suspending=access.may(access.me(), "followup.suspend"),
        due=sum(bool(each.to_suspend) for each in found),
        names={each.code: unit.bare_name(each) for each in unit.communes()},
        words=_words(),
        months=(clock.month_after(month, -1), clock.month_after(month)) if month else ("", ""),
        newest=followup.latest(),
        token=pages.edit_token(),
    )


@bp.get("/<uuid:person_id>")
@access.deed("followup.read")
def show(person_id: uuid.UUID) -> Response:
    """One person's uncollected months, and the form for what was found out."""
    of = _case(person_id, request.args.get("month", ""))
    return _page(of, forms.show("followup", ASKED, _record(of), options=_options()), pages.edit_token())


@bp.post("/<uuid:person_id>")
@access.deed("followup.tell")
def tell(person_id: uuid.UUID) -> Response:
    """Writes what was found out; what somebody else wrote meanwhile is shown first."""
    form = request.form
    of, token = _case(person_id, form.get("month", "")), form.get("_edit", "")[:64] or pages.edit_token()
    edited = forms.read("followup", form, ASKED, _record(of), options=_options())
    if not edited.errors and not (edited.values.get("reason") or edited.values.get("finding")):
        edited.errors["finding"] = pages.gettext(_MISSING)
    if edited.errors:
        return _page(of, edited, token, status=422)
    pairs = forms.pairs(edited, _record(of))
    if not pairs:
        flask.flash(pages.gettext(mark("Không có gì thay đổi.")), "info")
        return pages.redirect("followup.show", person_id=person_id, month=form.get("month", ""))
    actor = access.actor(access.me(), f"form:{token}")
    result = followup.tell(actor, g.now, of, pairs, is_known=form.get("known") == "1")
    if "conflict" in result.fields.values() or (result.reason is not None and result.reason.detail == "exists"):
        edited.errors["finding"] = pages.gettext(_LOST)
        return _page(_case(person_id, form.get("month", "")), edited, pages.edit_token(), status=409)
    if result.reason is not None:
        edited.errors[result.reason.field or "finding"] = wording.refused(result.reason)
        return _page(of, edited, token, status=422)
    flask.flash(pages.gettext(mark("Đã ghi điều tìm hiểu được.")), "success")
    return pages.redirect("followup.index", month=form.get("month", "") or None)


@bp.post("/suspensions")
@access.deed("followup.suspend")
def suspend() -> Response:
    """Proposes to suspend whom the law's number of months has reached, each line once; somebody else decides."""
    month = _month(request.form.get("month", ""))
    ticked = frozenset(request.form.getlist("chosen"))
    scope = access.scope_of(access.me())
    chosen = [each for each in followup.cases(month, scope.communes) if each.person in ticked]
    token = request.form.get("_edit", "")[:64] or pages.edit_token()
    said = followup.suspend(access.actor(access.me(), f"form:{token}"), g.now, chosen)
    done = said.count("proposed")
    refused = [each for each in said if each not in ("proposed", "known")]
    if done:
        flask.flash(pages.gettext(mark("Đã gửi %(count)s đề nghị tạm dừng, đang chờ người khác duyệt.")) % {"count": done}, "success")
    elif not refused:
        text = mark("Đã có đề nghị tạm dừng từ trước.") if said else mark("Chưa chọn người nào.")
        flask.flash(pages.gettext(text), "info" if said else "warning")
    if refused:
        flask.flash(pages.gettext(mark("%(count)s đề nghị không nhận được; hãy xem lại từng người.")) % {"count": len(refused)}, "warning")
    return pages.redirect("followup.index", month=month)


def _page(of: Case, edited: Form, token: str, status: int = 200) -> Response:
    return pages.render(
        "followup/show.html",
        status=status,
        of=of,
        edited=edited,
        token=token,
        month=request.values.get("month", ""),
        words=_words(),
        telling=access.may(access.me(), "followup.tell"),
        resuming=access.may(access.me(), "change.propose"),
    )


def _case(person_id: uuid.UUID, month: str) -> Case:
    of = followup.case(str(person_id), _month(month), access.scope_of(access.me()).communes)
    if of is None:
        raise NotFound
    return of


def _month(text: str) -> str:
    """The month asked for; the newest that was posted where none is, or one that is none."""
    newest = followup.latest()
    try:
        month = parse_month(text) if text else newest
    except ValueProblem:
        return newest
    return min(month, newest)


def _record(of: Case) -> dict[str, str | None]:
    """What stands there now, as the catalogue has it."""
    return {name: getattr(of, name) or None for name in ASKED}


def _options() -> dict[str, list[tuple[str, str]]]:
    return {"reason": list(_words().items())}


def _words() -> dict[str, str]:
    return {code: wording.label(each) for code, each in followup.reasons().items()}
