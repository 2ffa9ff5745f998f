"""One month, end to end, on the demo district: everybody at a browser of their own, from a commune's report to a settlement that balances.

The portal runs as people run it, in a process of its own; who acts reads the screen and clicks what it offers. Other communes and
agents, whose part is the same over again, send their forms without a browser.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from portal.demo import source
from tests.browser import drawing_up, paying
from tests.browser.month import PATIENCE, Clerk, Desk, Office
from tests.machine import CHROMIUM_ARGUMENTS

MONTH = "2024-10"
PAY_DAY, AFTERWARDS = "2024-10-14", "2024-10-21"


@pytest.fixture(scope="module")
def chrome(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM_ARGUMENTS))
        expect.set_options(timeout=PATIENCE)
        yield browser
        expect.set_options(timeout=5_000)
        browser.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = Office(tmp_path_factory.mktemp("huyen"))
    loaded = made.portal("demo")
    assert loaded.returncode == 0, loaded.stderr
    assert "5393 people with 5904 lines" in loaded.stdout
    return made


def test_october_is_carried_from_a_report_of_death_to_a_settlement_to_the_dong(
    chrome: Browser, office: Office, shared_data: Path | None, tmp_path: Path
) -> None:
    with office.open():
        commune, district, head, post = (Desk(chrome, office.address, name) for name in ("xa-loc-ha", "huyen", "lanhdao", "buudien"))
        drawing_up.the_commune_reports(commune)
        drawing_up.the_district_decides_and_asks(district)
        drawing_up.the_commune_answers(commune, district)
        drawing_up.every_commune_declares(office, commune, district)
        total = drawing_up.the_list_is_drawn_up_checked_and_frozen(chrome, office, district)
        drawing_up.the_head_approves_what_is_shown(head, total)
        drawing_up.the_schedule_is_proposed_and_posted(chrome, office, post, district, commune)
    with office.open(PAY_DAY):
        agent = Desk(chrome, office.address, "bd-loc-ha", width=390)
        paying.a_death_reported_now_is_held_at_once(commune, agent, district)
        paying.the_agent_marks(agent)
        others = sum(Clerk(office.address, f"bd-{name}").pay_everybody() for name in drawing_up.OTHER_COMMUNES)
        assert others == 77
        paying.the_banks_result_is_taken_in(post, tmp_path)
    with office.open(AFTERWARDS):
        paid, carried = paying.the_month_is_settled(post, district, total)
        paying.the_result_says_the_same(district, total, paid, tmp_path)
        paying.the_next_list_carries_over(district, carried)
    verified = office.portal("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    the_lines_are_septembers_with_the_approved_changes(office, shared_data)


def the_lines_are_septembers_with_the_approved_changes(office: Office, shared_data: Path | None) -> None:
    """Every line against the figures of September, and what was approved above, counted here by hand."""
    expected = {row["line_code"]: (row["category"], float(row["coefficient"]), int(row["amount"])) for row in september(shared_data)}
    assert len(expected) == 5904
    del expected["LH18568-0109/1"], expected["LH18568-0053/1"]
    expected["LH18430-0134/1"] = ("5.6-nang-nct", 2.0, 1_000_000)
    expected["LH18583-0339/1"] = ("5.6-nang", 1.5, 750_000)
    written = office.portal("list", "lines", MONTH, "--format", "csv")
    assert written.returncode == 0, written.stderr
    rows = {row["line_code"]: row for row in csv.DictReader(io.StringIO(written.stdout))}
    (new,) = rows.keys() - expected.keys()
    expected[new] = ("5.5c", 1.0, 500_000)
    assert {code: (row["category"], float(row["coefficient"]), int(row["amount"])) for code, row in rows.items()} == expected
    assert all(int(row["total"]) == int(row["amount"]) for row in rows.values())
    assert rows["LH18568-0534/1"]["state"] == "withheld"
    assert rows["LH18568-0531/1"]["method"] == "bank"
    assert sorted(row["state"] for row in rows.values() if row["state"] != "paid") == ["rejected", "rejected", "uncollected", "withheld"]


def september(shared_data: Path | None) -> Iterator[dict[str, str]]:
    name = "ky-vong-2024-09-nguoi.csv"
    if shared_data is not None:
        with (shared_data / name).open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    else:
        with gzip.open(source.DATA / f"{name}.gz", "rt", encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
