"""The exports a person may ask for, as the memory part does: the first that is there."""

from __future__ import annotations

from tests.scale.connection import Connection

_EXPORTS = (
    ("the month's report (.docx)", "/reports/2024-10.docx"),
    ("the month's list (.xlsx)", "/payment-lists/2024-10.xlsx"),
)


def one(line: Connection) -> str:
    """Asks for an export; which it was, or "" where the portal has none yet."""
    for name, path in _EXPORTS:
        answer = line.get(path)
        if answer.status == 200:
            return name
        assert answer.status in (404, 405), (path, answer.status, answer.text[:300])
    return ""
