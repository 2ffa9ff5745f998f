"""Units that took the place of others."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Succession(RegisterModel):
    """What ended and began on a day, as carried out. One row a record; see the catalogue in `sync.kinds`."""

    title = TextField(null=True)
    basis = TextField(null=True)
    valid_from = TextField(null=True)
    plan = TextField(null=True)
    until = TextField(null=True)
    people = BigIntegerField(null=True)
