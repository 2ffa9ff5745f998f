"""Files that people handed in to be taken in edit by edit, and how each kind of heading was read for a sender."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, TextField

from portal.db import BaseModel


class Upload(BaseModel):
    """A file on its way into the register. Its content and its edits are kept only until it is finished or given up.

    `state`: open (being looked at), running (confirmed, edits on their way), done, dropped. `answers` is JSON: what its sender said of
    it. `shown` is the digest of what was confirmed.
    """

    id = TextField(primary_key=True)
    account = TextField(index=True)
    unit = TextField()
    kind = TextField()
    commune = TextField()
    name = TextField()
    digest = TextField()
    content = BlobField(null=True)
    state = TextField()
    made_at = TextField()
    answers = TextField()
    shown = TextField()
    total = BigIntegerField()


class UploadBatch(BaseModel):
    """Some edits of a confirmed file, handed in together. `id` is the upload's, "/" and the number.

    `edits` is JSON until the file is finished; `results` is JSON once the door has answered.
    """

    id = TextField(primary_key=True)
    upload = TextField()
    number = BigIntegerField()
    size = BigIntegerField()
    edits = TextField(null=True)
    results = TextField(null=True)

    class Meta:
        """Asked for in order."""

        indexes = ((("upload", "number"), True),)


class UploadColumns(BaseModel):
    """What a unit said the columns under a heading are. `key` is the unit, "/" and the heading's layout; `columns` is JSON."""

    key = TextField(primary_key=True)
    columns = TextField()
    at = TextField()
