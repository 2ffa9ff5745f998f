"""The set-based steps of a payment list: build, freeze, post. Each runs inside the door, as SQL over whole sets.

Each is a function of the register and its arguments alone, so that playing the journal again makes the same list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from portal import arrears, list_checks
from portal.law.errors import NotInForceError
from portal.list_lines import CONTENT, dialect, execute, select
from sync.edit import Refused
from sync.ids import named

if TYPE_CHECKING:
    from portal.store import PeeweeStore

_DIGESTED = tuple(name for name in CONTENT if name not in ("entitlement", "sort_key"))
_BATCH = 1000
"""Lines read at a time for the digest: memory stays the same whatever the size of the list."""

# The undecided death report of a person, if any: what it holds back. A funeral grant (no entitlement) is paid because of a death.
_BUILD = """
INSERT INTO payment (id, version, list, month, {columns}, addendum, published, mark, hold, state)
SELECT :prefix || {hex}, :seq, :list, :month, {columns}, :addendum, :published, NULL, hold,
  CASE WHEN hold IS NULL THEN 'planned' ELSE 'withheld' END
FROM (
  SELECT row_number() OVER (ORDER BY d.commune {C}, COALESCE(d.hamlet, '') {C}, COALESCE(d.sort_key, '') {C}, d.line_code {C}) AS n, d.*,
    CASE WHEN c.id IS NOT NULL THEN
      '{{"change":"' || c.id || '","due":' || CASE WHEN :month < c.effective THEN 'true' ELSE 'false' END || ',"reason":"CHET"}}' END AS hold
  FROM ({lines}) d
  LEFT JOIN (
    SELECT person, MIN(id) AS id FROM change WHERE reason = 'CHET' AND state IN ('proposed', 'returned') AND person IS NOT NULL GROUP BY person
  ) r ON r.person = d.person AND d.entitlement IS NOT NULL
  LEFT JOIN change c ON c.id = r.id
) numbered
"""
_KEEP = f"""
INSERT INTO arrears (id, version, list, addendum, {", ".join(arrears.PARTS)})
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
    kept = _held_by_hand(store, args["list"])
    for table in ("payment", "arrears"):
        store.run(f"DELETE FROM {table} WHERE list = ?", (args["list"],))
    _keep_arrears(store, args, seq)
    lines = _selected(store, args, stored=True)
    _insert(store, lines, args, seq, addendum=0, published=False)
    for line_code, hold in kept:
        store.run(
            "UPDATE payment SET hold = ?, state = 'withheld' WHERE list = ? AND line_code = ? AND hold IS NULL", (hold, args["list"], line_code)
        )
    count, total = store.run("SELECT COUNT(*), COALESCE(SUM(total), 0) FROM payment WHERE list = ?", (args["list"],)).fetchone()
    return {"lines": int(count), "total": int(total), "digest": digest(store, args["list"])}


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
    lines, values = _selected(store, args, person=args["person"])
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
    _insert(store, (chosen, values), args, seq, addendum=args["number"], published=args["published"])
    if args["published"]:
        execute(store, _TOUCH, {"seq": seq, "list": args["list"]})
    return {"lines": int(count), "total": int(total)}


def digest(store: PeeweeStore, list_id: str) -> str:
    """SHA-256 (hex) over a list's own lines in their order: people, sums, ways of payment. Neither ids, nor marks, holds or addenda."""
    hashed = hashlib.sha256()
    for batch in _batches(store, list_id):
        hashed.update("".join(f"{text}\n" for _, text in batch).encode())
    return hashed.hexdigest()


def is_stale(store: PeeweeStore, list_id: str, month: str, at: str | None) -> bool:
    """Whether the register and the law, asked at that moment (UTC text), give other lines than those that were drawn up."""
    lines, values = select(store, list_id, month, known=arrears.known_on(at))
    columns = ", ".join(_DIGESTED)
    drawn = f"SELECT {columns} FROM payment WHERE list = :list AND addendum = 0"
    counted = f"SELECT (SELECT COUNT(*) FROM ({lines}) d) <> (SELECT COUNT(*) FROM ({drawn}) p)"
    if execute(store, counted, values).fetchone()[0]:
        return True
    return execute(store, f"SELECT {columns} FROM ({lines}) d EXCEPT {drawn} LIMIT 1", values).fetchone() is not None


def _selected(store: PeeweeStore, args: Mapping[str, Any], person: str | None = None, *, stored: bool = False) -> tuple[str, dict[str, Any]]:
    try:
        return select(store, args["list"], args["month"], known=arrears.known_on(args.get("at")), person=person, stored=stored)
    except NotInForceError as error:
        raise Refused("invalid_value", field="month", detail="no_law") from error


def _keep_arrears(
    store: PeeweeStore, args: Mapping[str, Any], seq: int, *, person: str | None = None, only: str = "", values: Mapping[str, Any] | None = None
) -> None:
    """Puts down what the months before owe, month by month, so that it can be told and is not given twice."""
    given: dict[str, Any] = {**(values or {}), "seq": seq, "addendum": args.get("number", 0)}
    owed = arrears.owed(store, args["list"], args["month"], given, known=arrears.known_on(args.get("at")), person=person)
    if owed:
        given["prefix"] = named("arrears", args["list"], str(seq))[:24]
        execute(store, _KEEP.format(owed=owed, only=only, **dialect(store)), given)


def _insert(
    store: PeeweeStore, lines: tuple[str, dict[str, Any]], args: Mapping[str, Any], seq: int, *, addendum: int, published: bool
) -> None:
    sql = _BUILD.format(columns=", ".join(CONTENT), lines=lines[0], **dialect(store))
    prefix = named("payment", args["list"], str(seq))[:24]
    execute(store, sql, {**lines[1], "prefix": prefix, "seq": seq, "addendum": addendum, "published": published})


def _held_by_hand(store: PeeweeStore, list_id: str) -> list[tuple[str, str]]:
    """Line code and hold of what a person held back; what a death report holds is found anew."""
    rows = store.run("SELECT line_code, hold FROM payment WHERE list = ? AND hold IS NOT NULL ORDER BY line_code", (list_id,)).fetchall()
    return [(line_code, hold) for line_code, hold in rows if json.loads(hold).get("change") is None]


def _batches(store: PeeweeStore, list_id: str) -> Iterator[list[tuple[str, str]]]:
    """Id and text of each line, some at a time. The database joins a line's values into one text: twice as fast as to hand them out."""
    first = store.run("SELECT id FROM payment WHERE list = ? AND addendum = 0 LIMIT 1", (list_id,)).fetchone()
    if first is None:
        return
    texts = " || :sep || ".join(_as_text(name) for name in _DIGESTED)
    sql = f"SELECT id, {texts} FROM payment WHERE id > :after AND id <= :end AND addendum = 0 ORDER BY id LIMIT {_BATCH}"
    prefix = first[0][:24]
    values = {"sep": "\x1f", "after": f"{prefix}{'0' * 12}", "end": f"{prefix}{'f' * 12}"}
    while rows := execute(store, sql, values).fetchall():
        yield rows
        values["after"] = rows[-1][0]


def _as_text(name: str) -> str:
    if name == "home_delivery":
        return "CASE WHEN home_delivery THEN '1' ELSE '0' END"
    return f"COALESCE(CAST({name} AS TEXT), '')"
