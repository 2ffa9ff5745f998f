"""The calendar of the payment cycles of a year: when what is due, days off and on; and the office's own days, kept as dated records."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, answers, calendar, clock, forms, pages, wording, working_days
from portal.language import mark
from portal.problems import LostRace, NotFound
from sync.fields import Choice
from sync.ids import named
from sync.kinds import CATALOGUE

bp = Blueprint("calendar", __name__, url_prefix="/calendar")

_YEARS = range(2015, 2100)
_KEYS = {"cycle_rule": "valid_from", "holiday": "day"}
"""Kind → the field a record is known by; it does not change."""
_SAVED = {"cycle_rule": mark("Đã ghi lịch kỳ chi trả."), "holiday": mark("Đã ghi ngày nghỉ, ngày làm bù.")}
_WEEKDAYS = (
    *(mark("Thứ Hai"), mark("Thứ Ba"), mark("Thứ Tư"), mark("Thứ Năm"), mark("Thứ Sáu")),
    *(mark("Thứ Bảy"), mark("Chủ nhật")),
)


@bp.get("")
@access.deed("calendar.read")
def index() -> Response:
    """This year's calendar."""
    return _year(clock.local_date(g.now).year)


@bp.get("/<int:year>")
@access.deed("calendar.read")
def show(year: int) -> Response:
    """The calendar of a year."""
    if year not in _YEARS:
        raise NotFound
    return _year(year)


@bp.get("/cycle-rules/new")
@access.deed("calendar.edit")
def new_rule() -> Response:
    """A form for other days of the cycle, filled with those that hold now."""
    days = calendar.days_of(clock.month_after(clock.month_of(g.now)))
    known = {name: getattr(days, name) for name in days.__struct_fields__ if name != "valid_from"}
    return _form_page("cycle_rule", _opened("cycle_rule", known))


@bp.post("/cycle-rules")
@access.deed("calendar.edit")
def add_rule() -> Response:
    """Records days of the cycle from a month on."""
    return _add("cycle_rule")


@bp.get("/cycle-rules/<uuid:record_id>")
@access.deed("calendar.edit")
def edit_rule(record_id: uuid.UUID) -> Response:
    """Days of the cycle to change."""
    return _edit("cycle_rule", str(record_id))


@bp.post("/cycle-rules/<uuid:record_id>")
@access.deed("calendar.edit")
def save_rule(record_id: uuid.UUID) -> Response:
    """Changes days of the cycle, or takes them out of use."""
    return _save("cycle_rule", str(record_id))


@bp.get("/holidays/new")
@access.deed("calendar.edit")
def new_holiday() -> Response:
    """An empty form for a day off, or a day worked instead."""
    return _form_page("holiday", _opened("holiday", {"type": "off"}))


@bp.post("/holidays")
@access.deed("calendar.edit")
def add_holiday() -> Response:
    """Records a day off or on."""
    return _add("holiday")


@bp.get("/holidays/<uuid:record_id>")
@access.deed("calendar.edit")
def edit_holiday(record_id: uuid.UUID) -> Response:
    """A day off or on to change."""
    return _edit("holiday", str(record_id))


@bp.post("/holidays/<uuid:record_id>")
@access.deed("calendar.edit")
def save_holiday(record_id: uuid.UUID) -> Response:
    """Changes a day off or on, or takes it out of use."""
    return _save("holiday", str(record_id))


def _year(year: int) -> Response:
    return pages.render(
        "calendar/show.html",
        year=year,
        cycles=[calendar.cycle(f"{year:04d}-{month:02d}") for month in range(1, 13)],
        days=working_days.almanac().of_year(year),
        rules=calendar.rules(),
        in_force=calendar.days_of(clock.month_of(g.now)),
        first=_YEARS[0],
        last=_YEARS[-1],
        weekday=_weekday,
        choice=_choice,
    )


def _weekday(day: str) -> str:
    return pages.gettext(_WEEKDAYS[date.fromisoformat(day).weekday()])


def _choice(kind: str, name: str, code: str) -> str:
    found: Choice | None = next((each for each in CATALOGUE[kind].fields[name].choices if each.code == code), None)
    return wording.label(found) if found is not None else code


def _names(kind: str, *, new: bool) -> list[str]:
    hidden = {"withdrawn"} if new else {_KEYS[kind]}
    return [name for name in CATALOGUE[kind].fields if name not in hidden]


def _opened(kind: str, known: Mapping[str, Any]) -> forms.Form:
    form = forms.show(kind, _names(kind, new=True), known)
    form.seen.clear()
    return form


def _add(kind: str) -> Response:
    form = forms.read(kind, request.form, _names(kind, new=True))
    if form.errors:
        return _form_page(kind, form, status=422)
    pairs = {name: (None, value) for name, value in form.values.items() if value is not None}
    return _take(kind, named(kind, form.values[_KEYS[kind]]), form, pairs, create=True)


def _edit(kind: str, record: str) -> Response:
    return _form_page(kind, forms.show(kind, _names(kind, new=False), _standing(kind, record)), record)


def _save(kind: str, record: str) -> Response:
    standing = _standing(kind, record)
    form = forms.read(kind, request.form, _names(kind, new=False), standing)
    if form.errors:
        return _form_page(kind, form, record, status=422)
    pairs = forms.pairs(form, standing)
    return _take(kind, record, form, pairs, create=False) if pairs else pages.redirect("calendar.index")


def _take(kind: str, record: str, form: forms.Form, pairs: dict[str, tuple[Any, Any]], *, create: bool) -> Response:
    actor = access.form_actor()
    result = calendar.record(actor, g.now, kind, record, pairs, create=create)
    if result.reason is not None:
        name = result.reason.field if result.reason.field in form.names else form.names[0]
        form.errors[name] = pages.gettext(answers.sentence(result.reason))
        return _form_page(kind, form, "" if create else record, status=422)
    if "conflict" in result.fields.values():
        raise LostRace
    flask.flash(pages.gettext(_SAVED[kind]), "success")
    key = pairs.get(_KEYS[kind], (None, None))[1] or _standing(kind, record)[_KEYS[kind]]
    return pages.redirect("calendar.show", year=int(key[:4]))


def _standing(kind: str, record: str) -> dict[str, Any]:
    found = calendar.standing(kind, record)
    if found is None:
        raise NotFound
    return found


def _form_page(kind: str, form: forms.Form, record: str = "", *, status: int = 200) -> Response:
    return pages.render(
        "calendar/edit.html",
        status=status,
        kind=kind,
        form=form,
        record=record,
        standing=_standing(kind, record) if record else None,
        token=request.form.get("_edit") or pages.edit_token(),
    )
