"""What somebody sent and what became of it: each field's outcome, who decides, what was decided, and what to do."""

from __future__ import annotations

from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, answers, outbox, pages, telling, wording
from portal.language import mark
from portal.outbox import Followed, Sent
from sync.fields import Field
from sync.values import ValueProblem

bp = Blueprint("outbox", __name__, url_prefix="/outbox")

_DIGITS = 18


@bp.get("")
@access.deed("outbox.read")
def index() -> Response:
    """One's own edits, newest first; all of them, or those that need attention."""
    attention = request.args.get("show", "") == "attention"
    given = request.args.get("before", "")
    before = int(given) if given.isdecimal() and len(given) <= _DIGITS else 0
    found = outbox.page(access.me(), g.now, before=before, attention=attention)
    kept: dict[str, Any] = {"show": "attention"} if attention else {}
    return pages.render(
        "outbox/index.html",
        "outbox/_rows.html",
        items=[_item(sent) for sent in found.sent],
        attention=attention,
        next_url=flask.url_for("outbox.index", **kept, before=found.before) if found.before else None,
        is_first=not before,
    )


def _item(sent: Sent) -> dict[str, Any]:
    role = access.me().role
    entry = telling.entry(sent.entry, role)
    return {
        "told": entry,
        "fields": [] if sent.reason is not None else [_field(sent, name, outcome, entry.steps) for name, outcome in sent.outcomes],
        "asked": [(wording.label(field), _words(field, value, role)) for field, value in sent.asked] if sent.reason is not None else [],
        "refused": pages.gettext(answers.sentence(sent.reason)) if sent.reason is not None else "",
        "wrong": _wrong(sent),
        "followed": [_followed(each) for each in sent.followed],
        "needs_me": sent.needs_me,
    }


def _field(sent: Sent, name: str, outcome: str, steps: tuple[tuple[str, str, str, str], ...]) -> dict[str, str]:
    """One field: its label, the value wanted, and what became of it."""
    role = access.me().role
    field, value = next(((field, value) for field, value in sent.asked if field.name == name), (None, None))
    told = _words(field, value, role) if field is not None else ""
    label = wording.label(field) if field is not None else ""
    old = next((step[1] for step in steps if step[0] == label), "")
    return {"label": label, "value": told, "old": old, "outcome": outcome}


def _words(field: Field, value: Any, role: str) -> str:
    """A value in words; one that could not be read stands as it was typed."""
    try:
        return wording.value(field, field.read(value), role)
    except ValueProblem:
        return str(value)[:100]


def _wrong(sent: Sent) -> str:
    """What is wrong with the value that was refused, where it is a value."""
    reason = sent.reason
    if reason is None or reason.code != "invalid_value" or reason.detail not in wording.WRONG:
        return ""
    field = next((field for field, _ in sent.asked if field.name == reason.field), None)
    return f"{wording.label(field)}: {wording.refused(reason)}" if field is not None else wording.refused(reason)


def _followed(each: Followed) -> dict[str, Any]:
    deciders = ", ".join(pages.role_name(role) for role in each.deciders if role in access.ROLES)
    deed, endpoint = ("conflict.read", "conflict.show") if each.kind == "conflict" else ("change.read", "change.show")
    values: dict[str, Any] = {f"{each.kind}_id": each.id}
    may = access.may(access.me(), deed) and endpoint in flask.current_app.view_functions
    return {
        "kind": each.kind,
        "state": each.state,
        "deciders": deciders,
        "by": each.by,
        "at": each.at,
        "answer": pages.gettext(_ANSWERS[each.answer]) if each.answer in _ANSWERS else "",
        "text": each.text,
        "url": flask.url_for(endpoint, **values) if may else "",
    }


_ANSWERS = {
    "current": mark("giữ giá trị đã có, không ghi giá trị của bạn"),
    "wanted": mark("ghi giá trị của bạn"),
    "other": mark("ghi một giá trị khác"),
    "same": mark("là người đã có trong danh sách"),
    "distinct": mark("là hai người khác nhau"),
    "once": mark("chỉ chi một lần"),
    "twice": mark("đã chi hai lần"),
    "noted": mark("đã ghi nhận"),
    "author": mark("bạn đã ghi lại sau khi xem giá trị mới"),
}
