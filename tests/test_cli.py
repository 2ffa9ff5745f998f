from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal import account, cli, db, migrations
from portal.models import every_model
from tests import office

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def portal(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PORTAL_DATABASE", sqlite_url)
    yield sqlite_url
    db.disconnect()


@pytest.fixture
def migrated(portal: str) -> str:
    assert call("migrate").exit_code == 0
    return portal


def call(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli.main, words, input=typed)


def add(name: str, role: str = "admin", *more: str, password: str = office.PASSWORD) -> Result:
    return call("user", "add", name, "--role", role, "--password-stdin", *more, typed=password + "\n")


def test_every_part_has_help() -> None:
    with cli.main.make_context("portal", ["migrate"]) as context:
        parts = cli.main.list_commands(context)
    assert {"run", "migrate", "user"} <= set(parts)
    for part in parts:
        answer = call(part, "--help")
        assert answer.exit_code == 0, answer.output
        assert "Usage: main " + part in answer.output
        assert call(part, "-h").output == answer.output
    for part in ("add", "list", "disable"):
        assert call("user", part, "--help").exit_code == 0


def test_help_says_what_exit_codes_mean() -> None:
    assert "3 settings or database" in " ".join(call("--help").output.split())


def test_wrong_use_is_2() -> None:
    assert call("nonsense").exit_code == 2
    assert call("user", "add").exit_code == 2
    assert call("run", "--port", "nine").exit_code == 2


def test_a_bad_setting_is_3_and_a_sentence(portal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_TODAY", "tomorrow")
    answer = call("user", "list")
    assert answer.exit_code == 3
    assert answer.output.startswith("Error: PORTAL_TODAY is 'tomorrow'")
    assert "Traceback" not in answer.output


def test_a_database_that_cannot_be_opened_is_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "portal.sqlite3"
    broken.write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("PORTAL_DATABASE", f"sqlite:///{broken}")
    answer = call("migrate")
    assert answer.exit_code == 3
    assert answer.output.startswith("Error: The database")
    db.disconnect()


@pytest.mark.parametrize("words", [("run",), ("user", "list")])
def test_a_database_without_tables_is_refused_with_what_to_do(portal: str, words: tuple[str, ...]) -> None:
    answer = call(*words)
    assert answer.exit_code == 3
    assert "portal migrate" in answer.output


def test_migrate_says_what_ran_and_runs_it_once(portal: str) -> None:
    assert call("migrate", "--check").exit_code == 1
    first = call("migrate")
    assert first.exit_code == 0
    assert "ran 0001" in first.output
    again = call("migrate")
    assert again.exit_code == 0
    assert "Nothing to do" in again.output
    assert call("migrate", "--check").exit_code == 0


def test_migrated_tables_are_those_of_the_models(migrated: str) -> None:
    with db.database.connection_context():
        there = set(db.database.get_tables()) - {"schema_migration"}
    wanted = {model._meta.table_name for model in every_model()}
    assert wanted
    assert wanted <= there


def test_migrations_work_on_postgresql_too(postgres_url: str) -> None:
    db.connect(postgres_url)
    try:
        assert migrations.migrate()
        assert migrations.pending() == []
        assert migrations.migrate() == []
        with db.database.connection_context():
            office.add_units()
            added = account.add("huyen", role="district_officer", unit="448-LDTBXH", password=office.PASSWORD, now=office.NOW)
            assert account.sign_in("huyen", office.PASSWORD, office.NOW).account == added
    finally:
        db.disconnect()


def test_an_added_account_is_listed(migrated: str) -> None:
    assert add("Quan.Tri", "admin", "--full-name", "Lê Văn Trị").exit_code == 0
    (row,) = json.loads(call("user", "list", "--json").output)
    assert (row["name"], row["full_name"], row["role"], row["disabled_at"]) == ("quan.tri", "Lê Văn Trị", "admin", None)
    assert "password_hash" not in row
    assert "quan.tri" in call("user", "list").output


def test_a_unit_and_a_role_have_to_exist(migrated: str) -> None:
    assert add("xa", "commune_officer", "--unit", "18568").exit_code == 2
    assert add("xa", "mayor").exit_code == 2
    with db.database.connection_context():
        office.add_units()
    assert add("xa", "commune_officer", "--unit", "18568").exit_code == 0


def test_what_is_refused_is_1_and_a_sentence(migrated: str) -> None:
    add("mot")
    for answer in (add("mot"), add("hai", password="ngan"), add("ba bon"), call("user", "disable", "khong-co")):
        assert answer.exit_code == 1
        assert re.match(r"Error: .+\.\n", answer.output)


def test_a_disabled_account_says_since_when(migrated: str) -> None:
    add("mot")
    assert call("user", "disable", "MOT").exit_code == 0
    assert "disabled" in call("user", "list").output


def test_run_serves_and_ctrl_c_ends_it_cleanly(migrated: str) -> None:
    with db.database.connection_context():
        account.add_demo([("demo-xa", "Xã", "admin", "")], office.NOW)
    db.disconnect()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        [sys.executable, "-m", "portal", "run", "--port", "0"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with server:
        try:
            assert server.stdout is not None
            said = [server.stdout.readline() for _ in range(4)]
            address = said[0].split()[-1]
            assert account.DEMO_PASSWORD in said[1]
            assert re.fullmatch(r"  admin +demo-xa\n", said[2])
            with urllib.request.urlopen(address + "healthz", timeout=10) as answer:  # our own address
                assert json.load(answer) == {"status": "ok"}
            server.send_signal(signal.SIGINT)
            rest, complaints = server.communicate(timeout=15)
        finally:
            server.kill()
    assert server.returncode == 0
    assert "Stopped." in rest
    assert "Traceback" not in complaints


def test_a_taken_port_is_told(migrated: str) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = [sys.executable, "-m", "portal", "run", "--port", str(taken.getsockname()[1])]
        answer = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 3
    assert answer.stderr.startswith("Error: Cannot listen")


def test_starting_does_not_load_what_only_few_commands_need(migrated: str) -> None:
    heavy = {"openpyxl", "python_calamine", "argon2", "pwdlib", "docxtpl", "holidays", "psycopg2", "lxml", "babel", "xlsxwriter"}
    script = "import sys, portal.wsgi; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    # peewee itself imports whichever driver it finds; a SQLite office installs none.
    assert not (set(done.stdout.split()) & heavy) - {"psycopg2"}


def test_a_quick_question_opens_no_database(tmp_path: Path) -> None:
    environ = {**os.environ, "PORTAL_DATABASE": f"sqlite:///{tmp_path}/none.sqlite3", "PYTHONPATH": str(ROOT)}
    begin = time.monotonic()
    subprocess.run([sys.executable, "-m", "portal", "--help"], env=environ, capture_output=True, timeout=30, check=True)
    assert time.monotonic() - begin < 10
    assert list(tmp_path.iterdir()) == []


def test_a_writer_waits_for_the_one_before(migrated: str) -> None:
    path = migrated.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", "user", "add", "hai", "--role", "admin", "--password-stdin"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write("du-tam-ky-tu\n")
        process.stdin.flush()
        time.sleep(1.0)
        assert process.poll() is None
        other.execute("COMMIT")
        assert "Added hai" in process.communicate(timeout=20)[0]
