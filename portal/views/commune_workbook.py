"""A commune's people as a workbook to work in without a line: handed out here, and looked at here when it comes back."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import TYPE_CHECKING

import flask
from flask import Blueprint, Response, g, request

from portal import access, clock, pages, unit, upload, wording
from portal.language import mark
from portal.problems import NotFound
from portal.upload import File
from portal.views.upload import own
from portal.workbook.opened import WorkbookProblem
from sync.kinds import CATALOGUE

if TYPE_CHECKING:  # what makes and reads a workbook is loaded by whoever works with one
    from portal.workbook.arrived import Sheet
    from portal.workbook.commune_edits import Told, Wrong
    from portal.workbook.commune_plan import Plan

bp = Blueprint("commune_workbook", __name__, url_prefix="/commune-workbooks")

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRONG = {
    "unknown_key": mark("Cột Khóa ghi «%(told)s», không phải của ai trong tệp này. Chép lại khóa đúng của người đó, hoặc để trống nếu là người mới."),
    "known_person": mark("%(told)s, cùng ngày sinh, đã có trong danh sách. Nếu là người đó thì ghi lại khóa; nếu là người khác thì ghi số CCCD."),
    "fixed_column": mark("Cột này do hệ thống ghi; giá trị ở đây không được lấy."),
    "new_only": mark("Cột này chỉ dùng cho người mới; muốn thay đổi chế độ của người đang hưởng thì đề nghị trên trang."),
    "columns_missing": mark("Không thấy các cột: %(told)s. Những gì ghi ở đó không được xem; hãy ghi lại đúng tên cột."),
    "cell_error": mark("Ô báo lỗi tính toán; hãy gõ lại giá trị."),
    "no_value": mark("Ô có công thức chưa tính; hãy mở tệp, lưu lại, hoặc gõ giá trị."),
    "rounded_number": mark("Số dài quá 15 chữ số đã bị bảng tính làm tròn; hãy gõ lại, có dấu nháy đơn ' ở trước."),
    "unknown_record": mark("Không tìm thấy hồ sơ này trong địa bàn của bạn."),
    "other_person": mark("Dòng của %(told)s nay ghi một người khác. Người mới thì ghi vào dòng trống; sửa sai họ tên và ngày sinh thì làm trên trang."),
    "account_of_cash": mark("Người này nhận tiền mặt: muốn chuyển khoản thì chọn Chuyển khoản ở cột Cách nhận tiền."),
    "commune_ended": mark("Xã trong tệp này đã được sắp xếp lại; hãy đề nghị người mới trên trang."),
    "category_on_page": mark("Loại đối tượng này chỉ đề nghị trên trang."),
    "person_twice": mark("%(told)s, cùng ngày sinh, có hai dòng khác nhau; chỉ lấy dòng đầu."),
}
_REFUSED = {
    "other_area": mark("Tệp này của một xã ngoài địa bàn của bạn."),
    "newer": mark("Tệp này của một phiên bản mới hơn của cổng."),
    "tampered": mark("Phần ẩn của tệp đã bị sửa hoặc bị mất một phần, nên không biết được ô nào đã đổi."),
    "no_heading": mark("Không thấy dòng tiêu đề của danh sách trong trang tính nào."),
}
_REFUSED_OTHERWISE = mark("Không đọc được tệp này.")


@bp.get("")
@access.deed("upload.take_in")
def index() -> Response:
    """Which communes there is a workbook of, and how it is worked with."""
    return _index()


def take(sheets: list[Sheet], content: bytes, name: str) -> Response:
    """Keeps a workbook of ours that somebody sent, and shows what it changes; one that cannot be read, or of another area, is refused."""
    from portal.workbook import returned  # noqa: PLC0415  # as above

    account = access.me()
    try:
        commune = returned.read(sheets, _secret()).about.commune
    except WorkbookProblem as problem:
        return _refused_at_once(problem.code)
    if not access.scope_of(account).covers(commune):
        return _refused_at_once("other_area")
    return pages.redirect("commune_workbook.show", upload_id=upload.add(account, "workbook", commune, name or "-", content, g.now))


def _refused_at_once(code: str) -> Response:
    return _index(pages.gettext(_REFUSED.get(code, _REFUSED_OTHERWISE)), status=422)


@bp.get("/<string:commune>.xlsx")
@access.deed("upload.take_in")
def download(commune: str) -> Response:
    """The workbook of a commune, as of now."""
    from portal.workbook import commune_list  # noqa: PLC0415  # as above

    place, account = unit.by_code(commune), access.me()
    if place is None or place.kind != "commune" or place.succeeded_by is not None:
        raise NotFound
    access.scope_of(account).require(commune)
    made = BytesIO()
    commune_list.hand_out(made, access.actor(account, access.page_device()), commune, g.now, _secret())
    made.seek(0)
    name = f"danh-sach-{commune}-{clock.local_date(g.now):%Y-%m-%d}.xlsx"
    return flask.send_file(made, mimetype=_EXCEL, as_attachment=True, download_name=name)


@bp.get("/<uuid:upload_id>")
@access.deed("upload.take_in")
def show(upload_id: uuid.UUID) -> Response:
    """What a workbook that came back changes, before anything of it is written."""
    file = own(upload_id)
    if file.state != "open":
        return pages.redirect("upload.show", upload_id=upload_id)
    return _page(file)


@bp.post("/<uuid:upload_id>/confirm")
@access.deed("upload.take_in")
def confirm(upload_id: uuid.UUID) -> Response:
    """Says yes to what was shown; what moved meanwhile is shown again."""
    file = own(upload_id)
    if file.state != "open":
        return pages.redirect("upload.show", upload_id=upload_id)
    try:
        found = _plan(file)
    except WorkbookProblem:
        return _page(file, status=422)
    if found.digest != request.form.get("digest"):
        return _page(file, error=pages.gettext(mark("Danh sách vừa thay đổi sau khi bạn xem; hãy xem lại.")), status=409)
    if found.removed and not request.form.get("seen_removed"):
        return _page(file, error=pages.gettext(mark("Hãy xem những người không còn trong tệp và đánh dấu là đã xem.")), status=422)
    if not upload.freeze(file.id, found.items(_chosen(found)), g.now):
        flask.flash(pages.gettext(mark("Tệp này đang được ghi rồi.")), "message")
    return pages.redirect("upload.show", upload_id=upload_id)


def _index(error: str = "", status: int = 200) -> Response:
    communes = [(each.code, each.name) for each in unit.communes() if access.scope_of(access.me()).covers(each.code)]
    return pages.render("commune_workbook/index.html", status=status, communes=communes, error=error)


def _plan(file: File) -> Plan:
    from portal.workbook import arrived  # noqa: PLC0415  # as above
    from portal.workbook.commune_plan import plan  # noqa: PLC0415

    return plan(arrived.opened(file.content), access.actor(access.me(), access.page_device()), g.now, _secret())


def _page(file: File, *, error: str = "", status: int = 200) -> Response:
    try:
        found = _plan(file)
    except WorkbookProblem as problem:
        told = pages.gettext(_REFUSED.get(problem.code, _REFUSED_OTHERWISE))
        return pages.render("commune_workbook/refused.html", status=422, file=file, told=told)
    asked = [(each, one) for each in found.edited for one in each.told]
    return pages.render(
        "commune_workbook/show.html",
        status=status,
        file=file,
        plan=found,
        wrong=[(each.place, each.heading, _sentence(each)) for each in found.wrong],
        clashes=[pair for pair in asked if pair[1].outcome == "conflict"],
        plain=[pair for pair in asked if pair[1].outcome != "conflict"],
        chosen=_chosen(found),
        label=_label,
        seen_removed=bool(request.form.get("seen_removed")),
        error=error,
        token=pages.edit_token(),
    )


def _chosen(found: Plan) -> dict[str, int]:
    """Which row was chosen of each person asked about: as answered, else the one to offer; none where nothing speaks for one."""
    answered = {question.key: request.form.get(f"row.{question.key}", "") for question in found.questions}
    if request.method == "POST":
        return {key: int(number) for key, number in answered.items() if number.isascii() and number.isdecimal()}
    return {question.key: question.likely for question in found.questions if question.likely is not None}


def _sentence(each: Wrong) -> str:
    return pages.gettext(_WRONG[each.code]) % {"told": each.told} if each.code else each.sentence


def _label(told: Told) -> str:
    return wording.label(CATALOGUE["person"].fields[told.field])


def _secret() -> str:
    return str(flask.current_app.config["SECRET_KEY"])
