"""What is looked at before a month's list may be frozen: checks that block, and checks that only warn. Each is one SELECT over the set.

A check finds lines of the list, or rights and people of the register that bear on it. Here are codes only; the sentences stand in
the view. The ages follow `portal.law.ages.covers`, the choice among several allowances `portal.law.highest` (Decree 20/2021, Điều 6.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from portal import residence
from portal.law import book, months
from portal.law.book import Law
from portal.law.errors import NotInForceError
from portal.law.highest import Claim, payable
from portal.law.terms import Category
from portal.list_lines import OPEN, PAYS, Runs, execute

SHOWN = 100
"""Rows given with a finding; its count is of all."""
OLD_MONTHS = 100 * 12
# CROSS JOIN: what is rare comes first, SQLite keeps the order in which the tables are named.
_LINE = "SELECT p.id AS line, p.person, p.full_name AS name, p.commune, p.line_code"
_LIST = "p.list = :list AND p.addendum = 0"
_OWN = f"{_LIST} AND p.allowance > 0"
_BORN = "CASE length(s.birth) WHEN 4 THEN s.birth || :year_only ELSE substr(s.birth, 1, 7) END"
"""The month of birth; where only the year is known, the month that the law's number says (`Law.birth`)."""
_MONTHS_CARRIED = "(length(p.carried_from) - length(replace(p.carried_from, '\"', ''))) / 2"

Values = dict[str, Any]


class Check(Struct, frozen=True):
    """One check: a stable code, whether it blocks, and the SQL it asks (columns line, person, name, commune, line_code, note).

    With a `note` (SQL), `sql` is a condition on one line `p` and its person `s` instead: all of those are counted in one reading.
    `among` (SQL) is asked first for the few values that `sql` then finds under names that begin with "among"; without any there is nothing
    to find. As a part of `sql`, PostgreSQL would ask it anew for every line of a list that it knows nothing about yet.
    """

    code: str
    is_blocking: bool
    sql: Callable[[Law, Values], str]
    note: str = ""
    among: str = ""


class Row(Struct, frozen=True):
    """What a check found once. `line` is a payment's id or "", `note` what is wrong with it (a value, not a sentence)."""

    line: str
    person: str
    name: str
    commune: str
    line_code: str
    note: str


class Finding(Struct, frozen=True):
    """What a check found: how often, and the first rows by commune and line code."""

    code: str
    is_blocking: bool
    count: int
    rows: tuple[Row, ...]


def run(
    store: Runs, list_id: str, month: str, communes: Iterable[str] | None = None, *, known: str = "", only: str = "", shown: int = SHOWN
) -> list[Finding]:
    """Every check that finds something, those that block first; in these communes (None: all), by the decrees announced up to `known`.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    return list(_run(store, book.load().at(month, known_on=known), list_id, [c for c in CHECKS if only in ("", c.code)], communes, shown))


def blocked(store: Runs, list_id: str, month: str, known: str = "") -> bool:
    """Whether any blocking check finds something, by the decrees announced up to the day `known` ("": all)."""
    try:
        law = book.load().at(month, known_on=known)
    except NotInForceError:
        return True
    return next(_run(store, law, list_id, [c for c in CHECKS if c.is_blocking], None, 1), None) is not None


def _run(store: Runs, law: Law, list_id: str, checks: list[Check], communes: Iterable[str] | None, shown: int) -> Iterator[Finding]:
    given: Values = {"list": list_id, "month": law.month, "any": "%", "year_only": law.birth("0000")[4:]}
    scope = "1 = 1"
    if communes is not None:
        codes = {f"commune{number}": code for number, code in enumerate(sorted(communes))}
        given |= codes
        scope = f"{{}}commune IN ({', '.join(f':{name}' for name in codes) or 'NULL'})"
    counts = _counts(store, law, [check for check in checks if check.note], given, scope)
    for check in checks:
        if counts.get(check.code, 1):
            finding = _find(store, check, law, dict(given), scope, shown)
            if finding.count:
                yield finding


def _counts(store: Runs, law: Law, checks: list[Check], given: Values, scope: str) -> dict[str, int]:
    """How often each check of single lines finds something: one reading of the list for all of them."""
    if not checks:
        return {}
    values = dict(given)
    sums = ", ".join(f"SUM(CASE WHEN {check.sql(law, values)} THEN 1 ELSE 0 END)" for check in checks)
    row = execute(store, f"SELECT {sums} FROM payment p JOIN person s ON s.id = p.person WHERE {_LIST} AND {scope.format('p.')}", values).fetchone()
    return {check.code: int(count or 0) for check, count in zip(checks, row, strict=True)}


def _find(store: Runs, check: Check, law: Law, values: Values, scope: str, shown: int) -> Finding:
    if check.among:
        found = execute(store, check.among, values).fetchall()
        if not found:
            return Finding(check.code, check.is_blocking, 0, ())
        values |= {f"among{number}": value for number, (value,) in enumerate(found)}
    sql = check.sql(law, values)
    if check.note:
        sql = f"{_LINE}, {check.note} AS note FROM payment p JOIN person s ON s.id = p.person WHERE {_LIST} AND ({sql})"
    where = f" WHERE {scope.format('')}"
    if check.code == "HIGHEST_ONLY":
        return _highest_only(store, check, law, f"SELECT * FROM ({sql}) found{where} ORDER BY commune, person, line_code", values, shown)
    text = (
        f"SELECT line, person, name, commune, line_code, note, COUNT(*) OVER () FROM ({sql}) found{where} "
        f"ORDER BY commune, line_code, line LIMIT {int(shown)}"
    )
    rows = execute(store, text, values).fetchall()
    told = tuple(Row(*("" if value is None else str(value) for value in row[:6])) for row in rows)
    return Finding(check.code, check.is_blocking, int(rows[0][6]) if rows else 0, told)


def _highest_only(store: Runs, check: Check, law: Law, sql: str, values: Values, shown: int) -> Finding:
    """People with several allowances are few: whether the law lets them have both is asked of the law itself."""
    people: dict[str, list[tuple[Any, ...]]] = {}
    for row in execute(store, sql, values).fetchall():
        people.setdefault(row[1], []).append(row)
    lost: list[Row] = []
    for lines in people.values():
        by_line = {str(row[0]): row for row in lines}
        claims = [Claim(ref=str(row[0]), category=law.category(row[5]), amount=row[6]) for row in lines]
        for loser in payable(claims).losers:
            line, person, name, commune, line_code = by_line[loser.claim.ref][:5]
            lost.append(Row(line, person, name, commune, line_code, loser.instead[0].category.code if loser.instead else ""))
    return Finding(check.code, check.is_blocking, len(lost), tuple(lost[:shown]))


def _place(values: Values, prefix: str, value: Any) -> str:
    name = f"{prefix}{len(values)}"
    values[name] = value
    return f":{name}"


def _pay_data(law: Law, values: Values) -> str:
    gaps = " OR ".join(f"COALESCE(p.{name}, '') = ''" for name in ("account", "holder", "bank"))
    return f"p.method IS NULL OR (p.method <> 'cash' AND ({gaps}))"


def _holder(law: Law, values: Values) -> str:
    """An account of somebody else's needs the relation and the document (domain.md 3.3). What is the person's own is seen at a glance."""
    own = "substr(s.search_key, 1, length(e.holder_key) + 1 + length(COALESCE(s.code, ''))) = e.holder_key || ' ' || lower(COALESCE(s.code, ''))"
    strange = f"CASE WHEN e.method IS NULL THEN s.holder_key IS NOT NULL ELSE e.holder_key IS NOT NULL AND NOT {own} END"
    alike = "s.payment_method LIKE :any || p.account || :any"
    right = f"SELECT 1 FROM entitlement e WHERE e.id = p.entitlement AND {strange}"
    return f"p.method <> 'cash' AND (s.holder_key IS NOT NULL OR NOT ({alike})) AND EXISTS ({right})"


def _no_law(law: Law, values: Values) -> str:
    known = ", ".join(_place(values, "known", code) for code in sorted(law.categories)) or "NULL"
    return f"p.allowance > 0 AND p.category NOT IN ({known})"


def _coefficient(law: Law, values: Values) -> str:
    right = " ".join(
        f"WHEN {_place(values, 'code', each.code)} THEN {_place(values, 'right', each.coefficient10)}" for each in law.categories.values()
    )
    return f"p.allowance > 0 AND p.coefficient10 <> CASE p.category {right} END"


def _age(law: Law, values: Values) -> str:
    """The month of birth against the months of birth a category admits."""
    cases = []
    for category in law.categories.values():
        if category.ages and category.age_of == "beneficiary":
            fits = " OR ".join(_births(category, values))
            cases.append(f"WHEN {_place(values, 'code', category.code)} THEN {fits}")
    right = f"CASE p.category {' '.join(cases)} ELSE TRUE END" if cases else "TRUE"
    return f"p.allowance > 0 AND (s.birth IS NULL OR NOT {right})"


def _births(category: Category, values: Values) -> Iterable[str]:
    month = str(values["month"])
    for low, below in category.ages:
        latest = f"{_BORN} <= {_place(values, 'born', months.add(month, -low))}"
        yield latest if below is None else f"({latest} AND {_BORN} > {_place(values, 'born', months.add(month, -below))})"
    for step in category.at_age:
        # A right that ends with an age lasts through the month of the birthday (Điều 8.2).
        if not step.to or step.provided:
            yield f"{_BORN} = {_place(values, 'born', months.add(month, -step.months))}"


def _same_id(law: Law, values: Values) -> str:
    on_list = "SELECT 1 FROM payment q WHERE q.person = t.id AND q.list = :list AND q.addendum = 0"
    return f"""
        WITH twice AS MATERIALIZED (SELECT national_id FROM person WHERE national_id IS NOT NULL GROUP BY national_id HAVING COUNT(*) > 1)
        {_LINE}, s.national_id AS note FROM twice d
        CROSS JOIN person s CROSS JOIN payment p
        WHERE s.national_id = d.national_id AND p.person = s.id AND {_LIST} AND EXISTS (SELECT 1 FROM person t WHERE t.national_id = s.national_id AND t.id <> s.id AND EXISTS ({on_list}))"""


def _closed(law: Law, values: Values) -> str:
    """Asked of the register: the list itself leaves out whose file is closed."""
    return f"""SELECT '' AS line, e.person, s.full_name AS name, s.commune, e.line_code, COALESCE(s.death_date, s.closed) AS note
        FROM person s CROSS JOIN entitlement e
        WHERE e.person = s.id AND (NOT {OPEN.format(p="s")} OR (s.status = 'dead' AND s.death_date < :month)) AND {PAYS.format(e="e")}"""


def _two_rights(law: Law, values: Values) -> str:
    return f"""
        WITH several AS MATERIALIZED (SELECT line_code FROM entitlement GROUP BY line_code HAVING COUNT(*) > 1)
        SELECT '' AS line, e.person, s.full_name AS name, s.commune, e.line_code, e.start_month AS note
        FROM several v CROSS JOIN entitlement e CROSS JOIN entitlement o CROSS JOIN person s
        WHERE e.line_code = v.line_code AND o.line_code = e.line_code AND o.start_month > e.start_month AND s.id = e.person
          AND {PAYS.format(e="e")} AND {PAYS.format(e="o")}"""


def _allowances(law: Law, values: Values) -> str:
    """Every allowance of people who have more than one; `_highest_only` decides."""
    codes = [each.code for each in law.categories.values() if each.programme != "care_support"]
    some = ", ".join(_place(values, "code", code) for code in codes) or "NULL"
    counted = f"""{_LINE}, p.category, p.allowance, COUNT(*) OVER (PARTITION BY p.person) AS several
        FROM payment p WHERE {_OWN} AND p.category IN ({some})
          AND p.person IN (SELECT person FROM entitlement GROUP BY person HAVING COUNT(*) > 1)"""
    return f"SELECT line, person, name, commune, line_code, category, allowance FROM ({counted}) counted WHERE several > 1"


def _earlier(law: Law, values: Values) -> str:
    """Lists of earlier months that may still change: what is carried over and owed is reckoned by what they gave."""
    return """SELECT '' AS line, '' AS person, '' AS name, '' AS commune, l.month AS line_code, l.state AS note FROM payment_list l
        WHERE l.month < :month AND l.state IN ('draft', 'frozen')"""


def _undecided(law: Law, values: Values) -> str:
    return """SELECT '' AS line, COALESCE(c.person, '') AS person, COALESCE(s.full_name, '') AS name, c.commune, c.id AS line_code, c.reason AS note
        FROM change c LEFT JOIN person s ON s.id = c.person
        WHERE c.state IN ('proposed', 'returned') AND (c.effective IS NULL OR c.effective <= :month)"""


def _undeclared(law: Law, values: Values) -> str:
    values |= {"no": False, "day": residence.day_of(law.month) or "9999-12-31"}
    return """SELECT DISTINCT '' AS line, '' AS person, '' AS name, u.code AS commune, '' AS line_code, '' AS note FROM unit u
        WHERE u.kind = 'commune' AND u.valid_from <= :day AND (u.succeeded_by IS NULL OR u.valid_to >= :day) AND NOT EXISTS (
          SELECT 1 FROM declaration d WHERE d.month = :month AND d.commune = u.code AND COALESCE(d.withdrawn, :no) = :no)"""


_SHARED = f"SELECT account FROM payment p WHERE {_LIST} AND account IS NOT NULL GROUP BY account HAVING MIN(person) <> MAX(person)"


def _shared(law: Law, values: Values) -> str:
    marks = ", ".join(f":{name}" for name in values if name.startswith("among"))
    return f"{_LINE}, p.account AS note FROM payment p WHERE {_LIST} AND p.account IN ({marks})"


def _old(law: Law, values: Values) -> str:
    latest = months.add(law.month, -OLD_MONTHS)
    return f"p.allowance > 0 AND s.birth <= {_place(values, 'day', f'{latest}-31')} AND {_BORN} <= {_place(values, 'born', latest)}"


def _no_id(law: Law, values: Values) -> str:
    return "p.method <> 'cash' AND s.national_id IS NULL"


def _uncollected(law: Law, values: Values) -> str:
    """Two months and more: ask why; from three on a suspension is due (TT 02/2021, Điều 2.3.a)."""
    return f"p.carried_from IS NOT NULL AND {_MONTHS_CARRIED} >= {_place(values, 'ask', law.number('ask_after_months'))}"


CHECKS = (
    Check("EARLIER_OPEN", True, _earlier),
    Check("PAY_DATA", True, _pay_data, note="p.method"),
    Check("HOLDER", True, _holder, note="p.holder"),
    Check("NO_LAW", True, _no_law, note="p.category"),
    Check("COEFFICIENT", True, _coefficient, note="p.category"),
    Check("AGE", True, _age, note="s.birth"),
    Check("SAME_ID", True, _same_id),
    Check("CLOSED", True, _closed),
    Check("TWO_RIGHTS", True, _two_rights),
    Check("HIGHEST_ONLY", True, _allowances),
    Check("UNDECIDED", False, _undecided),
    Check("UNDECLARED", False, _undeclared),
    Check("UNCOLLECTED", False, _uncollected, note=_MONTHS_CARRIED),
    Check("SHARED_ACCOUNT", False, _shared, among=_SHARED),
    Check("NO_ID", False, _no_id, note="p.method"),
    Check("OLD", False, _old, note="s.birth"),
)
"""In the order in which they are shown; a house of codes for `portal.views.payment_list` to put into words."""
