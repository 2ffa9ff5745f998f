"""The stores the door is tested on: memory, SQLite, PostgreSQL. What holds on one holds on all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal import db
from portal.migrations import migrate
from portal.store import PeeweeStore
from sync.memory import MemoryStore
from sync.store import Store
from tests.sync import world


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store of each sort."""
    if request.param == "memory":
        yield MemoryStore(world.BULKS)
        return
    db.connect(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
    migrate()
    with db.database.connection_context():
        yield PeeweeStore(world.BULKS)
    db.disconnect()


@pytest.fixture
def here(store: Store) -> world.World:
    """People and offices on the store."""
    return world.World(store)
