"""The set-based step of a succession: people, their rights and what is open about them go to the units that take over.

It is a function of the register and its arguments alone, so that playing the journal again moves the same people to the same place.
Lists, payments, declarations, schedules and settlements that were drawn up keep the codes they were made with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from portal.law import months
from portal.list_lines import dialect, execute
from sync.ids import named
from sync.journal import canonical

if TYPE_CHECKING:
    from portal.store import PeeweeStore

Place = tuple[str, str | None]
"""A commune's code and a hamlet's name."""

_REMEMBER = """
INSERT INTO residence (id, version, person, commune, hamlet, until, succession)
SELECT :prefix || {hex}, :seq, person, commune, hamlet, :until, :succession FROM (
  SELECT row_number() OVER (ORDER BY id {C}) AS n, id AS person, commune, hamlet FROM person WHERE commune IN ({old})) numbered
"""
_MOVED = "SELECT person FROM residence WHERE succession = :succession"
_OF_PEOPLE = ("entitlement", "recovery", "funeral_grant")
_WITH_THEM = f"""
UPDATE {{table}} SET version = :seq, commune = (SELECT p.commune FROM person p WHERE p.id = {{table}}.person) WHERE person IN ({_MOVED})
"""
_CHANGES = f"""
UPDATE change SET version = :seq, commune = (SELECT p.commune FROM person p WHERE p.id = change.person)
WHERE state IN ('proposed', 'returned') AND person IN ({_MOVED})
"""
_CONFLICTS = "UPDATE conflict SET version = :seq, commune = {commune} WHERE state = 'open' AND commune IN ({old})"
_UNLISTED = "UPDATE funeral_grant SET version = :seq, commune = {commune} WHERE person IS NULL AND commune IN ({old})"
_TOUCH_PEOPLE = """
INSERT INTO touch (seq, kind, record, fields, unit, left_unit)
SELECT :seq, 'person', p.id, '', p.commune, CASE WHEN r.commune <> p.commune THEN r.commune END
FROM residence r JOIN person p ON p.id = r.person WHERE r.succession = :succession ORDER BY p.id {C}
"""
_TOUCH = """
INSERT INTO touch (seq, kind, record, fields, unit, left_unit)
SELECT :seq, :kind, id, '', commune, NULL FROM {table} WHERE version = :seq ORDER BY id {C}
"""


def succeed(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Moves everybody of the communes that end.

    Args:
        store: within the door's transaction.
        args: `succession` (id), `valid_from` (date), `moves`: former commune → {"to": commune, "hamlets": {name: [commune, name]}}.
        seq: the journal entry's number.

    Returns:
        {"people": how many moved, "until": the last month whose list stands by the former units}.
    """
    moves: Mapping[str, Mapping[str, Any]] = args["moves"]
    until = _last_month(store, args["valid_from"])
    if not moves:
        return {"people": 0, "until": until}
    values: dict[str, Any] = {"seq": seq, "succession": args["succession"], "until": until}
    values["prefix"] = named("residence", args["succession"], str(seq))[:24]
    old = _names("old", sorted(moves), values)
    execute(store, _REMEMBER.format(old=old, **dialect(store)), values)
    commune, hamlet = _communes(moves, values), _hamlets(moves, values)
    execute(store, f"UPDATE person SET version = :seq, commune = {commune}, hamlet = {hamlet} WHERE commune IN ({old})", values)
    for table in _OF_PEOPLE:
        execute(store, _WITH_THEM.format(table=table), values)
    execute(store, _CHANGES, values)
    plain = {code: {**move, "hamlets": {}} for code, move in moves.items()}
    execute(store, _CONFLICTS.format(commune=_communes(plain, values), old=old), values)
    execute(store, _UNLISTED.format(commune=_communes(plain, values), old=old), values)
    _rewrite(store, moves, seq)
    _move_sessions(store, moves, until, seq)
    execute(store, _TOUCH_PEOPLE.format(**dialect(store)), values)
    for kind in ("change", "conflict", "pay_session"):
        execute(store, _TOUCH.format(table=kind, **dialect(store)), {**values, "kind": kind})
    (people,) = execute(store, "SELECT COUNT(*) FROM residence WHERE succession = :succession", values).fetchone()
    return {"people": int(people), "until": until}


def placed(moves: Mapping[str, Mapping[str, Any]], commune: str | None, hamlet: str | None) -> Place:
    """Where somebody of a commune and hamlet belongs afterwards."""
    move = moves.get(commune or "")
    if move is None:
        return commune or "", hamlet
    found = move["hamlets"].get(hamlet or "")
    return (str(found[0]), str(found[1])) if found else (str(move["to"]), hamlet)


def _last_month(store: PeeweeStore, valid_from: str) -> str:
    """A list that was frozen before stands by the units it was drawn up with, whatever its month."""
    row = store.run("SELECT MAX(month) FROM payment_list WHERE state <> 'draft'").fetchone()
    return max(months.add(valid_from[:7], -1), str(row[0] or ""))


def _names(name: str, texts: list[str], values: dict[str, Any]) -> str:
    """Adds values under numbered names; returns the names for an IN."""
    given = {f"{name}{number}": text for number, text in enumerate(texts)}
    values.update(given)
    return ", ".join(f":{each}" for each in given)


def _communes(moves: Mapping[str, Mapping[str, Any]], values: dict[str, Any]) -> str:
    """SQL of the new commune: that of the hamlet where a commune was split, else the one it went to."""

    def one(code: str, move: Mapping[str, Any]) -> str:
        apart = {hamlet: place[0] for hamlet, place in move["hamlets"].items() if place[0] != move["to"]}
        default = _names(f"to{code}_".replace("-", "_").lower(), [move["to"]], values)
        return _case(f"apart{code}_", "hamlet", apart, default, values)

    return _by_commune(moves, one, "commune", values)


def _hamlets(moves: Mapping[str, Mapping[str, Any]], values: dict[str, Any]) -> str:
    """SQL of the new name of the hamlet."""

    def one(code: str, move: Mapping[str, Any]) -> str:
        renamed = {hamlet: place[1] for hamlet, place in move["hamlets"].items() if place[1] != hamlet}
        return _case(f"hamlet{code}_", "hamlet", renamed, "hamlet", values)

    return _by_commune(moves, one, "hamlet", values)


def _by_commune(
    moves: Mapping[str, Mapping[str, Any]], one: Callable[[str, Mapping[str, Any]], str], default: str, values: dict[str, Any]
) -> str:
    whens = []
    for number, code in enumerate(sorted(moves)):
        values[f"of{number}"] = code
        whens.append(f"WHEN :of{number} THEN {one(code, moves[code])}")
    return f"CASE commune {' '.join(whens)} ELSE {default} END"


def _case(name: str, column: str, found: Mapping[str, str], default: str, values: dict[str, Any]) -> str:
    if not found:
        return default
    name = name.replace("-", "_").lower()
    whens = []
    for number, (before, after) in enumerate(sorted(found.items())):
        values |= {f"{name}a{number}": before, f"{name}b{number}": after}
        whens.append(f"WHEN :{name}a{number} THEN :{name}b{number}")
    return f"CASE {column} {' '.join(whens)} ELSE {default} END"


def _rewrite(store: PeeweeStore, moves: Mapping[str, Mapping[str, Any]], seq: int) -> None:
    """Undecided changes that name a place in what they propose: people who would be new, and places that were to be corrected."""
    rows = store.run(
        "SELECT id, commune, person, new_person, target_set FROM change WHERE state IN ('proposed', 'returned') "
        "AND (new_person IS NOT NULL OR target_set LIKE ? OR target_set LIKE ?) ORDER BY id",
        ('%"commune"%', '%"hamlet"%'),
    ).fetchall()
    for record, commune, person, new_person, target_set in rows:
        new, wanted = json.loads(new_person or "null"), json.loads(target_set or "null")
        if new and new.get("commune") in moves:
            place = placed(moves, new["commune"], new.get("hamlet"))
            new |= {name: value for name, value in zip(("commune", "hamlet"), place, strict=True) if value}
        if wanted:
            wanted = _corrected(store, moves, record, wanted)
        at = new["commune"] if new and not person else commune
        encoded = (at, canonical(new) if new else None, canonical(wanted) if wanted else None)
        if encoded != (commune, new_person, target_set):
            store.run("UPDATE change SET commune = ?, new_person = ?, target_set = ?, version = ? WHERE id = ?", (*encoded, seq, record))


def _corrected(store: PeeweeStore, moves: Mapping[str, Mapping[str, Any]], record: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Proposed values of commune and hamlet in the words of the new units, on both sides."""
    row = store.run(
        "SELECT r.commune, r.hamlet FROM change c JOIN residence r ON r.person = c.person WHERE c.id = ? ORDER BY r.until DESC, r.id DESC LIMIT 1",
        (record,),
    ).fetchone()
    stood: Place = (row[0], row[1]) if row else ("", None)
    found = dict(wanted)
    for side in (0, 1):
        commune = wanted["commune"][side] if "commune" in wanted else stood[0]
        hamlet = wanted["hamlet"][side] if "hamlet" in wanted else stood[1]
        if commune in moves:
            place = dict(zip(("commune", "hamlet"), placed(moves, commune, hamlet), strict=True))
            for name in {"commune", "hamlet"} & wanted.keys():
                found[name] = [place[name] if at == side else value for at, value in enumerate(found[name])]
    return found


def _move_sessions(store: PeeweeStore, moves: Mapping[str, Mapping[str, Any]], until: str, seq: int) -> None:
    """Sessions arranged for months whose list is not drawn up yet; one for a whole commune is for its former hamlets from now on."""
    rows = store.run("SELECT id, commune, hamlets FROM pay_session WHERE month > ? ORDER BY id", (until,)).fetchall()
    for record, commune, hamlets in rows:
        if commune not in moves:
            continue
        places = [placed(moves, commune, hamlet) for hamlet in json.loads(hamlets or "[]") or sorted(moves[commune]["hamlets"])]
        target = places[0][0] if places else moves[commune]["to"]
        names = [hamlet for code, hamlet in places if code == target]
        store.run(
            "UPDATE pay_session SET commune = ?, hamlets = ?, version = ? WHERE id = ?",
            (target, canonical(names) if names else None, seq, record),
        )
