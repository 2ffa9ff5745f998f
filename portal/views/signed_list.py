"""A signed paper list keyed back in: the code on the paper, its rows in its order, what was signed and what was not, sums, marks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from itertools import groupby

import flask
from flask import Blueprint, Response, g, request
from msgspec.structs import replace

from portal import (
    access,
    calendar,
    clock,
    formats,
    official_list,
    pages,
    payment,
    payment_list,
    schedule,
    signed_list,
    signed_list_form,
    wording,
)
from portal.language import mark
from portal.payment_list import MonthList
from portal.problems import NotFound
from portal.schedule import Session
from portal.settlement import POSTED
from portal.signed_list import Kept, NotNumbers, Row, Said, WrongPaper
from portal.signed_list_form import Asked, Typed
from portal.views.payment import form_actor, outcome_of, sentence_of, words
from sync.values import ValueProblem, parse_day

bp = Blueprint("signed_list", __name__, url_prefix="/signed-lists")

_WRONG = {
    "unreadable": mark("Nhập mã nội dung in ở chân trang, ít nhất 4 ký tự đầu và số sau dấu gạch chéo, ví dụ 1a2b/0."),
    "unknown": mark(
        "Không có danh sách nào mang mã này. Xem lại mã ở chân trang; nếu giấy ghi đúng như vậy thì đó là bản in trước khi chốt: không nhập "
        "từ giấy này, hãy ghi từng người ở trang phiên chi trả."
    ),
    "other_month": mark("Tờ giấy này là danh sách tháng %(month)s. Hãy mở danh sách của tháng đó để nhập."),
    "no_such_addendum": mark("Danh sách này mới có đến phụ lục số %(last)s. Xem lại số sau dấu gạch chéo trên giấy."),
    "addendum_missing": mark("Danh sách của xã đã có phụ lục. Nhập cả số sau dấu gạch chéo trên giấy, ví dụ 1a2b/%(last)s."),
    "numbers": mark("Không đọc được “%(part)s”. Ghi số thứ tự cách nhau bằng dấu phẩy, ví dụ 1-40, 43, 45."),
    "not_here": mark("Trang này không có số thứ tự %(numbers)s."),
    "numbers_missing": mark("Hãy ghi số thứ tự vào ô trước."),
    "day": mark("Ngày ghi trên giấy phải là ngày chi trả của tháng (%(first)s đến %(last)s, hoặc ngày có phiên của xã) và không sau hôm nay."),
    "numbers_unused": mark("Ô số thứ tự còn số chưa dùng: hãy bấm một nút chọn nhanh, hoặc xóa ô."),
    "nothing": mark("Chưa ghi gì: hãy chọn những người đã ký, hoặc ghi lý do của người chưa nhận."),
}
_NOT_ALL_ASKED = mark("Không ghi đè số %(numbers)s: đã có kết quả hoặc đang giữ lại.")


@bp.get("/<string:month>/<string:commune>")
@access.deed("payment.mark")
def show(month: str, commune: str) -> Response:
    """Asks for the code on the paper; then the paper's rows, as they stand."""
    if not request.args.get("code"):
        return _ask(month, commune)
    try:
        asked = _asked(month, commune)
    except WrongPaper as problem:
        return _ask(month, commune, problem)
    day = asked.of.day if asked.of is not None and asked.of.day <= clock.local_date(g.now).isoformat() else ""
    return _rows(asked, Typed(day=formats.day(day)))


@bp.post("/<string:month>/<string:commune>")
@access.deed("payment.mark")
def key_in(month: str, commune: str) -> Response:
    """What was chosen so far: a quick choice by numbers, back from the confirmation, or on to it."""
    asked, do = _posted(month, commune), request.form.get("do", "")
    if do == "back":
        return _rows(asked, signed_list_form.typed_before(request.form, asked))
    typed = signed_list_form.typed(request.form, asked)
    if do == "enter":
        do = "only" if typed.numbers.strip() else "check"
    if do in ("all", "only", "except"):
        return _choose(asked, typed, do)
    errors, said = _errors(asked, typed), signed_list_form.said(asked, typed)
    if typed.numbers.strip() or not said:
        errors["numbers"] = _wrong("numbers_unused" if typed.numbers.strip() else "nothing")
    return _rows(asked, typed, errors, status=422) if errors else _confirm(asked, typed, said)


@bp.post("/<string:month>/<string:commune>/marks")
@access.deed("payment.mark")
def add_marks(month: str, commune: str) -> Response:
    """Hands in what was confirmed, as the marks an ordinary session page makes."""
    asked = _posted(month, commune)
    typed, said = signed_list_form.typed_before(request.form, asked), signed_list_form.said_before(request.form, asked)
    if errors := _errors(asked, typed):
        return _rows(asked, typed, errors, status=422)
    actor = form_actor(request.form.get("_edit", ""))
    shown = signed_list_form.read(request.form.get("shown", ""))
    kept = signed_list.record(actor, g.now, parse_day(typed.day), asked.paper, said, shown)
    _say(kept)
    place = asked.place
    if all(row.line.state != "planned" or row.number in {each.number for each in said} for row in asked.rows):
        following = asked.first + signed_list.PAGE
        place["first"] = following if following < len(asked.paper.rows) else asked.first or None
    return pages.redirect("signed_list.show", **place)


def _ask(month: str, commune: str, problem: WrongPaper | None = None) -> Response:
    found, of = _list(month, commune), _session(month, commune, request.args.get("session", ""))
    details = dict(problem.details) if problem is not None else {}
    other = str(details.get("month", ""))
    if other:
        details["month"] = formats.month(other)
    return pages.render(
        "signed_list/ask.html",
        status=422 if problem is not None else 200,
        found=found,
        of=of,
        commune=commune,
        typed=request.args.get("code", "")[:40],
        errors={"code": _wrong(problem.code, **details)} if problem is not None else {},
        other=other if other in payment.months() else "",
    )


def _rows(asked: Asked, typed: Typed, errors: Mapping[str, str] | None = None, notice: str = "", status: int = 200) -> Response:
    found = asked.paper.rows
    return pages.render(
        "signed_list/show.html",
        status=status,
        asked=asked,
        typed=typed,
        errors=errors or {},
        notice_=notice,
        whole=signed_list.sums(found),
        by_state=_by_state(found),
        # As on the paper: neighbours together, in its order.
        bands=[(hamlet, list(some)) for hamlet, some in groupby(asked.rows, key=lambda row: row.line.hamlet)],
        ways=_way_words,
        ways_of=payment.ways,
        here=(asked.rows[0].number, asked.rows[-1].number) if asked.rows else None,
        size=signed_list.PAGE,
        is_late=payment.is_settled(asked.found.month),
        **words(),
    )


def _confirm(asked: Asked, typed: Typed, said: list[Said]) -> Response:
    of_row = {row.number: row for row in asked.rows}
    signed = [of_row[each.number] for each in said if each.what != "uncollected"]
    absent = [(of_row[each.number], each.reason) for each in said if each.what == "uncollected"]
    named = {each.number for each in said}
    before = _by_state(asked.paper.rows)
    paid = signed_list.sums(signed)
    return pages.render(
        "signed_list/confirm.html",
        asked=asked,
        typed=typed,
        signed=paid,
        uncollected=signed_list.sums(row for row, _ in absent),
        left=signed_list.sums(row for row in asked.rows if row.line.state == "planned" and row.number not in named),
        paid_in_all=(paid[0] + before["paid"][0], paid[1] + before["paid"][1]),
        before=before,
        special=[
            (of_row[each.number], _way_words(each.what))
            for each in said
            if each.what not in ("uncollected", typed.place) or of_row[each.number].line.state == "uncollected"
        ],
        absent=absent,
        groups=[
            (f"{signed_list_form.SAID}{what}.{reason}" if reason else f"{signed_list_form.SAID}{what}", signed_list.write_numbers(numbers))
            for (what, reason), numbers in signed_list.by_what(said).items()
        ],
        shown=signed_list.write_numbers(row.number for row in signed if row.line.state == "uncollected"),
        token=pages.edit_token(),
        **words(),
    )


def _choose(asked: Asked, typed: Typed, do: str) -> Response:
    """The form again, with the ticks that "all", or numbers, ask for. A reason that a number contradicts is dropped."""
    planned = frozenset(row.number for row in asked.rows if row.line.state == "planned")
    if do == "all":
        return _rows(asked, replace(typed, signed=planned, reasons={}))
    try:
        numbers = signed_list.read_numbers(typed.numbers)
    except NotNumbers as problem:
        return _wrong_numbers(asked, typed, "numbers", part=problem.part)
    strange = numbers - {row.number for row in asked.rows}
    if strange or not numbers:
        return _wrong_numbers(asked, typed, "not_here" if strange else "numbers_missing", numbers=signed_list.write_numbers(strange))
    markable = frozenset(row.number for row in asked.rows if row.is_markable)
    signed = numbers & markable if do == "only" else planned - numbers
    done = numbers - markable
    notice = pages.gettext(_NOT_ALL_ASKED) % {"numbers": signed_list.write_numbers(done)} if done else ""
    reasons = {number: reason for number, reason in typed.reasons.items() if number not in signed}
    return _rows(asked, replace(typed, signed=signed, reasons=reasons, numbers=""), notice=notice)


def _wrong_numbers(asked: Asked, typed: Typed, code: str, **details: str) -> Response:
    return _rows(asked, typed, {"numbers": _wrong(code, **details)}, status=422)


def _errors(asked: Asked, typed: Typed) -> dict[str, str]:
    month, today = asked.found.month, clock.local_date(g.now)
    try:
        day = parse_day(typed.day)
    except ValueProblem as problem:
        return {"day": wording.wrong_value(problem)}
    if signed_list.may_be_of(month, asked.paper.commune, day, today):
        return {}
    cycle = calendar.cycle(month)
    return {"day": _wrong("day", first=formats.day(cycle.pay_from), last=formats.day(cycle.pay_to))}


def _wrong(code: str, **details: str | int) -> str:
    return pages.gettext(_WRONG[code]) % details


def _say(kept: Iterable[Kept]) -> None:
    """What became of the rows: how many were marked, and by name those that were not, and why."""
    others: dict[str, list[str]] = {}
    done = {"paid": 0, "uncollected": 0}
    for each in kept:
        state = "uncollected" if each.said.what == "uncollected" else "paid"
        if each.result is None:
            code = "left_alone"
        elif (code := outcome_of(each.row.line, each.result, state)) == "applied":
            done[state] += 1
            continue
        others.setdefault(code, []).append(f"{each.row.number}. {each.row.line.full_name}")
    if any(done.values()):
        text = pages.gettext(mark("Đã ghi từ giấy: %(paid)s người đã nhận, %(uncollected)s người chưa nhận."))
        flask.flash(text % {name: formats.number(count) for name, count in done.items()}, "success")
    for code, names in others.items():
        alone = mark("không ghi, vì trong lúc nhập đã có kết quả khác hoặc bị giữ lại; xem tình trạng bên dưới.")
        flask.flash(f"{', '.join(names)}: {pages.gettext(alone) if code == 'left_alone' else sentence_of(code)[1]}", "warning")


def _by_state(rows: Iterable[Row]) -> dict[str, tuple[int, int]]:
    every = list(rows)
    return {state: signed_list.sums(row for row in every if row.line.state == state) for state in payment.STATES}


def _way_words(way: str) -> str:
    """How and to whom: "tại nhà, người nhận thay nhận"."""
    told: str = words()["mark_words"](payment.BY_HAND[way])
    return told


def _posted(month: str, commune: str) -> Asked:
    try:
        return _asked(month, commune)
    except WrongPaper as problem:
        raise NotFound from problem


def _asked(month: str, commune: str) -> Asked:
    """What is asked for.

    Raises:
        WrongPaper: where the code is of another list.
    """
    found, me = _list(month, commune), access.me()
    of = _session(month, commune, request.values.get("session", ""))
    hamlets = frozenset(of.hamlets) if of is not None and of.hamlets else None
    if me.role == "post_agent":
        mine = signed_list.hamlets_of(month, commune, me.name)
        hamlets = mine if hamlets is None else hamlets if mine is None else hamlets & mine
    addendum = signed_list.upto(found, commune, request.values.get("code", ""))
    paper = signed_list.paper(found, commune, addendum, hamlets)
    first = request.values.get("first", "")
    start = int(first) if first.isascii() and first.isdigit() and len(first) < 6 else 0
    return Asked(found, of, paper, start if start < len(paper.rows) else 0)


def _list(month: str, commune: str) -> MonthList:
    found = payment_list.find(month) if schedule.is_month(month) else None
    if found is None or found.state not in POSTED:
        raise NotFound
    access.scope_of(access.me()).require(commune)
    if commune not in official_list.communes(found):
        raise NotFound
    return found


def _session(month: str, commune: str, text: str) -> Session | None:
    """The session the reader came from, or None where they came from the list."""
    if not text:
        return None
    try:
        found = schedule.session(str(uuid.UUID(text)))
    except ValueError as error:
        raise NotFound from error
    if found is None or (found.month, found.commune) != (month, commune):
        raise NotFound
    return found
