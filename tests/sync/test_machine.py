"""The guarantees under random devices; and, for each guarantee, a deliberate break that the same machine catches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from portal import db
from portal.migrations import migrate
from portal.store import PeeweeStore
from sync import conflicts, door, fieldwise, journal
from sync.fields import Kind
from sync.kinds import payment
from sync.memory import MemoryStore
from sync.store import Store
from tests import machine as this_machine
from tests.sync import world
from tests.sync.machine import Line

FEW = settings(
    max_examples=200 if this_machine.SOAK else 8,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
BREAKING = settings(
    max_examples=300,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=False,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)


class TestInMemory(Line.TestCase):  # type: ignore[misc, valid-type]  # made at run time
    """Many runs on the reference store."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_on_a_database(kind: str, request: pytest.FixtureRequest) -> None:
    """Fewer runs, on real tables, each from an empty register."""
    db.connect(request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url"))
    migrate()

    class OnTables(Line):
        def make_store(self) -> Store:
            for table in ("journal", "touch", "person", "entitlement", "change", "conflict", "payment", "payment_list", "addendum"):
                db.database.execute_sql(f'DELETE FROM "{table}"')
            return PeeweeStore(world.BULKS)

    with db.database.connection_context():
        run_state_machine_as_test(OnTables, settings=FEW)
    db.disconnect()


def _forget_refusals(self: MemoryStore, entries: Any, reused: Any) -> None:
    self.journal.extend(e for e in entries if '"refused"' not in e.body)


def _skip_a_change(real: Callable[..., Any]) -> Callable[..., Any]:
    def changes(self: MemoryStore, since: int, limit: int, communes: Any) -> Any:
        page = real(self, since, limit, communes)
        return type(page)(changed=page.changed[1:], gone=page.gone, upto=page.upto, more=page.more)

    return changes


def _keep_what_left(real: Callable[..., Any]) -> Callable[..., Any]:
    def changes(self: MemoryStore, since: int, limit: int, communes: Any) -> Any:
        page = real(self, since, limit, communes)
        return type(page)(changed=page.changed, gone=[], upto=page.upto, more=page.more)

    return changes


BREAKS: dict[str, tuple[Any, str, Any]] = {
    "G1 kept: refused edits leave no trace": (MemoryStore, "append", _forget_refusals),
    "G3 once: what was answered is forgotten": (MemoryStore, "answered", lambda self, names: {}),
    "G4 unseen: the last one wins": (fieldwise, "three_way", lambda seen, now, wanted: "unchanged" if now == wanted else "applied"),
    "G5 same: what left the scope stays on the device": (MemoryStore, "changes", _keep_what_left(MemoryStore.changes)),
    "G6 whole: a cursor steps over a change": (MemoryStore, "changes", _skip_a_change(MemoryStore.changes)),
    "G7 money: a second paid replaces the first": (
        payment,
        "ladder",
        lambda seen, now, wanted: "unchanged" if now == wanted else "applied",
    ),
    "G8 scope: every field to everyone": (Kind, "visible", lambda self, role: frozenset(self.fields)),
    "G9 told: a conflict is opened nowhere": (conflicts, "keep", lambda *args, **more: None),
    "G10 trail: a hash without its predecessor": (
        journal,
        "chain",
        lambda previous, *columns: __import__("hashlib").sha256(repr(columns).encode()).hexdigest(),
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_each_broken_guarantee_is_caught(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same machine, with one guarantee broken on purpose, fails."""
    owner, name, instead = BREAKS[broken]
    monkeypatch.setattr(owner, name, instead)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Line, settings=BREAKING)


def test_an_answer_before_the_commit_is_caught(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """G2: what was answered is there for a process that opens the database afterwards; without the commit it is not."""

    def answered_and_there() -> bool:
        db.connect(sqlite_url)
        migrate()
        with db.database.connection_context():
            db.database.execute_sql("DELETE FROM journal")
            result = world.World(PeeweeStore(world.BULKS), 0).create(
                world.IMPORTER, "person", world.person_id(0), {"code": "P", "full_name": "Lê A", "birth": "1940", "commune": world.A}
            )
            assert result.status == "accepted"
        db.disconnect()  # as a killed process would: nothing that was not committed outlives it
        db.connect(sqlite_url)
        with db.database.connection_context():
            return bool(db.database.execute_sql("SELECT COUNT(*) FROM journal").fetchone()[0])

    assert answered_and_there()
    db.database.connection_context()
    with db.database.connection_context():
        db.database.execute_sql("DELETE FROM person")
    monkeypatch.setattr(PeeweeStore, "transaction", lambda self: _never_commits(self))  # noqa: PLW0108 - a class binds no self
    assert not answered_and_there()
    db.disconnect()


class _never_commits:  # noqa: N801 - stands in for a context manager
    def __init__(self, store: PeeweeStore) -> None:
        self.transaction = store.database.atomic()

    def __enter__(self) -> None:
        self.transaction.__enter__()

    def __exit__(self, *error: object) -> None:
        self.transaction.__exit__(ValueError, ValueError(), None)


def test_the_door_is_the_machines_only_way_in() -> None:
    """The simulation hands its edits to the same function the portal does."""
    assert vars(world)["receive"] is door.receive
