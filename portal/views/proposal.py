"""Proposing a change: choose what happened, write it down, look at what the law makes of it, send it. And answering a question."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask
from flask import Blueprint, Response, g, request
from msgspec import Struct
from msgspec.structs import replace

from portal import access, change, change_record, forms, pages, proposal, telling, unit, wording
from portal.entitlement import categories, label, may_know
from portal.formats import coefficient
from portal.forms import Form
from portal.language import mark
from portal.problems import NotFound
from portal.proposal import Draft, Preview
from portal.views.change import said, words
from sync.edit import Actor
from sync.ids import uuid7
from sync.kinds.change import DEATH, ENDING
from sync.values import ValueProblem, parse_uuid

bp = Blueprint("proposal", __name__, url_prefix="/changes")

_FIELDS = {
    "increase": ("reason", "category", "event_date", "effective", "child_birth", "payee", "evidence", "note"),
    "decrease": ("reason", "entitlement", "event_date", "effective", "evidence", "note"),
    "suspension": ("reason", "entitlement", "event_date", "effective", "evidence", "note"),
    "adjustment": ("reason", "entitlement", "category", "event_date", "effective", "child_birth", "payee", "evidence", "note"),
    "payment_method": ("reason", "evidence", "note"),
}
_DEATH_FIELDS = ("event_date", "evidence", "note")
_REQUIRED = {
    "increase": ("reason",),
    "decrease": ("reason", "event_date"),
    "suspension": ("reason", "event_date"),
    "adjustment": ("reason", "entitlement", "event_date"),
    "payment_method": ("reason",),
}
_PERSON = ("full_name", "birth", "sex", "national_id", "commune", "hamlet", "address", "phone", "guardian", "payment_method")


class Opened(Struct, frozen=True):
    """A form with what it is about: the person (None for a new one) and, for a payment method, whose it is."""

    type: str
    person: dict[str, Any] | None
    main: Form
    new: Form | None
    method: Form | None
    record: str
    token: str
    new_id: str
    is_death: bool
    line: str


@bp.get("/new")
@access.deed("change.propose")
def new() -> Response:
    """An empty proposal; without a type yet, the choice of what happened."""
    actor = _actor()
    person = _person(actor, request.args.get("person", ""))
    reason = request.args.get("reason", "")
    type_ = Draft(reason=reason).type or request.args.get("type", "" if person else "increase")
    if type_ not in _FIELDS or not proposal.actor_may(actor, type_):
        if person is None:
            raise NotFound
        return _choose(actor, person)
    if person is None and type_ != "increase":
        raise NotFound
    return _page(_opened(actor, type_, person, typed=False), Preview(), {})


@bp.post("/new")
@access.deed("change.propose")
def create() -> Response:
    """Looks at what was written in the light of the law, or sends it; everything is kept as typed."""
    actor = _actor()
    person = _person(actor, request.form.get("person", ""))
    type_ = request.form.get("type", "")
    if type_ not in _FIELDS or not proposal.actor_may(actor, type_) or (person is None and type_ != "increase"):
        raise NotFound
    opened = _opened(actor, type_, person, typed=True)
    read = [form for form in (opened.main, opened.new, opened.method) if form is not None]
    errors = {name: text for form in read for name, text in form.errors.items()}
    draft = _draft(opened)
    seen = proposal.preview(draft, g.now)
    errors = {**telling.problems_of(seen), **errors}
    sending = request.form.get("step") == "send"
    if errors or seen.blocked or not sending:
        return _page(opened, seen, errors, status=422 if sending else 200)
    sender = access.actor(access.me(), f"form:{opened.token}")
    result = change.propose(sender, g.now, opened.record, draft)
    if result.reason is not None:
        if change_record.find(actor, opened.record, g.now) is not None:
            flask.flash(pages.gettext(mark("Đề nghị này đã được gửi rồi; đây là nội dung đã gửi.")), "warning")
            return pages.redirect("change.show", change_id=opened.record)
        # The name of a refused edit is used up: corrected, it is another edit about the same record.
        opened = replace(opened, token=pages.edit_token())
        name = result.reason.field if result.reason.field in (*_FIELDS[type_], *_PERSON) else "form"
        return _page(opened, seen, {name: said(result.reason)}, status=422)
    if "conflict" in result.fields.values():
        flask.flash(pages.gettext(mark("Đã gửi, nhưng số CCCD trùng với một người đã có trong danh sách: cần làm rõ trước khi duyệt.")), "warning")
    else:
        flask.flash(pages.gettext(mark("Đã gửi đề nghị, đang chờ duyệt.")), "success")
    return pages.redirect("change.show", change_id=opened.record)


@bp.get("/<uuid:change_id>/answer")
@access.deed("change.propose")
def question(change_id: uuid.UUID) -> Response:
    """The question a proposal came back with, and the proposal to amend."""
    shown = change_record.find(_actor(), str(change_id), g.now)
    if shown is None or not shown.may_answer:
        raise NotFound
    form = forms.show("change", _amendable(shown.values), shown.values, options=_options(_actor(), shown.values["type"], None))
    return pages.render("change/answer.html", shown=shown, form_=form, answer="", errors={}, token=pages.edit_token())


@bp.post("/<uuid:change_id>/answer")
@access.deed("change.propose")
def answer(change_id: uuid.UUID) -> Response:
    """Answers and amends; the proposal goes back to whoever decides."""
    actor = access.form_actor()
    shown = change_record.find(actor, str(change_id), g.now)
    if shown is None:
        raise NotFound
    text = " ".join(request.form.get("answer", "").split())
    names = _amendable(shown.values)
    form = forms.read("change", request.form, names, shown.values, options=_options(actor, shown.values["type"], None))
    errors = dict(form.errors)
    if not text:
        errors["answer"] = wording.wrong_value(ValueProblem("missing"))
    if not errors:
        results = change.answer(actor, g.now, shown.id, text, forms.pairs(form, shown.values))
        refused = next((result.reason for result in results if result.reason is not None), None)
        if refused is None:
            lost = any("conflict" in result.fields.values() for result in results)
            sentence = mark("Có chỗ người khác vừa sửa: cả hai giá trị được giữ lại để làm rõ.") if lost else mark("Đã trả lời và gửi lại.")
            flask.flash(pages.gettext(sentence), "warning" if lost else "success")
            return pages.redirect("change.show", change_id=shown.id)
        errors["form"] = said(refused)
    return pages.render(
        "change/answer.html", status=422, shown=shown, form_=form, answer=request.form.get("answer", ""), errors=errors, token=pages.edit_token()
    )


def _actor() -> Actor:
    return access.actor(access.me(), access.page_device())


def _person(actor: Actor, person_id: str) -> dict[str, Any] | None:
    if not person_id:
        return None
    try:
        found = change_record.person_card(actor, parse_uuid(person_id), g.now)
    except ValueProblem:
        found = None
    if found is None:
        raise NotFound
    return found


def _choose(actor: Actor, person: dict[str, Any]) -> Response:
    there = flask.current_app.view_functions
    return pages.render(
        "change/choose.html", person=person, allowed=proposal.types_for(actor.role), edit_page="person.edit" in there, reasons=proposal.reasons_for("decrease")
    )


def _opened(actor: Actor, type_: str, person: dict[str, Any] | None, *, typed: bool) -> Opened:
    source = request.form if typed else request.args
    is_death = source.get("reason") == DEATH and (not typed or "is_death" in source)
    names = _DEATH_FIELDS if is_death else _fields(type_, person)
    options, required = _options(actor, type_, person), _REQUIRED[type_]
    chosen = [name for name in required if name in names] + (["category"] if person is None else [])
    main = forms.read("change", request.form, names, options=options, required=chosen) if typed else forms.show("change", names, options=options, required=chosen)
    if not typed and "reason" in names and source.get("reason"):
        main.typed["reason"] = source["reason"]
    right = next((each for each in (person or {}).get("rights", ()) if each["id"] == source.get("entitlement")), None)
    rights = (person or {}).get("rights", ())
    if right is None and type_ == "adjustment" and len(rights) == 1:
        right = rights[0]
    if not typed and right is not None and "entitlement" in names:
        main.typed["entitlement"] = right["id"]
    return Opened(
        type=type_,
        person=person,
        main=main,
        new=None if person else _new_person_form(actor, typed=typed),
        method=_method_form(person, right, typed=typed) if type_ == "payment_method" and person else None,
        record=_id(source.get("record") if typed else None),
        token=(source.get("_edit") if typed else None) or pages.edit_token(),
        new_id=_id(source.get("new_id") if typed else None),
        is_death=is_death,
        line=right["id"] if right and type_ == "payment_method" else "",
    )


def _id(text: str | None) -> str:
    try:
        return parse_uuid(text) if text else uuid7()
    except ValueProblem:
        return uuid7()


def _method_form(person: dict[str, Any], right: dict[str, Any] | None, *, typed: bool) -> Form:
    kind, record = ("entitlement", right["fields"]) if right else ("person", person["fields"])
    if typed:
        return forms.read(kind, request.form, ("payment_method",), record, required=("payment_method",))
    return forms.show(kind, ("payment_method",), record, required=("payment_method",))


def _new_person_form(actor: Actor, *, typed: bool) -> Form:
    communes = [each for each in unit.communes() if actor.reaches(each.code)]
    hamlets = dict.fromkeys(hamlet.name for each in communes for hamlet in unit.hamlets(each.code))
    options = {"new.commune": [(each.code, each.name) for each in communes], "new.hamlet": [(name, name) for name in hamlets]}
    if typed:
        return forms.read("person", request.form, _PERSON, options=options, prefix="new.")
    form = forms.show("person", _PERSON, options=options, prefix="new.")
    if len(communes) == 1:
        form.typed["new.commune"] = communes[0].code
    form.typed.setdefault("new.payment_method.method", "")
    form.typed["new.payment_method.method"] = form.typed["new.payment_method.method"] or "cash"
    return form


def _options(actor: Actor, type_: str, person: dict[str, Any] | None) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in a proposal's fields."""
    month = change_record.month_now(g.now)
    reasons = [(reason.code, pages.gettext(reason.label)) for reason in proposal.reasons_for(type_)]
    if person is None and type_ == "increase":
        reasons = [pair for pair in reasons if pair[0] != proposal.RESUME]
    found = {"reason": reasons}
    if may_know(actor.role):
        worth = {code: coefficient10 for code, _, coefficient10 in proposal.categories(month)}
        found["category"] = [
            (code, f"{code} · {words_} · {coefficient(worth[code])}") for code, words_ in categories(month, confidential=True)
        ]
    if person is not None:
        found["entitlement"] = [(right["id"], _right_words(actor, right)) for right in person["rights"]]
    return found


def _right_words(actor: Actor, right: dict[str, Any]) -> str:
    told = label(right["fields"]["category"], detailed=True) if may_know(actor.role) else ""
    return f"{right['line_code']} · {told}" if told else right["line_code"]


def _draft(opened: Opened) -> Draft:
    values, person = opened.main.values, opened.person
    target_set = {}
    if opened.method is not None and "payment_method" in opened.method.values:
        record = next((each["fields"] for each in person["rights"] if each["id"] == opened.line), person["fields"]) if person else {}
        wanted = opened.method.values["payment_method"]
        target_set = {"payment_method": forms.pairs(opened.method, record).get("payment_method", (wanted, wanted))}
    return Draft(
        reason=DEATH if opened.is_death else values.get("reason") or "",
        person=person["id"] if person else None,
        new_person={"id": opened.new_id, **{name: value for name, value in opened.new.values.items() if value is not None}} if opened.new else None,
        entitlement=opened.line or values.get("entitlement"),
        category=values.get("category"),
        event_date=values.get("event_date"),
        effective=values.get("effective"),
        evidence=values.get("evidence"),
        note=values.get("note"),
        child_birth=values.get("child_birth"),
        payee=values.get("payee"),
        without_arrears=bool(values.get("without_arrears")),
        target_set=target_set,
    )


def _fields(type_: str, person: dict[str, Any] | None) -> tuple[str, ...]:
    """The fields of a proposal; back pay is asked about where something is suspended."""
    is_suspended = any(right["fields"]["suspended_from"] for right in (person or {}).get("rights", ()))
    return (*_FIELDS[type_], "without_arrears") if type_ == "increase" and is_suspended else _FIELDS[type_]


def _amendable(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a proposal that its author may change with an answer."""
    if values["type"] not in _FIELDS:
        return ("evidence", "note")
    names = tuple(name for name in _FIELDS[values["type"]] if name not in ("reason", "entitlement"))
    return (*names, "without_arrears") if values["reason"] == proposal.RESUME else names


def _page(opened: Opened, seen: Preview, errors: dict[str, str], status: int = 200) -> Response:
    for form in (opened.main, opened.new, opened.method):
        if form is not None:
            form.errors.update({name: text for name, text in errors.items() if name in form.typed})
    return pages.render(
        "change/new.html",
        status=status,
        opened=opened,
        seen=seen,
        errors=errors,
        reviewed=request.method == "POST",
        source=proposal.source_of(opened.main.typed.get("reason") or (DEATH if opened.is_death else "")),
        ending=opened.type in ENDING,
        **words(_actor()),
    )
