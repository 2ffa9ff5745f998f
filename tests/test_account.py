from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal import account, clock, db
from portal.models.account import Account, FailedSignIn
from tests import office

NOW = office.NOW


@pytest.fixture(autouse=True)
def portal(sqlite_url: str) -> Iterator[None]:
    office.open_office(sqlite_url)
    with db.database.connection_context():
        yield
    db.disconnect()


def try_in(name: str, password: str = office.PASSWORD, *, after: timedelta = timedelta()) -> tuple[account.SignIn, list[float]]:
    waited: list[float] = []
    return account.sign_in(name, password, NOW + after, pause=waited.append), waited


def test_the_right_password_signs_in_whatever_the_case_of_the_name() -> None:
    outcome, waited = try_in("  XA ")
    assert outcome.account is not None
    assert outcome.account.name == "xa"
    assert waited == []
    assert Account.get(Account.name == "xa").last_seen == clock.utc_text(NOW)


@pytest.mark.parametrize(("name", "password"), [("xa", "sai-mat-khau"), ("khong-co", office.PASSWORD), ("xa", ""), ("", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(name: str, password: str) -> None:
    outcome, waited = try_in(name, password)
    assert outcome == account.SignIn(None, 0)
    assert waited == [0.25]


def test_an_unknown_name_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    real = account._verify

    def watched(password: str, known: str) -> tuple[bool, str | None]:
        checked.append(known)
        return real(password, known)

    monkeypatch.setattr(account, "_verify", watched)
    try_in("khong-co")
    try_in("xa", "sai")
    assert len(checked) == 2
    assert all(known.startswith("$argon2id$") for known in checked)


def test_each_failure_waits_longer_and_the_fifth_locks() -> None:
    delays = [try_in("xa", "sai")[1] for _ in range(5)]
    assert delays == [[0.25], [0.5], [1.0], [2.0], [2.0]]
    outcome, _ = try_in("xa")  # the right one, too
    assert outcome.account is None
    assert outcome.wait_seconds == 300


def test_the_lock_opens_by_itself() -> None:
    for _ in range(5):
        try_in("xa", "sai")
    assert try_in("xa", after=timedelta(minutes=4))[0].wait_seconds == 60
    assert try_in("xa", after=timedelta(minutes=5, seconds=1))[0].account is not None


def test_a_name_nobody_has_locks_just_the_same() -> None:
    for _ in range(5):
        try_in("khong-co", "sai")
    assert try_in("khong-co", "sai")[0].wait_seconds == 300


def test_one_locked_name_leaves_the_others_alone() -> None:
    for _ in range(5):
        try_in("xa", "sai")
    assert try_in("xa2")[0].account is not None


def test_signing_in_forgets_the_failures_before() -> None:
    for _ in range(4):
        try_in("xa", "sai")
    assert try_in("xa")[0].account is not None
    assert FailedSignIn.select().where(FailedSignIn.name == "xa").count() == 0


def test_tries_at_the_same_time_count_as_well() -> None:
    outcomes: list[account.SignIn] = []

    def one() -> None:
        with db.database.connection_context():
            outcomes.append(account.sign_in("xa", "sai", NOW, pause=lambda _seconds: None))

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 12
    assert sum(1 for outcome in outcomes if outcome.wait_seconds == 0) == account.TRIES


def test_a_disabled_account_is_as_if_the_password_were_wrong() -> None:
    account.disable("xa", by="quantri", now=NOW)
    outcome, waited = try_in("xa")
    assert outcome == account.SignIn(None, 0)
    assert waited == [0.25]


def test_disabling_ends_sessions_and_keeps_the_first_date() -> None:
    kept = Account.get(Account.name == "xa").get_id()
    assert account.by_session(kept) is not None
    account.disable("xa", by="quantri", now=NOW)
    account.disable("xa", by="another", now=NOW + timedelta(days=1))
    assert account.by_session(kept) is None
    disabled = Account.get(Account.name == "xa")
    assert (disabled.disabled_at, disabled.disabled_by) == (clock.utc_text(NOW), "quantri")


@pytest.mark.parametrize("kept", ["", "1", "x.y", "999.0123456789abcdef", "1.0123456789abcdef"])
def test_a_session_that_does_not_fit_is_nobodys(kept: str) -> None:
    assert account.by_session(kept) is None


def test_a_weak_hash_is_replaced_once_the_office_asks_for_strong_ones() -> None:
    before = Account.get(Account.name == "xa").password_hash
    account.use_hashing("strong")
    try:
        assert try_in("xa")[0].account is not None
    finally:
        account.use_hashing("fast")
    after = Account.get(Account.name == "xa").password_hash
    assert before != after
    assert "m=65536" in after


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("Xa", "du-tam-ky-tu", "taken"),
        ("a b", "du-tam-ky-tu", "bad_name"),
        ("", "du-tam-ky-tu", "bad_name"),
        ("x" * 65, "du-tam-ky-tu", "bad_name"),
        ("moi", "ngan", "short_password"),
    ],
)
def test_an_account_that_cannot_be_is_refused(name: str, password: str, code: str) -> None:
    with pytest.raises(account.AccountProblem) as refused:
        account.add(name, role="auditor", unit="448", password=password, now=NOW)
    assert refused.value.code == code


def test_disabling_nobody_is_told() -> None:
    with pytest.raises(account.AccountProblem, match="unknown"):
        account.disable("khong-co", by="quantri", now=NOW)


def test_demo_accounts_are_one_a_role() -> None:
    assert account.demo_accounts() == []
    assert account.add_demo([(name, "Xã", "commune_officer", "18568") for name in ("demo-xa1", "demo-xa2")], NOW) == 2
    assert try_in("demo-xa2", account.DEMO_PASSWORD)[0].account is not None
    assert [each.name for each in account.demo_accounts()] == ["demo-xa1"]
