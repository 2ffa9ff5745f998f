"""Where people belonged before their units were succeeded by others."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class Residence(RegisterModel):
    """A person's commune and hamlet until a month, included. One row a record; see the catalogue in `sync.kinds`."""

    person = TextField(null=True, index=True)
    commune = TextField(null=True)
    hamlet = TextField(null=True)
    until = TextField(null=True)
    succession = TextField(null=True, index=True)
