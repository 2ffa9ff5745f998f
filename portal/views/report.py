"""Results and reports: a month's figures with the way to their lines, and the Word report of a month or a period."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import flask
from flask import Blueprint, Response, current_app, g, request

from portal import access, calendar, clock, formats, money, pages, procedure, report_process, result, unit
from portal.language import mark
from portal.problems import NotFound
from portal.result import Period, Result
from portal.unit import Unit
from sync.procedure import MONTHLY_LIST

bp = Blueprint("report", __name__, url_prefix="/reports")

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_STATES = {"uncollected": mark("Chưa nhận"), "rejected": mark("Chuyển khoản bị trả lại"), "withheld": mark("Giữ lại")}
_NO_MONTHS = mark("Không có tháng nào có kết quả trong khoảng này.")
_BACKWARDS = mark("Tháng đầu phải trước tháng cuối.")


@bp.get("")
@access.deed("report.read")
def index() -> Response:
    """The months that have a result, and the report of a period."""
    return _index({})


@bp.get("/<string:month>")
@access.deed("report.read")
def show(month: str) -> Response:
    """A month's figures, each leading to its lines."""
    found = _found(month)
    return pages.render(
        "report/show.html",
        found=found,
        states={state: pages.gettext(words) for state, words in _STATES.items()},
        lines_url=lines_url,
        changes_page="change.index" in current_app.view_functions and access.may(access.me(), "change.read"),
    )


@bp.get("/<string:month>.docx")
@access.deed("report.read")
def word(month: str) -> Response:
    """A month's report as a Word file."""
    found, period = _found(month), result.of_period(month, month, _scope())
    if period is None:
        raise NotFound
    return _document(period, found)


@bp.get("/period.docx")
@access.deed("report.read")
def word_of_period() -> Response:
    """The report of the months `from` to `to` as a Word file."""
    first, last = (request.args.get(name, "") for name in ("from", "to"))
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last)):
        raise NotFound
    if first > last:
        return _index({"from": pages.gettext(_BACKWARDS)}, 422)
    period = result.of_period(first, last, _scope())
    if period is None:
        return _index({"from": pages.gettext(_NO_MONTHS)}, 422)
    return _document(period, result.of_month(first, _scope()) if first == last else None)


def lines_url(**filters: Any) -> str | None:
    """The page of a month's payments narrowed to these lines; None where the person may not open it."""
    there = "payment.index" in current_app.view_functions and access.may(access.me(), "payment.read")
    return flask.url_for("payment.index", **{name: value for name, value in filters.items() if value}) if there else None


def _found(month: str) -> Result:
    found = result.of_month(month, _scope()) if _MONTH.fullmatch(month) else None
    if found is None:
        raise NotFound
    return found


def _scope() -> frozenset[str] | None:
    return access.scope_of(access.me()).communes


def _index(errors: dict[str, str], status: int = 200) -> Response:
    listed = result.months()
    months = [(month, pages.gettext(mark("tháng %(month)s")) % {"month": formats.month(month)}) for month in listed]
    typed = {"from": request.args.get("from", listed[-1] if listed else ""), "to": request.args.get("to", listed[0] if listed else "")}
    return pages.render("report/index.html", status=status, months=months, typed=typed, errors=errors)


def _document(period: Period, month: Result | None) -> Response:
    """The template's words with the data's numbers and names, laid out as an official document."""
    area, office, provider = offices()
    held = procedure.in_force(clock.local_date(g.now).isoformat())
    signer = held.signer(MONTHLY_LIST)
    text = flask.render_template(
        "report/month.txt",
        first=period.first,
        last=period.last,
        whole=period.whole,
        months=period.months,
        communes=period.communes,
        average=(period.whole.lines + len(period.months) // 2) // len(period.months),
        moves=month.moves[""] if month else None,
        reasons=month.reasons if month else (),
        state_words=_STATES,
        area=area.name,
        place=unit.bare_name(area),
        office=office.name,
        of_agency=signer == held.preset.paying_agency,
        signature=signer.signature,
        provider=provider,
        points=len(unit.pay_points()),
        days=calendar.days_of(period.last),
        today=clock.local_date(g.now),
        in_words=lambda amount: _lower_first(money.in_words(amount)),
        lower_first=_lower_first,
    )
    name = f"bao-cao-{period.first}.docx" if period.first == period.last else f"bao-cao-{period.first}-{period.last}.docx"
    made = report_process.document(text, title=name.removesuffix(".docx"), author=office.name, now=g.now)
    return flask.send_file(BytesIO(made), mimetype=_WORD, as_attachment=True, download_name=name)


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
