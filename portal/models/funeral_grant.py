"""A grant towards a burial."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class FuneralGrant(RegisterModel):
    """A request for the grant and what became of it. One row a record; see the catalogue in `sync.kinds`."""

    basis = TextField(null=True)
    person = TextField(null=True, index=True)
    commune = TextField(null=True)
    hamlet = TextField(null=True)
    deceased = TextField(null=True)
    birth = TextField(null=True)
    death_date = TextField(null=True)
    burial_day = TextField(null=True)
    document = TextField(null=True)
    stop_document = TextField(null=True)
    organiser = TextField(null=True)
    relation = TextField(null=True)
    organiser_id = TextField(null=True)
    payment_method = TextField(null=True)
    note = TextField(null=True)
    line_code = TextField(null=True)
    grant_code = TextField(null=True)
    rate = BigIntegerField(null=True)
    multiple = BigIntegerField(null=True)
    amount = BigIntegerField(null=True)
    state = TextField(null=True)
    decision = TextField(null=True)
    author = TextField(null=True)
    author_role = TextField(null=True)
    at = TextField(null=True)
    decided_by = TextField(null=True)
    decided_at = TextField(null=True)

    # Derived from the columns above.
    method = TextField(null=True)
    bank = TextField(null=True)
    account = TextField(null=True)
    holder = TextField(null=True)

    # Added later, so that a migrated table has its columns in this order.
    revoked_by = TextField(null=True)
    revoked_at = TextField(null=True)
    revoked_why = TextField(null=True)

    class Meta:
        """A table of its name's words; indexes the pages, the list and the door ask by."""

        table_name = "funeral_grant"
        indexes = (
            (("state", "commune"), False),
            (("commune",), False),
        )
