"""A database that was migrated is the database the models describe, constraint by constraint."""

from collections.abc import Iterator

import pytest

from portal import db, migrations
from portal.models import every_model

POSTGRES_SCHEMA = """
SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""
SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"


def schema() -> dict[tuple[str, str], str]:
    """Everything the connected database is made of, the runner's own table aside."""
    with db.database.connection_context():
        rows = db.database.execute_sql(SQLITE_SCHEMA if db.dialect() == "sqlite" else POSTGRES_SCHEMA).fetchall()
    return {(kind, name): _one_line(text) for kind, name, text in rows if "schema_migration" not in f"{name} {text}"}


def _one_line(text: str | None) -> str:
    """SQLite keeps a table's statement as it was written, line breaks and all, and a column that was added later after a blank."""
    return " ".join((text or "").split()).replace("( ", "(").replace(" )", ")").replace(" ,", ",")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    db.disconnect()


def migrated(url: str) -> dict[tuple[str, str], str]:
    db.connect(url)
    migrations.migrate()
    return schema()


def modelled(url: str) -> dict[tuple[str, str], str]:
    db.connect(url)
    with db.database.connection_context():
        db.database.create_tables(every_model())
    return schema()


def test_sqlite_after_migrating_is_what_the_models_say(sqlite_url: str) -> None:
    assert migrated(sqlite_url) == modelled(f"{sqlite_url}.models")


def test_postgresql_after_migrating_is_what_the_models_say(postgres_url: str, second_postgres_url: str) -> None:
    assert migrated(postgres_url) == modelled(second_postgres_url)


def test_migrating_twice_does_nothing_the_second_time(sqlite_url: str) -> None:
    db.connect(sqlite_url)
    assert migrations.migrate()
    assert migrations.migrate() == []
    assert migrations.pending() == []
