"""A commune's workbook in tests: fetched from its page, worked in as Excel would, saved by LibreOffice, sent back and taken in."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
from flask.testing import FlaskClient
from openpyxl.worksheet.worksheet import Worksheet

from tests import machine
from tests.district import District
from tests.proposing import Fields

HEADINGS, FIRST = 5, 6
NAME = "Họ và tên"


class Book:
    """A workbook being worked in."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.sheet: Worksheet = self.book.worksheets[0]

    @property
    def columns(self) -> dict[str, int]:
        """Heading → the number of its column."""
        return {str(cell.value): cell.column for cell in self.sheet[HEADINGS] if cell.value}

    def row(self, name: str) -> int:
        """The row of a person, by the name that stands there."""
        at = self.columns[NAME]
        return next(row for row in range(FIRST, self.sheet.max_row + 1) if self.sheet.cell(row, at).value == name)

    def empty_row(self) -> int:
        """The first row with nothing in it."""
        return next(row for row in range(FIRST, self.sheet.max_row + 2) if all(cell.value in (None, "") for cell in self.sheet[row]))

    def get(self, row: int, heading: str) -> Any:
        """What stands in a cell."""
        return self.sheet.cell(row, self.columns[heading]).value

    def put(self, row: int, **values: Any) -> None:
        """Types into cells, by heading; "_" stands for a space."""
        for heading, value in values.items():
            self.put_at(row, heading.replace("_", " "), value)

    def put_at(self, row: int, heading: str, value: Any) -> None:
        """Types into one cell: what is text stays text, as in a cell formatted so."""
        cell = self.sheet.cell(row, self.columns[heading])
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"

    def order(self, rows: Iterable[int]) -> None:
        """Puts the rows of the list in another order; those not named are deleted, 0 is an empty one."""
        values = [[cell.value for cell in self.sheet[row]] if row else [] for row in rows]
        for row in range(FIRST, self.sheet.max_row + 1):
            for cell in self.sheet[row]:
                cell.value = None
        for row, some in enumerate(values, FIRST):
            for column, value in enumerate(some, 1):
                cell = self.sheet.cell(row, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"

    def saved(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def fetched(client: FlaskClient, commune: str = "18568") -> Book:
    """The workbook of a commune, as its page hands it out."""
    answer = client.get(f"/commune-workbooks/{commune}.xlsx")
    assert answer.status_code == 200
    return Book(answer.data)


def by_office(content: bytes, folder: Path, *formats: str, suffix: str = "xlsx") -> bytes:
    """A file opened and saved by LibreOffice, in each of these formats one after the other."""
    for number, wanted in enumerate(formats):
        before = folder / f"{number}.{suffix}"
        before.write_bytes(content)
        out = folder / f"out-{number}"
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [str(machine.office_suite()), "--headless", profile, "--convert-to", wanted, "--outdir", str(out), str(before)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        content, suffix = (out / f"{number}.{wanted}").read_bytes(), wanted
    return content


def sent(client: FlaskClient, content: bytes, name: str = "danh-sach.xlsx") -> str:
    """Hands a workbook in on the page of uploads; the address of the page that shows what it changes."""
    answer = client.post("/uploads", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    shown = client.get(answer.location, follow_redirects=True)
    assert shown.request.path.startswith("/commune-workbooks/"), shown.request.path
    return shown.request.path


def confirmed(client: FlaskClient, page: str, **answers: str) -> Any:
    """Says yes on that page, with the answers already marked there and these; the answer to it."""
    form = Fields(client.get(page).text, f"{page}/confirm").found
    return client.post(f"{page}/confirm", data={**form, **answers})


def taken_in(client: FlaskClient, page: str, **answers: str) -> str:
    """Says yes and carries on to the end; the text of the last page."""
    answer = confirmed(client, page, **answers)
    assert answer.status_code == 303, answer.text
    upload = page.replace("/commune-workbooks/", "/uploads/")
    while (found := client.get(upload)).status_code == 200 and "carry-on" in found.text:
        assert client.post(f"{upload}/carry-on").status_code == 303
    return found.text


def sent_back(district: District, who: str, book: Book, **answers: str) -> str:
    """A workbook sent by an account and taken in, all in one."""
    client = district.client(who)
    return taken_in(client, sent(client, book.saved()), **answers)
