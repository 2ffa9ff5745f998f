"""The payment schedule: what each commune reads, what the supervisor arranges and posts, the public page and the calendar."""

from __future__ import annotations

import hmac
import uuid
from typing import Any

import flask
from flask import Blueprint, Response, current_app, g, request

from portal import access, answers, calendar, clock, door, formats, forms, pages, schedule, session_plan, unit, wording
from portal.language import mark
from portal.problems import LostRace, NotFound
from sync import posting
from sync.edit import Result
from sync.kinds import CATALOGUE
from sync.kinds.schedule import schedule_id

bp = Blueprint("schedule", __name__)

_FIELDS = ("pay_point", "hamlets", "day", "starts", "ends", "place", "agent", "note")
_SUMMARY = mark("Chi trả trợ cấp xã hội: %(commune)s")


@bp.get("/schedules")
@access.deed("schedule.read")
def index() -> Response:
    """The schedule of the month at hand."""
    return pages.redirect("schedule.show", month=schedule.month_at_hand(clock.local_date(g.now)))


@bp.get("/schedules/<string:month>")
@access.deed("schedule.read")
def show(month: str) -> Response:
    """A month's schedule within one's area; that it was seen is noted, so that the post office knows who has it."""
    _require_month(month)
    me, scope = access.me(), access.scope_of(access.me())
    arranges = access.may(me, "schedule.arrange")
    plan = schedule.shown(month, scope.communes, draft=arranges)
    if plan.revision:
        schedule.note_received(me.name, schedule.PAGE, month, plan.revision, g.now)
    secret = str(current_app.config["SECRET_KEY"])
    return pages.render(
        "schedule/show.html",
        plan=plan,
        arranges=arranges,
        staff=bool(session_plan.agents()) if arranges else True,
        receipts=schedule.receipts(month, scope.communes) if plan.revision else [],
        revisions=schedule.revisions(month, scope.communes) if plan.revision else [],
        before=clock.month_after(month, -1),
        after=clock.month_after(month),
        usual=calendar.cycle(month),
        feed=flask.url_for("schedule.feed", unit_code=me.unit, key=schedule.calendar_key(secret, me.unit), _external=True),
        told=_told,
    )


@bp.post("/schedules/<string:month>/proposals")
@access.deed("schedule.arrange")
def propose(month: str) -> Response:
    """One session for each commune that has none."""
    _require_month(month)
    return _add_all(month, session_plan.propose(month, access.scope_of(access.me()).communes))


@bp.post("/schedules/<string:month>/copies")
@access.deed("schedule.arrange")
def copy(month: str) -> Response:
    """Last month's sessions, for the communes that have none."""
    _require_month(month)
    return _add_all(month, session_plan.copy(month, access.scope_of(access.me()).communes))


@bp.post("/schedules/<string:month>/revisions")
@access.deed("schedule.arrange")
def post(month: str) -> Response:
    """Posts the schedule again, as the revision after the one that was seen."""
    _require_month(month)
    seen = request.form.get("seen.revision", "")
    if not seen.isdecimal() or len(seen) > 6:
        raise LostRace
    result = door.submit_one(access.form_actor(), g.now, "schedule", schedule_id(month), {"revision": (int(seen), int(seen) + 1)})
    if result.reason is not None:
        flask.flash(pages.gettext(answers.sentence(result.reason)), "error")
    elif result.fields.get("revision") == "conflict":
        raise LostRace
    else:
        flask.flash(pages.gettext(mark("Đã niêm yết lịch lần %(number)s.")) % {"number": int(seen) + 1}, "success")
    return pages.redirect("schedule.show", month=month)


@bp.get("/schedules/<string:month>/sessions/new")
@access.deed("schedule.arrange")
def new(month: str) -> Response:
    """An empty form for a session of one commune."""
    _require_month(month)
    commune = _commune(request.args.get("commune"))
    points, staff = unit.pay_points(commune), session_plan.agents(commune)
    start = {
        "pay_point": points[0].code if points else None, "place": points[0].name if points else None, "agent": staff[0].name if staff else None,
        "starts": session_plan.HALVES[0][0], "ends": session_plan.HALVES[0][1],
    }  # fmt: skip
    form = forms.show("pay_session", _FIELDS, start, options=_options(commune))
    form.seen.clear()
    return _form_page(month, commune, form, None, str(uuid.uuid4()))


@bp.post("/schedules/<string:month>/sessions")
@access.deed("schedule.arrange")
def add(month: str) -> Response:
    """Adds a session; the same form sent twice adds it once."""
    _require_month(month)
    commune = _commune(request.form.get("commune"))
    form = forms.read("pay_session", request.form, _FIELDS, options=_options(commune))
    record = _uuid(request.form.get("session"))
    if form.errors:
        return _form_page(month, commune, form, None, record, status=422)
    pairs = {name: (None, value) for name, value in form.values.items() if value is not None}
    pairs |= {"month": (None, month), "commune": (None, commune)}
    result = door.submit_one(access.form_actor(), g.now, "pay_session", record, pairs, create=True)
    return _saved(month, commune, form, None, record, result)


@bp.get("/schedules/<string:month>/sessions/<uuid:session_id>")
@access.deed("schedule.arrange")
def edit(month: str, session_id: uuid.UUID) -> Response:
    """A session to change."""
    session = _session(month, session_id)
    form = forms.show("pay_session", _FIELDS, _fields(session.id), options=_options(session.commune))
    return _form_page(month, session.commune, form, session, session.id)


@bp.post("/schedules/<string:month>/sessions/<uuid:session_id>")
@access.deed("schedule.arrange")
def save(month: str, session_id: uuid.UUID) -> Response:
    """Changes a session, cancels it, or lets it take place after all."""
    session = _session(month, session_id)
    state = request.form.get("state")
    if state in ("planned", "cancelled"):
        form = forms.show("pay_session", _FIELDS, _fields(session.id), options=_options(session.commune))
        pairs: dict[str, tuple[Any, Any]] = {"state": ("cancelled" if state == "planned" else "planned", state)}
    else:
        form = forms.read("pay_session", request.form, _FIELDS, _fields(session.id), options=_options(session.commune))
        pairs = forms.pairs(form, _fields(session.id))
    if form.errors:
        return _form_page(month, session.commune, form, session, session.id, status=422)
    if not pairs:
        return pages.redirect("schedule.show", month=month)
    result = door.submit_one(access.form_actor(), g.now, "pay_session", session.id, pairs)
    return _saved(month, session.commune, form, session, session.id, result)


@bp.get("/schedules/public")
@bp.get("/schedule/public")
@access.public
def public() -> Response:
    """For everyone: when and where money is handed out this month. No names, no sums, no staff."""
    month = schedule.month_at_hand(clock.local_date(g.now))
    found = schedule.posted(month, None) or schedule.posted(clock.month_of(g.now), None)
    told = [
        {**{name: each.get(name) for name in posting.PUBLIC}, "place": each.get("place") or unit.name_of(each.get("pay_point"))}
        for each in (found or {}).get("sessions", ())
        if each.get("state") != "cancelled"
    ]
    by_commune: dict[str, list[dict[str, Any]]] = {}
    for each in told:
        by_commune.setdefault(each["commune"], []).append(each)
    names = sorted(by_commune, key=unit.name_of)
    response = pages.render(
        "schedule/public.html", month=found["month"] if found else month, communes=[(code, by_commune[code]) for code in names]
    )
    response.headers["Cache-Control"] = "public, max-age=300" if access.signed_in() is None else "no-store"
    return response


@bp.get("/schedules/calendar/<string:unit_code>.ics")
@access.public
def feed(unit_code: str) -> Response:
    """A unit's sessions as a calendar to subscribe to; whoever has its address may read place, day and hours."""
    right = schedule.calendar_key(str(current_app.config["SECRET_KEY"]), unit_code)
    if not hmac.compare_digest(request.args.get("key", "").encode(), right.encode()) or unit.by_code(unit_code) is None:
        raise NotFound
    events = schedule.events(unit.within_reach_of(unit_code), g.now, pages.gettext(_SUMMARY))
    name = f"{pages.gettext(mark('Lịch chi trả'))} {unit.name_of(unit_code)}"
    response = Response(posting.feed(events, name), mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, max-age=900"
    return response


def _add_all(month: str, plans: list[session_plan.Plan]) -> Response:
    token = request.form.get("_edit", "")
    results = session_plan.add(access.form_actor(), token, month, plans, g.now) if plans else []
    refused = next((each.reason for each in results if each.reason is not None), None)
    if refused is not None:
        flask.flash(pages.gettext(answers.sentence(refused)), "error")
    made = sum(each.reason is None for each in results)
    text = mark("Đã lập %(count)s phiên. Hãy xem lại rồi sửa nếu cần.") if made else mark("Không có xã nào lập thêm được phiên.")
    flask.flash(pages.gettext(text) % {"count": made}, "success" if made else "message")
    return pages.redirect("schedule.show", month=month)


def _saved(month: str, commune: str, form: forms.Form, session: schedule.Session | None, record: str, result: Result) -> Response:
    if result.reason is not None:
        form.errors[result.reason.field if result.reason.field in _FIELDS else "day"] = pages.gettext(answers.sentence(result.reason))
        return _form_page(month, commune, form, session, record, status=422)
    if "conflict" in result.fields.values():
        raise LostRace
    found = schedule.session(record)
    flask.flash(pages.gettext(mark("Đã ghi phiên chi trả.")), "success")
    if found is not None and found.is_outside:
        usual = calendar.cycle(month)
        text = pages.gettext(mark("Ngày %(day)s nằm ngoài các ngày chi trả thường lệ (từ %(first)s đến %(last)s)."))
        told = {"day": found.day, "first": usual.pay_from, "last": usual.pay_to}
        flask.flash(text % {name: formats.day(day) for name, day in told.items()}, "warning")
    return pages.redirect("schedule.show", month=month)


def _form_page(month: str, commune: str, form: forms.Form, session: schedule.Session | None, record: str, status: int = 200) -> Response:
    chosen = form.typed.get("hamlets", "").split(", ") if form.typed.get("hamlets") else []
    usual = calendar.cycle(month)
    return pages.render(
        "schedule/session.html", status=status, month=month, commune=commune, form=form, session=session, record=record,
        usual=usual, chosen=chosen, inputs={name: form.inputs(name)[0] for name in _FIELDS}, token=request.form.get("_edit") or pages.edit_token(),
    )  # fmt: skip


def _told(fields: dict[str, tuple[Any, Any]]) -> list[tuple[str, str, str]]:
    """What changed of a session, as (label, before, after)."""
    known = CATALOGUE["pay_session"].fields
    return [(wording.label(known[name]), _words(name, before), _words(name, after)) for name, (before, after) in fields.items()]


def _words(name: str, value: Any) -> str:
    if name == "pay_point":
        return unit.name_of(value)
    return wording.value(CATALOGUE["pay_session"].fields[name], value, access.me().role)


def _options(commune: str) -> dict[str, list[tuple[str, str]]]:
    return {
        "pay_point": [(each.code, each.name) for each in unit.pay_points(commune) or unit.pay_points()],
        "hamlets": [(each.name, each.name) for each in unit.hamlets(commune)],
        "agent": [(each.name, f"{each.full_name} ({unit.name_of(each.unit)})") for each in session_plan.agents(commune)],
    }



def _fields(session_id: str) -> dict[str, Any]:
    found = door.shelf().get("pay_session", session_id)
    if found is None:
        raise NotFound
    return found.fields


def _session(month: str, session_id: uuid.UUID) -> schedule.Session:
    _require_month(month)
    found = schedule.session(str(session_id))
    if found is None or found.month != month:
        raise NotFound
    access.scope_of(access.me()).require(found.commune)
    return found


def _commune(code: str | None) -> str:
    found = unit.by_code(code or "")
    if found is None or found.kind != "commune":
        raise NotFound
    access.scope_of(access.me()).require(found.code)
    return found.code


def _uuid(text: str | None) -> str:
    try:
        return str(uuid.UUID(text or ""))
    except ValueError as error:
        raise NotFound from error


def _require_month(month: str) -> None:
    if not schedule.is_month(month):
        raise NotFound
