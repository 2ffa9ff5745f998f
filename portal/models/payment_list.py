"""A month's list."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class PaymentList(RegisterModel):
    """A month's list. One row a record; see the catalogue in `sync.kinds`."""

    month = TextField(null=True)
    state = TextField(null=True)
    build = BigIntegerField(null=True)
    approval = TextField(null=True)
    lines = BigIntegerField(null=True)
    total = BigIntegerField(null=True)
    digest = TextField(null=True)
    built_by = TextField(null=True)
    built_at = TextField(null=True)
    frozen_by = TextField(null=True)
    frozen_at = TextField(null=True)
    approved_by = TextField(null=True)
    approved_at = TextField(null=True)
    posted_by = TextField(null=True)
    posted_at = TextField(null=True)
    returned_why = TextField(null=True)
    built_in = BigIntegerField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("month",), True),)
