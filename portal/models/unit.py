"""Units: province, district, commune, hamlet, offices and pay points, as a tree of codes."""

from __future__ import annotations

from peewee import IntegerField, TextField

from portal.db import BaseModel


class Unit(BaseModel):
    """One unit of the tree. `parent` and `serves` are codes of units; dates are YYYY-MM-DD."""

    id = TextField(primary_key=True)
    version = IntegerField(default=0)
    code = TextField(unique=True)
    name = TextField()
    kind = TextField()
    parent = TextField(null=True)
    serves = TextField(null=True)
    valid_from = TextField(null=True)
    valid_to = TextField(null=True)
