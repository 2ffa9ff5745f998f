"""The journal, what it changed, and which epoch of it this is."""

from __future__ import annotations

from peewee import SQL, AutoField, BigIntegerField, BooleanField, TextField

from portal.db import BaseModel


class Journal(BaseModel):
    """One line per edit, whatever its outcome; append-only, each hash over its predecessor's (see `sync.journal`)."""

    seq = BigIntegerField(primary_key=True)
    at = TextField()
    device = TextField()
    n = BigIntegerField()
    account = TextField()
    kind = TextField()
    record = TextField(index=True)
    body = TextField()
    hash = TextField()
    reused = BooleanField(default=False)

    class Meta:
        """Who did what, newest first."""

        indexes = ((("account", "seq"), False),)


Journal.add_index(Journal.index(Journal.device, Journal.n, unique=True, name="journal_once", where=(SQL("NOT reused"))))


class Touch(BaseModel):
    """One record changed by one journal entry: what whoever pulls has to be told.

    `fields` are the names changed, comma-separated; empty: the whole record is new to its readers. `unit` is the commune
    whose people may see it from then on, `left` the one it lay in before.
    """

    id = AutoField()
    seq = BigIntegerField()
    kind = TextField()
    record = TextField()
    fields = TextField()
    unit = TextField(null=True)
    left = TextField(null=True, column_name="left_unit")


class Epoch(BaseModel):
    """The server's epoch: a new row after each restore from a backup; cursors belong to the newest."""

    name = TextField(primary_key=True)
    at = TextField()
