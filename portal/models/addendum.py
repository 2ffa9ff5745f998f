"""A numbered addendum to a frozen list."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Addendum(RegisterModel):
    """A numbered addendum to a frozen list. One row a record; see the catalogue in `sync.kinds`."""

    list = TextField(null=True)
    month = TextField(null=True)
    number = BigIntegerField(null=True)
    type = TextField(null=True)
    payment = TextField(null=True, index=True)
    person = TextField(null=True)
    commune = TextField(null=True)
    reason = TextField(null=True)
    change = TextField(null=True)
    amount = BigIntegerField(null=True)
    by = TextField(null=True)
    at = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("list", "number"), True),)
