"""Conflicts: the queue, one conflict asked in words with its three values side by side, and the answer, on what was shown."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, conflict, conflict_trail, forms, history, pages, unit, wording
from portal.conflict import Asked, Filter
from portal.conflict_trail import Moved, Said
from portal.formats import moment
from portal.language import mark
from portal.problems import NotFound
from sync.edit import Actor
from sync.fields import Field
from sync.journal import canonical
from sync.kinds import CATALOGUE
from sync.kinds.conflict import TYPES
from sync.values import ValueProblem, parse_text

bp = Blueprint("conflict", __name__, url_prefix="/conflicts")

_STATES = (("open", mark("Chưa làm rõ")), ("resolved", mark("Đã làm rõ")), ("all", mark("Tất cả")))
_OTHER = "other."
_LONGEST_NOTE = 500
_NUMBER = 18


@bp.get("")
@access.deed("conflict.read")
def index() -> Response:
    """The queue, narrowed by state, commune, type and who decides."""
    actor, args = _actor(), request.args
    state = args.get("state", "open")
    wanted = Filter(
        state=state if state in conflict.STATES else "open",
        commune=args.get("commune", ""),
        type=args.get("type", ""),
        mine=args.get("mine", "") == "1",
    )
    found = conflict.queue(actor, wanted, _id(args.get("after", "")))
    kept = {"state": wanted.state, "commune": wanted.commune, "type": wanted.type, "mine": "1" if wanted.mine else ""}
    given: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return pages.render(
        "conflict/index.html",
        "conflict/_rows.html",
        rows=found.rows,
        wanted=wanted,
        next_url=flask.url_for("conflict.index", **given, after=found.after) if found.after else None,
        first_url=flask.url_for("conflict.index", **given) if args.get("after") else None,
        states=[(code, pages.gettext(label)) for code, label in _STATES],
        types=[(choice.code, wording.label(choice)) for choice in TYPES],
        communes=[(each.code, each.name) for each in unit.communes() if actor.reaches(each.code)],
        label=wording.label,
    )


@bp.get("/<uuid:conflict_id>")
@access.deed("conflict.read")
def show(conflict_id: uuid.UUID) -> Response:
    """One conflict: the question in words, the values side by side, and what may be chosen."""
    return _page(_found(str(conflict_id)))


@bp.post("/<uuid:conflict_id>/resolution")
@access.deed("conflict.resolve")
def resolve(conflict_id: uuid.UUID) -> Response:
    """Decides, on what was shown; asks again where something moved since."""
    asked, form = _found(str(conflict_id)), request.form
    choice, note, errors = form.get("choice", ""), "", {}
    try:
        note = parse_text(form["note"], max_length=_LONGEST_NOTE) if form.get("note", "").strip() else ""
    except ValueProblem as problem:
        errors["note"] = wording.wrong_value(problem)
    typed = _form(asked, read=True) if choice == "other" else None
    value = typed.values.get(asked.field.name) if typed else None
    if asked.may_decide and choice not in asked.choices:
        errors["choice"] = pages.gettext(mark("Hãy chọn một câu trả lời."))
    if typed is not None:
        errors.update(typed.errors)
    if errors:
        return _page(asked, errors=errors, typed=typed, status=422)
    actor = access.form_actor()
    result = conflict.resolve(actor, g.now, asked.id, choice, form.get("digest", ""), value=value, note=note)
    if result.reason is not None:
        return _page(_found(asked.id), errors={"choice": wording.refused(result.reason)}, typed=typed, status=422)
    if result.fields.get("resolution") == "conflict":
        head = form.get("head", "")
        after = int(head) if head.isdecimal() and len(head) <= _NUMBER else 0
        moved = conflict_trail.moved_since(asked.id, asked.values["about"], asked.field.name, after)
        return _page(_found(asked.id), typed=typed, moved=moved, lost=True, status=409)
    flask.flash(pages.gettext(mark("Đã ghi cách làm rõ; người ghi sẽ thấy ở mục “Đã gửi”.")), "success")
    return pages.redirect("conflict.show", conflict_id=asked.id)


def _actor() -> Actor:
    return access.actor(access.me(), access.page_device())


def _id(text: str) -> str:
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        return ""


def _found(conflict_id: str) -> Asked:
    asked = conflict.find(_actor(), conflict_id)
    if asked is None:
        raise NotFound
    return asked


def _form(asked: Asked, *, read: bool) -> forms.Form:
    """The input in which another value is typed."""
    names = [asked.field.name]
    options = {
        f"{_OTHER}commune": [(each.code, each.name) for each in unit.communes()],
        f"{_OTHER}hamlet": [(each.name, each.name) for each in unit.hamlets(str(asked.about.get("commune") or ""))],
    }
    chosen = {name: items for name, items in options.items() if name == f"{_OTHER}{asked.field.name}"}
    kind = asked.values["about_kind"]
    if read:
        return forms.read(kind, request.form, names, options=chosen, required=names, prefix=_OTHER)
    return forms.show(kind, names, options=chosen, required=names, prefix=_OTHER)


def _page(
    asked: Asked,
    *,
    errors: dict[str, str] | None = None,
    typed: forms.Form | None = None,
    moved: Sequence[Moved] = (),
    lost: bool = False,
    status: int = 200,
) -> Response:
    role = access.me().role
    mark_type = next((wording.label(choice) for choice in TYPES if choice.code == asked.values["type"]), "")
    other = typed or (_form(asked, read=False) if "other" in asked.choices else None)
    # Two people are compared side by side; their values are no value of a field.
    values = (None,) * 3 if asked.values["type"] == "same_person" else (asked.seen.value, asked.now.value, asked.wanted.value)
    given = request.form if request.method == "POST" else {}
    return pages.render(
        "conflict/show.html",
        status=status,
        asked=asked,
        type=asked.values["type"],
        type_words=mark_type,
        field_words=wording.label(asked.field),
        told=_told(asked.field, values, role),
        sides=[_side(name, left, right, role) for name, left, right in asked.sides],
        who=_who,
        said=lambda value: _told(asked.field, (value,), role)[0],
        reason_words=_reason(asked),
        deciders=[pages.role_name(each) for each in asked.values["deciders"] or () if each in access.ROLES],
        chosen=given.get("choice", ""),
        note=given.get("note", ""),
        other=other,
        errors=errors or {},
        moved=moved,
        lost=lost,
        token=pages.edit_token(),
        endpoints=flask.current_app.view_functions,
    )


def _who(said: Said) -> str:
    """Who wrote a value, in which role, for which office, when and why; "" where that is not known."""
    if not said.at:
        return said.name
    role = pages.role_name(said.role) if said.role in access.ROLES else pages.gettext(mark("Nhập dữ liệu"))
    parts = [said.name, role, unit.name_of(said.unit), moment(said.at)]
    if said.device_at:
        parts.append(pages.gettext(mark("đồng hồ của máy: %(at)s")) % {"at": moment(said.device_at)})
    if said.why:
        parts.append(pages.gettext(mark("lý do: %(why)s")) % {"why": said.why})
    return " · ".join(part for part in parts if part)


def _told(field: Field, values: Sequence[Any], role: str) -> list[str]:
    """Values in words. Two that differ are told apart: numbers half hidden elsewhere are written out where they look alike."""
    if field.type == "mark":
        return [_mark(field, value, role) if value else "" for value in values]
    words = [wording.value(field, value, role) for value in values]
    told = {canonical(value): text for value, text in zip(values, words, strict=True) if value is not None}
    if len(set(told.values())) < len(told) and role in field.direct | field.decide:
        return [_plain(value) for value in values]
    return words


def _mark(field: Field, value: dict[str, Any], role: str) -> str:
    """What became of a payment, why, and when it was handed over."""
    reason = value.get("reason")
    found = history.reason_of(reason) if reason else None
    words = wording.value(field, {**value, "reason": pages.gettext(found.label)} if found is not None else value, role)
    return " · ".join(part for part in (words, moment(value.get("at"))) if part)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_plain(part) for part in value.values() if part is not None)
    return "" if value is None else str(value)


def _side(name: str, left: Any, right: Any, role: str) -> tuple[str, str, str, bool]:
    field = CATALOGUE["person"].fields[name]
    known, proposed = (wording.value(field, value, role) for value in (left, right))
    return (wording.label(field), known, proposed, left == right)


def _reason(asked: Asked) -> str:
    code = asked.report["reason"] if asked.report else (asked.about.get("hold") or {}).get("reason", "")
    found = history.reason_of(code) if code else None
    return pages.gettext(found.label) if found is not None else code
