"""The official report of a month or a period: looked at with the way from each figure to its lines, its prose written, as a Word file."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import (
    access,
    calendar,
    clock,
    formats,
    money,
    pages,
    procedure,
    report_figures,
    report_parts,
    report_process,
    report_text,
    unit,
)
from portal.language import mark
from portal.problems import NotFound
from portal.report_figures import Asked, Figures
from portal.unit import Unit
from portal.views.report import index_again
from sync.procedure import MONTHLY_LIST

bp = Blueprint("report_document", __name__, url_prefix="/reports")

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_STATES = {"uncollected": mark("Chưa nhận"), "rejected": mark("Chuyển khoản bị trả lại"), "withheld": mark("Giữ lại")}
_NO_MONTHS = mark("Không có tháng nào có kết quả trong khoảng này.")
_BACKWARDS = mark("Tháng đầu phải trước tháng cuối.")
_WRITTEN = mark("Đã ghi. Đoạn này được giữ cho các báo cáo sau.")
_MOVED = mark("Người khác vừa sửa đoạn này. Dưới đây là nội dung mới; nội dung bạn viết còn trong ô.")
_NOT_WRITTEN = mark("Chưa ghi được: đoạn văn trống hoặc dài quá 8.000 ký tự.")


@bp.get("/period")
@access.deed("report.read")
def preview() -> Response:
    """The report as it will be printed, its figures leading to their lines."""
    period = _period()
    return period if isinstance(period, Response) else _preview(*period)


@bp.get("/period.docx")
@access.deed("report.read")
def word() -> Response:
    """The report as a Word file."""
    period = _period()
    if isinstance(period, Response):
        return period
    first, last = period
    name = f"bao-cao-{first}.docx" if first == last else f"bao-cao-{first}-{last}.docx"
    return _sent(_text("report/month.txt", _figures(first, last)), name)


@bp.get("/<string:month>.docx")
@access.deed("report.read")
def word_of_month(month: str) -> Response:
    """A month's report as a Word file."""
    if not _MONTH.fullmatch(month):
        raise NotFound
    return _sent(_text("report/month.txt", _figures(month, month)), f"bao-cao-{month}.docx")


@bp.get("/form-10a.docx")
@access.deed("report.write")
def form_10a() -> Response:
    """Form 10a of Decree 20/2021 as a Word file."""
    period = _period()
    if isinstance(period, Response):
        return period
    first, last = period
    found = _figures(first, last)
    told = report_figures.form_10a(first, last, _scope())
    return _sent(_text("report/form_10a.txt", found, form=told, millions=report_figures.millions), f"mau-10a-{first}-{last}.docx")


@bp.post("/text/<string:block>")
@access.deed("report.write")
def write(block: str) -> Response:
    """Keeps a section of the office's prose."""
    first, last = request.form.get("from", ""), request.form.get("to", "")
    if block not in report_text.OWN or not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last)):
        raise NotFound
    seen, wanted = (request.form.get(name, "").replace("\r\n", "\n").strip("\n") for name in ("seen", "text"))
    actor = access.form_actor()
    result = report_text.write(actor, g.now, block, seen or None, wanted)
    moved = result.reason is not None and result.reason.detail == "exists"
    if result.status == "refused" and not moved:
        return _preview(first, last, {block: wanted}, _NOT_WRITTEN, 422)
    if moved or "conflict" in result.fields.values():
        return _preview(first, last, {block: wanted}, _MOVED, 409)
    flask.flash(pages.gettext(_WRITTEN), "success")
    return pages.redirect("report_document.preview", **{"from": first, "to": last, "_anchor": f"block-{block}"})


@bp.get("/lines")
@access.deed("report.read")
def lines() -> Response:
    """The lines behind a figure of a period."""
    period = _period()
    if isinstance(period, Response):
        return period
    asked = Asked(*period, **{name: request.args.get(name, "")[:40] for name in ("state", "method", "how", "after")})
    rows, after = report_figures.lines(asked, _scope())
    kept = {"from": asked.first, "to": asked.last, "state": asked.state, "method": asked.method, "how": asked.how}
    more: dict[str, Any] = {name: value for name, value in kept.items() if value}
    next_url = flask.url_for("report_document.lines", **more, after=after) if after else ""
    return pages.render("report/lines.html", asked=asked, rows=rows, next_url=next_url)


def _preview(first: str, last: str, typed: dict[str, str] | None = None, error: str = "", status: int = 200) -> Response:
    found = _figures(first, last)
    parts = report_parts.read(_text("report/month.txt", found))
    own = report_text.blocks(access.me().unit)
    return pages.render(
        "report/preview.html",
        status=status,
        first=first,
        last=last,
        parts=[(role, list(report_parts.pieces(text)), report_parts.cells(text)) for role, text in parts],
        blocks=own.values() if access.may(access.me(), "report.write") else [],
        labels=report_text.labels(),
        typed=typed or {},
        error=error,
        token=pages.edit_token(),
    )


def _figures(first: str, last: str) -> Figures:
    found = report_figures.of_period(first, last, _scope())
    if found is None:
        raise NotFound
    return found


def _text(template: str, found: Figures, **more: Any) -> str:
    """The template's words with the data's numbers and names."""
    area, office, provider = offices()
    held = procedure.in_force(clock.local_date(g.now).isoformat())
    signer = held.signer(MONTHLY_LIST)
    period = {"from": found.first, "to": found.last}

    def say(figure: str, month: str = "", **filters: str) -> str:
        within: dict[str, Any] = {"from": month, "to": month} if month else period
        return report_parts.marked(figure, flask.url_for("report_document.lines", **{**within, **filters}))

    return flask.render_template(
        template,
        **found.named(),
        **more,
        say=say,
        state_words=_STATES,
        blocks=report_text.blocks(access.me().unit),
        average=report_figures.average,
        tenths=formats.coefficient,
        area=area.name,
        place=unit.bare_name(area),
        office=office.name,
        of_agency=signer == held.preset.paying_agency,
        signature=signer.signature,
        provider=provider,
        points=len(unit.pay_points()),
        days=calendar.days_of(found.last),
        today=clock.local_date(g.now),
        in_words=lambda amount: _lower_first(money.in_words(amount)),
        lower_first=_lower_first,
    )


def _sent(text: str, name: str) -> Response:
    _, office, _ = offices()
    made = report_process.document(report_parts.plain(text), title=name.removesuffix(".docx"), author=office.name, now=g.now)
    return flask.send_file(BytesIO(made), mimetype=_WORD, as_attachment=True, download_name=name)


def _period() -> tuple[str, str] | Response:
    """The months asked for that have a list; or the page that says what is wrong with them."""
    first, last = (request.args.get(name, "") for name in ("from", "to"))
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last)):
        raise NotFound
    if first > last:
        return index_again({"from": pages.gettext(_BACKWARDS)}, 422)
    found = report_figures.months(first, last)
    return (found[0], found[-1]) if found else index_again({"from": pages.gettext(_NO_MONTHS)}, 422)


def _scope() -> frozenset[str] | None:
    return access.scope_of(access.me()).communes


def offices() -> tuple[Unit, Unit, str]:
    """The area reported on, the office that keeps the list, and the name of who pays, as the tree of units has them."""
    own = unit.by_code(access.me().unit)
    if own is None:
        raise NotFound
    area = unit.by_code(own.serves) or own
    serving = [each for each in unit.every() if each.serves == area.code]
    office = next((each for each in serving if each.kind.endswith("_office") and each.kind != "post_office"), own)
    provider = next((each.name for each in serving if each.kind == "post_office"), "")
    return area, office, provider


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
