"""The law against the synthetic district beside the checkout, line by line; on a clone alone there is nothing to compare."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

from portal.law import amount, book, eligibility, months, reasons
from portal.law.highest import Claim, payable


def rows(folder: Path | None, name: str) -> list[dict[str, str]]:
    if folder is None:
        return []
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def ten_times(coefficient: str) -> int:
    whole, _, tenth = coefficient.partition(".")
    return int(whole) * 10 + int(tenth or 0)


def test_every_line_of_september_2024(shared_data: Path | None) -> None:
    law = book.load().at("2024-09")
    for row in rows(shared_data, "ky-vong-2024-09-nguoi.csv"):
        assert law.coefficient10(row["category"]) == ten_times(row["coefficient"]), row
        assert amount.amount_of(law, row["category"]) == int(row["amount"]), row


def test_level_and_total_of_every_month_and_commune(shared_data: Path | None) -> None:
    for row in rows(shared_data, "ky-vong.csv"):
        law = book.load().at(row["month"])
        assert law.base_rate == int(row["rate"]), row
        assert amount.amount(law, ten_times(row["coefficient_sum"])) == int(row["amount"]), row


def test_nobody_gets_what_the_highest_only_rule_forbids(shared_data: Path | None) -> None:
    law = book.load().at("2024-09")
    people: dict[str, list[Claim]] = defaultdict(list)
    for row in rows(shared_data, "ky-vong-2024-09-nguoi.csv"):
        # A line of 5.4 is for one child, so each is about somebody else.
        people[row["person_code"]].append(
            Claim(row["line_code"], law.category(row["category"]), int(row["amount"]), about=row["line_code"])
        )
    assert [lost for claims in people.values() for lost in payable(claims).losers] == []


def test_every_movement_starts_and_stops_in_its_month(shared_data: Path | None) -> None:
    tried: Counter[str] = Counter()
    for row in rows(shared_data, "bien-dong.csv"):
        reason = reasons.find(row["reason"])
        tried[row["reason"]] += 1
        if reason.kind == "payment_method":
            continue
        category = book.load().at(row["month"]).category(row["category"])
        assert category.coefficient10 == ten_times(row["coefficient"]), row
        if reason.stops:
            assert row["kind"] == "decrease"
            assert eligibility.stop_month(row["reason"], row["event_date"]).month == row["month"], row
        else:
            assert eligibility.start_month(category, row["reason"], row["event_date"], row["decision_date"]).month == row["month"], row
    assert shared_data is None or (sum(tried.values()) == 9_005 and tried["CHET"] == 1_097)


def test_changes_for_age_are_those_the_transitions_foretell(shared_data: Path | None) -> None:
    law = book.load()
    for row in rows(shared_data, "bien-dong.csv"):
        if row["reason"] != "TUOI":
            continue
        before = months.add(row["month"], -6)
        foretold = eligibility.transitions(law, row["birth"], row["previous_category"], before, row["month"])
        # Months only: the generator puts a birthday on 29 February on the 28th, even in a leap year.
        assert (row["month"], row["category"], row["event_date"][:7]) in [(t.month, t.to, t.event_date[:7]) for t in foretold], row


def test_nobody_on_a_movement_is_outside_the_age_of_the_category(shared_data: Path | None) -> None:
    for row in rows(shared_data, "bien-dong.csv"):
        if row["kind"] not in ("increase", "adjustment"):
            continue
        found = eligibility.check(book.load(), row["month"], row["category"], row["birth"], coefficient10=ten_times(row["coefficient"]))
        assert [finding for finding in found if finding.blocking] == [], row
