"""A paragraph of an office's reports."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class ReportText(RegisterModel):
    """The prose of a section of an office's reports. One row a record; see the catalogue in `sync.kinds`."""

    unit = TextField(null=True)
    block = TextField(null=True)
    text = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("unit", "block"), True),)
