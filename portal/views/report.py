"""Results and reports: a month's figures with the way to their lines, and the Word report of a month or a period."""

from __future__ import annotations

import re
from typing import Any

import flask
from flask import Blueprint, Response, current_app, request

from portal import access, formats, pages, result
from portal.language import mark
from portal.problems import NotFound
from portal.result import Result

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
    return index_again({})


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


def index_again(errors: dict[str, str], status: int = 200) -> Response:
    """The page of all results, with what is wrong with the period that was asked for."""
    listed = result.months()
    months = [(month, pages.gettext(mark("tháng %(month)s")) % {"month": formats.month(month)}) for month in listed]
    typed = {"from": request.args.get("from", listed[-1] if listed else ""), "to": request.args.get("to", listed[0] if listed else "")}
    return pages.render("report/index.html", status=status, months=months, typed=typed, errors=errors)
