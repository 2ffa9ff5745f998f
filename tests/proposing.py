"""Proposing and deciding in tests: through the pages, as a browser sends their forms, and through the noun."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient

from portal import change, door
from portal.models.entitlement import Entitlement
from portal.proposal import Draft
from sync.edit import Result
from sync.ids import named, uuid7
from sync.kinds.change import shown_digest
from tests.district import MONTH, NOW, District, person_id

DAY = "2024-10-03"
EARLIER = datetime(2024, 9, 20, 2, 0, tzinfo=UTC)


class Fields(HTMLParser):
    """What a browser would send of the form with this action."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.inside = action, False
        self.found: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(page)
        assert self.found, f"no form {action} on the page"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.inside = given.get("action") == self.action
        elif not self.inside or (not name and tag != "option"):
            return
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.found[name] = given.get("value") or ""
        elif tag == "select":
            self._select = name
            self.found[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            self.found[self._select] = given.get("value") or ""
        elif tag == "textarea":
            self._area = name
            self.found[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def text(page: str) -> str:
    main = page[page.find("<main") : page.find("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#39;", "'").strip()


def opened(client: FlaskClient, **query: str) -> dict[str, str]:
    answer = client.get("/changes/new", query_string=query)
    assert answer.status_code == 200, answer.text
    return Fields(answer.text, "/changes/new").found


def send(client: FlaskClient, fields: dict[str, str], **typed: str) -> Any:
    return client.post("/changes/new", data={**fields, **typed, "step": "send"})


def propose(district: District, who: str, now: datetime = NOW, **draft: Any) -> str:
    """A proposal through the noun; the id of the change."""
    record = uuid7()
    with district.open():
        result = change.propose(district.actor(who), now, record, Draft(**draft))
    assert result.status == "accepted", result
    return record


def decide(
    district: District, who: str, record: str, verdict: str = "approve", *, digest: str = "", now: datetime = NOW, **more: Any
) -> Result:
    with district.open():
        shelf = door.shelf()
        found = shelf.get("change", record)
        assert found is not None
        return change.decide(district.actor(who), now, record, verdict, digest or shown_digest(shelf, found), **more)


def approve(district: District, record: str, who: str = "huyen", **more: Any) -> None:
    result = decide(district, who, record, **more)
    assert result.fields == {"decision": "applied"}, result


def rights(district: District, key: str) -> list[tuple[Any, ...]]:
    with district.open():
        rows = Entitlement.select().where(Entitlement.person == person_id(key)).order_by(Entitlement.line_code, Entitlement.start_month)
        return [(row.category, row.coefficient10, row.start_month, row.stop_month) for row in rows]


@contextmanager
def posted_list(district: District, state: str = "frozen") -> Iterator[str]:
    """October's list, built through the door and frozen, as far as the state asks."""
    record = named("payment_list", MONTH)
    assert district.submit("huyen", "payment_list", record, {"month": (None, MONTH)}, create=True).status == "accepted"
    if state != "draft":
        assert district.submit("huyen", "payment_list", record, {"state": ("draft", "frozen")}).status == "accepted"
    yield record


def payments(district: District, key: str) -> list[Any]:
    with district.open():
        return list(door.shelf().where("payment", {"person": person_id(key)}))


def addenda(district: District, payment_list: str) -> list[tuple[int, str]]:
    with district.open():
        found = door.shelf().where("addendum", {"list": payment_list})
    return sorted((each["number"], each["type"]) for each in found)
