"""What a person gets in a month, to the đồng, and why, in lines a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from portal.law import months
from portal.law.book import Book, Law
from portal.law.terms import Category, Source

PartKind = Literal["arrears", "carry_over", "funeral_grant", "withheld", "overpayment"]

_PART_TEXT: Mapping[PartKind, str] = {
    "arrears": "Truy lĩnh {period}: {how}{amount} đồng",
    "carry_over": "Tiền chưa nhận của {period}, chuyển sang: {amount} đồng",
    "funeral_grant": "Hỗ trợ chi phí mai táng: {amount} đồng",
    "withheld": "Tạm giữ {period}: {amount} đồng",
    "overpayment": "Đã chi thừa {period}: {amount} đồng, theo dõi thu hồi riêng, không trừ vào số tiền này",
}
#: Parts that are money to be handed over with this month's amount; the others are told, not added.
PAID_PARTS: frozenset[PartKind] = frozenset({"arrears", "carry_over", "funeral_grant"})


class Part(msgspec.Struct, frozen=True):
    """Money beside the month's own amount: `amount` đồng, never negative, for the months from `since` to `until` ("" when none).

    `how` is the sum it comes from, as people write it ("140.000 × 1,5"), "" where there is none to show.
    """

    kind: PartKind
    amount: int
    since: str = ""
    until: str = ""
    source: Source | None = None
    how: str = ""


class Owed(msgspec.Struct, frozen=True):
    """What one month still owed: `due` by `rate` and coefficient, less what was `given` for it, all in đồng."""

    month: str
    category: str
    coefficient10: int
    rate: int
    due: int
    given: int


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
    lines += told(parts)
    paid = [part.amount for part in parts if part.kind in PAID_PARTS]
    if paid:
        lines.append(_line("total", "Tổng cộng: {amount} đồng", None, amount=own + sum(paid)))
    return tuple(lines)


def back_pay(book: Book, owed: Sequence[Owed]) -> list[Part]:
    """Arrears as parts, each with its sum and where its level stands; months that are alike and follow each other are one part."""
    runs: list[list[Owed]] = []
    for each in sorted(owed, key=lambda one: one.month):
        last = runs[-1][-1] if runs else None
        if last is not None and each == msgspec.structs.replace(last, month=months.add(last.month, 1)):
            runs[-1].append(each)
        else:
            runs.append([each])
    return [_run(book, run) for run in runs]


def _run(book: Book, run: list[Owed]) -> Part:
    first = run[0]
    law = book.at(first.month)
    category = law.categories.get(first.category)
    rate = law.rates.get(category.rate if category else "base")
    source = rate.source if rate is not None and rate.amount == first.rate else law.rate_source
    amount_ = sum(one.due - one.given for one in run)
    return Part("arrears", amount_, first.month, run[-1].month, source, _how(book, first, len(run)))


def _how(book: Book, owed: Owed, count: int) -> str:
    """Level × coefficient where nothing was given; else what has changed since: the level, or the coefficient."""
    rate, coefficient = spoken_money(owed.rate), spoken_coefficient(owed.coefficient10)
    times = f" × {count} tháng" if count > 1 else ""
    before = owed.given * 10 // owed.coefficient10
    if not owed.given:
        return f"{rate} × {coefficient}{times} = "
    if before * owed.coefficient10 == owed.given * 10 and before == _level_before(book, owed):
        return f"({rate} − {spoken_money(before)}) × {coefficient}{times} = "
    if owed.given * 10 % owed.rate == 0:
        return f"{rate} × ({coefficient} − {spoken_coefficient(owed.given * 10 // owed.rate)}){times} = "
    return f"({spoken_money(owed.due)} − {spoken_money(owed.given)}){times} = "


def _level_before(book: Book, owed: Owed) -> int | None:
    """The level that was paid before the one now known for the month; None for the first of its name."""
    category = book.at(owed.month).categories.get(owed.category)
    name = category.rate if category else "base"
    earlier = [known for known in book.timeline().rates if known.name == name and known.since <= owed.month and known.amount != owed.rate]
    return max(earlier, key=lambda known: known.since).amount if earlier else None


def told(parts: Sequence[Part]) -> tuple[Line, ...]:
    """Explain money that stands alone, without an amount of the month's own."""
    return tuple(_of_part(part) for part in parts)


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


def _of_part(part: Part) -> Line:
    return _line(part.kind, _PART_TEXT[part.kind], part.source, period=_period(part), how=part.how, amount=part.amount)


def _line(key: str, template: str, source: Source | None, **values: str | int) -> Line:
    shown = {name: spoken_money(value) if isinstance(value, int) else value for name, value in values.items()}
    return Line(key=key, text=template.format(**shown), values=values, source=source)
