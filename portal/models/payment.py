"""A line of a month's list."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, TextField

from portal.models.register import RegisterModel


class Payment(RegisterModel):
    """A line of a month's list. One row a record; see the catalogue in `sync.kinds`."""

    list = TextField(null=True)
    month = TextField(null=True)
    person = TextField(null=True, index=True)
    entitlement = TextField(null=True, index=True)
    line_code = TextField(null=True)
    commune = TextField(null=True)
    hamlet = TextField(null=True)
    full_name = TextField(null=True)
    category = TextField(null=True)
    coefficient10 = BigIntegerField(null=True)
    rate = BigIntegerField(null=True)
    allowance = BigIntegerField(null=True)
    arrears = BigIntegerField(null=True)
    carried_over = BigIntegerField(null=True)
    carried_from = TextField(null=True)
    funeral = BigIntegerField(null=True)
    total = BigIntegerField(null=True)
    method = TextField(null=True)
    bank = TextField(null=True)
    account = TextField(null=True)
    holder = TextField(null=True)
    recipient = TextField(null=True)
    home_delivery = BooleanField(null=True)
    addendum = BigIntegerField(null=True)
    published = BooleanField(null=True)
    mark = TextField(null=True)
    hold = TextField(null=True)

    # Derived from the columns above.
    state = TextField(null=True)
    sort_key = TextField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = (
            (("list", "line_code", "addendum"), True),
            (("list", "commune", "hamlet", "sort_key", "id"), False),
            (("month", "commune", "state"), False),
        )


Payment.add_index(Payment.index(Payment.list, name="payment_unpaid", where=SQL("state <> 'paid'")))
