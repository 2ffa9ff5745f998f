"""The set-based steps of a payment list: build, freeze, post. Each runs inside the door, as SQL over whole sets.

Each is a function of the register and its arguments alone, so that playing the journal again makes the same list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from portal import arrears, list_checks
from portal.law.errors import NotInForceError
from portal.list_lines import CONTENT, dialect, execute, select
from portal.list_order import listed, ordered
from sync.edit import Refused
from sync.ids import named

if TYPE_CHECKING:
    from portal.store import PeeweeStore

_DIGESTED = tuple(name for name in CONTENT if name not in ("entitlement", "sort_key"))
_BATCH = 2000
"""Lines read at a time for the digest: memory stays the same whatever the size of the list."""
CACHE_KIB = 64 * 1024
"""What SQLite may keep of the database while a list is drawn up."""

# The undecided death report of a person, if any: what it holds back. A funeral grant (no entitlement) is paid because of a death.
_HELD = """
  SELECT d.*, CASE WHEN c.id IS NOT NULL THEN
    '{{"change":"' || c.id || '","due":' || CASE WHEN :month < c.effective THEN 'true' ELSE 'false' END || ',"reason":"CHET"}}' END AS hold
  FROM ({lines}) d
  LEFT JOIN (
    SELECT person, MIN(id) AS id FROM change WHERE reason = 'CHET' AND state IN ('proposed', 'returned') AND person IS NOT NULL GROUP BY person
  ) r ON r.person = d.person AND d.entitlement IS NOT NULL
  LEFT JOIN change c ON c.id = r.id"""
_DEATHS = "SELECT 1 FROM change WHERE state IN ('proposed', 'returned') AND reason = 'CHET' AND person IS NOT NULL LIMIT 1"
_FREE = "SELECT d.*, CAST(NULL AS TEXT) AS hold FROM ({lines}) d"
_BUILD = """
{insert} INTO payment (id, version, list, month, {columns}, addendum, published, mark, hold, state)
SELECT :prefix || {hex}, :seq, :list, :month, {columns}, :addendum, :published, NULL, hold,
  CASE WHEN hold IS NULL THEN 'planned' ELSE 'withheld' END
FROM ({rows}) numbered
"""
_KEEP = f"""
{{insert}} INTO arrears (id, version, list, addendum, {", ".join(arrears.PARTS)})
SELECT :prefix || {{hex}}, :seq, :list, :addendum, {", ".join(arrears.PARTS)}
FROM (SELECT row_number() OVER (ORDER BY o.line_code {{C}}, o.month) AS n, o.* FROM ({{owed}}) o {{only}}) numbered
"""
_TOUCH = """
INSERT INTO touch (seq, kind, record, fields, unit, left_unit)
SELECT :seq, 'payment', id, '', commune, NULL FROM payment WHERE list = :list AND version = :seq ORDER BY id
"""
_SCHEDULE_MISSING = """
SELECT 1 FROM payment p WHERE p.list = :list AND p.method = 'cash' AND p.total > 0 AND NOT EXISTS (
  SELECT 1 FROM pay_session s WHERE s.month = :month AND s.commune = p.commune AND COALESCE(s.state, 'planned') <> 'cancelled') LIMIT 1
"""


def build(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Draws the list up from the register, anew where there was a draft.

    Args:
        store: within the door's transaction.
        args: `list` (id), `month`, and `at`, the moment (UTC text) up to whose day decrees count as announced.
        seq: the journal entry's number; a line's id is made of it and of its place in the list, so that an id never comes to mean
            another line when a draft is built again, and ids share a long prefix (RFC 9562, 6.2).

    Returns:
        {"lines", "total" in đồng, "digest" of `digest`}.

    Raises:
        Refused: where no law is in force in the month.
    """
    with _room(store):
        kept = _held_by_hand(store, args["list"])
        for table in ("payment", "arrears"):
            store.run(f"DELETE FROM {table} WHERE list = ?", (args["list"],))
        _keep_arrears(store, args, seq)
        with _law():
            parts, values = listed(store, args["list"], args["month"], known=arrears.known_on(args.get("at")))
        for lines in parts:
            _insert(store, (lines, values), args, seq, addendum=0, published=False)
        for line_code, hold in kept:
            store.run(
                "UPDATE payment SET hold = ?, state = 'withheld' WHERE list = ? AND line_code = ? AND hold IS NULL",
                (hold, args["list"], line_code),
            )
        if not store.sqlite:
            # PostgreSQL takes a list that it has never counted for one line, and may then go through all of it for each of its lines.
            store.run("ANALYZE payment (list)")
        content = _content(store, args["list"])
    return {"lines": content.lines, "total": content.total, "digest": content.digest}


def freeze(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Checks the draft once more, against the rules, against what was shown, and against the register as it stands now.

    Raises:
        Refused: `checks` while a blocking check finds something; `changed` where the lines are not those of `args["digest"]`, or the
            register says otherwise since they were drawn up (then it is built again).
    """
    if list_checks.blocked(store, args["list"], args["month"], arrears.known_on(args.get("at"))):
        raise Refused("forbidden", field="state", detail="checks")
    if digest(store, args["list"]) != args["digest"] or is_stale(store, args["list"], args["month"], args.get("at")):
        raise Refused("forbidden", field="state", detail="changed")
    return {}


def post(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Publishes the lines to those who hand out the money.

    Raises:
        Refused: `schedule_missing` where a commune has cash to hand out and no session in the month.
    """
    values = {"seq": seq, "list": args["list"], "month": args["month"], "yes": True}
    if execute(store, _SCHEDULE_MISSING, values).fetchone():
        raise Refused("forbidden", field="state", detail="schedule_missing")
    execute(store, "UPDATE payment SET published = :yes, version = :seq WHERE list = :list", values)
    execute(store, _TOUCH, values)
    return {"lines": int(store.run("SELECT COUNT(*) FROM payment WHERE list = ?", (args["list"],)).fetchone()[0])}


def amend(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Lines of an addendum to a list that no longer changes: what the register says of a person now.

    Args:
        store: within the door's transaction.
        args: `list`, `month`, `person`, `number` of the addendum, `published`; `line_code`: the one line that is drawn up again
            (a correction), or None: those that are not on the list yet; `at` as in `build`.
        seq: the journal entry's number.

    Returns:
        {"lines", "total" in đồng}.

    Raises:
        Refused: `nothing_to_add` where the register gives no such line.
    """
    with _law():
        lines, values = select(store, args["list"], args["month"], known=arrears.known_on(args.get("at")), person=args["person"])
    if args["line_code"] is None:
        chosen = f"SELECT * FROM ({lines}) a WHERE line_code NOT IN (SELECT line_code FROM payment WHERE list = :list)"
    else:
        chosen = f"SELECT * FROM ({lines}) a WHERE line_code = :line_code"
    values["line_code"] = args["line_code"]
    count, total = execute(store, f"SELECT COUNT(*), COALESCE(SUM(total), 0) FROM ({chosen}) d", values).fetchone()
    if not count:
        raise Refused("invalid_value", field="person", detail="nothing_to_add")
    # Before the new lines stand there: what is owed is worked out by what earlier lists gave.
    only = {"person": args["person"], "only": f"JOIN ({chosen}) n ON n.line_code = o.line_code", "values": values}
    _keep_arrears(store, args, seq, **only)
    _insert(store, (ordered(store, chosen), values), args, seq, addendum=args["number"], published=args["published"])
    if args["published"]:
        execute(store, _TOUCH, {"seq": seq, "list": args["list"]})
    return {"lines": int(count), "total": int(total)}


def digest(store: PeeweeStore, list_id: str) -> str:
    """SHA-256 (hex) over a list's own lines by line code: people, sums, ways of payment. Neither ids, nor marks, holds or addenda."""
    return _content(store, list_id).digest


def is_stale(store: PeeweeStore, list_id: str, month: str, at: str | None) -> bool:
    """Whether the register and the law, asked at that moment (UTC text), give other lines than those that were drawn up."""
    lines, values = select(store, list_id, month, known=arrears.known_on(at))
    unlike = " OR ".join(f"d.{name} IS DISTINCT FROM q.{name}" for name in _DIGESTED)
    compared = f"""SELECT COUNT(*), COUNT(q.id), SUM(CASE WHEN {unlike} THEN 1 ELSE 0 END) FROM ({lines}) d
        LEFT JOIN payment q ON q.list = :list AND q.line_code = d.line_code AND q.addendum = 0"""
    now, found, other = execute(store, compared, values).fetchone()
    drawn = store.run("SELECT COUNT(*) FROM payment WHERE list = ? AND addendum = 0", (list_id,)).fetchone()[0]
    return bool(other or not now == found == drawn)


@contextmanager
def _law() -> Iterator[None]:
    """A month without a law, as the door says it."""
    try:
        yield
    except NotInForceError as error:
        raise Refused("invalid_value", field="month", detail="no_law") from error


def _keep_arrears(
    store: PeeweeStore,
    args: Mapping[str, Any],
    seq: int,
    *,
    person: str | None = None,
    only: str = "",
    values: Mapping[str, Any] | None = None,
) -> None:
    """Puts down what the months before owe, month by month, so that it can be told and is not given twice."""
    given: dict[str, Any] = {**(values or {}), "seq": seq, "addendum": args.get("number", 0)}
    owed = arrears.owed(store, args["list"], args["month"], given, known=arrears.known_on(args.get("at")), person=person)
    if owed:
        given["prefix"] = named("arrears", args["list"], str(seq))[:24]
        execute(store, _KEEP.format(owed=owed, only=only, **dialect(store)), given)


@contextmanager
def _room(store: PeeweeStore) -> Iterator[None]:
    """SQLite's cache as large as a month's list asks for, while it is drawn up: its indexes are written to in many places at once."""
    if not store.sqlite:
        yield
        return
    usual = store.run("PRAGMA cache_size").fetchone()[0]
    store.run(f"PRAGMA cache_size = -{CACHE_KIB}")
    try:
        yield
    finally:
        store.run(f"PRAGMA cache_size = {usual}")


def _insert(
    store: PeeweeStore, lines: tuple[str, dict[str, Any]], args: Mapping[str, Any], seq: int, *, addendum: int, published: bool
) -> None:
    """Puts lines with their numbers on a list, as its lines' ids tell them."""
    rows = (_HELD if store.run(_DEATHS).fetchone() else _FREE).format(lines=lines[0])
    prefix = named("payment", args["list"], str(seq))[:24]
    values = {**lines[1], "prefix": prefix, "seq": seq, "addendum": addendum, "published": published}
    execute(store, _BUILD.format(columns=", ".join(CONTENT), rows=rows, **dialect(store)), values)


def _held_by_hand(store: PeeweeStore, list_id: str) -> list[tuple[str, str]]:
    """Line code and hold of what a person held back; what a death report holds is found anew."""
    rows = store.run("SELECT line_code, hold FROM payment WHERE list = ? AND hold IS NOT NULL ORDER BY line_code", (list_id,)).fetchall()
    return [(line_code, hold) for line_code, hold in rows if json.loads(hold).get("change") is None]


class _Content(Struct, frozen=True):
    """A list's own lines: how many, their sum in đồng, and what `digest` tells."""

    lines: int
    total: int
    digest: str


def _content(store: PeeweeStore, list_id: str) -> _Content:
    """One reading of a list by line code. The database makes a line's values one text, and PostgreSQL the hash: few rows to hand out."""
    values = {"list": list_id, "pattern": "\x1f".join(["%s"] * len(_DIGESTED)), "end": "\n", "after": ""}
    columns = ["CASE WHEN home_delivery THEN 1 ELSE 0 END" if name == "home_delivery" else name for name in _DIGESTED]
    line = f"{dialect(store)['format']}(:pattern, {', '.join(columns)})"
    own = "FROM payment WHERE list = :list AND addendum = 0"
    if not store.sqlite:
        text = f"""string_agg({line} || :end, '' ORDER BY line_code COLLATE "C")"""
        sql = f"SELECT COUNT(*), COALESCE(SUM(total), 0), encode(sha256(convert_to(COALESCE({text}, ''), 'UTF8')), 'hex') {own}"
        count, total, digest_ = execute(store, sql, values).fetchone()
        return _Content(int(count), int(total), digest_)
    hashed, lines, total = hashlib.sha256(), 0, 0
    some = f"SELECT line_code, total, {line} AS line {own} AND line_code > :after ORDER BY line_code LIMIT {_BATCH}"
    # Bytes: as text, Python would decode every line and encode it again.
    sql = f"SELECT COUNT(*), SUM(total), MAX(line_code), CAST(group_concat(line, :end) || :end AS BLOB) FROM ({some}) some"
    while (found := execute(store, sql, values).fetchone())[0]:
        lines, total, values["after"] = lines + found[0], total + found[1], found[2]
        hashed.update(found[3])
    return _Content(lines, total, hashed.hexdigest())
