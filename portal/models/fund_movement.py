"""Money between the budget and a provider."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, TextField

from portal.models.register import RegisterModel


class FundMovement(RegisterModel):
    """Money between the budget and a provider. One row a record; see the catalogue in `sync.kinds`."""

    provider = TextField(null=True)
    month = TextField(null=True, index=True)
    type = TextField(null=True)
    cause = TextField(null=True)
    request = TextField(null=True, index=True)
    amount = BigIntegerField(null=True)
    number = TextField(null=True)
    day = TextField(null=True)
    note = TextField(null=True)
    confirmed = BooleanField(null=True)
    void = BooleanField(null=True)
    recorded_by = TextField(null=True)
    recorded_at = TextField(null=True)
    confirmed_by = TextField(null=True)
    confirmed_at = TextField(null=True)
    void_why = TextField(null=True)
