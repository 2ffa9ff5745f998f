"""Who may sign in, and the tries that failed."""

from __future__ import annotations

import hashlib

from peewee import AutoField, Check, TextField

from portal.db import BaseModel


class Account(BaseModel):
    """A person's account: one role at one unit. Moments are UTC text; an account is disabled, never deleted."""

    id = AutoField()
    name = TextField(unique=True, constraints=[Check("name = lower(name)")])
    full_name = TextField()
    role = TextField()
    unit = TextField(default="")
    password_hash = TextField()
    origin = TextField(default="office", constraints=[Check("origin IN ('office', 'demo')")])
    created_at = TextField()
    created_by = TextField(default="")
    last_seen = TextField(null=True)
    disabled_at = TextField(null=True)
    disabled_by = TextField(null=True)
    password_at = TextField(null=True)
    password_by = TextField(null=True)

    is_authenticated = True
    is_anonymous = False

    @property
    def owes_password(self) -> bool:
        """Whether the password was set by somebody else: its holder has to choose their own before anything else."""
        return self.password_by is not None and self.password_by != self.name

    @property
    def is_active(self) -> bool:
        """Whether the account may be used."""
        return self.disabled_at is None

    def get_id(self) -> str:
        """What a session keeps of the account: a new password or a disabled account ends every session."""
        stamp = hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]
        return f"{self.id}.{stamp}"


class FailedSignIn(BaseModel):
    """A try to sign in that did not succeed, by the name as typed (whether or not such an account exists)."""

    id = AutoField()
    name = TextField(index=True)
    at = TextField()
