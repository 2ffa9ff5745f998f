"""The movements of a demo district as data: what leads from one month's list to the next, and when each was told and decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal import holder
from portal.demo.source import rows
from portal.workbook.read import ListRow
from sync.values import parse_coefficient10, parse_payment_method

MOVEMENTS = "bien-dong.csv"
_NEEDS = (
    "month list_closed kind person_code line_code name commune_code hamlet sex birth national_id category coefficient previous_category reason "
    "event_date reported_date decision_no decision_date start_month payment_method bank bank_bin account_no account_holder payee phone note"
)


@dataclass(frozen=True)
class Movement:
    """One step from a month's list to the next: decrease, increase, adjustment or payment_method. `month` is the first list it changes.

    `line` is the line after the step; a decrease shows it as it was. `list_closed` is the day the month's list was closed, the other
    dates are days; `decision_date` is "" where the data name none.
    """

    month: str
    list_closed: str
    kind: str
    reason: str
    commune: str
    event_date: str
    reported_date: str
    line: ListRow

    @property
    def decision_date(self) -> str:
        """The day of the decision, "" where the data name none."""
        return self.line.decision_date or ""


def movements(directory: Path | None = None) -> Iterator[Movement]:
    """What leads from the first list to the last, in the order it happened. Raises `SourceProblem`."""
    for row in rows(directory, MOVEMENTS, _NEEDS):
        method = {"bin": row["bank_bin"], "account": row["account_no"], "holder": row["account_holder"]}
        yield Movement(
            month=row["month"],
            list_closed=row["list_closed"],
            kind=row["kind"],
            reason=row["reason"],
            commune=row["commune_code"],
            event_date=row["event_date"],
            reported_date=row["reported_date"],
            line=ListRow(
                row=0,
                person_code=row["person_code"],
                line_code=row["line_code"],
                full_name=row["name"],
                sex=row["sex"],
                birth=row["birth"],
                national_id=row["national_id"] or None,
                hamlet=row["hamlet"] or None,
                category=row["category"],
                coefficient10=parse_coefficient10(float(row["coefficient"])),
                amount=None,
                decision_no=row["decision_no"] or None,
                decision_date=row["decision_date"] or None,
                start_month=row["start_month"],
                payment_method=holder.documented(
                    parse_payment_method({"method": row["payment_method"], "bank": row["bank"], **method}), row["note"]
                ),
                payee=row["payee"] or None,
                phone=row["phone"] or None,
                note=row["note"] or None,
            ),
        )
