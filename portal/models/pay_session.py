"""A session at which money is handed out."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class PaySession(RegisterModel):
    """A session at which money is handed out. One row a record; see the catalogue in `sync.kinds`."""

    month = TextField(null=True)
    commune = TextField(null=True)
    pay_point = TextField(null=True)
    hamlets = TextField(null=True)
    day = TextField(null=True)
    starts = TextField(null=True)
    ends = TextField(null=True)
    place = TextField(null=True)
    agent = TextField(null=True, index=True)
    note = TextField(null=True)
    state = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("month", "commune"), False),)
