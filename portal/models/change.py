"""A change that waits for a decision, or was decided."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, TextField

from portal.models.register import RegisterModel


class Change(RegisterModel):
    """A change that waits for a decision, or was decided. One row a record; see the catalogue in `sync.kinds`."""

    type = TextField(null=True)
    reason = TextField(null=True)
    person = TextField(null=True, index=True)
    new_person = TextField(null=True)
    commune = TextField(null=True)
    effective = TextField(null=True)
    event_date = TextField(null=True)
    evidence = TextField(null=True)
    note = TextField(null=True)
    entitlement = TextField(null=True)
    category = TextField(null=True)
    coefficient10 = BigIntegerField(null=True)
    payee = TextField(null=True)
    payment_method = TextField(null=True)
    target_kind = TextField(null=True)
    target = TextField(null=True, index=True)
    target_set = TextField(null=True)
    state = TextField(null=True)
    question = TextField(null=True)
    decision = TextField(null=True)
    author = TextField(null=True, index=True)
    author_role = TextField(null=True)
    at = TextField(null=True)
    decided_by = TextField(null=True)
    decided_at = TextField(null=True)
    deciders = TextField(null=True)
    appraisal = TextField(null=True)
    child_birth = TextField(null=True)
    without_arrears = BooleanField(null=True)

    class Meta:
        """Indexes the pages and the door ask by."""

        indexes = (
            (("state", "commune"), False),
            (("commune", "id"), False),
        )
