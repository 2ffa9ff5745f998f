from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from portal.cli import main


def test_check_says_what_is_in_force() -> None:
    done = CliRunner().invoke(main, ["law", "check"])
    assert done.exit_code == 0
    assert "rate:base 500000 from 2024-07 to 2026-06 (" in done.output
    told = json.loads(CliRunner().invoke(main, ["law", "check", "--json"]).output)
    assert told["sound"] is True
    assert told["lines"] == done.output.splitlines()


def test_check_refuses_decrees_that_clash(tmp_path: Path) -> None:
    (tmp_path / "thu.toml").write_text(
        '[decree]\nid = "thu"\nnumber = "Thử"\nabout = "thử"\nannounced = "2027-01-01"\nin_force = "2027-01-01"\n'
        '[[rate]]\nname = "base"\namount = 600000\narticle = "Điều 1"\n',
        encoding="utf-8",
    )
    done = CliRunner().invoke(main, ["law", "check", "--also", str(tmp_path)])
    assert done.exit_code == 1
    assert "overlap" in done.stderr
    told = json.loads(CliRunner().invoke(main, ["law", "check", "--json", "--also", str(tmp_path)]).stdout)
    assert told["sound"] is False
    assert len(told["clashes"]) == 1
    (tmp_path / "thu.toml").write_text("[[", encoding="utf-8")
    done = CliRunner().invoke(main, ["law", "show", "2024-10", "--also", str(tmp_path)])
    assert done.exit_code == 1
    assert "thu.toml" in done.stderr


def test_show_a_month() -> None:
    done = CliRunner().invoke(main, ["law", "show", "2024-10"])
    assert done.exit_code == 0
    assert "1,250,000  5.6-dbn-te  " in done.output
    told = json.loads(CliRunner().invoke(main, ["law", "show", "2024-07", "--known-on", "2024-06-24", "--json"]).output)
    assert told["rates"][0]["amount"] == 360_000
    assert {category["code"] for category in told["categories"]} >= {"5.5c", "20.2c"}


def test_show_refuses_what_is_no_month_and_what_no_decree_covers() -> None:
    assert CliRunner().invoke(main, ["law", "show", "10/2024"]).exit_code == 2
    assert CliRunner().invoke(main, ["law", "show", "2024-10", "--known-on", "hôm qua"]).exit_code == 2
    assert CliRunner().invoke(main, ["law", "show", "2010-01"]).exit_code == 1
