"""Two values for one field, or a fact that clashes with a rule."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Conflict(RegisterModel):
    """Two values for one field, or a fact that clashes with a rule. One row a record; see the catalogue in `sync.kinds`."""

    type = TextField(null=True)
    about_kind = TextField(null=True)
    about = TextField(null=True, index=True)
    field = TextField(null=True)
    seen = TextField(null=True)
    current = TextField(null=True)
    wanted = TextField(null=True)
    commune = TextField(null=True)
    author = TextField(null=True, index=True)
    author_role = TextField(null=True)
    at = TextField(null=True)
    why = TextField(null=True)
    entry = BigIntegerField(null=True)
    deciders = TextField(null=True)
    state = TextField(null=True)
    resolution = TextField(null=True)
    resolved_by = TextField(null=True)
    resolved_at = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = ((("state", "commune"), False),)
