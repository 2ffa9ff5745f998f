"""A month of 2026 under `xa-2025`, end to end: one commune where there were two, a hamlet's report, arrears of Decree 335/2026."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal import door, payment_list, settlement, totals, verify
from portal.models.entitlement import Entitlement
from portal.payment_list import Line
from sync.ids import named
from tests import powers
from tests.district import District, line_code, person_id
from tests.posted import accept

COMMUNE = "18568"
JULY = datetime(2026, 6, 23, 2, 0, tzinfo=UTC)
AUGUST = datetime(2026, 7, 23, 2, 0, tzinfo=UTC)
SEPTEMBER = datetime(2026, 8, 24, 2, 0, tzinfo=UTC)
"""The lists are drawn up before the 25th of the month before; Decree 335/2026 is of 21/8/2026 and counts from July."""
FORMER, PENSION = "5.5c", "HTXH-75"


@pytest.fixture
def commune(district: District, tmp_path: Path) -> District:
    """The two communes as one since 2025, its chairman and a hamlet's head; the old people's allowance became the social pension."""
    powers.succeed(district, tmp_path, powers.ONE_COMMUNE + "\n", datetime(2025, 7, 1, 3, 0, tzinfo=UTC))
    powers.under(district, "xa-2025", since="2025-07-01", now=datetime(2025, 7, 1, 3, 0, tzinfo=UTC))
    with district.open():
        former = list(Entitlement.select().where(Entitlement.category == FORMER, Entitlement.stop_month.is_null()))
    for right in former:
        change = named("change", right.id, "htxh")
        values = {"reason": "CHUYEN_DT", "person": right.person, "entitlement": right.id, "category": PENSION, "effective": "2025-07"}
        _take(district, "xa", change, values, JULY)
        assert powers.decide(district, "chutich", change, now=JULY).fields == {"decision": "applied"}
    return district


def _take(district: District, who: str, change: str, values: Mapping[str, object], now: datetime) -> None:
    result = district.submit(who, "change", change, {name: (None, value) for name, value in values.items()}, create=True, now=now)
    assert result.status == "accepted", result


def month_through(district: District, month: str, now: datetime) -> dict[str, Line]:
    """Draws the month's list up, takes it to the post office, pays it and settles; its lines as they were listed."""
    record = named("list", month)
    session = {"month": month, "commune": COMMUNE, "pay_point": "DC-18568", "day": f"{month}-12", "starts": "07:30", "ends": "11:00"}
    accept(district, "kiemsoat", "pay_session", named("session", month), {**session, "agent": "chitra"}, create=True)
    result = district.submit("huyen", "payment_list", record, {"month": (None, month)}, create=True, now=now)
    assert result.status == "accepted", result
    assert district.submit("huyen", "payment_list", record, {"state": ("draft", "frozen")}, now=now).fields == {"state": "applied"}
    pairs = {"state": ("frozen", "approved"), "approval": (None, {"digest": district.value("payment_list", record, "digest")})}
    assert district.submit("lanhdao", "payment_list", record, pairs, now=now).fields == {"state": "applied", "approval": "applied"}
    assert district.submit("huyen", "payment_list", record, {"state": ("approved", "posted")}, now=now).fields == {"state": "applied"}
    with district.open():
        rows = {row.line_code: row for row in payment_list.lines(record, limit=1000).rows}
    for code, row in rows.items():
        if row.state == "planned":
            how = "bank" if row.method == "bank" else "counter"
            paid = {"state": "paid", "how": how, "to": "self", "at": f"{month}-12T02:00:00Z"}
            assert district.submit("kiemsoat", "payment", row.id, {"mark": (None, paid)}, now=now).status == "accepted", code
    with district.open():
        found = settlement.show(month, None)
        assert found is not None
        assert settlement.sign(district.actor("kiemsoat"), now, found, found.digest, found.state).status == "accepted"
        assert settlement.close(district.actor("huyen"), now, found, found.digest).status == "accepted"
    return rows


def test_a_month_of_2026_from_the_hamlets_report_to_the_settled_account(commune: District) -> None:
    everybody: set[str] = set()
    for month, now in (("2026-07", JULY), ("2026-08", AUGUST)):
        listed = month_through(commune, month, now)
        everybody |= set(listed)
        assert {row.allowance * 10 // row.coefficient10 for row in listed.values()} == {500_000}
        assert {row.arrears for row in listed.values()} == {0}

    # The hamlet reports, the commune vouches, its chairman decides; the post office's and the agency's officers do not.
    report = named("change", "ut", "2026")
    values = {"reason": "CHET", "person": person_id("ut"), "event_date": "2026-08-20"}
    _take(commune, "thon2", report, values, SEPTEMBER)
    assert powers.decide(commune, "chutich", report, now=SEPTEMBER).reason.detail == "not_appraised"  # type: ignore[union-attr]
    assert powers.appraise(commune, "xa2", report, now=SEPTEMBER).fields == {"appraisal": "applied"}
    for who in ("huyen", "kiemsoat", "xa2"):
        assert powers.decide(commune, who, report, now=SEPTEMBER).reason.code == "forbidden"  # type: ignore[union-attr]
    assert powers.decide(commune, "chutich", report, now=SEPTEMBER, number="12/QĐ-UBND", date="2026-08-24").fields == {
        "decision": "applied"
    }

    listed = month_through(commune, "2026-09", SEPTEMBER)
    dead = line_code("ut")
    assert set(listed) == everybody
    alive = [row for code, row in listed.items() if code != dead]
    assert {row.commune for row in alive} == {COMMUNE}
    for row in alive:
        assert row.allowance == 540_000 * row.coefficient10 // 10
        assert row.arrears == 2 * 40_000 * row.coefficient10 // 10  # July and August, each by the coefficient
        assert row.total == row.allowance + row.arrears
    # Died in August: both months she lived in are owed, September is not.
    assert (listed[dead].allowance, listed[dead].arrears) == (0, 80_000)

    with commune.open():
        (whole,) = totals.paid("2026-09", "2026-09")
        assert whole.amount == sum(row.total for row in listed.values())
        found = settlement.show("2026-09", None)
        assert found is not None and found.state == "closed"
        assert verify.verify(door.store()).is_whole
