"""Lists as a commune sends them, and a commune officer who hands one in page by page."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import openpyxl
from flask.testing import FlaskClient
from openpyxl.worksheet.worksheet import Worksheet
from werkzeug.test import TestResponse

HEADING = ["TT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Thôn/TDP", "Điện thoại", "Mã ĐT", "Hệ số", "Mức hưởng", "Ghi chú"]
NAMES = ["number", "name", "birth", "sex", "id", "hamlet", "phone", "category", "coef", "amount", "note"]
TITLE = "DANH SÁCH Thị trấn Lộc Hà, tháng 10/2024"
DAO = {"number": 1, "name": "Nguyễn Thị Đào", "birth": "1938", "sex": "Nữ", "id": "099138000001", "hamlet": "TDP 1", "category": "5.5c", "coef": 1, "amount": 500_000}
HOA = {"number": 2, "name": "Nguyễn Văn Hòa", "birth": "01/01/1990", "sex": "Nam", "id": "099090000004", "hamlet": "TDP 2", "category": "5.6-nang", "coef": 1.5, "amount": 750_000}
NEW = {"number": 3, "name": "Trần Thị Mới", "birth": "03/10/1944", "sex": "Nữ", "id": "099144000077", "hamlet": "tdp 2", "category": "5.5c", "coef": 1, "amount": 500_000}


def book(*rows: dict[str, Any], title: str = TITLE, heading: list[str] | None = None) -> bytes:
    """A list of one sheet with a title, a heading and rows given by NAMES."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    lines: list[list[Any]] = [[title], list(heading or HEADING), *([row.get(name) for name in NAMES] for row in rows)]
    for cells in lines:
        sheet.append(cells)
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    """A workbook's bytes."""
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def sheets(content: bytes) -> list[Worksheet]:
    """The sheets of a workbook's bytes."""
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets)


def text(answer: TestResponse) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.text)).split())


def send(client: FlaskClient, content: bytes, name: str = "danh-sach.xlsx") -> TestResponse:
    """Hands a file in; the page it leads to."""
    return client.post("/uploads", data={"file": (io.BytesIO(content), name)}, follow_redirects=True)


def address(page: TestResponse) -> str:
    """The upload's own address on one of its pages."""
    found = re.search(r"/uploads/[0-9a-f-]{36}", page.request.path)
    assert found, page.text
    return found[0]


def offered(page: TestResponse) -> dict[str, str]:
    """The form of the columns as it is shown."""
    chosen = re.findall(r'<select id="[^"]*" name="([^"]+)"[^>]*>(.*?)</select>', page.text, re.DOTALL)
    values = {name: found[1] if (found := re.search(r'value="([^"]*)" selected', options)) else "" for name, options in chosen}
    month = re.search(r'name="month" value="([^"]*)"', page.text)
    assert month
    return {**values, "month": month[1]}


def check(client: FlaskClient, page: TestResponse, **changes: str) -> TestResponse:
    """Agrees to what the columns are taken to be; the findings."""
    return client.post(f"{address(page)}/columns", data={**offered(page), **changes}, follow_redirects=True)


def looked_at(client: FlaskClient, content: bytes, name: str = "danh-sach.xlsx") -> TestResponse:
    """The findings of a file, its columns agreed to where they are asked about."""
    page = send(client, content, name)
    return check(client, page) if page.request.path.endswith("/columns") else page


def answer(client: FlaskClient, page: TestResponse, **ticked: list[str]) -> TestResponse:
    """Sends the ticks of the findings: what is given, and what was shown."""
    shown = {name: re.findall(rf'name="{name}" value="([^"]*)"', page.text) for name in ("accepted-shown", "left_out-shown")}
    data: dict[str, Any] = {**{name: [unescape(each) for each in values] for name, values in shown.items()}, **ticked}
    return client.post(f"{address(page)}/answers", data=data, follow_redirects=True)


def confirm(client: FlaskClient, page: TestResponse) -> TestResponse:
    """Says yes to what the findings show."""
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page.text)
    assert digest, text(page)
    return client.post(f"{address(page)}/confirm", data={"digest": digest[1]}, follow_redirects=True)


def take_in(client: FlaskClient, page: TestResponse) -> TestResponse:
    """Says yes, and goes on to the end."""
    page = confirm(client, page)
    assert page.status_code == 200, text(page)
    while "/carry-on" in page.text:
        page = client.post(f"{address(page)}/carry-on", follow_redirects=True)
    return page
