"""How somebody was paid, by month."""

from __future__ import annotations

from peewee import BooleanField, TextField

from portal.models.register import RegisterModel


class PaymentMethod(RegisterModel):
    """A change of how somebody is paid. One row a record; see the catalogue in `sync.kinds`."""

    person = TextField(null=True, index=True)
    entitlement = TextField(null=True)
    commune = TextField(null=True)
    from_month = TextField(null=True)
    payment = TextField(null=True, index=True)
    before = TextField(null=True)
    after = TextField(null=True)
    reason = TextField(null=True)
    change = TextField(null=True)
    by = TextField(null=True)
    approved_by = TextField(null=True)
    at = TextField(null=True)
    why = TextField(null=True)
    withdrawn = BooleanField(null=True)
