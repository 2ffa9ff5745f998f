"""A day off, or a day worked instead, that differs from the public calendar."""

from __future__ import annotations

from peewee import BooleanField, TextField

from portal.models.register import RegisterModel


class Holiday(RegisterModel):
    """A day off, or a day worked instead. One row a record; see the catalogue in `sync.kinds`."""

    day = TextField(null=True)
    type = TextField(null=True)
    name = TextField(null=True)
    document = TextField(null=True)
    withdrawn = BooleanField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("day",), True),)
