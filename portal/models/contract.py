"""A contract with a payment provider."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, TextField

from portal.models.register import RegisterModel


class Contract(RegisterModel):
    """A contract with a payment provider. One row a record; see the catalogue in `sync.kinds`."""

    provider = TextField(null=True)
    number = TextField(null=True)
    signed_on = TextField(null=True)
    valid_from = TextField(null=True)
    valid_to = TextField(null=True)
    fee100 = BigIntegerField(null=True)
    note = TextField(null=True)
    withdrawn = BooleanField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("provider", "number"), True),)
