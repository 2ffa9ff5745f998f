"""Payment files for banks: what is left to send, making the next file, downloading it, and who did so before."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import IO, Any

from flask import Blueprint, Response, g, request

from portal import access, answers, bank_file, bank_template, calendar, clock, pages, payment, schedule, unit, wording
from portal.bank_file import File, LeftOut
from portal.bank_template import Template
from portal.language import mark
from portal.problems import NotFound
from portal.views.payment import hold_words
from sync import bank_layout
from sync.edit import Reason
from sync.ids import uuid7

bp = Blueprint("bank_file", __name__, url_prefix="/bank-files")

_REFUSED = {
    "nothing_to_send": mark("Không còn khoản nào để gửi: mọi khoản đã nằm trong một tệp, đang giữ lại hoặc đã có kết quả."),
    "no_template": mark("Hãy chọn một mẫu."),
    "no_list": mark("Danh sách tháng này chưa chuyển sang bưu điện, hoặc đã quyết toán."),
    "not_posted": mark("Danh sách tháng này chưa chuyển sang bưu điện, hoặc đã quyết toán."),
    "layout": mark("Mẫu này không viết được tên của một người; hãy xem các chỗ sai và sửa mẫu."),
    "taken": mark("Một tệp khác vừa được lập; hãy xem lại trang."),
}
_UNFIT = {
    "content_too_long": mark("%(line)s: nội dung dài %(detail)s ký tự, tối đa là %(most)s."),
    "encoding": mark("%(line)s: bảng mã không viết được «%(detail)s»."),
}
_SHOWN = 20
_CHUNK = 64 * 1024
_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@bp.get("")
@access.deed("bank_file.read")
def index() -> Response:
    """A month: what each bank has to be sent, the files made so far, and the lines left out."""
    return _page(_month())


@bp.post("")
@access.deed("bank_file.make")
def make() -> Response:
    """Makes a bank's next file of what was in none before."""
    month, bank = _month(), request.form.get("bank", "")
    list_id = bank_file.posted(month)
    template = bank_template.find(request.form.get("template", ""))
    file_id = _id(request.form.get("record"))
    if list_id is None or template is None or template.is_retired:
        return _page(month, error=_text("no_list" if list_id is None else "no_template"), status=422)
    wrong = _unfit(template, month, list_id, bank)
    if wrong:
        return _page(month, error=_text("layout"), wrong=wrong, status=422)
    actor = access.form_actor()
    result = bank_file.make(actor, g.now, file_id, list_id, bank, template)
    if result.reason is not None and bank_file.find(file_id) is None:
        return _page(month, error=_refused(result.reason), status=422)
    return pages.redirect("bank_file.show", file_id=file_id)


@bp.get("/<uuid:file_id>")
@access.deed("bank_file.read")
def show(file_id: uuid.UUID) -> Response:
    """One file: what is in it, its digest, who has taken it."""
    return _file_page(_file(file_id))


@bp.post("/<uuid:file_id>/download")
@access.deed("bank_file.make")
def download(file_id: uuid.UUID) -> Response:
    """The file itself, once it is written down who takes it. Whoever was not told of an earlier download is told first."""
    file = _file(file_id)
    seen = request.form.get("seen", "")
    actor = access.form_actor()
    result = bank_file.download(actor, g.now, file, int(seen) if seen.isascii() and seen.isdigit() else -1)
    if result.reason is not None or "conflict" in result.fields.values():
        told = _refused(result.reason) if result.reason is not None else pages.gettext(mark("Tệp này vừa được tải; xem bên dưới ai đã tải, rồi hãy tải lại."))
        return _file_page(_file(file_id), told, status=409)
    response = Response(_stream(bank_file.content(file)), mimetype=_TYPES[str(file.layout.get("format") or "csv")])
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["X-Content-SHA256"] = file.digest
    return response


def _page(month: str, *, error: str = "", wrong: list[str] | None = None, status: int = 200) -> Response:
    communes = access.scope_of(access.me()).communes
    list_id = bank_file.posted(month)
    found = bank_file.overview(list_id, communes) if list_id else []
    return pages.render(
        "bank_file/index.html",
        status=status,
        month=month,
        months=payment.months(),
        is_posted=list_id is not None,
        found=found,
        templates={each.name: [(every.id, every.name) for every in bank_template.for_bank(each.name)] for each in found},
        files=bank_file.files(month),
        left_out=_told(bank_file.left_out(list_id, communes)) if list_id else [],
        recalled=_told(bank_file.recalled(list_id, communes)) if list_id else [],
        listed=bank_file.LISTED,
        error=error,
        wrong=wrong or [],
        by=calendar.cycle(month).pay_from if list_id else "",
        records={each.name: uuid7() for each in found},
        token=pages.edit_token(),
    )


def _file_page(file: File, error: str = "", status: int = 200) -> Response:
    layout = bank_layout.layout(file.layout)
    communes = access.scope_of(access.me()).communes
    recalled = [each for each in bank_file.recalled(file.list, communes) if each.number == file.number]
    return pages.render(
        "bank_file/show.html",
        status=status,
        file=file,
        error=error,
        facts=[(wording.label(choice), text) for choice, text in _layout_facts(layout)],
        recalled=_told(recalled),
        token=pages.edit_token(),
    )


def _layout_facts(of: bank_layout.Layout) -> Iterator[tuple[Any, str]]:
    """What a file was written like, in the catalogue's words."""
    from sync.kinds.bank_file import TEMPLATE  # noqa: PLC0415  # named as the page's words only

    for name in ("format", "encoding", "content", "columns"):
        field, value = TEMPLATE.fields[name], getattr(of, name)
        text = next((wording.label(choice) for choice in field.choices if choice.code == value), value)
        yield field, ", ".join(heading for _, heading in of.parts) if name == "columns" else str(text)


def _told(lines: list[LeftOut]) -> list[tuple[LeftOut, str, str]]:
    """(line, commune, why it is left out) in words."""
    return [(each, unit.name_of(each.commune), _why(each)) for each in lines]


def _why(line: LeftOut) -> str:
    if line.why == "no_sum":
        return pages.gettext(mark("Không có tiền để chuyển"))
    if line.why == "withheld":
        return pages.gettext(mark("Giữ lại: %(why)s")) % {"why": hold_words({"reason": line.hold})}
    return pages.gettext(mark("Đã có kết quả"))


def _unfit(template: Template, month: str, list_id: str, bank: str) -> list[str]:
    """Sentences on what the template cannot carry of the lines to send."""
    communes = access.scope_of(access.me()).communes
    found = bank_layout.unfit(template.layout, month, bank_file.to_send(list_id, bank, communes, template.layout.max_rows))
    told = [{"line": line or "–", "detail": detail, "most": bank_layout.CONTENT_LENGTH, "code": code} for code, line, detail in found[:_SHOWN]]
    return [pages.gettext(_UNFIT[str(each["code"])]) % each for each in told]


def _text(code: str) -> str:
    return pages.gettext(_REFUSED[code])


def _refused(reason: Reason) -> str:
    text = _REFUSED.get(reason.detail)
    return pages.gettext(text) if text else pages.gettext(answers.sentence(reason))


def _stream(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while some := content.read(_CHUNK):
            yield some


def _file(file_id: uuid.UUID) -> File:
    found = bank_file.find(str(file_id))
    if found is None:
        raise NotFound
    return found


def _id(text: str | None) -> str:
    try:
        return str(uuid.UUID(text or ""))
    except ValueError:
        return uuid7()


def _month() -> str:
    known = payment.months()
    month = request.values.get("month") or (known[0] if known else schedule.month_at_hand(clock.local_date(g.now)))
    if not schedule.is_month(month):
        raise NotFound
    return month
