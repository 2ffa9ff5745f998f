"""An office's own decrees: a file dropped into a folder is the law, without code; a province's counts for that province alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import db, entitlement, proposal
from portal.app import create_app
from portal.cli import main
from portal.law import book, eligibility
from portal.law.errors import DecreeError
from portal.proposal import Draft
from portal.settings import SettingError, Settings, law_from_env
from tests.district import NOW, District, person_id
from tests.office import settings_for

PROVINCE = Path(__file__).parent / "province"
TO_COME = """
[decree]
id = "999-2027"
number = "Nghị định 999/2027/NĐ-CP"
about = "Mức chuẩn mới"
announced = "2027-01-15"
in_force = "2027-03-01"

[[ends]]
what = "rate:base"
set_by = "335-2026"
until = "2027-02"
article = "Điều 1"

[[rate]]
name = "base"
amount = 600000
article = "Điều 1"
"""


@pytest.fixture(autouse=True)
def _shipped_again() -> Iterator[None]:
    yield
    book.use()
    db.disconnect()


def test_a_file_dropped_into_the_folder_is_in_force(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "999-2027.toml").write_text(TO_COME, encoding="utf-8")
    assert entitlement.monthly("5.5c", 10, "2025-03") == 500_000
    assert entitlement.monthly("5.6-nang", 15, "2027-03") == 810_000
    create_app(replace(settings_for(sqlite_url), law=str(tmp_path)))
    assert entitlement.monthly("5.6-nang", 15, "2027-02") == 810_000
    assert entitlement.monthly("5.6-nang", 15, "2027-03") == 900_000
    create_app(settings_for(sqlite_url))
    assert entitlement.monthly("5.6-nang", 15, "2027-03") == 810_000


def test_the_command_reads_the_office_s_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "999-2027.toml").write_text(TO_COME, encoding="utf-8")
    monkeypatch.setenv("PORTAL_LAW", str(tmp_path))
    done = CliRunner().invoke(main, ["law", "check"])
    assert (done.exit_code, "rate:base 600000 from 2027-03 to further notice" in done.output) == (0, True)
    (tmp_path / "999-2027.toml").write_text(TO_COME.replace("2027-02", "2027-01"), encoding="utf-8")
    book._load.cache_clear()  # each command is a process of its own
    done = CliRunner().invoke(main, ["law", "check"])
    assert done.exit_code == 1
    assert "999-2027.toml:15: rate:base: 335-2026 (2026-07 to 2027-01) and 999-2027 (from 2027-03) leave a gap" in done.stderr
    assert "(the earlier one: 335-2026.toml:" in done.stderr


def test_a_folder_that_is_not_there_or_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    with pytest.raises(SettingError, match="no such folder"):
        law_from_env({"PORTAL_LAW": str(tmp_path / "nowhere")})
    with pytest.raises(SettingError, match="no such folder"):
        Settings.from_env({"PORTAL_DATABASE": sqlite_url, "PORTAL_LAW": str(tmp_path / "nowhere")})
    (tmp_path / "hong.toml").write_text("[[rate", encoding="utf-8")
    with pytest.raises(DecreeError, match=r"hong\.toml:1: "):
        book.use([tmp_path])
    assert book.load().at("2024-09").base_rate == 500_000
    monkeypatch.setenv("PORTAL_DATABASE", sqlite_url)
    monkeypatch.setenv("PORTAL_LAW", str(tmp_path))
    done = CliRunner().invoke(main, ["verify"])
    assert (done.exit_code, "hong.toml:1" in done.stderr) == (3, True)


def test_a_province_s_own_values_count_for_it_alone() -> None:
    book.use([PROVINCE], "99")
    own = book.load()
    assert (own.at("2024-12").base_rate, own.at("2025-01").base_rate, own.at("2026-07").base_rate) == (500_000, 650_000, 650_000)
    assert own.at("2025-01", province="").base_rate == 500_000
    assert own.at("2025-01").coefficient10("99.1") == 10
    assert entitlement.monthly("99.1", 10, "2025-01") == 650_000
    assert "99.1" in dict(entitlement.categories("2025-01"))
    assert "99.1" in {code for code, _, _ in proposal.categories("2025-01")}
    assert [change.after for change in own.rate_changes("2024-01", "2026-12")] == [500_000, 650_000]
    book.use([PROVINCE], "42")
    assert book.load().at("2025-01").base_rate == 500_000
    assert "99.1" not in book.load().at("2025-01").categories


def test_a_province_s_own_number_stands_in_place_of_the_national_one() -> None:
    book.use([PROVINCE], "99")
    for month, delay, start in (("2024-06", 0, "2024-06"), ("2025-06", 1, "2025-07")):
        law = book.load().at(month)
        assert law.number("birthday_start_delay_months") == delay
        found = eligibility.start_month(law.category("5.5c"), "MOI", f"{month}-12", birthday_delay=delay)
        assert found.month == start
    assert book.load().at("2025-06", province="").number("birthday_start_delay_months") == 0


def test_a_birth_by_its_year_alone_counts_from_the_month_the_office_chose(tmp_path: Path) -> None:
    def findings(month: str) -> set[str]:
        return {finding.code for finding in eligibility.check(book.load(), month, "5.5c", "1944")}

    assert book.load().at("2024-03").birth("1944") == "1944-01"
    assert book.load().at("2024-03").birth("1944-05-12") == "1944-05-12"
    assert findings("2024-01") == {"AGE_UNCERTAIN"}
    text = (PROVINCE / "99.toml").read_text(encoding="utf-8").replace("2025-01-01", "2021-07-01").replace("2024-12-10", "2021-05-01")
    text = text.replace("birthday_start_delay_months", "year_only_birth_month").replace("value = 1", "value = 7")
    (tmp_path / "99.toml").write_text(text, encoding="utf-8")
    book.use([tmp_path], "99")
    assert book.load().at("2024-03").birth("1944") == "1944-07"
    assert findings("2024-06") == {"AGE_CATEGORY"}
    assert findings("2024-07") == {"AGE_UNCERTAIN"}


@pytest.mark.parametrize(("province", "month"), [("", "2025-03"), ("99", "2025-04")])
def test_a_proposal_counts_from_the_month_the_office_chose(district: District, province: str, month: str) -> None:
    book.use([PROVINCE], province)
    with district.open():
        seen = proposal.preview(Draft(reason="MOI", person=person_id("hoa"), category="5.5c", event_date="2025-03-12"), NOW)
    assert seen.effective == month
