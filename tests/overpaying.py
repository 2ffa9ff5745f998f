"""Short stories of money paid without a right, told in steps: what tests of the recovery ledger start from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from portal import door
from sync.edit import Result
from sync.ids import named
from tests.district import District, line_code, person_id, right_id
from tests.lists import run, settle
from tests.posted import post_list
from tests.proposing import approve, propose

LATER = datetime(2024, 12, 5, 2, 0, tzinfo=UTC)


def recovery_id(key: str, number: int = 1) -> str:
    """The id of the recovery of a line."""
    return named("recovery", person_id(key), line_code(key, number))


def tell(here: District, story: str, key: str = "dao") -> None:
    """Does what a story says, step by step.

    Steps: `alive` (the death was a mistake); `post M` (a list), `pay M`, `miss M` (uncollected), `undo M` (a supervisor takes the mark back), `settle M`; `report D` (a
    death), `stop D` (no longer eligible), `lower M` (half the coefficient from a month), each decided at once by another; `hear D` (a
    death, not decided yet), `decide`. M is a month of 2024 ("10"), D a day of it ("09-20").
    """
    heard = ""
    for step in story.split(", "):
        verb, _, when = step.partition(" ")
        if verb == "post":
            post_list(here, f"2024-{when}")
        elif verb == "settle":
            settle(here, f"2024-{when}")
        elif verb in ("pay", "miss", "undo"):
            result = mark(here, key, f"2024-{when}", verb)
            assert result.status == "accepted", result
        elif verb == "decide":
            approve(here, heard, "huyen", now=LATER)
        else:
            heard = _propose(here, verb, when, key)
            if verb != "hear":
                approve(here, heard, "huyen", now=LATER)


def mark(here: District, key: str, month: str, verb: str, number: int = 1) -> Result:
    """Says that a line was paid, was not collected, or that the mark was wrong."""
    rows = run(here, "SELECT id FROM payment WHERE month = ? AND line_code = ?", month, line_code(key, number))
    seen = here.value("payment", rows[0][0], "mark")
    wanted: dict[str, Any] | None = {"state": "paid", "how": "counter", "to": "self", "at": f"{month}-12T02:00:00Z"}
    if verb == "miss":
        wanted = {"state": "uncollected", "reason": "VANG_MAT"}
    if verb == "undo":
        wanted = None
    return here.submit("kiemsoat", "payment", rows[0][0], {"mark": (seen, wanted)}, why="ghi nhầm" if verb == "undo" else None)


def _propose(here: District, verb: str, when: str, key: str) -> str:
    who = "xa2" if "18580" in line_code(key) else "xa"
    if verb == "alive":
        return propose(here, who, LATER, reason="TIEP_TUC", person=person_id(key), event_date=f"{LATER:%Y-%m-%d}")
    if verb in ("report", "hear"):
        return propose(here, who, LATER, reason="CHET", person=person_id(key), event_date=f"2024-{when}")
    if verb == "stop":
        return propose(here, who, LATER, reason="HET_DK", person=person_id(key), event_date=f"2024-{when}")
    return propose(
        here, who, LATER, reason="MUC_KT", person=person_id(key), entitlement=right_id(key), category="5.6-nang", event_date=f"2024-{when}"
    )


def overpaid(here: District, key: str = "dao", number: int = 1) -> dict[str, int]:
    """Month → đồng overpaid for it, as the ledger has it; empty where there is no recovery or nothing stands."""
    with here.open():
        found = door.shelf().get("recovery", recovery_id(key, number))
    if found is None:
        return {}
    assert found["overpaid"] == sum(item["amount"] for item in found["items"] if not item.get("void"))
    return {item["month"]: item["amount"] for item in found["items"] if not item.get("void")}
