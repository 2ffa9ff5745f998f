"""What somebody complained of, and the reply."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class Grievance(RegisterModel):
    """What somebody complained of, and the reply. One row a record; see the catalogue in `sync.kinds`."""

    person = TextField(null=True, index=True)
    commune = TextField(null=True)
    text = TextField(null=True)
    reply = TextField(null=True)
    state = TextField(null=True)
    author = TextField(null=True)
