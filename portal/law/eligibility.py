"""Who may have a category, from which month a right counts, from which month it stops, and when it is suspended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

import msgspec

from portal.law import amount as money
from portal.law import months, reasons
from portal.law.ages import Transition, age_at, covers, transitions, years_at
from portal.law.book import Book, Law
from portal.law.errors import DateMissingError, UnknownReasonError
from portal.law.highest import Claim, Lost, Payable, payable
from portal.law.terms import Category, Source

__all__ = [
    "Claim",
    "Effective",
    "Finding",
    "Lost",
    "Payable",
    "Transition",
    "Uncollected",
    "age_at",
    "check",
    "covers",
    "payable",
    "start_month",
    "stop_month",
    "transitions",
    "uncollected",
    "years_at",
]


class Effective(msgspec.Struct, frozen=True):
    """First month that a change counts for, and the article that says so; None where no text rules it."""

    month: str
    source: Source | None


class Finding(msgspec.Struct, frozen=True):
    """What is wrong, or should be looked at: `code` for programs, `text` for people (Vietnamese), `values` to word it otherwise.

    Codes that block: CATEGORY_UNKNOWN, CATEGORY_ENDED, BIRTH_MISSING, BIRTH_UNREADABLE, BIRTH_FUTURE, AGE_CATEGORY, COEF_CATEGORY,
    AMOUNT, FACT_FALSE. That only warn: AGE_UNCERTAIN, CHILD_BIRTH_MISSING, FACT_UNKNOWN, CONFIDENTIAL.
    """

    code: str
    blocking: bool
    text: str
    values: Mapping[str, str | int] = {}
    source: Source | None = None


class Uncollected(msgspec.Struct, frozen=True):
    """Consecutive months not collected, and what follows: nothing, ask why, or propose a suspension."""

    count: int
    step: Literal["none", "ask", "suspend"]
    source: Source | None = None


def start_month(category: Category, reason: str, event_date: str = "", decision_date: str = "", *, birthday_delay: int = 0) -> Effective:
    """First month in which an increase or adjustment counts (Điều 8.1, 8.4); earlier than the next list means arrears.

    A new right (MOI) counts by its category: from the month of the birthday (5.5b, 5.5c), of the disability certificate (5.6), or
    of the decision. CHUYEN_DEN counts from the month after the one the old place's stop decision names, given as `event_date`.
    Changes of level count from the month the condition is met. Dates may be "YYYY", "YYYY-MM" or "YYYY-MM-DD".
    `birthday_delay` is law.number("birthday_start_delay_months").

    Raises UnknownReasonError for a reason that is unknown or stops, DateMissingError when the date it counts from is empty.
    """
    found = reasons.find(reason)
    if found.stops:
        raise UnknownReasonError(f"{reason} ends a right: ask stop_month")
    if found.effect != "by_category":
        return _counted(found, event_date)
    if category.starts == "decision":
        month = months.month_of(_given("decision_date", decision_date, f"{category.code} counts from the month of the decision"))
    else:
        which = "birthday" if category.starts == "birthday" else "disability certificate"
        month = months.month_of(_given("event_date", event_date, f"{category.code} counts from the month of the {which}"))
        if category.starts == "birthday":
            month = months.add(month, birthday_delay)
    return Effective(month, category.starts_source)


def stop_month(reason: str, event_date: str) -> Effective:
    """First month without the right: the one right after the month of death or loss (Điều 8.2), or of the decision to suspend.

    Payments for that month or later are overpayments; one for the month of death itself is right. Raises UnknownReasonError for a
    reason that is unknown or does not stop, DateMissingError without a date.
    """
    found = reasons.find(reason)
    if not found.stops:
        raise UnknownReasonError(f"{reason} does not end a right: ask start_month")
    return _counted(found, event_date)


def uncollected(law: Law, uncollected_months: Collection[str], last: str) -> Uncollected:
    """Count consecutive uncollected months backwards from `last`; ask the reason from 2, suspend from 3 (TT 02/2021 Điều 2.3.a).

    Both thresholds are numbers of the law: "ask_after_months", "suspend_after_months".
    """
    count = 0
    while months.add(last, -count) in uncollected_months:
        count += 1
    for step, name in (("suspend", "suspend_after_months"), ("ask", "ask_after_months")):
        threshold = law.number_term(name)
        if count >= threshold.value:
            return Uncollected(count, "suspend" if step == "suspend" else "ask", threshold.source)
    return Uncollected(count, "none")


def check(
    book: Book,
    month: str,
    category: str,
    birth: str = "",
    *,
    child_birth: str = "",
    coefficient10: int | None = None,
    amount: int | None = None,
    facts: Mapping[str, bool] | None = None,
    province: str | None = None,
) -> list[Finding]:
    """Check a proposed or listed entitlement against the law of `month`; an empty list is a clean one.

    `birth` as the register has it, `child_birth` for categories counted by a child's age. `coefficient10` and `amount` are compared
    when given. `facts` says which facts (law.facts) are known to hold or not; None skips them. `ages.covers` is the age rule.
    """
    law = book.at(month, province=province)
    found = law.categories.get(category)
    if found is None:
        return [_not_there(book, law, category)]
    findings = [*_age(law, found, birth, child_birth), *_money(law, found, coefficient10, amount)]
    if facts is not None:
        findings += _facts(law, found, facts)
    if found.confidential:
        findings.append(
            Finding("CONFIDENTIAL", blocking=False, text="Nhóm được giữ kín: không in trên niêm yết, danh sách điểm chi trả, tệp ngân hàng")
        )
    return findings


def _counted(reason: reasons.Reason, event_date: str) -> Effective:
    month = months.month_of(_given("event_date", event_date, f"{reason.code} counts from it"))
    return Effective(month if reason.effect == "event_month" else months.add(month, 1), reason.source)


def _given(which: str, date_text: str, why: str) -> str:
    if not date_text:
        raise DateMissingError(which, why)
    return date_text


def _not_there(book: Book, law: Law, code: str) -> Finding:
    ever = book.ever(code)
    shown = months.spoken(law.month)
    if not ever:
        return Finding("CATEGORY_UNKNOWN", blocking=True, text=f"Không có nhóm đối tượng {code}", values={"category": code})
    values: dict[str, str | int] = {
        "category": code,
        "month": shown,
        "since": ever[0].since,
        "until": ever[-1].until,
        "to": ever[-1].followed_by,
    }
    return Finding(
        "CATEGORY_ENDED",
        blocking=True,
        text=f"Nhóm {code} không có hiệu lực trong tháng {shown}" + (f", thay bằng {ever[-1].followed_by}" if ever[-1].followed_by else ""),
        values=values,
        source=ever[-1].ended_by or ever[-1].source,
    )


def _age(law: Law, category: Category, birth: str, child_birth: str) -> Iterator[Finding]:
    if not category.ages:
        return
    counted = child_birth if category.age_of == "child" else birth
    if not counted:
        if category.age_of == "child":
            yield Finding("CHILD_BIRTH_MISSING", blocking=False, text="Chưa có ngày sinh của con để tính tuổi hưởng")
        else:
            yield Finding("BIRTH_MISSING", blocking=True, text="Chưa có năm sinh")
        return
    written, counted = counted, law.birth(counted)
    try:
        age = age_at(counted, law.month)
    except ValueError:
        yield Finding("BIRTH_UNREADABLE", blocking=True, text=f"Không đọc được ngày sinh {counted}", values={"birth": counted})
        return
    if age < 0:
        yield Finding(
            "BIRTH_FUTURE", blocking=True, text=f"Ngày sinh {counted} sau tháng {months.spoken(law.month)}", values={"birth": counted}
        )
    elif not covers(category, counted, law.month):
        fitting = _fitting(law, category, counted)
        text = f"{_spoken_age(age)} không đúng tuổi của nhóm {category.code}" + (f"; đúng tuổi: {fitting}" if fitting else "")
        values: dict[str, str | int] = {"age_months": age, "category": category.code, "instead": fitting}
        yield Finding("AGE_CATEGORY", blocking=True, text=text, values=values, source=category.source)
    elif not covers(category, _latest(written), law.month):
        text = f"Chỉ biết sinh {written}: tính tuổi từ tháng {months.spoken(months.month_of(counted))}, cần giấy tờ ghi đủ ngày"
        yield Finding("AGE_UNCERTAIN", blocking=False, text=text, values={"birth": written})


def _fitting(law: Law, category: Category, birth: str) -> str:
    # Those that ask for the same facts differ from this one by age only.
    others = (other for other in law.categories.values() if (other.group, other.needs) == (category.group, category.needs))
    return ", ".join(other.code for other in others if covers(other, birth, law.month))


def _latest(birth: str) -> str:
    return f"{birth}-12" if len(birth) == len("YYYY") else birth


def _spoken_age(age_months: int) -> str:
    return f"{age_months // 12} tuổi" if age_months >= 72 else f"{age_months} tháng tuổi"


def _money(law: Law, category: Category, coefficient10: int | None, amount: int | None) -> Iterator[Finding]:
    if coefficient10 is not None and coefficient10 != category.coefficient10:
        right = money.spoken_coefficient(category.coefficient10)
        given = money.spoken_coefficient(coefficient10)
        yield Finding(
            "COEF_CATEGORY",
            blocking=True,
            text=f"Hệ số {given} không phải của nhóm {category.code}: {right}",
            values={"coefficient10": coefficient10, "expected": category.coefficient10},
            source=category.source,
        )
    expected = money.amount_of(law, category.code)
    # Paid as a difference to another pension, an amount may be anything up to the level.
    if amount is not None and amount != expected and not (category.difference and 0 < amount < expected):
        yield Finding(
            "AMOUNT",
            blocking=True,
            text=f"Số tiền {money.spoken_money(amount)} không bằng mức chuẩn × hệ số: {money.spoken_money(expected)}",
            values={"amount": amount, "expected": expected},
            source=law.rate(category.rate).source,
        )


def _facts(law: Law, category: Category, facts: Mapping[str, bool]) -> Iterator[Finding]:
    for group in category.needs:
        known = [facts.get(fact) for fact in group]
        if any(known):
            continue
        asked = " hoặc ".join(law.facts[fact] for fact in group)
        source = msgspec.structs.replace(category.source, article=category.clause, note="")
        if all(answer is False for answer in known):
            yield Finding("FACT_FALSE", blocking=True, text=f"Không đáp ứng: {asked}", values={"facts": ",".join(group)}, source=source)
        else:
            yield Finding("FACT_UNKNOWN", blocking=False, text=f"Cần giấy tờ: {asked}", values={"facts": ",".join(group)}, source=source)
