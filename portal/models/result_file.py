"""Files of results that were handed in, and those that still wait to be confirmed."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, TextField

from portal.db import BaseModel
from portal.models.register import RegisterModel


class ResultFile(RegisterModel):
    """A file whose results were booked. One row a record; see the catalogue in `sync.kinds`."""

    list = TextField(null=True)
    month = TextField(null=True, index=True)
    source = TextField(null=True)
    name = TextField(null=True)
    digest = TextField(null=True)
    booked = TextField(null=True)
    lines = BigIntegerField(null=True)
    paid = BigIntegerField(null=True)
    amount = BigIntegerField(null=True)
    by = TextField(null=True)
    at = TextField(null=True)


class ResultUpload(BaseModel):
    """A file somebody has looked at and not confirmed yet; it changes nothing, and is dropped when it is old.

    `key` is the digest of month, account and content.
    """

    key = TextField(primary_key=True)
    account = TextField()
    month = TextField()
    name = TextField()
    at = TextField()
    content = BlobField()
