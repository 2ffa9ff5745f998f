"""The schedule as it is posted: what changed between revisions, the wire form, the calendar feed, and who may post when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sync import posting
from sync.ids import uuid7
from sync.kinds.schedule import schedule_id
from sync.memory import MemoryStore
from tests.sync import world
from tests.sync.world import SUPERVISOR, World

POSTED = datetime(2024, 10, 1, 1, 0, tzinfo=UTC)
FIRST: dict[str, Any] = {
    "month": "2024-10", "commune": "A", "day": "2024-10-11", "starts": "07:30", "ends": "11:00", "agent": "phuc", "state": "planned",
}  # fmt: skip


def event(**more: Any) -> posting.Event:
    given = {"uid": "1@chi-tra", "day": "2024-10-10", "starts": "07:30", "ends": "11:00", "summary": "Chi trả", "place": "Nhà văn hóa"}
    return posting.Event(**{**given, "revision": 2, "posted": POSTED, **more})


def lines(*events: posting.Event) -> list[str]:
    return posting.feed(events, "Lịch").removesuffix("\r\n").split("\r\n")


def test_a_calendar_entry_is_in_utc_and_carries_its_revision() -> None:
    found = lines(event())
    assert found[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"] and found[-1] == "END:VCALENDAR"
    assert {"DTSTART:20241010T003000Z", "DTEND:20241010T040000Z", "DTSTAMP:20241001T010000Z", "SEQUENCE:2", "STATUS:CONFIRMED"} <= set(
        found
    )


def test_an_hour_after_midnight_falls_on_the_day_before_in_utc() -> None:
    assert "DTSTART:20241009T173000Z" in lines(event(starts="00:30"))


def test_a_cancelled_session_stays_in_the_calendar_as_cancelled() -> None:
    assert "STATUS:CANCELLED" in lines(event(cancelled=True))


def test_text_is_escaped_so_that_it_cannot_add_lines_of_its_own() -> None:
    found = lines(event(place="Nhà văn hóa; thôn 1, cũ\\mới\r\nSTATUS:CANCELLED"))
    assert "LOCATION:Nhà văn hóa\\; thôn 1\\, cũ\\\\mới\\nSTATUS:CANCELLED" in "".join(found).replace("\r\n ", "")
    assert "STATUS:CANCELLED" not in found


def test_long_lines_are_folded_by_octets_and_never_within_a_letter() -> None:
    place = "Trụ sở Ủy ban nhân dân thị trấn Lộc Hà " * 6
    text = posting.feed([event(place=place)], "Lịch")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert f"LOCATION:{place}" in text.replace("\r\n ", "")


def test_the_wire_form_is_in_order_and_leaves_out_what_has_no_value() -> None:
    later = {**FIRST, "day": "2024-10-10", "place": None}
    told = posting.wire("2024-10", 3, "2024-10-01T01:00:00Z", {"one": FIRST, "two": later})
    assert (told["month"], told["revision"], told["posted_at"]) == ("2024-10", 3, "2024-10-01T01:00:00Z")
    assert [session["id"] for session in told["sessions"]] == ["two", "one"]
    assert "place" not in told["sessions"][0] and "month" not in told["sessions"][0]


def test_what_changed_between_revisions() -> None:
    before = {"kept": FIRST, "moved": FIRST, "off": FIRST}
    after = {
        "kept": FIRST,
        "moved": {**FIRST, "day": "2024-10-12"},
        "off": {**FIRST, "state": "cancelled"},
        "new": FIRST,
        "never-told": {**FIRST, "state": "cancelled"},
    }
    found = {each.session: (each.what, dict(each.fields)) for each in posting.differences(before, after)}
    assert set(found) == {"moved", "off", "new"}
    assert found["moved"] == ("changed", {"day": ("2024-10-11", "2024-10-12")})
    assert found["off"][0] == "cancelled" and found["new"][0] == "added"


def test_sessions_as_they_stood_at_a_journal_entry() -> None:
    writes = [(1, "s", {"day": "2024-10-10", "agent": "an"}), (2, "t", {"day": "2024-10-11"}), (5, "s", {"day": "2024-10-12"})]
    assert posting.as_of(writes, 4) == {"s": {"day": "2024-10-10", "agent": "an"}, "t": {"day": "2024-10-11"}}
    assert posting.as_of(writes, 5)["s"] == {"day": "2024-10-12", "agent": "an"}


def session(office: World) -> None:
    values = {
        "month": world.MONTH, "commune": world.A, "pay_point": "DC", "day": f"{world.MONTH}-10", "starts": "07:30", "ends": "11:00",
        "agent": "phuc",
    }  # fmt: skip
    assert office.create(SUPERVISOR, "pay_session", uuid7(), values).status == "accepted"


def test_a_schedule_is_posted_with_its_list_and_not_before() -> None:
    office = World(MemoryStore(world.BULKS))
    session(office)
    early = office.set(SUPERVISOR, "schedule", schedule_id(world.MONTH), {"revision": (0, 1)})
    assert early.reason is not None and early.reason.detail == "posted_with_the_list"
    office.post_list()
    assert office.get("schedule", schedule_id(world.MONTH))["revision"] == 1


def test_a_schedule_arranged_after_its_list_was_posted_can_still_be_posted() -> None:
    """A month of transfers alone is posted without any session; one that is arranged later must not be stuck."""
    office = World(MemoryStore(world.BULKS))
    office.post_list()
    session(office)
    assert office.set(SUPERVISOR, "schedule", schedule_id(world.MONTH), {"revision": (0, 1)}).fields == {"revision": "applied"}
    assert office.get("schedule", schedule_id(world.MONTH))["posted_at"] == world.NOW


def test_two_who_post_the_same_revision_are_told_apart() -> None:
    office = World(MemoryStore(world.BULKS))
    session(office)
    office.post_list()
    assert office.set(SUPERVISOR, "schedule", schedule_id(world.MONTH), {"revision": (1, 2)}).fields == {"revision": "applied"}
    assert office.set(SUPERVISOR, "schedule", schedule_id(world.MONTH), {"revision": (1, 2)}).fields == {"revision": "conflict"}
