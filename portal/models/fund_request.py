"""A request for a month's money."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class FundRequest(RegisterModel):
    """A request for a month's money. One row a record; see the catalogue in `sync.kinds`."""

    month = TextField(null=True)
    list = TextField(null=True)
    provider = TextField(null=True)
    number = BigIntegerField(null=True)
    state = TextField(null=True)
    build = BigIntegerField(null=True)
    unpaid_balance = TextField(null=True)
    allowance = BigIntegerField(null=True)
    arrears = BigIntegerField(null=True)
    carried_over = BigIntegerField(null=True)
    funeral = BigIntegerField(null=True)
    listed = BigIntegerField(null=True)
    netted = BigIntegerField(null=True)
    earlier = BigIntegerField(null=True)
    amount = BigIntegerField(null=True)
    communes = TextField(null=True)
    digest = TextField(null=True)
    made_by = TextField(null=True)
    made_at = TextField(null=True)
    approved_by = TextField(null=True)
    approved_at = TextField(null=True)
    returned_why = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("month", "provider", "number"), True),)
