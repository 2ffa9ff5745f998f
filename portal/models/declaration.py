"""A commune's word that its month is complete."""

from __future__ import annotations

from peewee import BooleanField, TextField

from portal.models.register import RegisterModel


class Declaration(RegisterModel):
    """A commune's word that its month is complete. One row a record; see the catalogue in `sync.kinds`."""

    commune = TextField(null=True)
    month = TextField(null=True)
    no_change = BooleanField(null=True)
    note = TextField(null=True)
    withdrawn = BooleanField(null=True)
    declared_by = TextField(null=True)
    declared_at = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("month", "commune"), True),)
