"""The door on money: holds, marks, exceptions, the list and its settlement; on every store."""

from __future__ import annotations

from sync import journal
from tests.sync import world
from tests.sync.test_door import ABSENT, CHANGE, ONE, PAID, decide, report_death
from tests.sync.world import (
    AGENT,
    COMMUNE_A,
    DISTRICT,
    HEAD,
    SUPERVISOR,
    A,
    World,
    actor,
    payment_id,
    person_id,
)


def test_a_reported_death_holds_money_back_at_once(here: World) -> None:
    here.post_list()
    assert report_death(here, ONE, who=AGENT, date="2024-09-30").status == "accepted"
    hold = here.get("payment", payment_id(0))["hold"]
    assert hold == {"reason": "CHET", "change": CHANGE, "due": False}
    (told,) = here.all("addendum", "person", ONE)
    assert (told["number"], told["type"], told["amount"]) == (1, "withhold", 500_000)
    decide(here, verdict="reject", reason="còn sống")
    assert here.get("payment", payment_id(0))["hold"] is None
    assert [a["type"] for a in sorted(here.all("addendum", "person", ONE), key=lambda a: a["number"])] == ["withhold", "release"]


def test_what_was_rightly_due_is_told_apart(here: World) -> None:
    here.post_list()
    report_death(here, ONE, date="2024-10-02")
    assert here.get("payment", payment_id(0))["hold"]["due"] is True
    decide(here)
    assert here.get("payment", payment_id(0))["hold"]["due"] is True
    released = here.set(
        COMMUNE_A, "payment", payment_id(0), {"hold": (here.get("payment", payment_id(0))["hold"], None)}, why="chi cho gia đình"
    )
    assert released.fields == {"hold": "applied"}


def test_marks_climb_the_ladder(here: World) -> None:
    here.post_list()
    one = payment_id(0)
    assert here.set(AGENT, "payment", one, {"mark": (None, ABSENT)}).fields == {"mark": "applied"}
    assert here.set(AGENT, "payment", one, {"mark": (None, PAID)}).fields == {"mark": "applied"}
    assert here.set(AGENT, "payment", one, {"mark": (None, ABSENT)}).fields == {"mark": "superseded"}
    again = {**PAID, "at": "2024-10-13T01:00:00Z"}
    assert here.set(SUPERVISOR, "payment", one, {"mark": (PAID, again)}).fields == {"mark": "conflict"}
    (doubled,) = here.all("conflict", "about", one)
    assert doubled["type"] == "double_payment"
    assert here.get("payment", one)["mark"] == PAID


def test_paying_what_is_held_is_recorded_and_opens_an_exception(here: World) -> None:
    here.post_list()
    report_death(here, ONE, date="2024-09-01")
    assert here.set(AGENT, "payment", payment_id(0), {"mark": (None, PAID)}).fields == {"mark": "applied"}
    assert [c["type"] for c in here.all("conflict", "about", payment_id(0))] == ["paid_on_hold"]


def test_taking_a_payment_back_is_a_supervisors_act_with_a_reason(here: World) -> None:
    here.post_list()
    one = payment_id(0)
    here.set(AGENT, "payment", one, {"mark": (None, PAID)})
    assert here.set(AGENT, "payment", one, {"mark": (PAID, None)}, why="nhầm").status == "refused"
    assert here.set(SUPERVISOR, "payment", one, {"mark": (PAID, None)}).status == "refused"
    assert here.set(SUPERVISOR, "payment", one, {"mark": (PAID, None)}, why="nhầm").fields == {"mark": "applied"}


def test_who_approves_never_pays(here: World) -> None:
    here.post_list()
    for who in (HEAD, DISTRICT, COMMUNE_A):
        assert here.set(who, "payment", payment_id(0), {"mark": (None, PAID)}).status == "refused"
    assert here.set(SUPERVISOR, "payment", payment_id(0), {"mark": (None, PAID)}).status == "accepted"


def test_staff_not_assigned_are_recorded_with_an_exception(here: World) -> None:
    here.post_list()
    other = actor("post_agent", "khac", communes={A})
    assert here.set(other, "payment", payment_id(0), {"mark": (None, PAID)}).fields == {"mark": "applied"}
    assert [c["type"] for c in here.all("conflict", "about", payment_id(0))] == ["not_assigned"]


def test_a_list_is_approved_by_someone_else_on_what_they_were_shown(here: World) -> None:
    record = person_id(700)
    here.create(DISTRICT, "payment_list", record, {"month": "2024-10"})
    here.set(DISTRICT, "payment_list", record, {"state": ("draft", "frozen")})
    wrong = here.set(HEAD, "payment_list", record, {"state": ("frozen", "approved"), "approval": (None, {"digest": "x"})})
    assert wrong.reason is not None and wrong.reason.detail == "digest"
    shown = {"digest": here.get("payment_list", record)["digest"]}
    builder = actor("approver", DISTRICT.account, device="other", online=True)
    own = here.set(builder, "payment_list", record, {"state": ("frozen", "approved"), "approval": (None, shown)})
    assert own.reason is not None and own.reason.detail == "own_list"
    assert here.set(HEAD, "payment_list", record, {"state": ("frozen", "approved"), "approval": (None, shown)}).status == "accepted"
    assert here.set(DISTRICT, "payment_list", record, {"build": (1, 2)}).status == "refused"


def test_the_month_closes_only_when_every_line_has_its_outcome(here: World) -> None:
    owner = here.post_list()
    record = person_id(800)
    month = {"month": "2024-10", "list": owner}
    early = here.create(SUPERVISOR, "settlement", record, {**month, "digest": "what was shown"})
    assert early.reason is not None and early.reason.detail == "planned_left"
    for number in range(4):
        here.set(SUPERVISOR, "payment", payment_id(number), {"mark": (None, PAID if number else ABSENT)})
    shown = journal.digest(world.sums(here.store, owner))
    assert here.create(SUPERVISOR, "settlement", record, {**month, "digest": "other figures"}).status == "refused"
    assert here.create(SUPERVISOR, "settlement", record, {**month, "digest": shown}).status == "accepted"
    close = {"state": ("signed", "closed"), "digest": (shown, shown)}
    assert here.set(SUPERVISOR, "settlement", record, close).status == "refused"
    assert here.set(DISTRICT, "settlement", record, {"state": ("signed", "closed")}).status == "refused"
    assert here.set(DISTRICT, "settlement", record, close).status == "accepted"
    assert here.get("payment_list", owner)["state"] == "settled"
    late = here.set(SUPERVISOR, "payment", payment_id(0), {"mark": (ABSENT, PAID)})
    assert late.fields == {"mark": "applied"}
    assert [c["type"] for c in here.all("conflict", "about", payment_id(0))] == ["late"]


def test_taking_back_a_payment_that_has_changed_is_kept_as_a_conflict(here: World) -> None:
    here.post_list()
    here.set(AGENT, "payment", payment_id(0), {"mark": (None, PAID)})
    late = here.set(SUPERVISOR, "payment", payment_id(0), {"mark": ({**PAID, "how": "home"}, None)}, why="nhầm")
    assert late.fields == {"mark": "conflict"}
    assert [c["wanted"] for c in here.all("conflict", "about", payment_id(0))] == [None]
    assert here.get("payment", payment_id(0))["mark"] == PAID
