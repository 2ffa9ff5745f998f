"""What was found out about someone who did not collect."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class Followup(RegisterModel):
    """What was found out about someone who did not collect. One row a record; see the catalogue in `sync.kinds`."""

    person = TextField(null=True, index=True)
    commune = TextField(null=True)
    month = TextField(null=True)
    finding = TextField(null=True)
    outcome = TextField(null=True)
    state = TextField(null=True)
    author = TextField(null=True)
    reason = TextField(null=True)
