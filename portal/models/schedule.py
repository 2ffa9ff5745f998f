"""A month's schedule and how often it was posted."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Schedule(RegisterModel):
    """A month's schedule and how often it was posted. One row a record; see the catalogue in `sync.kinds`."""

    month = TextField(null=True)
    revision = BigIntegerField(null=True)
    posted_at = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("month",), True),)
