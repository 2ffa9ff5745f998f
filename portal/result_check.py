"""The check of a file of results: every row against the lines that were sent, the whole file before anything of it counts.

A line is found by its own code, else by account and amount, never by a name (domain.md 3.4): a name only says what to propose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from portal.law import reasons
from sync.text import fold
from sync.values import ValueProblem, parse_money

PAID_WORDS = ("đã chuyển", "đã chi", "thành công", "paid")
REJECTED_WORDS = ("bị trả lại", "trả lại", "thất bại", "không thành công", "rejected")
_STATUS = {fold(word): "paid" for word in PAID_WORDS} | {fold(word): "rejected" for word in REJECTED_WORDS}
_CODE = re.compile(r"[A-Z0-9]+-\d+ ?/ ?\d+", re.IGNORECASE)
_MONTH = re.compile(r"\bT(\d{1,2})/(\d{4})\b", re.IGNORECASE)
_SURE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "returned": {
        "SAI_TK": ("tai khoan khong ton tai", "khong ton tai tai khoan", "khong tim thay tai khoan", "sai so tai khoan", "sai tai khoan"),
        "SAI_TEN": ("ten khong khop", "nguoi huong khong khop", "sai ten"),
        "TK_DONG": ("da dong", "tai khoan dong"),
        "TK_KHOA": ("phong toa", "ngu dong", "bi khoa", "tam khoa", "tam ngung"),
        "SAI_NH": ("sai ngan hang",),
        "HET_HAN_GTTT": ("het han", "sinh trac hoc"),
        "KHAC": ("ly do khac",),
    },
    "uncollected": {
        "VANG_MAT": ("di vang", "vang mat", "vang nha"),
        "OM_YEU": ("om ", "om,", "om yeu", "nam vien", "benh"),
        "CHUYEN_DI": ("chuyen cho o", "chuyen di", "da chuyen"),
        "CHET": ("da chet", "da mat", "tu vong"),
        "TU_CHOI": ("tu choi",),
        "KHONG_LIEN_LAC": ("khong lien lac",),
        "THIEU_GIAY_TO": ("giay uy quyen", "giay to", "cccd"),
        "KHAC": ("chua ro", "ly do khac", "khong ro"),
    },
}
"""Kind of reason → code → words of which each is sure to mean it. Where words of two codes stand, nothing is sure."""
NO_REASON = "KHAC"
Source = Literal["bank", "post"]


class Sent(Struct, frozen=True):
    """A line that was sent to be paid, with what the check needs of it. `account` "" for cash; money in whole đồng."""

    id: str
    line_code: str
    full_name: str
    commune: str
    total: int
    bank: str
    account: str
    recipient: str
    state: str
    mark: Mapping[str, Any] | None
    hold: Mapping[str, Any] | None
    addendum: int


class Row(Struct, frozen=True):
    """One row of the file as text; `places` says where each column's cell stands, in the file's own terms, and the "row" itself.

    `paid` and `unpaid` are the two columns the post office ticks; `status` is the one a bank writes in; `remark` is its explanation.
    """

    number: int
    code: str = ""
    content: str = ""
    account: str = ""
    amount: str = ""
    status: str = ""
    reason: str = ""
    remark: str = ""
    paid: str = ""
    unpaid: str = ""
    name: str = ""
    place: str = ""
    received_by: str = ""
    places: Mapping[str, str] = field(default_factory=dict)


class Table(Struct, frozen=True):
    """What was read: rows, which columns there are, whose result it is, and the total and the month the file states of itself ("" for none).

    `sheet` is "" for a file without sheets, `heading` the number of the heading's row.
    """

    rows: tuple[Row, ...]
    columns: frozenset[str]
    total: str = ""
    total_place: str = ""
    month: str = ""
    month_place: str = ""
    sheet: str = ""
    heading: int = 0

    @property
    def told_month(self) -> str:
        """The month a title names, else the one that most of the transfers' contents name; "" for none."""
        named = Counter(f"{each[2]}-{each[1]:0>2}" for row in self.rows if (each := _MONTH.search(row.content)))
        return self.month or next((month for month, _ in named.most_common(1)), "")

    @property
    def source(self) -> Source:
        """A file with the post office's two columns is its own; any other is a bank's."""
        return "post" if {"paid", "unpaid"} & self.columns else "bank"


class Problem(Struct, frozen=True):
    """Why the file cannot be used: where ("" for the file as a whole), a stable code, and details for the sentence."""

    place: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


class Repair(Struct, frozen=True):
    """What is read otherwise than it is written: where, a code, both texts. With `ask`, somebody has to say that it is right."""

    place: str
    code: str
    told: str
    wanted: str
    ask: bool = False


class Booking(Struct, frozen=True):
    """One row that may be used: the line it is about and the mark it makes (without its moment)."""

    row: int
    line: Sent
    mark: Mapping[str, Any]


class Checked(Struct, frozen=True):
    """A file after the check. It may be booked where there is no problem; `bookings` are then all of it, else only what is right in it."""

    source: Source
    bookings: tuple[Booking, ...]
    problems: tuple[Problem, ...]
    repairs: tuple[Repair, ...] = ()
    matches: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether the file may be booked."""
        return not self.problems

    @property
    def asks(self) -> list[Repair]:
        """Repairs somebody has to confirm."""
        return [each for each in self.repairs if each.ask]

    def sums(self) -> dict[str, tuple[int, int]]:
        """State → lines and đồng of the bookings."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.bookings:
            lines, amount = found.get(each.mark["state"], (0, 0))
            found[each.mark["state"]] = (lines + 1, amount + each.line.total)
        return found


def check(lines: Iterable[Sent], others: Iterable[str], table: Table, month: str = "") -> Checked:
    """Looks at the whole file.

    Args:
        lines: what was sent the way the file is about (into accounts, or in cash).
        others: codes of the month's lines that are paid the other way.
        table: what was read.
        month: the month it is handed in for: last month's file has the same codes and often the same sums.

    A file that reports any line as paid has to answer for every line of the banks (or communes) it speaks of.
    """
    sent = list(lines)
    look = _Look(sent, frozenset(code.upper() for code in others), table, month)
    for row in table.rows:
        look.row(row)
    problems = [*look.problems, *_total(table)]
    if month and table.month and table.month != month:
        problems.insert(0, Problem(table.month_place, "other_month", {"told": _month_words(table.month), "wanted": _month_words(month)}))
    if not table.rows:
        problems.append(Problem("", "empty"))
    problems += look.left_out()
    bookings = tuple(each for each in look.bookings.values() if each.line.id not in look.contradicted)
    return Checked(table.source, bookings, tuple(problems), tuple(look.repairs), look.matches)


def reason_of(kind: Literal["returned", "uncollected"], text: str) -> str | None:
    """The code of a reason as it is written: the code, its label, or words that are sure to mean it; None where nothing is sure."""
    known = reasons.of_kind(kind)
    if text.upper() in known:
        return text.upper()
    plain = fold(text)
    if not plain:
        return None
    named = {code for code, reason in known.items() if fold(reason.label) == plain or fold(reason.label_en) == plain}
    found = named or {code for code, words in _SURE[kind].items() if any(word in f"{plain} " for word in words)}
    return next(iter(found)) if len(found) == 1 else None


class _Wrong(Exception):
    """What is wrong with a row."""

    def __init__(self, row: Row, column: str, code: str, /, **details: Any) -> None:
        super().__init__(code)
        self.problem = Problem(row.places.get(column, str(row.number)), code, details)


class _Look:
    """The check of a file's rows against the month's lines, one after another."""

    def __init__(self, lines: list[Sent], others: frozenset[str], table: Table, month: str) -> None:
        self.problems: list[Problem] = []
        self.repairs: list[Repair] = []
        self.bookings: dict[str, Booking] = {}
        self.contradicted: set[str] = set()
        self.matches: dict[int, str] = {}
        self._lines = lines
        self._month = month
        self._others = others
        self._source = table.source
        # A line that was drawn up again stands twice under its code: the one that is held back for it comes last.
        in_turn = sorted(lines, key=lambda line: (line.state == "withheld", line.addendum), reverse=True)
        self._by_code = {line.line_code.upper(): line for line in in_turn}
        self._by_account: dict[tuple[str, int], list[Sent]] = {}
        self._by_name: dict[tuple[str, int], list[Sent]] = {}
        for line in lines:
            self._by_account.setdefault((_digits(line.account), line.total), []).append(line)
            self._by_name.setdefault((fold(line.full_name), line.total), []).append(line)
        self._has_status = "status" in table.columns
        self._rows: dict[str, int] = {}
        self._answered: set[str] = set()
        self._proposed: set[str] = set()

    def row(self, row: Row) -> None:
        """Takes a row in: a booking, or what is wrong with it."""
        try:
            self._take(row)
        except _Wrong as wrong:
            self.problems.append(wrong.problem)

    def left_out(self) -> list[Problem]:
        """Lines of the banks (communes) in the file that it does not answer for, although it reports others of them as paid."""
        groups = {_group(self._source, each.line) for each in self.bookings.values() if each.mark["state"] == "paid"}
        answered = self._answered | self._proposed
        missing = [x for x in self._lines if _group(self._source, x) in groups and x.id not in answered and x.state == "planned" and x.total]
        if self._source == "post":
            return [Problem("", "no_result", {"code": line.line_code, "name": line.full_name}) for line in missing]
        counted = Counter(line.bank for line in missing)
        codes = {bank: ", ".join(line.line_code for line in missing if line.bank == bank)[:200] for bank in counted}
        return [Problem("", "left_out", {"bank": bank, "count": counted[bank], "codes": codes[bank]}) for bank in sorted(counted)]

    def _take(self, row: Row) -> None:
        amount = self._amount(row)
        line = self._line(row, amount)
        self.matches[row.number] = line.line_code
        self._answered.add(line.id)
        mark = self._mark(row, line)
        if line.id in self._rows:
            self._again(row, line)
        self._rows[line.id] = row.number
        if line.total != amount:
            raise _Wrong(row, "amount", "amount", sent=line.total, told=amount, name=line.line_code)
        if row.account and _digits(row.account) != _digits(line.account):
            raise _Wrong(row, "account", "account", name=line.line_code)
        self.bookings[line.id] = Booking(row.number, line, mark)

    def _again(self, row: Row, line: Sent) -> None:
        first = self.bookings.get(line.id)
        same = first is not None and self._state(row) == first.mark["state"]
        if first is not None and not same:
            self.contradicted.add(line.id)
        raise _Wrong(row, "row", "repeated" if same or first is None else "contradicts", name=line.line_code, row=self._rows[line.id])

    def _amount(self, row: Row) -> int:
        try:
            amount = parse_money(row.amount)
        except ValueProblem as problem:
            raise _Wrong(row, "amount", "not_money", told=row.amount) from problem
        if not row.amount.isdigit():
            self.repairs.append(Repair(row.places.get("amount", ""), "money_text", row.amount, str(amount)))
        return amount

    def _line(self, row: Row, amount: int) -> Sent:
        named = row.code or next(iter(_CODE.findall(row.content)), "")
        told = _MONTH.search(row.content)
        if told is not None and self._month and (there := f"{told[2]}-{told[1]:0>2}") != self._month:
            raise _Wrong(row, "content", "other_month", told=_month_words(there), wanted=_month_words(self._month))
        if not named:
            return self._line_of_account(row, amount)
        code, place = named.replace(" ", "").upper(), "code" if row.code else "content"
        line = self._by_code.get(code)
        if line is not None:
            if code != named:
                self.repairs.append(Repair(row.places.get(place, ""), "trim", named, line.line_code))
            return line
        if code in self._others:
            raise _Wrong(row, "row", "not_sent", told=code)
        meant = self._by_account.get((_digits(row.account), amount), []) if row.account else []
        meant = meant or [x for x in self._by_name.get((fold(row.name), amount), []) if row.name and x.id not in self._rows]
        if len(meant) == 1:
            self._proposed.add(meant[0].id)
            raise _Wrong(row, place, "unknown_code_meant", told=named, meant=meant[0].line_code, name=meant[0].full_name)
        raise _Wrong(row, place, "unknown_code", told=named)

    def _line_of_account(self, row: Row, amount: int) -> Sent:
        found = self._by_account.get((_digits(row.account), amount), []) if row.account else []
        if len(found) != 1:
            raise _Wrong(row, "account", "ambiguous" if found else "unknown_account", count=len(found))
        place = row.places.get("content") or row.places.get("account", "")
        self.repairs.append(Repair(place, "by_account", row.content or row.account[-4:], found[0].line_code, ask=True))
        return found[0]

    def _state(self, row: Row) -> str | None:
        if self._source == "post":
            return "paid" if row.paid else "uncollected" if row.unpaid else None
        return _STATUS.get(fold(row.status)) if row.status else ("rejected" if row.reason or not self._has_status else None)

    def _mark(self, row: Row, line: Sent) -> dict[str, Any]:
        state = self._state(row)
        if self._source == "post" and bool(row.paid) == bool(row.unpaid):
            raise _Wrong(row, "row", "both_marks" if row.paid else "no_mark", name=line.line_code)
        if state is None:
            raise _Wrong(row, "status", "status" if row.status else "no_status", told=row.status)
        if state == "paid":
            if row.reason:
                raise _Wrong(row, "reason", "paid_with_reason", told=row.reason)
            return {"state": "paid", "how": "bank"} if self._source == "bank" else {"state": "paid", "how": "counter", "to": _to(row, line)}
        return {"state": state, "reason": self._reason(row, state), **({"how": "bank"} if self._source == "bank" else {})}

    def _reason(self, row: Row, state: str) -> str:
        kind: Literal["returned", "uncollected"] = "returned" if state == "rejected" else "uncollected"
        code = reason_of(kind, row.reason)
        place = row.places.get("reason", "")
        if code is None and kind == "returned" and (code := reason_of(kind, row.remark)) is not None:
            self.repairs.append(Repair(place, "reason_text", f"{row.reason} {row.remark}".strip(), code, ask=True))
        elif code is None and kind == "returned":
            self.problems.append(Problem(place, "reason", {"told": row.reason}))
        elif code is not None and code != row.reason.upper():
            self.repairs.append(Repair(place, "reason_text", row.reason, code))
        elif code is None:
            self.repairs.append(Repair(place, "reason_text", row.reason, NO_REASON))
        return code or NO_REASON


def _month_words(month: str) -> str:
    return f"{month[5:]}/{month[:4]}"


def _to(row: Row, line: Sent) -> str:
    """Into whose hands: a file that names nobody, or the person, means the person."""
    return "self" if fold(row.received_by) in ("", fold(line.full_name)) else "alternate"


def _group(source: Source, line: Sent) -> str:
    return line.bank if source == "bank" else line.commune


def _total(table: Table) -> list[Problem]:
    if not table.total:
        return []
    try:
        told = parse_money(table.total)
        amount = sum(parse_money(row.amount) for row in table.rows)
    except ValueProblem:
        return [Problem(table.total_place, "not_money", {"told": table.total})]
    return [] if told == amount else [Problem(table.total_place, "total", {"told": told, "sum": amount})]


def _digits(account: str) -> str:
    """An account to compare by: without spaces, and without the zeros a spreadsheet loses."""
    return account.replace(" ", "").replace(".", "").lstrip("0").upper()
