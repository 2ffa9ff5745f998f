"""Devices that hand edits in with a token of their own, and what each was told of the schedule."""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from portal.db import BaseModel


class Device(BaseModel):
    """A registered device of one account. The token itself is kept nowhere, only its SHA-256."""

    id = TextField(primary_key=True)
    account = TextField(index=True)
    name = TextField()
    token_hash = TextField(unique=True)
    created_at = TextField()
    last_seen = TextField(null=True)
    revoked_at = TextField(null=True)
    revoked_by = TextField(null=True)


class Received(BaseModel):
    """Who has been shown which revision of a month's schedule, by device or page view; the newest of each."""

    key = TextField(primary_key=True)
    account = TextField()
    device = TextField()
    month = TextField()
    revision = BigIntegerField()
    at = TextField()

    class Meta:
        """Asked for by month."""

        indexes = ((("month", "account"), False),)
