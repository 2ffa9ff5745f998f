"""Commune workbooks that went out: what uploaded files have asked of records since, so that the same file again asks for nothing twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from portal.models.journal import Journal

_AT_ONCE = 500
_BY_UPLOAD = "upload:"


def asked_since(records: Iterable[str], head: int) -> dict[tuple[str, str], list[Any]]:
    """(record, field) → the values that uploaded files wanted there in entries after number `head` that were not refused, oldest first."""
    found: dict[tuple[str, str], list[Any]] = {}
    ids = sorted(set(records))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        rows: Any = (
            Journal.select(Journal.record, Journal.body)
            .where(Journal.record.in_(some), Journal.seq > head, Journal.device.startswith(_BY_UPLOAD))
            .order_by(Journal.seq)
            .tuples()
        )
        for record, body in rows:
            said = msgspec.json.decode(body)
            if said["result"]["status"] == "accepted":
                for name, (_, wanted) in said["edit"]["set"].items():
                    found.setdefault((record, name), []).append(wanted)
    return found
