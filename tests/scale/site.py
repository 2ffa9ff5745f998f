"""The portal as the bench runs it: on a copy of the made-up district, under gunicorn, with someone signed in."""

from __future__ import annotations

import json
import secrets
import urllib.parse
from pathlib import Path

from tests.scale.connection import Connection
from tests.scale.people import PASSWORD, READER, TODAY
from tests.scale.program import ROOT, Program, free_port, gunicorn

LIST = "/people"
SIGN_IN = "/sign-in"
APPLICATION = "portal.wsgi:application"
_KEY = secrets.token_urlsafe(48)
"""One for the whole run, so that a cookie outlives the server that gave it."""


def start(url: str, home: Path, *, workers: int, threads: int) -> Program:
    """The portal, starting."""
    port = free_port()
    return Program(gunicorn(APPLICATION, port, workers=workers, threads=threads), port, environment(url), ROOT, home / "portal.log")


def environment(url: str) -> dict[str, str]:
    """The settings of a portal on this database."""
    return {"PORTAL_DATABASE": url, "PORTAL_SECRET_KEY": _KEY, "PORTAL_TODAY": TODAY, "PYTHONPATH": str(ROOT)}


def cookie(port: int, account: str = READER) -> str:
    """The session of someone who signs in, as a Cookie header."""
    connection = Connection(port)
    form = urllib.parse.urlencode({"name": account, "password": PASSWORD}).encode()
    answer = connection.post(SIGN_IN, form, {"Content-Type": "application/x-www-form-urlencoded"})
    connection.close()
    assert answer.status == 303, (answer.status, answer.text[:500])
    return answer.headers["set-cookie"].partition(";")[0]


def token(port: int, account: str, name: str) -> tuple[str, str]:
    """A new device's token and its first cursor (POST /sync/v1/devices)."""
    connection = Connection(port)
    body = json.dumps({"username": account, "password": PASSWORD, "name": name}).encode()
    answer = connection.post("/sync/v1/devices", body, {"Content-Type": "application/json"})
    connection.close()
    assert answer.status == 201, (answer.status, answer.text[:500])
    told = json.loads(answer.text)
    return told["token"], told["cursor"]
