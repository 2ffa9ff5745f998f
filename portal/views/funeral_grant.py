"""Grants towards burials: the list, the request (form 04 of Decree 20/2021), one grant with its decision and where its money is."""

from __future__ import annotations

import uuid
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, forms, funeral_grant, pages, unit, wording
from portal.forms import Form
from portal.funeral_grant import ABOUT_BURIAL, FIELDS, REQUIRED, Filter, Shown, Subject
from portal.language import mark
from portal.money import in_words
from portal.problems import NotFound
from sync.edit import Actor, Reason
from sync.ids import uuid7
from sync.kinds import CATALOGUE
from sync.kinds.funeral_grant import BASES, STATES
from sync.values import ValueProblem, parse_day, parse_text, parse_uuid

bp = Blueprint("funeral_grant", __name__, url_prefix="/funeral-grants")

_SAID = {
    "no_death_report": mark("Chưa có báo cáo người này đã mất; hãy báo trước, hoặc cùng lúc."),
    "death_undecided": mark("Việc thôi hưởng vì mất chưa được duyệt; hãy duyệt việc đó trước."),
    "no_grant": mark("Người mất không thuộc trường hợp được hỗ trợ mai táng phí (Điều 11) trong tháng mất."),
    "already": mark("Đã có đề nghị mai táng phí cho người mất này; mỗi người chỉ được hỗ trợ một lần."),
    "not_old_enough": mark("Trường hợp này chỉ dành cho người từ đủ 80 tuổi."),
    "before_death": mark("Ngày mai táng không thể trước ngày mất."),
    "in_the_future": mark("Ngày này chưa đến."),
    "month_missing": mark("Ghi ít nhất tháng/năm, ví dụ 10/2024."),
    "other_role": mark("Tài khoản của bạn không đề nghị được việc này."),
    "carried_on": mark(
        "Khoản này chưa nhận ở tháng đã quyết toán và đang chuyển sang danh sách tháng sau. Hãy chốt danh sách đó rồi hủy: khoản chi được giữ lại ở đó."
    ),
    "own_change": mark("Đây là đề nghị của chính bạn; người khác phải duyệt."),
}
_LOST = mark("Có thay đổi từ lúc bạn mở trang này. Việc của bạn chưa được ghi; hãy xem lại rồi quyết định.")
_DONE = {"approve": mark("Đã duyệt; sẽ chi cùng danh sách tháng tới."), "reject": mark("Đã ghi không duyệt.")}


@bp.get("")
@access.deed("funeral_grant.read")
def index() -> Response:
    """The requests and what became of them, narrowed by state and commune."""
    actor, args = _actor(), request.args
    state = args.get("state", "proposed")
    wanted = Filter(state=state if state in funeral_grant.VIEWS else "proposed", commune=args.get("commune", ""))
    found = funeral_grant.listed(actor, wanted, _id(args.get("after", "")))
    given: dict[str, Any] = {"state": wanted.state} | ({"commune": wanted.commune} if wanted.commune else {})
    return pages.render(
        "funeral_grant/index.html",
        "funeral_grant/_rows.html",
        found=found,
        wanted=wanted,
        next_url=flask.url_for("funeral_grant.index", **given, after=found.after) if found.after else None,
        first_url=flask.url_for("funeral_grant.index", **given) if args.get("after") else None,
        states=[*((choice.code, wording.label(choice)) for choice in STATES), ("all", pages.gettext(mark("Tất cả")))],
        communes=[(each.code, each.name) for each in unit.communes() if actor.reaches(each.code)],
    )


@bp.get("/new")
@access.deed("funeral_grant.request")
def new() -> Response:
    """An empty request: for somebody who has died, the child of somebody, or (without a person) somebody not on the register."""
    basis, person = _about(request.args)
    form = forms.show("funeral_grant", _names(basis), options=_options(), required=REQUIRED[basis])
    form.typed["payment_method.method"] = "cash"
    communes = _options()["commune"]
    if basis == "monthly" and len(communes) == 1:
        form.typed["commune"] = communes[0][0]
    return _ask(basis, person, form, uuid7())


@bp.post("/new")
@access.deed("funeral_grant.request")
def create() -> Response:
    """Sends the request; what was typed is kept where it cannot be."""
    basis, person = _about(request.form)
    form = forms.read("funeral_grant", request.form, _names(basis), options=_options(), required=REQUIRED[basis])
    record = _id(request.form.get("record", "")) or uuid7()
    if form.errors:
        return _ask(basis, person, form, record, status=422)
    values = {**form.values, "basis": basis, "person": person.id if person is not None else None}
    result = funeral_grant.ask(access.form_actor(), g.now, record, values)
    if result.reason is not None:
        name = result.reason.field if result.reason.field in form.names else "form"
        form.errors[name] = _said(result.reason)
        return _ask(basis, person, form, record, status=422, is_new=True)
    flask.flash(pages.gettext(mark("Đã gửi đề nghị, đang chờ duyệt.")), "success")
    return pages.redirect("funeral_grant.show", grant_id=record)


@bp.get("/<uuid:grant_id>")
@access.deed("funeral_grant.read")
def show(grant_id: uuid.UUID) -> Response:
    """One grant: who died, who arranges the burial, how much and why, the decision, and where the money is."""
    return _page(_found(str(grant_id)))


@bp.post("/<uuid:grant_id>/decision")
@access.deed("funeral_grant.decide")
def decide(grant_id: uuid.UUID) -> Response:
    """Approves or rejects, on what was shown."""
    shown, form = _found(str(grant_id)), request.form
    verdict = form.get("verdict", "")
    typed = {name: form.get(name, "").strip() for name in ("number", "date", "reason")}
    errors: dict[str, str] = {}
    for name, text in typed.items():
        try:
            if text:
                typed[name] = parse_day(text) if name == "date" else parse_text(text, max_length=500 if name == "reason" else 40)
        except ValueProblem as problem:
            errors[name] = wording.wrong_value(problem)
    if verdict != "approve" and not typed["reason"]:
        errors["reason"] = pages.gettext(mark("Hãy ghi lý do."))
    if errors or verdict not in _DONE:
        return _page(shown, typed=typed, errors=errors, status=422)
    result = funeral_grant.decide(
        access.form_actor(),
        g.now,
        shown.id,
        verdict,
        form.get("digest", ""),
        reason=typed["reason"],
        number=typed["number"],
        day=typed["date"],
    )
    if result.reason is not None:
        return _page(_found(shown.id), typed=typed, errors={"form": _said(result.reason)}, status=422)
    if result.fields.get("decision") == "conflict":
        return _page(_found(shown.id), typed=typed, errors={"form": pages.gettext(_LOST)}, status=409)
    flask.flash(pages.gettext(_DONE[verdict]), "success")
    return pages.redirect("funeral_grant.show", grant_id=shown.id)


@bp.post("/<uuid:grant_id>/withdrawal")
@access.deed("funeral_grant.request")
def withdraw(grant_id: uuid.UUID) -> Response:
    """The author takes a request back."""
    shown = _found(str(grant_id))
    result = funeral_grant.withdraw(access.form_actor(), g.now, shown.id)
    if result.reason is not None or "conflict" in result.fields.values():
        sentence = _said(result.reason) if result.reason is not None else pages.gettext(_LOST)
        return _page(_found(shown.id), errors={"form": sentence}, status=409)
    flask.flash(pages.gettext(mark("Đã rút đề nghị.")), "success")
    return pages.redirect("funeral_grant.show", grant_id=shown.id)


@bp.post("/<uuid:grant_id>/revocation")
@access.deed("funeral_grant.decide")
def revoke(grant_id: uuid.UUID) -> Response:
    """Takes a wrong approval back, with a reason."""
    shown, why = _found(str(grant_id)), request.form.get("why", "").strip()[:500]
    if not why:
        return _page(shown, errors={"why": pages.gettext(mark("Hãy ghi lý do."))}, status=422)
    result = funeral_grant.revoke(access.form_actor(), g.now, shown.id, why)
    if result.reason is not None:
        return _page(_found(shown.id), errors={"why": _said(result.reason)}, status=422)
    if "conflict" in result.fields.values():
        return _page(_found(shown.id), errors={"form": pages.gettext(_LOST)}, status=409)
    flask.flash(pages.gettext(mark("Đã hủy quyết định mai táng phí.")), "success")
    return pages.redirect("funeral_grant.show", grant_id=shown.id)


def _actor() -> Actor:
    return access.actor(access.me(), access.page_device())



def _found(grant_id: str) -> Shown:
    shown = funeral_grant.find(_actor(), grant_id, g.now)
    if shown is None:
        raise NotFound
    return shown


def _about(source: Any) -> tuple[str, Subject | None]:
    """The case and the person a form is about.

    Raises:
        NotFound: for a person outside the scope, and a case that needs one without.
    """
    person_id = _id(source.get("person", ""))
    person = funeral_grant.subject(_actor(), person_id) if person_id else None
    basis = source.get("basis", "recipient" if person_id else "monthly")
    if basis not in FIELDS or (person is None) != (basis == "monthly"):
        raise NotFound
    return basis, person


def _names(basis: str) -> tuple[str, ...]:
    return (*FIELDS[basis], *ABOUT_BURIAL)


def _options() -> dict[str, list[tuple[str, str]]]:
    communes = [each for each in unit.communes() if _actor().reaches(each.code)]
    hamlets = dict.fromkeys(hamlet.name for each in communes for hamlet in unit.hamlets(each.code))
    return {"commune": [(each.code, each.name) for each in communes], "hamlet": [(name, name) for name in hamlets]}


def _id(text: str) -> str:
    try:
        return parse_uuid(text) if text else ""
    except ValueProblem:
        return ""


def _said(reason: Reason) -> str:
    sentence = _SAID.get(reason.detail)
    return pages.gettext(sentence) if sentence else wording.refused(reason)


def _ask(basis: str, person: Subject | None, form: Form, record: str, status: int = 200, *, is_new: bool = False) -> Response:
    """The form; the name of a refused edit is used up: corrected, it is another edit about the same record."""
    token = "" if is_new else request.form.get("_edit", "")[:64]
    return pages.render(
        "funeral_grant/new.html",
        status=status,
        basis=basis,
        bases={choice.code: wording.label(choice) for choice in BASES},
        person=person,
        form_=form,
        record=record,
        token=token or pages.edit_token(),
    )


def _page(shown: Shown, *, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    kind, role = CATALOGUE["funeral_grant"], access.me().role
    return pages.render(
        "funeral_grant/show.html",
        status=status,
        shown=shown,
        typed=typed or {"number": "", "date": "", "reason": ""},
        errors=errors or {},
        said=lambda name: wording.value(kind.fields[name], shown.values[name], role),
        named=lambda name: wording.label(kind.fields[name]),
        words=in_words,
        why=request.form.get("why", ""),
        token=pages.edit_token(),
    )
