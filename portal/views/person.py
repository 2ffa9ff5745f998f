"""People: the list with its search, the page of one person, and the form that corrects what stands there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import flask
from flask import Blueprint, Response, g, request
from msgspec.structs import replace

from portal import (
    access,
    clock,
    door,
    entitlement,
    forms,
    funeral_grant,
    history,
    pages,
    payment_method,
    person,
    recovery,
    telling,
    unit,
    wording,
)
from portal.access import Scope
from portal.language import mark
from portal.problems import NotFound
from sync.edit import Record, Result
from sync.kinds import CATALOGUE
from sync.kinds.person import STATUSES

bp = Blueprint("person", __name__, url_prefix="/people")

_FILTERS = ("commune", "hamlet", "category", "method", "status")
_SAID = (
    ("applied", "success", mark("Đã ghi: %(fields)s.")),
    ("proposed", "info", mark("Đã gửi, chờ duyệt: %(fields)s.")),
    ("conflict", "warning", mark("Người khác vừa sửa: %(fields)s. Cả hai giá trị được giữ lại, xem mục “Cần làm rõ”.")),
    ("unchanged", "info", mark("Đã đúng như vậy rồi: %(fields)s.")),
)


@bp.get("")
@access.deed("person.read")
def index() -> Response:
    """The list of people: searched, filtered, a page at a time."""
    account, scope = access.me(), access.scope_of(access.me())
    asked = person.Asked(
        words=_typed("q").strip()[:100],
        after=_id(_typed("after")),
        before=_id(_typed("before")),
        **{name: _typed(name) for name in _FILTERS},
    )
    if asked.commune and asked.hamlet not in {each.code for each in unit.hamlets(asked.commune)}:
        asked = replace(asked, hamlet="")  # that of the commune chosen before
    month = clock.month_of(g.now)
    group = entitlement.group_of(asked.category, month)
    if group and entitlement.group_of(_typed("exact"), month) == group:
        asked = replace(asked, category=_typed("exact"))  # within the group; one of another group was chosen before
    found = person.page(asked, scope.communes, account.role, month)
    communes = [(each.code, each.name) for each in unit.communes() if scope.covers(each.code)]
    place = asked.commune or (communes[0][0] if len(communes) == 1 else "")
    return pages.render(
        "person/index.html",
        "person/_answer.html",
        asked=asked,
        rows=found.rows,
        month=month,
        next_url=_turned(asked, after=found.after),
        prev_url=_turned(asked, before=found.before),
        communes=communes if len(communes) > 1 else [],
        place=place,
        hamlets=[(each.code, each.name) for each in unit.hamlets(place)] if place and scope.covers(place) else [],
        new_place="place" in request.args and request.args["place"] != place,
        groups=entitlement.groups(month) if entitlement.may_read(account.role) else [],
        group=group,
        codes=[code for code, _ in entitlement.categories(month, group=group)] if group and entitlement.may_know(account.role) else [],
        new_group="of" in request.args and request.args["of"] != group,
        statuses={each.code: wording.label(each) for each in STATUSES},
        methods=dict(wording.methods()),
        names={each.code: unit.bare_name(each) for each in unit.communes() if scope.covers(each.code)},
        reads_category=entitlement.may_read(account.role),
    )


@bp.get("/<uuid:person_id>")
@access.deed("person.read")
def show(person_id: UUID) -> Response:
    """One person: why this amount, rights, payments, what waits, and everything that was done."""
    account, month = access.me(), clock.month_of(g.now)
    record = _load(person_id)
    rights = entitlement.of_person(record.id, month, account.role)
    return pages.render(
        "person/show.html",
        person=record.fields,
        person_id=record.id,
        month=month,
        rights=rights,
        monthly=sum(right.total for right in rights),
        facts=_facts(record, account.role),
        payments=person.payments(record.id),
        methods_by_month=payment_method.of_person(record.id),
        method_words=wording.payment_method,
        reason_words=telling.reason_of_method,
        waiting=[telling.waiting(each) for each in person.waiting_about(record.id, account.role)],
        entries=[telling.entry(each, account.role) for each in history.of_person(record.id, account.role)],
        reads_category=entitlement.may_read(account.role),
        state=wording.value(CATALOGUE["person"].fields["status"], record["status"], account.role),
        reason=telling.reason,
        recoveries=recovery.of_person(record.id, account.role) if access.may(account, "recovery.read") else [],
        funerals=funeral_grant.of_person(record.id) if access.may(account, "funeral_grant.read") else [],
        is_parent=access.may(account, "funeral_grant.request") and funeral_grant.is_parent(record.id),
        methods=dict(wording.methods()),
        endpoints=flask.current_app.view_functions,
    )


@bp.get("/<uuid:person_id>/edit")
@access.deed("change.propose")
def edit(person_id: UUID) -> Response:
    """The form with what stands there now."""
    record = _load(person_id)
    return _form(record, forms.show("person", _names(), record.fields, options=_options(record)), pages.edit_token())


@bp.post("/<uuid:person_id>/edit")
@access.deed("change.propose")
def save(person_id: UUID) -> Response:
    """Hands the changed fields in as one edit; says of each what became of it."""
    account, record = access.me(), _load(person_id)
    token = request.form.get("_edit", "")[:64] or pages.edit_token()
    why = request.form.get("why", "").strip()[:500]
    edited = forms.read("person", request.form, _names(), record.fields, options=_options(record))
    if edited.errors:
        return _form(record, edited, token, why, status=422)
    pairs = forms.pairs(edited, record.fields)
    if not pairs:
        flask.flash(pages.gettext(mark("Không có gì thay đổi.")), "info")
        return pages.redirect("person.show", person_id=person_id)
    result = door.submit_one(access.actor(account, f"form:{token}"), g.now, "person", record.id, pairs, why=why)
    if result.reason is not None:
        edited.errors[result.reason.field] = wording.refused(result.reason)
        return _form(record, edited, token, why, status=422)
    _say(result)
    return pages.redirect("person.show", person_id=person_id)


def _load(person_id: UUID) -> Record:
    """The person, where they lie in the account's scope.

    Raises:
        NotFound: where there is no such person, or none that may be known of.
    """
    found = door.shelf().get("person", str(person_id))
    if found is None:
        raise NotFound
    scope: Scope = access.scope_of(access.me())
    scope.require(found["commune"])
    return found


def _names() -> list[str]:
    direct, proposed = person.editable(access.me().role)
    return [*direct, *proposed]


def _options(record: Record) -> dict[str, list[tuple[str, str]]]:
    return {
        "commune": [(each.code, each.name) for each in unit.communes()],
        "hamlet": [(each.name, each.name) for each in unit.hamlets(record["commune"])],
    }


def _form(record: Record, edited: forms.Form, token: str, why: str = "", status: int = 200) -> Response:
    direct, proposed = person.editable(access.me().role)
    return pages.render(
        "person/edit.html",
        status=status,
        person=record.fields,
        person_id=record.id,
        edited=edited,
        direct=direct,
        proposed=proposed,
        token=token,
        why=why,
    )


def _say(result: Result) -> None:
    fields = CATALOGUE["person"].fields
    for outcome, kind, sentence in _SAID:
        names = [wording.label(fields[name]) for name, became in result.fields.items() if became == outcome]
        if names:
            flask.flash(pages.gettext(sentence) % {"fields": ", ".join(names)}, kind)


def _facts(record: Record, role: str) -> list[tuple[str, str]]:
    """What is known of a person beyond their name, in the catalogue's words; nothing the role may not see."""
    fields = CATALOGUE["person"].fields
    always = ("birth", "sex", "national_id", "commune", "hamlet", "address", "phone", "payment_method")
    where_told = ("alternate_recipient", "guardian", "home_delivery", "locator", "note", "death_date", "closed", "former_communes")
    shown = [name for name in (*always, *where_told) if role not in fields[name].hidden_from]
    return [
        (wording.label(fields[name]), wording.value(fields[name], record[name], role)) for name in shown if name in always or record[name]
    ]


def _turned(asked: person.Asked, **beyond: str) -> str:
    """The address of the page before or after this one; "" where there is none."""
    if not any(beyond.values()):
        return ""
    kept: dict[str, Any] = {"q": asked.words, **{name: getattr(asked, name) for name in _FILTERS}, **beyond}
    return f"{flask.url_for('person.index')}?{urlencode({name: value for name, value in kept.items() if value})}"


def _typed(name: str) -> str:
    """What an address asks for, without what no keyboard writes (PostgreSQL takes no NUL)."""
    return "".join(letter for letter in request.args.get(name, "") if letter.isprintable() or letter == " ")


def _id(text: str) -> str:
    """The id of a person in an address; "" where it is none."""
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        return ""
