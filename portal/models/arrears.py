"""What a line's arrears are made of, month by month."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Arrears(RegisterModel):
    """A month's part of a line's arrears. One row a record; see the catalogue in `sync.kinds`."""

    list = TextField(null=True)
    line_code = TextField(null=True, index=True)
    addendum = BigIntegerField(null=True)
    month = TextField(null=True)
    person = TextField(null=True, index=True)
    entitlement = TextField(null=True)
    category = TextField(null=True)
    coefficient10 = BigIntegerField(null=True)
    rate = BigIntegerField(null=True)
    due = BigIntegerField(null=True)
    given = BigIntegerField(null=True)
    amount = BigIntegerField(null=True)

    class Meta:
        """Indexes the pages and the next list ask by."""

        indexes = ((("list", "line_code", "addendum", "month"), True),)
