"""`portal verify`: a month replays to the same register, and whatever was done behind the portal's back is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from portal import db, door, verify
from portal.cli import main
from portal.models.journal import Journal
from portal.verify import Verdict
from tests.conflicts import MADE, PAID, mark, newest, two_phones
from tests.district import MONTH, District, person_id, right_id

DAO = person_id("dao")


@pytest.fixture
def lived(each_district: District) -> District:
    """A district with a month behind it: a list posted, marks, a death, exceptions, a new person, conflicts, refusals."""
    two_phones(each_district)
    each_district.submit("xa", "person", DAO, {"home_delivery": (None, True)})
    each_district.submit("huyen", "person", DAO, {"commune": ("18568", "18580")})
    each_district.submit("xa", "person", person_id("ut"), {"phone": (None, "0912345678")})
    MADE["same_person"](each_district)
    MADE["paid_after_stop"](each_district)
    mark(each_district, "kiemsoat", {"state": "uncollected", "reason": "VANG_MAT"}, key="an")
    mark(each_district, "chitra", PAID, key="binh")
    each_district.report_death("duong", "2024-10-02")
    return each_district


def found(district: District, known: str = "") -> Verdict:
    with district.open():
        return verify.verify(door.store(), known=known)


def run(district: District, sql: str, *params: Any) -> None:
    """Does something to the database that the portal does not know of."""
    with district.open():
        assert door.store().run(sql, params).rowcount == 1


def middle(district: District) -> int:
    with district.open():
        return int(Journal.select().count()) // 2


def test_a_month_replays_to_the_same_register(lived: District) -> None:
    steps: list[int] = []
    with lived.open():
        verdict = verify.verify(door.store(), steps.append)
    assert verdict.differences == () and verdict.bad_entry is None and verdict.is_whole
    assert sum(steps) == 2 * verdict.entries
    with lived.open():
        assert (verdict.entries, verdict.head) == door.store().head()


@pytest.mark.parametrize(
    ("column", "value"),
    [("body", "{}"), ("at", "2024-10-01T00:00:00Z"), ("account", "khac"), ("device", "x"), ("hash", "0" * 64), ("record", "x")],
)
def test_an_entry_that_was_changed_is_named(lived: District, column: str, value: str) -> None:
    seq = middle(lived)
    run(lived, f"UPDATE journal SET {column} = ? WHERE seq = ?", value, seq)
    verdict = found(lived)
    assert verdict.bad_entry == seq and not verdict.is_whole


def test_an_entry_that_was_removed_is_named(lived: District) -> None:
    seq = middle(lived)
    run(lived, "DELETE FROM journal WHERE seq = ?", seq)
    assert found(lived).bad_entry == seq


def test_an_entry_that_was_put_in_is_named(lived: District) -> None:
    with lived.open():
        seq = door.store().head()[0] + 1
        row = Journal.get(Journal.seq == seq - 1)
        Journal.insert({**row.__data__, "seq": seq, "n": 999_999}).execute()
    assert found(lived).bad_entry == seq


def test_entries_cut_off_the_end_show_by_the_head_kept_elsewhere(lived: District) -> None:
    head = found(lived).head
    assert found(lived, known=head).is_whole
    lived.submit("xa", "person", person_id("ut"), {"note": (None, "không được phép")})
    assert found(lived, known=head).is_whole
    later = found(lived).head
    with lived.open():
        seq = door.store().head()[0]
    run(lived, "DELETE FROM journal WHERE seq = ?", seq)
    assert found(lived).is_whole  # nothing in the register speaks of it
    assert found(lived, known=later).lacks


def test_an_edit_marked_as_reused_shows(lived: District) -> None:
    seq = middle(lived)
    run(lived, "UPDATE journal SET reused = NOT reused WHERE seq = ?", seq)
    assert found(lived).differences == (("journal", str(seq), "reused"),)


BEHIND = [
    ("UPDATE person SET phone = '0999999999' WHERE id = ?", DAO, "person", "phone"),
    ("UPDATE person SET search_key = 'x' WHERE id = ?", DAO, "person", "search_key"),
    ("UPDATE person SET home_delivery = NULL WHERE id = ?", DAO, "person", "home_delivery"),
    ("UPDATE person SET version = 1 WHERE id = ?", DAO, "person", "version"),
    ("UPDATE entitlement SET coefficient10 = 30 WHERE id = ?", right_id("an"), "entitlement", "coefficient10"),
    ("DELETE FROM entitlement WHERE id = ?", right_id("vinh"), "entitlement", "missing"),
    ("UPDATE unit SET name = 'x' WHERE code = ?", "18568", "unit", "name"),
    ("UPDATE payment SET total = total + 1 WHERE id = ?", "payment", "payment", "total"),
    ("UPDATE payment SET state = 'paid' WHERE id = ?", "payment", "payment", "state"),
    ("UPDATE payment_list SET state = 'settled' WHERE month = ?", MONTH, "payment_list", "state"),
    ("DELETE FROM conflict WHERE id = ?", "conflict", "conflict", "missing"),
]


@pytest.mark.parametrize(("sql", "which", "kind", "what"), BEHIND)
def test_a_record_changed_behind_the_portals_back_is_named(lived: District, sql: str, which: str, kind: str, what: str) -> None:
    with lived.open():
        uncollected = door.store().run("SELECT id FROM payment WHERE state = 'uncollected'").fetchone()[0]
    which = {"payment": uncollected, "conflict": newest(lived)}.get(which, which)
    run(lived, sql, which)
    ((of_kind, record, column),) = found(lived).differences
    assert (of_kind, column) == (kind, what)
    assert record == which or kind in ("unit", "payment_list")


def test_a_record_the_journal_does_not_know_is_named(lived: District) -> None:
    with lived.open():
        store = door.store()
        cursor = store.run("SELECT * FROM person WHERE id = ?", (DAO,))
        row = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
        row = {**row, "id": person_id("nobody"), "code": "X"}
        store.insert("person", tuple(row), [tuple(row.values())])
    assert found(lived).differences == (("person", person_id("nobody"), "unknown"),)


def test_the_command_says_what_it_found(lived: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE", lived.url)
    monkeypatch.setenv("PORTAL_SECRET_KEY", "k" * 40)
    runner = CliRunner()
    whole = runner.invoke(main, ["verify"])
    assert whole.exit_code == 0, whole.output
    assert "Whole:" in whole.output and "Verifying" in whole.stderr
    told = json.loads(runner.invoke(main, ["verify", "--json"]).stdout)
    assert told["whole"] is True and told["bad_entry"] is None and told["head"] in whole.output
    cut = runner.invoke(main, ["verify", "--known", "f" * 64])
    assert cut.exit_code == 1 and "cut off" in cut.output
    db.connect(lived.url)
    run(lived, "UPDATE person SET phone = 'x' WHERE id = ?", DAO)
    changed = runner.invoke(main, ["verify"])
    assert changed.exit_code == 1 and f"person {DAO}: phone" in changed.output
    db.connect(lived.url)
    seq = middle(lived)
    run(lived, "UPDATE journal SET body = '{}' WHERE seq = ?", seq)
    broken = runner.invoke(main, ["verify", "--json"])
    assert broken.exit_code == 1 and json.loads(broken.stdout)["bad_entry"] == seq
    assert "0: whole" in " ".join(runner.invoke(main, ["verify", "--help"]).output.split())
