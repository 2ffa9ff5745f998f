"""Every button of every page pressed twice does what it does once, whoever presses it: found by walking the pages, none is listed here."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from portal.models.journal import Journal
from sync.ids import named
from tests.district import MONTH, District, person_id
from tests.posted import lines, mark, mark_all, post_list, step
from tests.proposing import decide
from tests.serving import Links

TYPED = {
    "event_date": "28/9/2024", "why": "Thử hai lần", "reason": "Thử hai lần", "answer": "Đã hỏi", "note": "Thử", "phone": "0510000777",
    "new.full_name": "Nguyễn Văn Mới", "new.birth": "1943", "no_change": "yes", "day": "11/10/2024", "starts": "13:00", "ends": "16:00",
    "code": "LH18568-0001", "payment_method.method": "bank", "payment_method.bank": "Agribank", "payment_method.account": "00009905310531",
    "payment_method.holder": "NGUYEN VAN MOI", "category": "5.5c", "new.hamlet": "TDP 1",
}  # fmt: skip
"""What is typed into a field that is empty, by its name; of a drop-down, what is chosen, else its first choice."""
MONTHS = re.compile(r"/(20\d\d-\d\d)(?=/|$)")
MANY = {"chosen", "line"}
"""Boxes that choose rows: all of them are ticked."""
MANY_KINDS = {"change.show", "payment.show", "payment_list.line"}
"""Pages whose buttons depend on whom they are about: all of them are looked at."""
LOOKS_ONLY = {"Xem lại", "Đăng xuất", "English", "Tiếng Việt"}
"""Buttons that change nothing: they show, or they are about the session."""


@dataclass
class Form:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms of a page that are sent, filled in: `forms`, each with what it would send and its buttons (label, name, value)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._late: list[tuple[str, str, str]] = []
        self._form: Form | None = None
        self._select: list[str] = []
        self._options: list[tuple[str, bool]] = []
        self._button: Form | None = None
        self.feed(page)
        for form, name, value in self._late:
            self._by_id[form].fields.append((name, value))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._form = Form(given["action"]) if given.get("method") == "post" else None
            if self._form is not None:
                self.forms.append(self._form)
                self._by_id[given.get("id", "")] = self._form
        elif tag == "input" and given.get("form"):
            self._late.append((given["form"], name, given.get("value", "")))
        elif self._form is None:
            return
        elif tag == "input":
            self._input(name, given)
        elif tag == "select":
            self._select, self._options = [name], []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._form.fields.append((name, TYPED.get(name, "")))
        elif tag == "button" and given.get("type") != "button":
            self._form.buttons.append(("", name, given.get("value", "")))
            self._button = self._form

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self._form is not None
        value, kind = given.get("value", ""), given.get("type", "text")
        if kind == "radio":
            # The first, until another is known to be wanted or stands chosen.
            known = dict(self._form.fields)
            if name not in known or "checked" in given or value == TYPED.get(name):
                self._form.fields = [pair for pair in self._form.fields if pair[0] != name] + [(name, value)]
        elif kind == "checkbox":
            if name in MANY or "checked" in given:
                self._form.fields.append((name, value))
        else:
            self._form.fields.append((name, value if kind == "hidden" else value or TYPED.get(name, "")))

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            label, name, value = self._button.buttons[-1]
            self._button.buttons[-1] = (f"{label} {data.strip()}".strip(), name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select and self._form is not None:
            name = self._select[0]
            values = [value for value, _ in self._options]
            chosen = next((value for value, selected in self._options if selected and value), None)
            wanted = TYPED.get(name)
            self._form.fields.append((name, chosen or (wanted if wanted in values else next(filter(None, values), ""))))
            self._select = []
        elif tag == "button":
            self._button = None
        elif tag == "form":
            self._form = None


@pytest.fixture
def at(district: District, request: pytest.FixtureRequest) -> District:
    """The small district in one of the states of its month."""
    state = request.param
    district.report_death("hoa", "2024-09-20")
    asked = district.report_death("duong", "2024-09-21")
    assert decide(district, "huyen", asked, "return", reason="Giấy tờ?").status == "accepted"
    district.submit("xa", "person", person_id("dao"), {"phone": ("0510000001", "0510000002")}, why="Con gái báo")
    district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000003")})
    if state in ("draft", "frozen"):
        record = named("list", MONTH)
        assert district.submit("huyen", "payment_list", record, {"month": (None, MONTH)}, create=True).status == "accepted"
        if state == "frozen":
            step(district, record, "huyen", "draft", "frozen")
    elif state != "new":
        post_list(district)
        if state == "posted":
            mark(district, next(iter(lines(district).values())), "counter")
        else:
            mark_all(district)
    if state in ("signed", "closed"):
        press(district.client("kiemsoat"), f"/settlements/{MONTH}", "Ký kết quả chi trả")
    if state == "closed":
        press(district.client("huyen"), f"/settlements/{MONTH}", "Quyết toán tháng")
    return district


def press(client: FlaskClient, path: str, label: str) -> None:
    form = next(form for form in Forms(client.get(path).text).forms if label in {button[0] for button in form.buttons})
    assert client.post(form.action, data=dict(form.fields)).status_code == 303


@pytest.mark.parametrize(
    ("at", "who", "surely"),
    [
        ("new", "xa", {"Báo chết", "Lưu", "Trả lời và gửi lại", "Rút đề nghị này"}),
        ("new", "kiemsoat", {"Lập lịch cho các xã còn thiếu", "Ghi phiên chi trả"}),
        ("draft", "xa", {"Báo cáo tháng 10/2024 đã đủ"}),
        ("draft", "huyen", {"Duyệt", "Duyệt đã chọn", "Trả lại và hỏi thêm", "Lập lại từ hồ sơ", "Chốt danh sách", "Ghi cách làm rõ"}),
        ("frozen", "huyen", {"Giữ lại dòng này", "Đính chính dòng này"}),
        ("frozen", "lanhdao", {"Duyệt danh sách", "Trả lại"}),
        ("posted", "chitra", {"Đã chi tại quầy", "Đã chi tại nhà", "Ghi chưa nhận", "Những người đã chọn: đã chi tại quầy"}),
        ("posted", "kiemsoat", {"Rút lại"}),
        ("posted", "huyen", {"Mở giữ"}),
        ("paid", "kiemsoat", {"Ký kết quả chi trả"}),
        ("signed", "huyen", {"Quyết toán tháng", "Trả lại bưu điện"}),
        ("closed", "lanhdao", {"Mở lại quyết toán"}),
    ],
    indirect=["at"],
)
def test_a_button_pressed_twice_does_what_it_does_once(at: District, who: str, surely: set[str]) -> None:
    client = at.client(who)
    path = Path(at.url.removeprefix("sqlite:///"))
    pressed: dict[str, int] = {}
    with closing(sqlite3.connect(":memory:")) as before:
        with closing(sqlite3.connect(path)) as now:
            now.backup(before)
        for form, (label, name, value) in buttons(at, client):
            sent = [*form.fields, *([(name, value)] if name else [])]
            data: dict[str, list[str]] = {}
            for each, text in sent:
                data.setdefault(each, []).append(text)
            start = accepted(at)
            first = client.post(form.action, data=data)
            once = accepted(at)
            second = client.post(form.action, data=data)
            assert first.status_code < 500 and second.status_code < 500, (label, form.action)
            assert accepted(at) == once, f"{label} ({form.action}) did it twice"
            pressed[label] = max(pressed.get(label, 0), once - start)
            with closing(sqlite3.connect(path)) as now:
                before.backup(now)
    assert surely <= {label for label, count in pressed.items() if count}, pressed


def buttons(district: District, client: FlaskClient) -> Iterator[tuple[Form, tuple[str, str, str]]]:
    """Every button there is on the pages this person can walk to from their first page; of pages of one kind, those of the first two."""
    rules = district.app.url_map.bind("localhost")
    seen: dict[tuple[str | None, ...], int] = {}
    found: set[tuple[str, str, str]] = set()
    waiting = ["/"]
    visited: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        endpoint = rules.match(urlsplit(path).path, method="GET")[0]
        asked = dict(parse_qsl(urlsplit(path).query))
        kind = (endpoint, asked.get("type"), asked.get("reason"), asked.get("month"))
        another_month = {asked.get("month", MONTH), *MONTHS.findall(urlsplit(path).path)} != {MONTH}
        if path in visited or another_month or seen.get(kind, 0) >= (20 if endpoint in MANY_KINDS else 2):
            continue
        visited.add(path)
        seen[kind] = seen.get(kind, 0) + 1
        answer = client.get(path)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            waiting += [answer.location] if answer.status_code in (302, 303) else []
            continue
        waiting += sorted(link for link in Links(answer.text).pages if link.startswith("/"))
        for form in Forms(answer.text).forms:
            for button in form.buttons:
                target = rules.match(urlsplit(form.action).path, method="POST")[0]
                if button[0] not in LOOKS_ONLY and target != "session.sign_out" and (target, *button[:2]) not in found:
                    found.add((target, *button[:2]))
                    yield form, button


def accepted(district: District) -> int:
    """How many edits the journal holds that were accepted."""
    with district.open():
        return sum(json.loads(row.body)["result"]["status"] == "accepted" for row in Journal.select())
