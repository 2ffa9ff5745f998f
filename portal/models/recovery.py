"""What was paid without a right, and how much of it has come back."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Recovery(RegisterModel):
    """What one line was overpaid. One row a record; see the catalogue in `sync.kinds`."""

    person = TextField(null=True, index=True)
    commune = TextField(null=True)
    line_code = TextField(null=True)
    full_name = TextField(null=True)
    items = TextField(null=True)
    overpaid = BigIntegerField(null=True)
    holder = TextField(null=True)
    state = TextField(null=True)
    repaid = BigIntegerField(null=True)
    refunded = BigIntegerField(null=True)
    handed_over = BigIntegerField(null=True)
    written_off = BigIntegerField(null=True)
    corrections = TextField(null=True)
    found_at = TextField(null=True)
    closed_by = TextField(null=True)
    closed_at = TextField(null=True)
    closed_why = TextField(null=True)

    # Derived from the columns above.
    search_key = TextField(null=True)
    sort_key = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = (
            (("person", "line_code"), True),
            (("state", "sort_key", "id"), False),
        )
