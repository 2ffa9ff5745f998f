"""The days of the payment cycle from a month on."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, TextField

from portal.models.register import RegisterModel


class CycleRule(RegisterModel):
    """The days of the payment cycle from a month on. One row a record; see the catalogue in `sync.kinds`."""

    valid_from = TextField(null=True)
    declare_by = BigIntegerField(null=True)
    list_by = BigIntegerField(null=True)
    pay_from = BigIntegerField(null=True)
    pay_to = BigIntegerField(null=True)
    result_by = BigIntegerField(null=True)
    settle_by = BigIntegerField(null=True)
    unpaid_balance = TextField(null=True)
    document = TextField(null=True)
    withdrawn = BooleanField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("valid_from",), True),)
