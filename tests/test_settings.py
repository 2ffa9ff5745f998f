from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from portal import clock
from portal.settings import SETTINGS, SettingError, Settings

KEY = "k" * 40


def test_defaults_hold_where_nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_env({})
    assert settings.database == "sqlite:///instance/portal.db"
    assert (settings.host, settings.port, settings.language, settings.today) == ("127.0.0.1", 8000, "vi", None)
    assert settings.idle_minutes == 15
    assert settings.hashing == "strong"


def test_an_empty_value_counts_as_not_set() -> None:
    assert Settings.from_env({"PORTAL_SECRET_KEY": KEY, "PORTAL_PORT": " ", "PORTAL_TODAY": ""}).port == 8000


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    environ = {"PORTAL_DATABASE": f"sqlite:///{tmp_path}/data/portal.db"}
    first = Settings.from_env(environ).secret_key
    kept = tmp_path / "data" / "portal.db.key"
    assert len(first) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Settings.from_env(environ).secret_key == first


def test_a_damaged_key_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "portal.db.key").write_text("short\n")
    with pytest.raises(SettingError, match="damaged"):
        Settings.from_env({"PORTAL_DATABASE": f"sqlite:///{tmp_path}/portal.db"})


def test_the_secret_key_does_not_show_when_settings_are_printed() -> None:
    assert KEY not in repr(Settings.from_env({"PORTAL_SECRET_KEY": KEY}))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORTAL_DATABASE", "mysql://h/d", "mysql"),
        ("PORTAL_DATABASE", "portal.db", "sqlite:///"),
        ("PORTAL_DATABASE", "sqlite://portal.db", "three slashes"),
        ("PORTAL_DATABASE", "sqlite:///:memory:", "file name"),
        ("PORTAL_DATABASE", "sqlite:////", "folder|file name"),
        ("PORTAL_DATABASE", "postgresql://", "host and database"),
        ("PORTAL_SECRET_KEY", "short", "32"),
        ("PORTAL_TODAY", "5/10/2024", "YYYY-MM-DD"),
        ("PORTAL_TODAY", "2024-02-30", "YYYY-MM-DD"),
        ("PORTAL_TODAY", "20241005", "YYYY-MM-DD"),
        ("PORTAL_LANGUAGE", "fr", "vi or en"),
        ("PORTAL_PORT", "http", "whole number"),
        ("PORTAL_PORT", "70000", "65535"),
        ("PORTAL_PORT", "٣", "whole number"),
        ("PORTAL_THREADS", "0", "from 1"),
        ("PORTAL_IDLE_MINUTES", "-5", "whole number"),
        ("PORTAL_HTTPS", "perhaps", "yes or no"),
        ("PORTAL_UPLOAD_MB", "0", "from 1"),
        ("PORTAL_HASHING", "none", "strong or fast"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_a_sentence(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingError, match=says) as refused:
        Settings.from_env({"PORTAL_SECRET_KEY": KEY, name: value})
    assert name in str(refused.value)
    assert str(refused.value).endswith(".")


def test_postgresql_needs_a_key_that_all_its_processes_share() -> None:
    with pytest.raises(SettingError, match="PORTAL_SECRET_KEY"):
        Settings.from_env({"PORTAL_DATABASE": "postgresql://u@h/d"})


def test_every_setting_says_what_it_does() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.name.startswith("PORTAL_") and setting.meaning for setting in SETTINGS)


def test_the_set_day_has_the_real_time_of_day() -> None:
    before = datetime.now(UTC).astimezone(clock.LOCAL).time().replace(microsecond=0)
    moment = clock.now(date(2024, 10, 5))
    after = datetime.now(UTC).astimezone(clock.LOCAL).time()
    assert clock.local_date(moment) == date(2024, 10, 5)
    local = moment.astimezone(clock.LOCAL).time()
    assert before <= local <= after or after < before  # midnight in Viet Nam passed between


def test_a_moment_is_stored_in_utc_and_belongs_to_the_local_day() -> None:
    moment = clock.from_utc_text("2024-09-30T18:30:00Z")
    assert clock.utc_text(moment) == "2024-09-30T18:30:00Z"
    assert clock.local_date(moment) == date(2024, 10, 1)
    assert clock.month_of(moment) == "2024-10"


def test_months_count_over_the_turn_of_the_year() -> None:
    assert clock.month_after("2024-11", 2) == "2025-01"
    assert clock.month_after("2024-01", -1) == "2023-12"
