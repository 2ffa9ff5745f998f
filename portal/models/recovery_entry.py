"""A line of a recovery's ledger."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class RecoveryEntry(RegisterModel):
    """A letter, a reply, or money that moved. One row a record; see the catalogue in `sync.kinds`."""

    recovery = TextField(null=True, index=True)
    commune = TextField(null=True)
    type = TextField(null=True)
    day = TextField(null=True)
    amount = BigIntegerField(null=True)
    number = TextField(null=True)
    party = TextField(null=True)
    note = TextField(null=True)
    state = TextField(null=True)
    void_why = TextField(null=True)
    author = TextField(null=True)
    author_role = TextField(null=True)
    at = TextField(null=True)
    confirmed_by = TextField(null=True)

    class Meta:
        """A table of its name's words; an index for what waits."""

        table_name = "recovery_entry"
        indexes = ((("state", "commune"), False),)
