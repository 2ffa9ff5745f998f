"""Devices: registered with a password, known by a token afterwards, listed and revoked by their owner."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from portal import db
from portal.clock import from_utc_text, utc_text
from portal.models.account import Account
from portal.models.device import Device
from portal.models.journal import Epoch

_SEEN_EVERY = timedelta(minutes=5)


class Revoked(Exception):
    """The device was revoked, or its account disabled: it has to forget what it holds."""


class UnknownToken(Exception):
    """No device has this token."""


def register(account: Account, name: str, now: datetime) -> tuple[str, str]:
    """A new device of an account: (device id, token). The token is told this once."""
    device, token = str(uuid.uuid4()), secrets.token_urlsafe(32)
    with db.write_transaction():
        Device.create(
            id=device, account=account.name, name=name, token_hash=_hash(token), created_at=utc_text(now), last_seen=utc_text(now)
        )
    return device, token


def known(token: str, now: datetime) -> tuple[Device, Account]:
    """The device of a token, and its account. Raises `UnknownToken` or `Revoked`."""
    row = Device.get_or_none(Device.token_hash == _hash(token))
    if row is None:
        raise UnknownToken
    account = Account.get_or_none(Account.name == row.account)
    if row.revoked_at is not None or account is None or account.disabled_at is not None:
        raise Revoked
    if row.last_seen is None or now - from_utc_text(row.last_seen) > _SEEN_EVERY:
        with db.write_transaction():
            Device.update(last_seen=utc_text(now)).where(Device.id == row.id).execute()
    return row, account


def revoke(device: str, by: str, now: datetime) -> None:
    """Ends a device's registration; at its next contact it is told to forget what it holds."""
    with db.write_transaction():
        where = (Device.id == device) & Device.revoked_at.is_null()
        Device.update(revoked_at=utc_text(now), revoked_by=by).where(where).execute()


def of_account(name: str) -> list[Device]:
    """The devices of an account, newest first."""
    return list(Device.select().where(Device.account == name).order_by(Device.created_at.desc(), Device.id))


def every() -> list[Device]:
    """The devices of all accounts, newest first."""
    return list(Device.select().order_by(Device.created_at.desc(), Device.id))


def is_known(device: str) -> bool:
    """Whether there is such a device, revoked or not."""
    return Device.get_or_none(Device.id == device) is not None


def epoch(now: datetime) -> str:
    """The server's epoch; cursors of an earlier one are refused."""
    newest = Epoch.select().order_by(Epoch.name.desc()).first()
    return str(newest.name) if newest is not None else begin_epoch(now, first=True)


def begin_epoch(now: datetime, *, first: bool = False) -> str:
    """Starts a new epoch: after a restore from a backup, every device pulls its whole scope again.

    Names go up with their number; behind it stands chance, so that an epoch that a backup does not know is not met again.
    `first` keeps one that another process has just begun.
    """
    with db.write_transaction():
        newest = Epoch.select().order_by(Epoch.name.desc()).first()
        if newest is not None and first:
            return str(newest.name)
        name = f"{int(newest.name[:6]) + 1 if newest is not None else 1:06d}-{secrets.token_hex(4)}"
        Epoch.create(name=name, at=utc_text(now))
    return name


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
