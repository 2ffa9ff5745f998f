"""What a booklet needs beside the catalogue to ask and to show in words: reasons, names of places and of those who pay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal import session_plan, unit
from portal.law import reasons
from portal.models.account import Account
from portal.schedule import Communes

_FOR_PEOPLE: tuple[reasons.Kind, ...] = ("decrease", "suspension")
"""Kinds of change that name a person and a date and nothing else, so that they can be reported without the register at hand."""


def lists(account: Account, within: Communes) -> dict[str, Any]:
    """{me, changes, uncollected, units, hamlets, staff} in the communes of the account (`within`; None: all).

    `changes`, `uncollected`: [{code, label, label_en}]; `units`: code → name of communes and pay points; `hamlets`: commune →
    names; `staff`: account → name of the agents who pay there.
    """
    communes = [each for each in unit.communes() if within is None or each.code in within]
    former = [each for each in unit.former_communes() if within is None or each.code in within]
    points = [point for commune in communes for point in unit.pay_points(commune.code)]
    staff = {each.name: each.full_name for commune in communes for each in session_plan.agents(commune.code)}
    return {
        "me": {"account": account.name, "name": account.full_name, "role": account.role, "unit": unit.name_of(account.unit)},
        "changes": _reasons(_FOR_PEOPLE),
        "uncollected": _reasons(("uncollected",)),
        "units": {each.code: each.name for each in (*former, *communes, *points)},
        "hamlets": {commune.code: [each.name for each in unit.hamlets(commune.code)] for commune in communes},
        "staff": staff,
    }


def _reasons(kinds: Iterable[reasons.Kind]) -> list[dict[str, str]]:
    return [
        {"code": each.code, "label": each.label, "label_en": each.label_en, "event": each.event}
        for kind in kinds
        for each in reasons.of_kind(kind).values()
    ]
