"""The lists of a month as workbooks, to be signed or paid from."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

import flask
from flask import Blueprint, Response, g, request

from portal import access, clock, official_list, pages, payment_list, unit
from portal.payment_list import MonthList
from portal.problems import NotFound
from portal.settlement import POSTED
from portal.views.report_document import offices
from portal.workbook import lists
from portal.workbook.lists import Letterhead

bp = Blueprint("official_list", __name__, url_prefix="/payment-lists")

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/<string:month>/files")
@access.deed("payment_list.read")
def index(month: str) -> Response:
    """Which lists there are of a month, for all communes or one."""
    found = _found(month)
    return pages.render(
        "official_list/index.html",
        found=found,
        kinds=lists.KINDS,
        communes=[(code, unit.name_of(code)) for code in _communes(found)],
        counts=official_list.counts(found),
    )


@bp.get("/<string:month>/files/<string:code>.xlsx")
@access.deed("payment_list.read")
def workbook(month: str, code: str) -> Response:
    """One list as a workbook, of the commune asked for or of all there are."""
    found, kind = _found(month), lists.find(code)
    communes, chosen = _communes(found), request.args.get("commune", "")
    if kind is None or (kind.of_provider and found.state not in POSTED) or (chosen and chosen not in communes):
        raise NotFound
    area, office, _ = offices()
    head = Letterhead((f"UBND {area.name}".upper(), office.name.upper()), unit.bare_name(area))
    name = f"{kind.code}-{month}{f'-{chosen}' if chosen else ''}.xlsx"
    with tempfile.TemporaryDirectory(prefix="portal-list-") as folder:
        path = Path(folder, name)
        lists.make(kind, found, [chosen] if chosen else communes, head, clock.local_date(g.now), path)
        made = path.read_bytes()
    return flask.send_file(BytesIO(made), mimetype=_EXCEL, as_attachment=True, download_name=name)


def _found(month: str) -> MonthList:
    found = payment_list.find(month)
    if found is None:
        raise NotFound
    return found


def _communes(found: MonthList) -> list[str]:
    scope = access.scope_of(access.me())
    return [code for code in official_list.communes(found) if scope.covers(code)]
