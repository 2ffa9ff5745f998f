"""A list somebody sent: what its columns are, what is wrong with it, what would be written; and the yes to that."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, list_wording, pages, unit, upload, wording
from portal.language import mark
from portal.upload import File
from portal.views.upload import own
from portal.workbook import sent_list
from portal.workbook.opened import WorkbookProblem
from portal.workbook.sent_list import Looked, Table
from sync.edit import Actor
from sync.kinds import CATALOGUE
from sync.values import ValueProblem, parse_month

if TYPE_CHECKING:  # what reads and writes a list is loaded by whoever sends one
    from portal.list_edits import Wanted
    from portal.workbook.corrected import Mark, Notes

bp = Blueprint("upload_list", __name__, url_prefix="/uploads")

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 100


@bp.get("/<uuid:upload_id>/columns")
@access.deed("upload.take_in")
def columns(upload_id: uuid.UUID) -> Response:
    """What each column of each sheet is taken to be, with some of its cells; every guess can be put right."""
    return _columns_page(_open(upload_id))


@bp.post("/<uuid:upload_id>/columns")
@access.deed("upload.take_in")
def choose_columns(upload_id: uuid.UUID) -> Response:
    """Keeps what the sender says of the columns, for this file and for the next one of the same layout."""
    file, form = _open(upload_id), request.form
    tables = sent_list.tables_of(file.content, upload.columns(access.me().unit))
    chosen = [_read_columns(number, table) for number, table in enumerate(tables)]
    said = {name: form.get(name, "") for name in ("kind", "commune", "month")}
    errors: dict[str, str] = {}
    for number, (names, twice) in enumerate(chosen):
        errors |= {key: pages.gettext(mark("Hai cột cùng được chọn là «%(name)s».")) % {"name": _column_name(name)} for key, name in twice.items()}
        if names and not sent_list.suffices(names):
            errors[f"c-{number}-{tables[number].columns[0].index}"] = pages.gettext(mark("Cần ít nhất họ và tên, ngày sinh và một cột nữa; không lấy trang tính này thì để trống cả."))
    if not errors and not any(names for names, _ in chosen):
        errors[f"c-0-{tables[0].columns[0].index}"] = pages.gettext(mark("Chưa có trang tính nào được lấy. Hãy chọn cột họ và tên, ngày sinh và các cột khác."))
    try:
        said["month"] = parse_month(said["month"])
    except ValueProblem as problem:
        errors["month"] = wording.wrong_value(problem)
    if said["commune"] and not access.scope_of(access.me()).covers(said["commune"]):
        errors["commune"] = pages.gettext(mark("Xã này ngoài địa bàn của bạn."))
    if errors:
        return _columns_page(file, errors=errors, status=422)
    for table, (names, _) in zip(tables, chosen, strict=True):
        upload.remember_columns(access.me().unit, table.heading.layout, names, g.now)
    kind = said["kind"] if said["kind"] in ("list", "increase") else ""
    upload.answer(file.id, {**file.answers, **said, "kind": kind})
    return pages.redirect("upload_list.findings", upload_id=upload_id)


@bp.get("/<uuid:upload_id>/findings")
@access.deed("upload.take_in")
def findings(upload_id: uuid.UUID) -> Response:
    """What was found in the whole file, what is wrong first; nothing is written yet."""
    file = _open(upload_id)
    if "month" not in file.answers and not _is_known(file):
        return pages.redirect("upload_list.columns", upload_id=upload_id)
    return _findings_page(file)


@bp.post("/<uuid:upload_id>/answers")
@access.deed("upload.take_in")
def answers(upload_id: uuid.UUID) -> Response:
    """Keeps which repairs the sender agrees to and which rows they leave out, and shows what would be written now."""
    file, form = _open(upload_id), request.form
    kept = dict(file.answers)
    for name in ("accepted", "left_out"):
        shown = set(form.getlist(f"{name}-shown"))
        kept[name] = sorted((set(kept.get(name, ())) - shown) | (set(form.getlist(name)) & shown))
    kept["accept_all"] = "accept_all" in form
    upload.answer(file.id, kept)
    return pages.redirect("upload_list.findings", upload_id=upload_id)


@bp.post("/<uuid:upload_id>/confirm")
@access.deed("upload.take_in")
def confirm(upload_id: uuid.UUID) -> Response:
    """Takes the file in as it was shown; where the register has moved since, it is shown again."""
    file = _open(upload_id)
    try:
        looked = _look(file)
    except WorkbookProblem as problem:
        return _refused_page(file, problem.code)
    if upload.plan_digest(looked.plan.items) != request.form.get("digest", ""):
        return _findings_page(file, looked, moved=True, status=409)
    if not upload.freeze(file.id, looked.plan.items, g.now):
        flask.flash(pages.gettext(mark("Tệp này đang được ghi dở từ một lần gửi khác; hãy ghi tiếp lần đó trước.")), "warning")
        return pages.redirect("upload.index")
    return pages.redirect("upload.show", upload_id=upload_id)


@bp.get("/<uuid:upload_id>/corrected.xlsx")
@access.deed("upload.take_in")
def workbook(upload_id: uuid.UUID) -> Response:
    """The file with its repairs put in and its wrong cells marked and explained, to be corrected and sent again."""
    from portal.workbook import corrected  # noqa: PLC0415  # as above

    file = _open(upload_id)
    try:
        looked = _look(file)
        made = corrected.write(file.content, looked.survey, _marks(looked, file), _notes(looked))
    except WorkbookProblem as problem:
        return _refused_page(file, problem.code)
    stem = re.sub(r"\.[^.]*$", "", file.name)
    return flask.send_file(io.BytesIO(made), mimetype=_EXCEL, as_attachment=True, download_name=f"{stem}-da-kiem-tra.xlsx")


def _open(upload_id: uuid.UUID) -> File:
    """A list of one's own that is being looked at. A file that was confirmed is led to where it stands by its page."""
    file = own(upload_id)
    if file.state != "open" or file.kind != "list":
        flask.abort(pages.redirect("upload.show", upload_id=upload_id))
    return file


def _look(file: File) -> Looked:
    return sent_list.look_as(_actor(), file, g.now)


def _actor() -> Actor:
    return access.actor(access.me(), access.page_device())


def _is_known(file: File) -> bool:
    """Whether every sheet that is a list has a heading this unit has assigned before, so that there is nothing to ask."""
    tables = sent_list.tables_of(file.content, upload.columns(access.me().unit))
    if not any(table.is_chosen for table in tables) or any(table.is_list and not table.is_chosen for table in tables):
        return False
    try:
        _look(file)
    except WorkbookProblem:
        return False
    return True


def _read_columns(number: int, table: Table) -> tuple[dict[str, int], dict[str, str]]:
    """What a form says of a sheet's columns: name → index, and field → name where that was chosen before."""
    found: dict[str, int] = {}
    twice: dict[str, str] = {}
    for column in table.columns:
        key = f"c-{number}-{column.index}"
        name = request.form.get(key, "")
        if name in found:
            twice[key] = name
        elif name in sent_list.TAKEN:
            found[name] = column.index
    return found, twice


def _column_name(name: str) -> str:
    return pages.gettext(list_wording.COLUMNS[name])


def _columns_page(file: File, *, errors: Mapping[str, str] | None = None, error: str = "", status: int = 200) -> Response:
    form, told, typed = request.form, sent_list.told_by(_actor(), file.answers, g.now), request.method == "POST"
    tables = sent_list.tables_of(file.content, told.columns)
    try:
        looked = sent_list.look(file.content, file.name, file.id, told)
        guess = {"kind": looked.sent.kind, "month": looked.sent.month}
    except WorkbookProblem:
        guess = {"kind": "list", "month": told.else_month}
    guess = {name: file.answers.get(name) or value for name, value in guess.items()} | {"commune": file.answers.get("commune", "")}
    scope = access.scope_of(access.me())
    return pages.render(
        "upload/columns.html",
        status=status,
        file=file,
        tables=[
            (table, [(column, form.get(f"c-{number}-{column.index}", "") if typed else column.name) for column in table.columns])
            for number, table in enumerate(tables)
        ],
        names=[(name, _column_name(name)) for name in sent_list.TAKEN],
        typed={name: form.get(name, "") for name in guess} if typed else guess,
        communes=[(each.code, each.name) for each in unit.communes() if scope.covers(each.code)],
        errors=errors or {},
        error=error,
    )


def _refused_page(file: File, code: str) -> Response:
    """A file that cannot be taken in as it is told now: its columns, and what is the matter."""
    if code == "other_commune":
        told = sent_list.told_by(_actor(), file.answers, g.now)
        communes = sorted(sent_list.communes_of(sent_list.look(file.content, file.name, file.id, told)) - {""})
        names = ", ".join(unit.name_of(each) for each in communes if not access.scope_of(access.me()).covers(each))
        return _columns_page(file, error=pages.gettext(list_wording.FILE[code]) % {"communes": names}, status=422)
    return _columns_page(file, error=list_wording.refused(file.content, code), status=422)


def _findings_page(file: File, looked: Looked | None = None, *, moved: bool = False, status: int = 200) -> Response:
    from portal.list_edits import row_of  # noqa: PLC0415  # as above

    try:
        looked = looked or _look(file)
    except WorkbookProblem as problem:
        return _refused_page(file, problem.code)
    found, plan = looked.survey, looked.plan
    names = {row.at: row.full_name for row in looked.sent.rows}
    asked = [each for each in found.repairs if each.ask]
    put = [each for each in found.repairs if not each.ask]
    warned = [*plan.left, *found.warnings]
    agreed = {each.at for each in asked} if file.answers.get("accept_all") else set(file.answers.get("accepted", ()))
    return pages.render(
        "upload/findings.html",
        status=status,
        file=file,
        found=found,
        plan=plan,
        moved=moved,
        communes=[unit.name_of(code) for code in sorted(sent_list.communes_of(looked))],
        errors=[(list_wording.place(each.at), names.get(row_of(each.at), ""), list_wording.remark(each)) for each in found.errors[:_SHOWN]],
        asked=[(each.at, list_wording.place(each.at), names.get(row_of(each.at), ""), list_wording.repair(each), each.at in agreed) for each in asked[:_SHOWN]],
        ask_count=len(asked),
        all_agreed=bool(file.answers.get("accept_all")),
        put=[(list_wording.place(each.at), list_wording.repair(each)) for each in put[:_SHOWN]],
        put_count=len(put),
        warned=[(list_wording.place(each.at), list_wording.remark(each)) for each in warned[:_SHOWN]],
        warn_count=len(warned),
        wanted=[(each, list_wording.place(each.place), _deed(each), _fields(each)) for each in plan.wanted[:_SHOWN]],
        chosen=[(at, list_wording.place(at), names[at]) for at, why in plan.out.items() if why == "chosen"],
        out={why: sum(each == why for each in plan.out.values()) for why in ("error", "asked", "chosen")},
        counts={deed: sum(each.deed == deed for each in plan.wanted) for deed in ("set", "adjust", "new")},
        shown=_SHOWN,
        digest=upload.plan_digest(plan.items),
        token=pages.edit_token(),
    )


def _deed(each: Wanted) -> str:
    month = {"month": f"{each.month[5:]}/{each.month[:4]}"}
    if each.deed == "new":
        return pages.gettext(mark("Đề nghị tăng mới từ tháng %(month)s")) % month
    if each.deed == "adjust":
        return pages.gettext(mark("Đề nghị điều chỉnh từ tháng %(month)s")) % month
    waits = [name for _, name, _, _ in each.fields if access.me().role not in CATALOGUE["person"].fields[name].direct]
    if not waits:
        return pages.gettext(mark("Sửa, ghi ngay"))
    return pages.gettext(mark("Sửa, chờ duyệt")) if len(waits) == len(each.fields) else pages.gettext(mark("Sửa, có chỗ chờ duyệt"))


def _fields(each: Wanted) -> list[tuple[str, str, str]]:
    """(label, value now, value wanted) in words."""
    role = access.me().role
    found = []
    for kind, name, now, wanted in each.fields:
        described = CATALOGUE[kind].fields[name]
        found.append((wording.label(described), wording.value(described, now, role), wording.value(described, wanted, role)))
    return found


def _marks(looked: Looked, file: File) -> Iterable[Mark]:
    from portal.list_edits import row_of  # noqa: PLC0415  # as above
    from portal.workbook.corrected import Mark  # noqa: PLC0415

    said = file.answers
    for each in looked.survey.errors:
        yield Mark(each.at, "bad", list_wording.remark(each))
    for repair in looked.survey.repairs:
        is_put = not repair.ask or said.get("accept_all") or repair.at in said.get("accepted", ())
        to = "/".join(reversed(repair.to.split("-"))) if repair.code.startswith("DATE_") else repair.to
        yield Mark(repair.at, "good" if is_put else "ask", list_wording.repair(repair), to if is_put else None)
    for each in (*looked.plan.left, *looked.survey.warnings):
        if row_of(each.at):
            yield Mark(each.at, "note", list_wording.remark(each))


def _notes(looked: Looked) -> Notes:
    """The sheet that tells everything: what is wrong, what is not taken over, what would be written."""
    from portal.workbook.corrected import Notes  # noqa: PLC0415  # as above

    where, what = pages.gettext(mark("Ở đâu")), pages.gettext(mark("Cần làm gì"))
    found, plan = looked.survey, looked.plan
    tables: list[tuple[str, list[str], list[list[str]]]] = [
        (pages.gettext(mark("Lỗi phải sửa")), [where, what], [[each.at, list_wording.remark(each)] for each in found.errors]),
        (pages.gettext(mark("Được hiểu lại")), [where, what], [[each.at, list_wording.repair(each)] for each in found.repairs]),
        (pages.gettext(mark("Cần để ý")), [where, what], [[each.at, list_wording.remark(each)] for each in (*plan.left, *found.warnings)]),
        (pages.gettext(mark("Sẽ ghi")), [where, pages.gettext(mark("Họ và tên")), what], [_told_change(each) for each in plan.wanted]),
    ]
    return Notes(pages.gettext(mark("Kết quả kiểm tra")), tables)


def _told_change(each: Wanted) -> list[Any]:
    parts = [f"{label}: {now} → {wanted}" if now else f"{label}: {wanted}" for label, now, wanted in _fields(each)]
    return [each.place, each.name, f"{_deed(each)}. {'; '.join(parts)}"]
