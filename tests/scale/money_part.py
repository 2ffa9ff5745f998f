"""Part *money*: a month's list drawn up with checks and journal, its memory, and its sums, beside the bare statements on the same engine."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from portal import db, migrations, payment_list_steps
from tests.scale import people
from tests.scale.figures import Figure
from tests.scale.places import Places, say
from tests.scale.program import ROOT, plain_environment

_OVER_CACHE_MIB = 64
# Of the journal its end: entries count on from there, so that the lists are younger than the register they are drawn up from.
_COPIED = {"unit": "", "person": "", "entitlement": "", "account": "", "journal": "ORDER BY seq DESC LIMIT 1"}
_SECONDS = 900


def measure(places: Places) -> None:
    """Reports the part's figures."""
    sizes = {people.DISTRICT: places.portal_file, people.PROVINCE: places.province_file}
    for count, path in sizes.items():
        _of_engine(places, count, "SQLite", f"sqlite:///{path}")
        url = places.cluster.database(f"money_{count}")
        _copy(path, url)
        _of_engine(places, count, "PostgreSQL", url)
    _replay(places)


def _replay(places: Places) -> None:
    """Thirty-three months told, decided, listed, paid and settled, as somebody waits for them."""
    say("money: portal demo --full")
    environment = plain_environment() | {"PORTAL_DATABASE": f"sqlite:///{places.home / 'replayed.sqlite3'}"}
    command = [sys.executable, "-m", "portal", "demo", "--full"]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    places.report(Figure("money", "thirty-three months replayed through the door", time.perf_counter() - began, "s", most=120, of="value"))


def _of_engine(places: Places, count: int, engine: str, url: str) -> None:
    say(f"money: {count:,} people on {engine}")
    command = [sys.executable, "-m", "tests.scale.money_job", url]
    done = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    of = f"{count:,} people, {engine}"
    limits = {"beside": "raw INSERT … SELECT", "limit": found["raw"]}
    places.report(Figure("money", f"list of {of}: drawn up, journal, checks", found["build"] + found["checks"], "s", **limits, most=3.0))
    places.report(Figure("money", f"list of {of}: drawn up and journal alone", found["build"], "s", **limits))
    places.report(Figure("money", f"list of {of}: frozen, looked at once more", found["freeze"], "s", **limits))
    places.report(Figure("money", f"list of {of}: a late rate for a whole month", found["late"], "s", **limits))
    places.report(Figure("money", f"raw statement of {of} without the table's indexes", found["bare"], "s", **limits))
    totals = {"beside": "raw SUM … GROUP BY", "limit": found["sum"] * 1000}
    places.report(Figure("money", f"sums of {of} by commune, category, method", found["division"] * 1000, "ms", **totals, most=2.0))
    if count == people.PROVINCE:
        bound = _OVER_CACHE_MIB + (payment_list_steps.CACHE_KIB / 1024 if engine == "SQLite" else 0)
        places.report(Figure("money", f"memory while drawing up the list of {of}", found["memory"], "MiB", most=bound, of="value"))


def _copy(path: Path, url: str) -> None:
    """The register of a SQLite file, row by row in a PostgreSQL database."""
    from psycopg2.extras import execute_values

    db.connect(url)
    migrations.migrate()
    source = sqlite3.connect(path)
    with db.database.connection_context(), db.database.atomic():
        cursor = db.database.cursor()
        for table, some in _COPIED.items():
            asked = source.execute(f"SELECT * FROM {table} {some}")
            names = [column[0] for column in asked.description]
            cursor.execute(f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' AND data_type = 'boolean'")
            truths = {names.index(name) for (name,) in cursor.fetchall()}
            columns = ", ".join(f'"{name}"' for name in names)
            while rows := asked.fetchmany(5000):
                told = [[bool(value) if at in truths and value is not None else value for at, value in enumerate(row)] for row in rows]
                execute_values(cursor, f'INSERT INTO "{table}" ({columns}) VALUES %s', told, page_size=1000)
    source.close()
    with db.database.connection_context():
        db.database.execute_sql("ANALYZE")
    db.disconnect()
