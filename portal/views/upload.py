"""Files handed in: one's own, and each on its way through the door, batch by batch, to be stopped and gone on with."""

from __future__ import annotations

import uuid

import flask
from flask import Blueprint, Response, g

from portal import access, pages, upload, wording
from portal.language import mark
from portal.problems import NotFound
from portal.upload import Answered, File

bp = Blueprint("upload", __name__, url_prefix="/uploads")

_LOOKS: dict[str, str] = {"workbook": "commune_workbook.show"}
"""Kind of file → the page on which one of that kind is looked at before it is confirmed."""
_OUTCOMES = {
    "refused": mark("Không nhận"),
    "conflict": mark("Người khác vừa sửa, giữ cả hai để làm rõ"),
    "proposed": mark("Đã gửi, chờ duyệt"),
    "applied": mark("Đã ghi"),
    "unchanged": mark("Đã đúng như vậy"),
}
_SHOWN = 200


@bp.get("")
@access.deed("upload.take_in")
def index() -> Response:
    """One's own files, finished or not."""
    return pages.render("upload/index.html", files=upload.own(access.me()))


@bp.get("/<uuid:upload_id>")
@access.deed("upload.take_in")
def show(upload_id: uuid.UUID) -> Response:
    """A file where it stands: looked at, on its way, or what became of it."""
    file = own(upload_id)
    if file.state == "open":
        return pages.redirect(_LOOKS[file.kind], upload_id=upload_id)
    return _progress_page(file)


@bp.post("/<uuid:upload_id>/carry-on")
@access.deed("upload.take_in")
def carry_on(upload_id: uuid.UUID) -> Response:
    """Hands the next edits in; sent twice it goes on all the same, and no edit counts twice."""
    file = own(upload_id)
    upload.carry_on(file.id, access.actor(access.me(), ""), g.now)
    file = own(upload_id)
    if not pages.htmx.partial:
        return pages.redirect("upload.show", upload_id=upload_id)
    response = _progress_page(file)
    if file.state != "running":
        response.headers["HX-Redirect"] = flask.url_for("upload.show", upload_id=upload_id)
    return response


@bp.post("/<uuid:upload_id>/drop")
@access.deed("upload.take_in")
def drop(upload_id: uuid.UUID) -> Response:
    """Gives a file up; what was written of it stays."""
    file = own(upload_id)
    upload.drop(file.id)
    flask.flash(pages.gettext(mark("Đã bỏ tệp %(name)s. Những gì đã ghi vẫn giữ nguyên.")) % {"name": file.name}, "message")
    return pages.redirect("upload.index")


def own(upload_id: uuid.UUID) -> File:
    """One of the reader's own files. Raises NotFound for any other."""
    file = upload.find(access.me(), str(upload_id))
    if file is None or file.state == "dropped":
        raise NotFound
    return file


def _progress_page(file: File) -> Response:
    found = upload.progress(file.id)
    return pages.render(
        "upload/show.html",
        "upload/_progress.html",
        file=file,
        progress=found,
        counts=[(outcome, pages.gettext(_OUTCOMES[outcome]), count) for outcome, count in found.counts.items()],
        rest=[_told(each) for each in found.rest[:_SHOWN]] if file.state != "running" else [],
        more=max(0, len(found.rest) - _SHOWN),
    )


def _told(each: Answered) -> tuple[str, str, str, str]:
    """Where an edit stood, what became of it, why, and the page of its record."""
    why = wording.refused(each.reason) if each.reason is not None else ""
    url = ""
    if each.kind == "person" and each.outcome != "refused":
        url = flask.url_for("person.show", person_id=each.record)
    elif each.kind == "change" and each.outcome != "refused":
        url = flask.url_for("change.show", change_id=each.record)
    return each.place, pages.gettext(_OUTCOMES[each.outcome]), why, url
