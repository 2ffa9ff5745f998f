"""Figures of the month a taken-over list begins with."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.models.register import RegisterModel


class Opening(RegisterModel):
    """Who had gone before the first list, in numbers. One row a record; see the catalogue in `sync.kinds`."""

    month = TextField(null=True, unique=True)
    decreases = BigIntegerField(null=True)
    deaths = BigIntegerField(null=True)
    source = TextField(null=True)
