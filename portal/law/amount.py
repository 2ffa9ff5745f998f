"""What a person gets in a month, to the đồng, and why, in lines a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from portal.law import months
from portal.law.book import Law
from portal.law.terms import Category, Source

PartKind = Literal["arrears", "carry_over", "funeral_grant", "withheld", "overpayment"]

_PART_TEXT: Mapping[PartKind, str] = {
    "arrears": "Truy lĩnh {period}: {amount} đồng",
    "carry_over": "Tiền chưa nhận của {period}, chuyển sang: {amount} đồng",
    "funeral_grant": "Hỗ trợ chi phí mai táng: {amount} đồng",
    "withheld": "Tạm giữ {period}: {amount} đồng",
    "overpayment": "Đã chi thừa {period}: {amount} đồng, theo dõi thu hồi riêng, không trừ vào số tiền này",
}
#: Parts that are money to be handed over with this month's amount; the others are told, not added.
PAID_PARTS: frozenset[PartKind] = frozenset({"arrears", "carry_over", "funeral_grant"})


class Part(msgspec.Struct, frozen=True):
    """Money beside the month's own amount: `amount` đồng, never negative, for the months from `since` to `until` ("" when none)."""

    kind: PartKind
    amount: int
    since: str = ""
    until: str = ""
    source: Source | None = None


class Line(msgspec.Struct, frozen=True):
    """One line of "why this amount": `key` names the template, `values` fill it, `text` is the finished Vietnamese sentence."""

    key: str
    text: str
    values: Mapping[str, str | int]
    source: Source | None = None


def amount(law: Law, coefficient10: int, *, rate: str = "base", less: int = 0) -> int:
    """Return level × coefficient in đồng (Điều 6, Điều 20), less another pension of `less` đồng, never below zero.

    Levels are multiples of 10 đồng, so nothing is rounded. Raises NotInForceError when the rate is not in force, ValueError for a
    coefficient that is not positive or a negative `less`.
    """
    if coefficient10 <= 0 or less < 0:
        raise ValueError(f"coefficient {coefficient10}/10 and deduction {less} cannot be: the first is positive, the second not negative")
    return max(0, law.rate(rate).amount * coefficient10 // 10 - less)


def amount_of(law: Law, code: str, *, less: int = 0) -> int:
    """Monthly amount of a category in đồng; `less` counts only for categories paid as a difference. Raises NotInForceError."""
    category = law.category(code)
    return amount(law, category.coefficient10, rate=category.rate, less=less if category.difference else 0)


def why(
    law: Law,
    category: Category,
    coefficient10: int | None = None,
    parts: Sequence[Part] = (),
    *,
    less: int = 0,
    reveal: bool = False,
) -> tuple[Line, ...]:
    """Explain a month's money: who, level, coefficient, product, then each part and the total, each with decree and article.

    `coefficient10` is the line's own, the category's when None. Unless `reveal`, the shared public label stands for the category and
    no article tells it apart (health data: Điều 8.1.b). Keys: category, rate, coefficient, deduction, amount, then each
    part's kind, total.
    """
    coefficient = category.coefficient10 if coefficient10 is None else coefficient10
    rate = law.rate(category.rate)
    own = amount(law, coefficient, rate=category.rate, less=less if category.difference else 0)
    label, of_category, of_coefficient = category.label, _citing(category, category.clause), category.source
    if not reveal:
        label = category.public_label
        of_category = of_coefficient = _citing(category, "")
    lines = [
        _line("category", "Thuộc nhóm: {label}", of_category, label=label),
        _line("rate", "Mức chuẩn từ tháng {since}: {rate} đồng", rate.source, since=months.spoken(rate.since), rate=rate.amount),
        _line("coefficient", "Hệ số: {coefficient}", of_coefficient, coefficient=spoken_coefficient(coefficient)),
    ]
    if less and category.difference:
        lines.append(_line("deduction", "Trừ lương hưu, trợ cấp đang hưởng: {less} đồng", category.source if reveal else None, less=less))
    lines.append(
        _line(
            "amount",
            "Tháng {month}: {rate} × {coefficient}{deduction} = {amount} đồng",
            None,
            month=months.spoken(law.month),
            rate=rate.amount,
            coefficient=spoken_coefficient(coefficient),
            deduction=f" − {spoken_money(less)}" if less and category.difference else "",
            amount=own,
        )
    )
    lines += [_line(part.kind, _PART_TEXT[part.kind], part.source, period=_period(part), amount=part.amount) for part in parts]
    paid = [part.amount for part in parts if part.kind in PAID_PARTS]
    if paid:
        lines.append(_line("total", "Tổng cộng: {amount} đồng", None, amount=own + sum(paid)))
    return tuple(lines)


def spoken_money(dong: int) -> str:
    """Write đồng as people here do: 1250000 is "1.250.000"."""
    return f"{dong:,}".replace(",", ".")


def spoken_coefficient(coefficient10: int) -> str:
    """Write a coefficient as people here do: 15 is "1,5"."""
    return f"{coefficient10 // 10},{coefficient10 % 10}"


def _citing(category: Category, article: str) -> Source:
    return msgspec.structs.replace(category.source, article=article, note="")


def _period(part: Part) -> str:
    if not part.since:
        return "trước"
    if part.until in ("", part.since):
        return f"tháng {months.spoken(part.since)}"
    return f"từ tháng {months.spoken(part.since)} đến tháng {months.spoken(part.until)}"


def _line(key: str, template: str, source: Source | None, **values: str | int) -> Line:
    shown = {name: spoken_money(value) if isinstance(value, int) else value for name, value in values.items()}
    return Line(key=key, text=template.format(**shown), values=values, source=source)
