"""Units: province, district, commune, hamlet, offices and pay points, as a tree of codes."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class Unit(RegisterModel):
    """One unit of the tree; `parent` and `serves` are codes of units, dates are YYYY-MM-DD.

    A code may come back with another meaning, so that (code, valid_from) is the key (domain.md 1.8).
    """

    code = TextField()
    name = TextField()
    kind = TextField()
    parent = TextField(null=True)
    serves = TextField(null=True)
    valid_from = TextField()
    valid_to = TextField(null=True)
    succeeded_by = TextField(null=True)

    class Meta:
        """Asked for by code."""

        indexes = ((("code", "valid_from"), True),)
