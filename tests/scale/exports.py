"""The export a person may ask for, as the memory part does."""

from __future__ import annotations

from tests.scale.connection import Connection


def one(line: Connection) -> str:
    """Asks for the month's report as a Word file; says what it was."""
    answer = line.get("/reports/2024-10.docx")
    assert answer.status == 200, (answer.status, answer.text[:300])
    return "the month's report (.docx)"
