"""Files handed in: one's own, and each on its way through the door, batch by batch, to be stopped and gone on with."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import flask
from flask import Blueprint, Response, g, request

from portal import access, list_wording, pages, security, upload, wording
from portal.language import mark
from portal.problems import NotFound
from portal.upload import Answered, File
from portal.workbook.opened import MAX_BYTES, WorkbookProblem

if TYPE_CHECKING:
    from portal.workbook.arrived import Sheet

bp = Blueprint("upload", __name__, url_prefix="/uploads")

_LOOKS = {"list": "upload_list.findings", "workbook": "commune_workbook.show"}
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
    return _index()


@bp.post("")
@access.deed("upload.take_in")
def add() -> Response:
    """Keeps a file to be looked at; one that cannot be read is refused with what to do."""
    from portal.workbook import arrived, result_file, returned, sent_list  # noqa: PLC0415  # only for those who send a file

    security.accept_upload(MAX_BYTES + security.FORM_BYTES)
    sent, me = request.files.get("file"), access.me()
    content = sent.read() if sent is not None else b""
    if sent is None or not content:
        return _index(list_wording.refused(b"", "no_file"))
    name = sent.filename or "-"
    try:
        sheets = arrived.opened(content)
        if returned.is_ours(sheets):
            return _back(sheets, content, name)
        if any(result_file.is_result(sheet.rows) for sheet in sheets):
            raise WorkbookProblem("results")
        if not sent_list.tables(sheets, {}):
            raise WorkbookProblem("not_a_list")
    except WorkbookProblem as problem:
        return _index(list_wording.refused(content, problem.code))
    made = upload.add(me, "list", "", name, content, g.now)
    return pages.redirect("upload.show", upload_id=made)


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


def _back(sheets: list[Sheet], content: bytes, name: str) -> Response:
    """A workbook that was handed out here goes its own way."""
    from portal.views import commune_workbook  # noqa: PLC0415  # it leads back here

    return commune_workbook.take(sheets, content, name)


def _index(error: str = "") -> Response:
    return pages.render("upload/index.html", status=422 if error else 200, files=upload.own(access.me()), error=error)


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
