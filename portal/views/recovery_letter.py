"""The letter that asks a family for money paid without a right, as a Word file; number, day and signature stay blank."""

from __future__ import annotations

import uuid
from io import BytesIO

import flask
from flask import Blueprint, Response, g

from portal import access, clock, door, pages, procedure, recovery, report_process, telling, unit
from portal.money import in_words
from portal.problems import NotFound

bp = Blueprint("recovery_letter", __name__, url_prefix="/recoveries")

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/<uuid:recovery_id>/letter.docx")
@access.deed("recovery.keep")
def word(recovery_id: uuid.UUID) -> Response:
    """The letter, while money is owed."""
    case = recovery.find(access.actor(access.me(), access.page_device()), str(recovery_id))
    office = unit.by_code(access.me().unit)
    if case is None or office is None or case.sums.owed <= 0:
        raise NotFound
    person = door.shelf().get("person", case.values["person"])
    above = unit.by_code(office.parent or "") or office
    reason = telling.reason(case.stopped[1]) if case.stopped[1] else ""
    agency = procedure.in_force(clock.local_date(g.now).isoformat()).preset.paying_agency
    text = flask.render_template(
        "recovery/letter.txt",
        case=case,
        reason=reason[:1].lower() + reason[1:],
        hamlet=(person["hamlet"] if person is not None else "") or "",
        above=above.name,
        of_commune=office.kind == "commune",
        office=office.name,
        place=unit.bare_name(office if office.kind == "commune" else above),
        signature=agency.signature or (agency.title.upper(),),
        today=clock.local_date(g.now),
        words=lambda amount: in_words(amount)[:1].lower() + in_words(amount)[1:],
    )
    made = report_process.document(text, title=pages.gettext("Thu hồi chi thừa"), author=office.name, now=g.now)
    return flask.send_file(
        BytesIO(made), mimetype=_WORD, as_attachment=True, download_name=f"thu-de-nghi-{case.values['line_code'].replace('/', '-')}.docx"
    )
