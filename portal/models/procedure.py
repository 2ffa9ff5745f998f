"""Presets and own rules on who decides, as an office has recorded them."""

from __future__ import annotations

from peewee import TextField

from portal.models.register import RegisterModel


class Procedure(RegisterModel):
    """A preset, or the rule of one procedure, from a day on. One row a record; see the catalogue in `sync.kinds`."""

    valid_from = TextField(null=True)
    preset = TextField(null=True)
    name = TextField(null=True)
    rule = TextField(null=True)
    basis = TextField(null=True)
