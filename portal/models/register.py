"""What every table of the register shares: one row a record, changed only by the door."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.db import BaseModel


class RegisterModel(BaseModel):
    """A record: its id (a UUID as text) and the number of the journal entry that last changed it.

    Every catalogue field of the kind is a column: months and dates as ISO text, money as whole đồng, compound values as
    canonical JSON text. Columns beyond the catalogue are derived from it by `portal.register` and say so.
    """

    id = TextField(primary_key=True)
    version = BigIntegerField()
