"""Accounts: adding, disabling, signing in with a password, changing it.

A wrong name and a wrong password cost the same time and get the same answer. Tries are counted by the name as typed, before
the password is looked at, so that parallel tries count too; after five within the window the name waits.
"""

from __future__ import annotations

import threading
import time
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from portal import clock
from portal.db import write_transaction
from portal.models.account import Account, FailedSignIn

if TYPE_CHECKING:
    from pwdlib import PasswordHash

DEMO_PASSWORD = "chi-tra-2024"  # noqa: S105  # printed for everyone: demo accounts hold made-up people only
PASSWORD_CHARACTERS = 8
"""What an office may hand over as a first password."""
OWN_PASSWORD_CHARACTERS = 14
"""What people choose for themselves has at least so many, as there is no second factor (TCVN 14423, level 2; domain.md 7.1)."""
TRIES = 5
LOCK = timedelta(minutes=5)
_FIRST_DELAY_SECONDS = 0.25
_LONGEST_DELAY_SECONDS = 2.0
_NAME_CHARACTERS = 64
_PASSWORD_LONGEST = 1024

# A strong hash takes 64 MiB for a third of a second: two at a time, whoever else signs in waits.
_hashing_at_once = threading.Semaphore(2)
_waiting_at_once = threading.Semaphore(2)
_strength = "strong"


class AccountProblem(Exception):
    """An account cannot be made, found or changed; `code` says why.

    taken, short_password, bad_name, unknown, unknown_unit, unknown_role; of one's own password: wrong_password, locked, too_short,
    same_password.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SignIn(Struct, frozen=True):
    """What became of a try: `account` where it succeeded, else `wait_seconds` > 0 where the name is locked for so long."""

    account: Account | None
    wait_seconds: int = 0


def use_hashing(strength: str) -> None:
    """Sets how passwords are hashed in this process: `strong` (argon2id, 64 MiB), or `fast` for tests."""
    global _strength
    _strength = strength


def add(
    name: str,
    *,
    role: str,
    unit: str,
    password: str,
    now: datetime,
    full_name: str = "",
    created_by: str = "",
    handed_over: bool = False,
) -> Account:
    """Adds an account; the name is kept in lower case. `handed_over`: its holder has to change the password `created_by` chose.

    Raises:
        AccountProblem: bad_name, short_password, or taken.
    """
    login = normal_name(name)
    if not login or len(login) > _NAME_CHARACTERS or not all(c.isalnum() or c in ".-_@" for c in login):
        raise AccountProblem("bad_name")
    if not PASSWORD_CHARACTERS <= len(password) <= _PASSWORD_LONGEST:
        raise AccountProblem("short_password")
    return _insert(login, full_name, role, unit, _hash(password), "office", now, created_by, created_by if handed_over else None)


def add_demo(people: Iterable[tuple[str, str, str, str]], now: datetime) -> int:
    """Adds demo accounts, each (name, full name, role, unit), with DEMO_PASSWORD hashed once; returns how many."""
    password_hash = _hash(DEMO_PASSWORD)
    with write_transaction():
        return len(
            [_insert(normal_name(name), shown, role, unit, password_hash, "demo", now, "demo") for name, shown, role, unit in people]
        )


def _insert(
    login: str,
    full_name: str,
    role: str,
    unit: str,
    password_hash: str,
    origin: str,
    now: datetime,
    created_by: str,
    password_by: str | None = None,
) -> Account:
    with write_transaction():
        if Account.get_or_none(Account.name == login) is not None:
            raise AccountProblem("taken")
        return Account.create(
            name=login,
            full_name=full_name.strip() or login,
            role=role,
            unit=unit,
            password_hash=password_hash,
            password_at=clock.utc_text(now),
            password_by=password_by,
            origin=origin,
            created_at=clock.utc_text(now),
            created_by=created_by,
        )


def disable(name: str, *, by: str, now: datetime) -> Account:
    """Disables an account; its sessions end with their next request. Disabling twice keeps the first date.

    Raises:
        AccountProblem: unknown.
    """
    with write_transaction():
        account = Account.get_or_none(Account.name == normal_name(name))
        if account is None:
            raise AccountProblem("unknown")
        if account.disabled_at is None:
            account.disabled_at = clock.utc_text(now)
            account.disabled_by = by
            account.save()
    return account


def hand_over(name: str, password: str, *, by: str, now: datetime) -> Account:
    """Sets a password its holder has to change at the next sign-in: forgotten, or the account goes to somebody else.

    Every session ends, and a name that was locked by failed tries is open again.

    Raises:
        AccountProblem: unknown, or short_password.
    """
    account = Account.get_or_none(Account.name == normal_name(name))
    if account is None:
        raise AccountProblem("unknown")
    if not PASSWORD_CHARACTERS <= len(password) <= _PASSWORD_LONGEST:
        raise AccountProblem("short_password")
    return _set_password(account, password, by, now)


def change_password(name: str, current: str, new: str, now: datetime, *, pause: Callable[[float], None] = time.sleep) -> Account:
    """Gives an account the password its holder chose; the one before is asked for, and its tries are counted as those of a sign-in.

    Every other session ends. `pause` as in `sign_in`.

    Raises:
        AccountProblem: too_short, same_password, locked, or wrong_password.
    """
    if not OWN_PASSWORD_CHARACTERS <= len(new) <= _PASSWORD_LONGEST:
        raise AccountProblem("too_short")
    if new == current:
        raise AccountProblem("same_password")
    failed, wait = _count_try(name, now)
    if wait:
        raise AccountProblem("locked")
    account = Account.get(Account.name == name)
    if not _verify(current[:_PASSWORD_LONGEST], account.password_hash)[0]:
        _delay(failed, pause)
        raise AccountProblem("wrong_password")
    return _set_password(account, new, name, now)


def _set_password(account: Account, password: str, by: str, now: datetime) -> Account:
    password_hash = _hash(password)
    with write_transaction():
        FailedSignIn.delete().where(FailedSignIn.name == account.name).execute()
        account.password_hash = password_hash
        account.password_at, account.password_by = clock.utc_text(now), by
        account.save(only=[Account.password_hash, Account.password_at, Account.password_by])
    return account


def was_added(name: str, *, full_name: str, role: str, unit: str, created_by: str) -> bool:
    """Whether this very account was added by this person already: a form sent twice."""
    there = Account.get_or_none(Account.name == normal_name(name))
    wanted = (full_name.strip() or normal_name(name), role, unit, created_by)
    return there is not None and (there.full_name, there.role, there.unit, there.created_by) == wanted


def by_name(name: str) -> Account | None:
    """The account with this sign-in name, or None."""
    found: Account | None = Account.get_or_none(Account.name == normal_name(name))
    return found


def every() -> list[Account]:
    """All accounts, by name."""
    return list(Account.select().order_by(Account.name))


def by_session(kept: str) -> Account | None:
    """The account a session was made for, unless it was disabled or got a new password since."""
    number = kept.partition(".")[0]
    account = Account.get_or_none(Account.id == int(number)) if number.isdigit() else None
    return account if account is not None and account.is_active and account.get_id() == kept else None


def demo_accounts() -> list[Account]:
    """One demo account that can sign in for each role, in order of role; none in an office's own database."""
    first: dict[str, Account] = {}
    for account in Account.select().where(Account.origin == "demo", Account.disabled_at.is_null()).order_by(Account.id):
        first.setdefault(account.role, account)
    return sorted(first.values(), key=lambda account: account.role)


def demo_day() -> date | None:
    """The date a demo lives on where PORTAL_TODAY names none: that on which its accounts were made; None in an office's own database."""
    first = Account.select(Account.created_at).where(Account.origin == "demo").order_by(Account.id).first()
    return clock.local_date(clock.from_utc_text(first.created_at)) if first is not None else None


def sign_in(name: str, password: str, now: datetime, *, pause: Callable[[float], None] = time.sleep) -> SignIn:
    """Tries a name and a password; a failed try is answered later the more there were before it.

    `pause` waits for so many seconds; at most two answers wait at a time, so that guessing does not hold up the portal.
    """
    login = normal_name(name)[:_NAME_CHARACTERS]
    failed, wait = _count_try(login, now)
    if wait:
        return SignIn(None, wait)
    account = Account.get_or_none(Account.name == login)
    known_hash = account.password_hash if account is not None else _dummy_hash(_strength)
    fits, better_hash = _verify(password[:_PASSWORD_LONGEST], known_hash)
    if account is None or not account.is_active or not fits:
        _delay(failed, pause)
        return SignIn(None)
    with write_transaction():
        FailedSignIn.delete().where(FailedSignIn.name == login).execute()
        account.last_seen = clock.utc_text(now)
        if better_hash is not None:
            account.password_hash = better_hash
        account.save()
    return SignIn(account)


def normal_name(name: str) -> str:
    """A sign-in name as it is compared: composed, trimmed, lower case."""
    return unicodedata.normalize("NFC", name).strip().lower()


def _count_try(login: str, now: datetime) -> tuple[int, int]:
    """Notes a try; returns how many failed before it within the window, and the seconds to wait where there were too many."""
    since = clock.utc_text(now - LOCK)
    with write_transaction():
        FailedSignIn.delete().where(FailedSignIn.at < since).execute()
        times = [each.at for each in FailedSignIn.select().where(FailedSignIn.name == login).order_by(FailedSignIn.at.desc())]
        if len(times) >= TRIES:
            until = clock.from_utc_text(times[0]) + LOCK
            return len(times), max(1, int((until - now).total_seconds()))
        FailedSignIn.create(name=login, at=clock.utc_text(now))
    return len(times), 0


def _delay(failed: int, pause: Callable[[float], None]) -> None:
    if _waiting_at_once.acquire(blocking=False):
        try:
            pause(min(_LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2**failed))
        finally:
            _waiting_at_once.release()


def _hash(password: str) -> str:
    with _hashing_at_once:
        return _hasher(_strength).hash(password)


def _verify(password: str, known_hash: str) -> tuple[bool, str | None]:
    with _hashing_at_once:
        return _hasher(_strength).verify_and_update(password, known_hash)


@cache
def _hasher(strength: str) -> PasswordHash:
    from pwdlib import PasswordHash  # noqa: PLC0415  # 64 MiB and a C library, for those who sign in only
    from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415

    return PasswordHash((Argon2Hasher() if strength == "strong" else Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@cache
def _dummy_hash(strength: str) -> str:
    return _hasher(strength).hash("no account has this one")
