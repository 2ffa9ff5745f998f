"""A right to a monthly sum, between two months."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Entitlement(RegisterModel):
    """A right to a monthly sum, between two months. One row a record; see the catalogue in `sync.kinds`."""

    person = TextField(null=True, index=True)
    commune = TextField(null=True)
    line_code = TextField(null=True)
    category = TextField(null=True)
    coefficient10 = BigIntegerField(null=True)
    payee = TextField(null=True)
    payment_method = TextField(null=True)
    start_month = TextField(null=True)
    stop_month = TextField(null=True)
    suspended_from = TextField(null=True)
    decision_no = TextField(null=True)
    decision_date = TextField(null=True)
    stop_reason = TextField(null=True)
    note = TextField(null=True)

    # Derived from the columns above.
    method = TextField(null=True)
    bank = TextField(null=True)
    account = TextField(null=True)
    holder = TextField(null=True)
    holder_key = TextField(null=True)

    # A catalogue field that came later than the columns above.
    child_birth = TextField(null=True, index=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = (
            (("line_code", "start_month"), True),
            (("commune",), False),
        )
