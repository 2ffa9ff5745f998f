"""Payment files for banks: templates, files made, and which line went into which file."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, TextField

from portal.db import BaseModel
from portal.models.register import RegisterModel


class BankTemplate(RegisterModel):
    """How a bank's file is laid out. One row a record; see the catalogue in `sync.kinds`."""

    name = TextField(null=True)
    bank = TextField(null=True)
    columns = TextField(null=True)
    header_rows = TextField(null=True)
    format = TextField(null=True)
    sheet = TextField(null=True)
    separator = TextField(null=True)
    encoding = TextField(null=True)
    number_style = TextField(null=True)
    accents = BooleanField(null=True)
    upper = BooleanField(null=True)
    content = TextField(null=True)
    max_rows = BigIntegerField(null=True)
    state = TextField(null=True)


class BankFile(RegisterModel):
    """A file made for a bank. One row a record; see the catalogue in `sync.kinds`."""

    list = TextField(null=True)
    month = TextField(null=True)
    bank = TextField(null=True)
    number = BigIntegerField(null=True)
    template = TextField(null=True)
    layout = TextField(null=True)
    lines = BigIntegerField(null=True)
    total = BigIntegerField(null=True)
    digest = TextField(null=True)
    by = TextField(null=True)
    by_name = TextField(null=True)
    at = TextField(null=True)
    downloads = BigIntegerField(null=True)
    downloaded = TextField(null=True)

    class Meta:
        """A month's files."""

        indexes = ((("month", "bank", "number"), True),)


class BankFileLine(BaseModel):
    """A line of a list in a file, at a place: never in two. Written by the step that makes the file, and by nothing else."""

    payment = TextField(primary_key=True)
    file = TextField()
    place = BigIntegerField()

    class Meta:
        """A file's lines in order."""

        indexes = ((("file", "place"), True),)
