"""The demo district as data: units, people and their lines, read from the project's own copy or from a directory of the same form.

A directory holds `don-vi.csv` (units), `danh-sach-YYYY-MM.xlsx` (a month's official list), `bien-dong.csv` (what leads from one list to
the next) and `ky-vong.csv` (the figures expected). The project's copy holds the same files, lists as CSV, each compressed.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.workbook import records
from portal.workbook.opened import WorkbookProblem
from portal.workbook.read import ListFile, ListRow, read_list

DATA = Path(__file__).with_name("data")
UNITS, EXPECTED = "don-vi.csv", "ky-vong.csv"
LIST = "danh-sach-{month}"
LIST_COLUMNS = (
    *("commune", "person_code", "line_code", "full_name", "sex", "birth", "national_id", "hamlet", "category", "coefficient10", "amount"),
    *("decision_no", "decision_date", "start_month", "method", "bank", "bin", "account", "holder", "payee", "phone", "note"),
)
_PAYMENT = ("method", "bank", "bin", "account", "holder")
_COUNTS = "lines increases decreases deaths amount account_lines cash_lines"


class SourceProblem(Exception):
    """A directory holds no demo district; the message is a sentence that says what is missing or wrong."""


@dataclass(frozen=True)
class Unit:
    """A unit, between two dates. `parent` and `serves` are codes of units or None."""

    code: str
    kind: str
    name: str
    parent: str | None
    serves: str | None
    valid_from: str
    valid_to: str | None


@dataclass(frozen=True)
class Person:
    """A person on the list. `birth` is as precise as it is known; `hamlet` is its name; `payment_method` is that of their first line."""

    code: str
    full_name: str
    sex: str
    birth: str
    national_id: str | None
    commune: str
    hamlet: str | None
    phone: str | None
    home_delivery: bool
    guardian: str | None
    alternate_recipient: dict[str, str] | None
    payment_method: dict[str, str]


@dataclass(frozen=True)
class Line:
    """A line of the list: one entitlement of a person. `amount` is what the list has for its month, in đồng."""

    line_code: str
    person_code: str
    commune: str
    category: str
    coefficient10: int
    amount: int
    payee: str | None
    payment_method: dict[str, str]
    start_month: str
    decision_no: str | None
    decision_date: str | None
    note: str | None


@dataclass(frozen=True)
class Source:
    """A district in one month ("YYYY-MM"): people by commune and code, lines by commune and line code."""

    month: str
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Expected:
    """A month's figures for a commune, or for the district where `commune` is "". Coefficients ×10, amounts in đồng."""

    month: str
    commune: str
    lines: int
    increases: int
    decreases: int
    deaths: int
    coefficient10: int
    amount: int
    account_lines: int
    cash_lines: int


def read(directory: Path | None = None, month: str | None = None) -> Source:
    """The district in a month, the latest there is unless one is named.

    Args:
        directory: where to read instead of the project's own copy.
        month: "YYYY-MM".

    Raises:
        SourceProblem: a file is missing, or a list has lines that cannot be read.
    """
    month = month or months(directory)[-1]
    listed = sorted(list_lines(directory, month), key=lambda item: (item[0], item[1].line_code))
    units = tuple(
        Unit(
            row["code"],
            row["kind"],
            row["name"],
            row["parent_code"] or None,
            row["serves"] or None,
            row["valid_from"],
            row["valid_to"] or None,
        )
        for row in rows(directory, UNITS, "code kind name parent_code serves valid_from valid_to")
    )
    by_person: dict[str, list[tuple[str, ListRow]]] = {}
    for commune, row in listed:
        by_person.setdefault(row.person_code, []).append((commune, row))
    people = tuple(_person(rows[0][0], [row for _, row in rows], month) for rows in by_person.values())
    return Source(month, units, people, tuple(_line(commune, row) for commune, row in listed))


def months(directory: Path | None = None) -> list[str]:
    """The months whose lists are there, oldest first. Raises `SourceProblem` where there is none."""
    place, ending = (DATA, "csv.gz") if directory is None else (directory, "xlsx")
    found = sorted(path.name[len(LIST.format(month="")) :][:7] for path in place.glob(f"{LIST.format(month='*')}.{ending}"))
    if not found:
        raise SourceProblem(f"{place} holds no list of a month: danh-sach-YYYY-MM.{ending}.")
    return found


def list_lines(directory: Path | None, month: str) -> list[tuple[str, ListRow]]:
    """The lines of a month's list with their commune's code, in the list's order. Raises `SourceProblem`."""
    name = LIST.format(month=month)
    if directory is None:
        return [_from_copy(row) for row in rows(None, f"{name}.csv", " ".join(LIST_COLUMNS))]
    path = directory / f"{name}.xlsx"
    try:
        found = read_list(path, max_bytes=64 * 1024 * 1024)
    except WorkbookProblem as problem:
        raise SourceProblem(f"{path} cannot be read as a list ({problem.code}).") from problem
    _sound(path, found, month)
    return [(sheet.commune_code, row) for sheet in found.sheets for row in sheet.rows]


def expected(directory: Path | None = None) -> Iterator[Expected]:
    """The figures of each month, of the district and of each commune. Raises `SourceProblem`."""
    for row in rows(directory, EXPECTED, f"month commune_code coefficient_sum {_COUNTS}"):
        counts = {name: int(row[name] or 0) for name in _COUNTS.split()}
        yield Expected(row["month"], row["commune_code"], coefficient10=round(float(row["coefficient_sum"]) * 10), **counts)


def gone_before(directory: Path | None, month: str) -> tuple[int, int] | None:
    """Lines that had ended when a month's list began, and of these deaths: what the figures have for the district and no commune.

    None where there are no figures of the month.
    """
    if not ((DATA / f"{EXPECTED}.gz") if directory is None else directory / EXPECTED).exists():
        return None
    some = [each for each in expected(directory) if each.month == month]
    known = [each for each in some if each.commune]
    whole = next((each for each in some if not each.commune), None)
    if whole is None:
        return None
    return whole.decreases - sum(each.decreases for each in known), whole.deaths - sum(each.deaths for each in known)


def expected_lines(directory: Path | None = None, month: str = "2024-09") -> dict[str, tuple[str, int, int]]:
    """Line code → (category, coefficient ×10, amount in đồng) in a month, by the law and not by the list. Raises `SourceProblem`."""
    return {
        row["line_code"]: (row["category"], round(float(row["coefficient"]) * 10), int(row["amount"]))
        for row in rows(directory, f"ky-vong-{month}-nguoi.csv", "line_code category coefficient amount")
    }


def rows(directory: Path | None, name: str, needs: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file by column; `needs` names the columns it must have."""
    path = DATA / f"{name}.gz" if directory is None else directory / name
    try:
        content = path.read_bytes() if directory else gzip.decompress(path.read_bytes())
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        missing = set(needs.split()) - set(reader.fieldnames or ())
    except OSError as error:
        raise SourceProblem(f"{path} cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceProblem(f"{path} is no CSV file in UTF-8.") from error
    if missing:
        raise SourceProblem(f"{path} lacks the column(s) {', '.join(sorted(missing))}.")
    yield from reader


def _sound(path: Path, found: ListFile, month: str) -> None:
    if found.findings:
        first = found.findings[0]
        raise SourceProblem(f"{path} has {len(found.findings)} finding(s), the first at {first.where}: {first.code}.")
    if found.month != month:
        raise SourceProblem(f"{path} is the list of {found.month}.")


def _from_copy(row: dict[str, str]) -> tuple[str, ListRow]:
    return row["commune"], ListRow(
        row=0,
        person_code=row["person_code"],
        line_code=row["line_code"],
        full_name=row["full_name"],
        sex=row["sex"],
        birth=row["birth"],
        national_id=row["national_id"] or None,
        hamlet=row["hamlet"] or None,
        category=row["category"],
        coefficient10=int(row["coefficient10"]),
        amount=int(row["amount"]),
        decision_no=row["decision_no"] or None,
        decision_date=row["decision_date"] or None,
        start_month=row["start_month"],
        payment_method={name: row[name] for name in _PAYMENT if row[name]},
        payee=row["payee"] or None,
        phone=row["phone"] or None,
        note=row["note"] or None,
    )


def _person(commune: str, rows: Sequence[ListRow], month: str) -> Person:
    values = records.person(commune, rows, month)
    return Person(**{**values, "home_delivery": bool(values["home_delivery"])})


def _line(commune: str, row: ListRow) -> Line:
    return Line(person_code=row.person_code, amount=row.amount or 0, **records.entitlement(commune, row))
