"""The law on a day: levels, groups with their coefficients and sums, grants and terms, each with its decree and article."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, g, request

from portal import access, clock, decree, pages, wording
from portal.language import mark
from sync.values import ValueProblem, parse_day

bp = Blueprint("law", __name__, url_prefix="/law")

_LEVELS = {
    "base": mark("Mức chuẩn trợ giúp xã hội"),
    "social_pension": mark("Mức hưu trí xã hội"),
}
_NUMBERS = {
    "ask_after_months": mark("Hỏi lý do khi chưa nhận từ (tháng)"),
    "suspend_after_months": mark("Tạm dừng khi không nhận liên tục từ (tháng)"),
    "stop_after_suspended_months": mark("Thôi hưởng sau khi tạm dừng mà không chấp hành (tháng)"),
    "birthday_start_delay_months": mark("Hưởng từ tháng sinh nhật (0) hoặc tháng sau (1)"),
    "year_only_birth_month": mark("Chỉ biết năm sinh thì tính tuổi từ tháng"),
    "decide_working_days": mark("Thời hạn giải quyết (ngày làm việc)"),
}
_PROGRAMMES = {
    "allowance": mark("Trợ cấp xã hội hằng tháng"),
    "care_support": mark("Kinh phí hỗ trợ chăm sóc, nuôi dưỡng"),
    "social_pension": mark("Trợ cấp hưu trí xã hội"),
}
_STARTS = {
    "birthday": mark("hưởng từ tháng đủ tuổi"),
    "certificate": mark("hưởng từ tháng ghi trên giấy xác nhận khuyết tật"),
    "decision": mark("hưởng từ tháng ký quyết định"),
}
_PAYEES = {"carer": mark("trả cho người chăm sóc"), "guardian": mark("trả qua người giám hộ"), "self": ""}
_DOUBTS = {
    "secondary": mark("theo nguồn thứ cấp, chưa đọc toàn văn"),
    "memory": mark("ghi theo trí nhớ, cần đối chiếu"),
    "unsure": mark("chưa chắc chắn, cần đối chiếu"),
}
_TOO_EARLY = mark("Chưa có văn bản nào từ trước năm 2015 trong hệ thống.")


@bp.get("")
@access.deed("law.read")
def index() -> Response:
    """What is in force on the day asked about; today where none is."""
    typed, error = request.args.get("day", "").strip(), ""
    day = clock.local_date(g.now)
    try:
        day = date.fromisoformat(parse_day(typed)) if typed else day
    except ValueProblem as problem:
        error = wording.wrong_value(problem)
    found = decree.in_force(day)
    if found is None:
        error, day = pages.gettext(_TOO_EARLY), clock.local_date(g.now)
        found = decree.in_force(day)
    return pages.render(
        "law/index.html",
        status=422 if error else 200,
        found=found,
        day=day.isoformat(),
        typed=typed,
        error=error,
        changed=decree.differences(day),
        levels={name: pages.gettext(words) for name, words in _LEVELS.items()},
        numbers={name: pages.gettext(words) for name, words in _NUMBERS.items()},
        programmes={name: pages.gettext(words) for name, words in _PROGRAMMES.items()},
        starts={name: pages.gettext(words) for name, words in _STARTS.items()},
        payees={name: pages.gettext(words) if words else "" for name, words in _PAYEES.items()},
        doubts={name: pages.gettext(words) for name, words in _DOUBTS.items()},
    )
