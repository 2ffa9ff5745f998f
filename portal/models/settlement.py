"""A month's final account."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class Settlement(RegisterModel):
    """A month's final account. One row a record; see the catalogue in `sync.kinds`."""

    month = TextField(null=True)
    list = TextField(null=True)
    state = TextField(null=True)
    figures = TextField(null=True)
    digest = TextField(null=True)
    signed_by = TextField(null=True)
    signed_at = TextField(null=True)
    closed_by = TextField(null=True)
    closed_at = TextField(null=True)
    reopened_why = TextField(null=True)
    funds = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("month",), True),)
