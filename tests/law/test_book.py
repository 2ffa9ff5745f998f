from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.law import book
from portal.law.errors import DecreeError, LawClashError, NotInForceError
from tests.law import table

CASES = table.read("categories")
COLUMNS = ((270_000, "2021-06"), (360_000, "2024-06"), (500_000, "2024-07"), (540_000, "2026-07"))


@pytest.mark.parametrize("case", CASES["date"], ids=lambda case: case["month"])
def test_both_sides_of_each_date(case: dict[str, Any]) -> None:
    law = book.load().at(case["month"])
    assert law.base_rate == case["base_rate"]
    assert law.rate_source.decree_id == case["decree"]
    assert law.funeral_grant() == case["funeral"]


@pytest.mark.parametrize(("code", "coefficient10"), list(CASES["coefficients"].items()))
def test_every_category_has_the_coefficient_of_the_text(code: str, coefficient10: int) -> None:
    for month in ("2021-07", "2024-06", "2024-07", "2025-06"):
        assert book.load().at(month).coefficient10(code) == coefficient10


def test_there_is_no_category_the_text_does_not_have() -> None:
    assert set(book.load().at("2024-09").categories) == set(CASES["coefficients"])


def test_two_categories_ended_and_the_social_pension_came() -> None:
    before, after = book.load().at("2025-06"), book.load().at("2025-07")
    assert set(before.categories) - set(after.categories) == {"5.5b", "5.5c"}
    assert set(after.categories) - set(before.categories) == {"HTXH-70", "HTXH-75"}
    assert before.category("5.5c").followed_by == "HTXH-75"
    assert after.rate("social_pension").amount == 500_000
    assert after.funeral_grant("MTP-HTXH") == 10_000_000
    assert book.load().at("2026-07").rate("social_pension").amount == 540_000


def test_the_ministry_s_emergency_funeral_is_another_grant() -> None:
    assert book.load().at("2024-09").funeral_grant("MTP-KC") == 25_000_000


def test_a_list_closed_before_the_decree_was_known_has_the_old_level() -> None:
    law = book.load()
    assert law.at("2024-07", known_on="2024-06-24").base_rate == 360_000
    assert law.at("2024-07", known_on="2024-07-03").base_rate == 360_000
    assert law.at("2024-07", known_on="2024-07-04").base_rate == 500_000
    assert law.at("2026-09", known_on="2026-08-20").base_rate == 500_000
    assert law.at("2026-09", known_on="2026-08-21").base_rate == 540_000
    assert "5.5c" in law.at("2025-07", known_on="2025-06-20").categories


def test_changes_of_the_level_are_listed_with_the_day_they_were_known() -> None:
    changes = book.load().rate_changes("2015-01", "2030-01")
    assert [(change.month, change.before, change.after, change.announced) for change in changes] == [
        ("2021-07", 270_000, 360_000, "2021-03-15"),
        ("2024-07", 360_000, 500_000, "2024-07-04"),
        ("2026-07", 500_000, 540_000, "2026-08-21"),
    ]
    assert [change.month for change in book.load().rate_changes("2024-06", "2024-07")] == ["2024-07"]
    assert book.load().rate_changes("2024-07", "2026-06") == ()
    assert [change.month for change in book.load().rate_changes("2020-01", "2030-01", name="social_pension")] == ["2026-07"]


def test_a_line_can_keep_the_decrees_its_amount_rests_on() -> None:
    assert book.load().at("2022-01").decree_ids("5.5c") == ("20-2021",)
    assert book.load().at("2024-09").decree_ids("5.5c") == ("20-2021", "76-2024")
    assert book.load().at("2026-07").decree_ids("HTXH-75") == ("176-2025", "335-2026")


def test_the_same_question_has_the_same_answer_and_nobody_can_change_it() -> None:
    law = book.load().at("2024-09")
    assert book.load().at("2024-09") is law
    with pytest.raises(TypeError):
        law.categories["5.5c"] = law.category("5.8")  # type: ignore[index]
    with pytest.raises(AttributeError):
        law.category("5.5c").coefficient10 = 99  # type: ignore[misc]


def test_what_is_not_in_force_says_what_to_do() -> None:
    with pytest.raises(NotInForceError, match=r"5\.5k is not in force in 2024-10: choose one of .*5\.5c"):
        book.load().at("2024-10").category("5.5k")
    with pytest.raises(NotInForceError, match="add a file for earlier months"):
        book.load().at("2014-12")
    with pytest.raises(NotInForceError, match="MTP-HTXH"):
        book.load().at("2024-10").funeral_grant("MTP-HTXH")
    with pytest.raises(ValueError, match="YYYY-MM"):
        book.load().at("10/2024")


def test_whoever_may_not_see_health_data_sees_a_label_shared_with_others() -> None:
    categories = book.load().at("2024-09").categories.values()
    confidential = [category for category in categories if category.confidential]
    assert {category.code for category in confidential} == {"5.3-a", "5.3-b", "5.8"}
    for category in confidential:
        alike = [other for other in categories if other.public_code == category.public_code and not other.confidential]
        assert alike
        assert {other.public_label for other in alike} == {category.public_label}
        assert not any(word in category.public_label + category.label for word in ("HIV", "AIDS", "nhiễm"))


@pytest.mark.parametrize("code", CASES["coefficients"])
def test_payee_and_programme(code: str) -> None:
    category = book.load().at("2024-09").category(code)
    assert category.programme == ("care_support" if code.startswith("20.") else "allowance")
    carer = {"20.1a", "20.1b", "20.2c", "20.2d", "20.2d-te"}
    child = {"5.1-a", "5.1-b", "5.3-a", "5.3-b", "5.6-dbn-te", "5.6-nang-te", "5.7"}
    assert category.payee == ("carer" if code in carer else "guardian" if code in child else "self")


# A province's own, and a decree to come: files beside the shipped ones.

DECREE = """
[decree]
id = "{id}"
number = "Văn bản {id}"
about = "thử"
announced = "2027-02-01"
in_force = "2027-03-01"
"""
RATE = '[[rate]]\nname = "base"\namount = {amount}\narticle = "Điều 1"\n'
ENDS = '[[ends]]\nwhat = "{what}"\nset_by = "{by}"\nuntil = "{until}"\narticle = "Điều 1"\n'
CATEGORY = """
[[category]]
code = "{code}"
group = "9"
label = "Nhóm thử"
who = "Nhóm thử"
clause = "Điều 2"
programme = "allowance"
coefficient10 = 10
public_code = "XH"
article = "Điều 2"
"""


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Any]:
    def write(*texts: str, id_: str = "thu") -> book.Book:
        (tmp_path / f"{id_}.toml").write_text(DECREE.format(id=id_) + "\n".join(texts), encoding="utf-8")
        book._load.cache_clear()
        return book.load([tmp_path])

    yield write
    book._load.cache_clear()


def test_a_new_decree_is_a_new_file(beside: Any) -> None:
    law = beside(RATE.format(amount=600_000), ENDS.format(what="rate:base", by="335-2026", until="2027-02"), CATEGORY.format(code="9.1"))
    assert law.at("2027-02").base_rate == 540_000
    assert law.at("2027-03").base_rate == 600_000
    assert law.at("2027-03").coefficient10("9.1") == 10
    assert "9.1" not in law.at("2027-02").categories
    assert "5.5c" not in law.at("2027-03").categories
    assert book.load().at("2027-03").base_rate == 540_000


def test_a_changed_coefficient_is_an_end_and_a_beginning(beside: Any) -> None:
    changed = CATEGORY.format(code="5.8").replace("coefficient10 = 10", "coefficient10 = 20").replace('group = "9"', 'group = "5.8"')
    law = beside(ENDS.format(what="category:5.8", by="20-2021", until="2027-02"), changed)
    assert law.at("2027-02").coefficient10("5.8") == 15
    assert law.at("2027-03").coefficient10("5.8") == 20


def test_a_province_may_go_above_the_national_level_and_only_for_itself(beside: Any) -> None:
    own = '[[rate]]\nname = "base"\nprovince = "22"\namount = 700000\nsince = "2025-01"\narticle = "Nghị quyết"\n'
    law = beside(own, CATEGORY.format(code="9.1") + 'province = "22"\n')
    assert law.at("2025-01").base_rate == 500_000
    assert law.at("2024-12", province="22").base_rate == 500_000
    assert law.at("2025-01", province="22").base_rate == 700_000
    assert law.at("2025-01", province="42").base_rate == 500_000
    assert "9.1" in law.at("2027-03", province="22").categories
    assert "9.1" not in law.at("2027-03").categories


def test_a_local_level_that_falls_behind_gives_way(beside: Any) -> None:
    law = beside('[[rate]]\nname = "base"\nprovince = "22"\namount = 450000\nsince = "2022-01"\narticle = "Nghị quyết"\n')
    assert law.at("2024-06", province="22").base_rate == 450_000
    assert law.at("2024-07", province="22").base_rate == 500_000
    assert [change.after for change in law.rate_changes("2021-07", "2025-01", province="22")] == [450_000, 500_000]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ((RATE.format(amount=600_000),), "rate:base: 335-2026 .* and thu .* overlap"),
        (
            (RATE.format(amount=600_000), ENDS.format(what="rate:base", by="335-2026", until="2026-12")),
            r"rate:base: 335-2026 \(2026-07 to 2026-12\) and thu \(from 2027-03\) leave a gap",
        ),
        ((ENDS.format(what="rate:base", by="335-2026", until="2027-02"),), "rate:base does not"),
        ((ENDS.format(what="category:5.9", by="20-2021", until="2027-02"),), "has no such value"),
        ((ENDS.format(what="category:5.5c", by="20-2021", until="2027-02"),), "has no such value"),
        ((RATE.format(amount=600_001).replace('"base"', '"own"'),), "multiple of 10"),
        ((RATE.format(amount=0).replace('"base"', '"own"'),), "positive"),
        ((CATEGORY.format(code="5.8"),), "category:5.8: 20-2021 .* overlap"),
        ((CATEGORY.format(code="9.1") + 'rate = "none"\n',), "rate:none does not"),
        ((CATEGORY.format(code="9.1") + "ages = [[0, 48]]\n",), "ends at 48 months of age without an at_age"),
        (
            (CATEGORY.format(code="9.1") + 'ages = [[0, 48]]\nat_age = [{ months = 48, to = "5.5a-60", article = "Điều 2" }]\n',),
            "no category for that age",
        ),
        ((CATEGORY.format(code="9.1") + 'at_age = [{ months = 48, to = "5.1-b", article = "Điều 2" }]\n',), "no range of its ages ends"),
        ((CATEGORY.format(code="9.1") + 'joins = ["5.99"]\n',), "no group"),
        ((CATEGORY.format(code="9.1") + 'needs = [["GIAU_CO"]]\n',), "no .facts. explains"),
        ((CATEGORY.format(code="9.1").replace("= 10", "= 0"),), "not positive"),
        ((ENDS.format(what="category:5.8", by="20-2021", until="2027-02") + 'to = "9.9"\n',), "not in force when it ends"),
    ],
)
def test_gaps_overlaps_and_dangling_references_are_refused(beside: Any, texts: tuple[str, ...], said: str) -> None:
    with pytest.raises(LawClashError, match=said) as caught:
        beside(*texts)
    assert len(caught.value.clashes) >= 1
    assert all(re.match(r"[\w-]+\.toml:[1-9]\d*: ", clash) for clash in caught.value.clashes)


def test_every_clash_is_listed_at_once(beside: Any) -> None:
    with pytest.raises(LawClashError) as caught:
        beside(RATE.format(amount=600_001), CATEGORY.format(code="5.8"), CATEGORY.format(code="9.1") + 'rate = "none"\n')
    assert len(caught.value.clashes) == 4


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[rate", 8),
        (RATE.format(amount='"600"'), 10),
        (RATE.format(amount=600_000) + 'untill = "2028-01"\n', 12),
        (RATE.format(amount=600_000) + 'until = "2027-1"\n', 8),
        (RATE.format(amount=600_000) + 'until = "2027-02"\n', 8),
        (RATE.format(amount=600_000) + "\n" + RATE.format(amount=600_000) + 'until = "2027-02"\n', 13),
        (CATEGORY.format(code="9.1").replace('"XH"', '"ABC"'), 9),
        (CATEGORY.format(code="9.1") + "ages = [[48, 0]]\n", 9),
        (CATEGORY.format(code="9.1") + "ages = [[1, 2, 3]]\n", 9),
        (CATEGORY.format(code="9.1").replace("allowance", "gift"), 15),
    ],
)
def test_a_file_that_is_no_decree_is_refused_by_name_and_line(beside: Any, text: str, line: int) -> None:
    with pytest.raises(DecreeError, match=rf"^thu\.toml:{line}: .+") as caught:
        beside(text)
    assert (caught.value.path, caught.value.line) == ("thu.toml", line)


def test_a_decree_cannot_come_twice(beside: Any) -> None:
    with pytest.raises(DecreeError, match=r"76-2024 is already in 76-2024\.toml|76-2024"):
        beside(id_="76-2024")


def test_half_a_decree_or_no_directory(tmp_path: Path) -> None:
    (tmp_path / "phan.toml").write_text('part_of = "99-2099"\n', encoding="utf-8")
    with pytest.raises(DecreeError, match="99-2099"):
        book.load([tmp_path])
    (tmp_path / "phan.toml").write_text('[public]\nXX = "x"\n', encoding="utf-8")
    with pytest.raises(DecreeError, match="either"):
        book.load([tmp_path])
    with pytest.raises(DecreeError, match="not a directory"):
        book.load([tmp_path / "nowhere"])


def test_check_says_what_counts_when_and_what_to_confirm() -> None:
    lines = book.load().check()
    assert any(line.startswith("rate:base 500000 from 2024-07 to 2026-06") for line in lines)
    assert any(line.startswith("to confirm: rate:base of 335-2026") for line in lines)
    assert any("26 categories" in line for line in lines)


def test_amounts_of_the_text_at_every_level() -> None:
    for column, (rate, month) in enumerate(COLUMNS):
        law = book.load().at(month)
        for coefficient10, amounts in CASES["amounts"].items():
            assert law.base_rate == rate
            assert amounts[column] == rate * int(coefficient10) // 10
