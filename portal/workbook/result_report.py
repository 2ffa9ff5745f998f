"""What a file of results says, for a script: found beside a month's lines as on the page, told in the codes a list is told in."""

from __future__ import annotations

from typing import Any

from portal import bank_result
from portal.workbook.opened import WorkbookProblem
from portal.workbook.result_file import Truncated, read_result

_KINDS = {"post": "payment_result", "bank": "bank_return"}
_CODES = {
    "amount": "AMOUNT",
    "not_money": "MONEY_AMBIGUOUS",
    "both_marks": "STATUS",
    "no_mark": "STATUS",
    "status": "STATUS",
    "no_status": "STATUS",
    "paid_with_reason": "STATUS",
    "unknown_code": "CODE_UNKNOWN",
    "unknown_code_meant": "CODE_UNKNOWN",
    "unknown_account": "ACCOUNT",
    "ambiguous": "AMBIGUOUS",
    "account": "ACCOUNT",
    "repeated": "DUP_IN_FILE",
    "contradicts": "DUP_IN_FILE",
    "not_sent": "NOT_SENT",
    "no_result": "NO_RESULT",
    "left_out": "NO_RESULT",
    "reason": "REASON_UNKNOWN",
    "total": "TOTAL",
    "other_month": "MONTH_OTHER",
    "empty": "EMPTY",
}
_REPAIRS = {"trim": "TRIM", "money_text": "MONEY_TEXT", "by_account": "CODE_UNKNOWN", "reason_text": "REASON_TEXT"}


def report(content: bytes) -> dict[str, Any]:
    """What is found in a file of results beside the lines of the month it names.

    Raises:
        WorkbookProblem: as `read_result`; truncated, no_month where it names none, no_payments where nothing of that month was sent to
            be paid.
    """
    try:
        table = read_result(content)
    except Truncated as problem:
        raise WorkbookProblem("truncated") from problem
    month = table.told_month
    if not month:
        raise WorkbookProblem("no_month")
    if not bank_result.sent(month, None, cash=table.source == "post"):
        raise WorkbookProblem("no_payments")
    found = bank_result.check(month, None, table)
    numbers = [row.number for row in table.rows]
    sums = found.sums()
    return {
        "outcome": "import",
        "kind": _KINDS[table.source],
        "month": month,
        "sheets": [{"name": table.sheet, "header_rows": [table.heading], "first_row": min(numbers, default=0), "last_row": max(numbers, default=0)}],
        "rows": len(numbers),
        "matches": {f"{table.sheet}!{row}" if table.sheet else f"{row}": code for row, code in found.matches.items()},
        "new": [],
        "errors": [{"at": each.place or "file", "code": _CODES[each.code], "why": _why(each.details)} for each in found.problems],
        "warnings": [],
        "repairs": [{"at": each.place, "code": _REPAIRS[each.code], "from": each.told, "to": each.wanted, "ask": each.ask} for each in found.repairs],
        "bookable": {state: {"lines": lines, "amount": amount} for state, (lines, amount) in sorted(sums.items())},
    }


def _why(details: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in details.items())
