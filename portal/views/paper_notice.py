"""Papers for a commune: the poster of the schedule, the text for the loudspeaker, slips, and lists to be hung up."""

from __future__ import annotations

from flask import Blueprint, Response

from portal import access, pages, paper_notice, payment_list, unit
from portal.payment_list import MonthList
from portal.problems import NotFound

bp = Blueprint("paper_notice", __name__, url_prefix="/notices")


@bp.get("/<string:month>/<string:commune>")
@access.deed("schedule.read")
def index(month: str, commune: str) -> Response:
    """Which papers there are of a month for a commune, and the text for the loudspeaker."""
    _found(month, commune)
    stops = paper_notice.stops(month, commune)
    return pages.render("paper_notice/index.html", month=month, commune=commune, stops=stops, slips=access.may(access.me(), "payment_list.read"))


@bp.get("/<string:month>/<string:commune>/poster")
@access.deed("schedule.read")
def poster(month: str, commune: str) -> Response:
    """The schedule in large type, on A4."""
    _found(month, commune)
    return pages.render("paper_notice/poster.html", month=month, commune=commune, stops=paper_notice.stops(month, commune))


@bp.get("/<string:month>/<string:commune>/slips")
@access.deed("payment_list.read")
def slips(month: str, commune: str) -> Response:
    """A slip for each person paid in cash: how much, why, where and when."""
    found = _found(month, commune)
    return pages.render("paper_notice/slips.html", month=month, commune=commune, slips=list(paper_notice.slips(found, commune)))


@bp.get("/<string:month>/<string:commune>/posting")
@access.deed("payment_list.read")
def posting(month: str, commune: str) -> Response:
    """Who came and who went, with no more than may be hung up."""
    found = _found(month, commune)
    return pages.render("paper_notice/posting.html", month=month, commune=commune, moves=paper_notice.posting(found, commune))


def _found(month: str, commune: str) -> MonthList:
    found = payment_list.find(month)
    if found is None or unit.by_code(commune) is None:
        raise NotFound
    access.scope_of(access.me()).require(commune)
    return found
