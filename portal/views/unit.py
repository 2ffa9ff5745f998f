"""Units and powers on a day: who proposes, appraises, decides and signs, which units there are, and by what they succeeded others."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from portal import access, clock, pages, procedure, residence, unit, wording
from portal.language import mark
from sync.procedure import PROCEDURES
from sync.values import ValueProblem, parse_day

bp = Blueprint("unit", __name__, url_prefix="/units")

_PROCEDURES = {
    "increase": mark("Tăng: hưởng mới, chuyển đến, tiếp tục"),
    "decrease": mark("Giảm: thôi hưởng"),
    "adjustment": mark("Điều chỉnh mức hưởng"),
    "suspension": mark("Tạm dừng"),
    "payment_method": mark("Đổi hình thức chi trả"),
    "correction": mark("Đính chính thông tin"),
    "contact": mark("Thông tin liên hệ do bưu điện đề nghị"),
    "monthly_list": mark("Danh sách chi trả hằng tháng"),
    "funeral": mark("Mai táng phí"),
}


@bp.get("")
@access.deed("unit.read")
def index() -> Response:
    """What holds on the day asked about; today where none is."""
    typed, error = request.args.get("day", "").strip(), ""
    today = clock.local_date(g.now).isoformat()
    day = today
    try:
        day = parse_day(typed) if typed else today
    except ValueProblem as problem:
        error = wording.wrong_value(problem)
    held = procedure.in_force(day)
    on = day if typed and not error else None
    return pages.render(
        "unit/index.html",
        status=422 if error else 200,
        day=day,
        typed=typed,
        error=error,
        preset=held.preset,
        rules=[(_PROCEDURES[name], held.rule(name), held.signer(name).title) for name in PROCEDURES],
        communes=[(each, unit.hamlets(each.code, on), unit.pay_points(each.code, on)) for each in unit.communes(on)],
        offices=[each for each in unit.every(on) if each.kind.endswith("_office")],
        successions=residence.every(),
    )
