"""A person on the list."""

from __future__ import annotations

from peewee import BooleanField, TextField

from portal.models.register import RegisterModel


class Person(RegisterModel):
    """A person on the list. One row a record; see the catalogue in `sync.kinds`."""

    code = TextField(null=True)
    full_name = TextField(null=True)
    birth = TextField(null=True)
    sex = TextField(null=True)
    national_id = TextField(null=True, index=True)
    commune = TextField(null=True)
    hamlet = TextField(null=True)
    address = TextField(null=True)
    phone = TextField(null=True)
    locator = TextField(null=True)
    guardian = TextField(null=True)
    home_delivery = BooleanField(null=True)
    payment_method = TextField(null=True)
    alternate_recipient = TextField(null=True)
    note = TextField(null=True)
    status = TextField(null=True)
    death_date = TextField(null=True)
    closed = TextField(null=True)
    former_communes = TextField(null=True)

    # Derived from the columns above.
    search_key = TextField(null=True)
    sort_key = TextField(null=True)
    method = TextField(null=True)
    holder_key = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = (
            (("code",), True),
            (("commune", "sort_key", "id"), False),
            (("sort_key", "id"), False),
            (("birth",), False),
        )
