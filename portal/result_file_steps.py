"""The set-based step that books a file of results: marks for many lines at once, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from portal.bank_file_steps import within
from portal.list_lines import dialect, execute
from sync.edit import Refused
from sync.journal import canonical
from sync.line_sets import unpacked

if TYPE_CHECKING:
    from portal.store import PeeweeStore

_IDS = {True: "SELECT value FROM json_each(:ids)", False: "SELECT json_array_elements_text(CAST(:ids AS json))"}
_FREE = """
FROM payment p WHERE p.id IN ({ids}) AND p.list = :list AND p.published = :yes AND p.mark IS NULL AND p.hold IS NULL {within}
"""
_MARK = "UPDATE payment SET mark = :mark, state = :state, version = :seq WHERE id IN ({ids})"
# Lines whose right does not stand as it was listed: a decision since may have made some of the money undue (`sync.overpaid`).
_MOVED = """
SELECT p.person, p.line_code FROM payment p JOIN entitlement e ON e.id = p.entitlement
WHERE p.id IN ({ids}) AND (e.stop_month <= p.month OR e.coefficient10 <> p.coefficient10 OR e.category <> p.category OR p.addendum > 0
  OR e.start_month > CASE WHEN substr(p.carried_from, 1, 2) = '["' THEN substr(p.carried_from, 3, 7) ELSE p.month END)
ORDER BY p.id {C}
"""
_TOUCH = """
INSERT INTO touch (seq, kind, record, fields, unit, left_unit)
SELECT :seq, 'payment', id, 'mark', commune, NULL FROM payment WHERE list = :list AND version = :seq ORDER BY id
"""


def book(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Marks lines that nobody has marked or held back.

    Args:
        store: within the door's transaction.
        args: `list`, `booked` ([{"mark", "lines"}], see `sync.kinds.result_file`), `communes` (None: all).
        seq: the journal entry's number.

    Returns:
        {"lines", "paid", "amount": đồng paid, "moved": [person, line code] of lines paid whose right has changed since they were listed}.

    Raises:
        Refused: `changed` where one of the lines is not free any more, stands in two groups, or is on no such list.
    """
    lines = paid = amount = 0
    moved: list[list[str]] = []
    for each in args["booked"]:
        ids = unpacked(each["lines"])
        values: dict[str, Any] = {"ids": json.dumps(ids), "list": args["list"], "yes": True, "seq": seq}
        spelt = {"ids": _IDS[store.sqlite], "within": within(args["communes"], values)}
        count, total = execute(store, f"SELECT COUNT(*), COALESCE(SUM(p.total), 0) {_FREE.format(**spelt)}", values).fetchone()
        if int(count) != len(ids):
            raise Refused("forbidden", field="booked", detail="changed")
        mark = each["mark"]
        execute(store, _MARK.format(ids=_IDS[store.sqlite]), {**values, "mark": canonical(mark), "state": mark["state"]})
        lines += int(count)
        if mark["state"] == "paid":
            paid, amount = paid + int(count), amount + int(total)
            moved += [list(row) for row in execute(store, _MOVED.format(ids=_IDS[store.sqlite], **dialect(store)), values).fetchall()]
    execute(store, _TOUCH, {"seq": seq, "list": args["list"]})
    return {"lines": lines, "paid": paid, "amount": amount, "moved": moved}
