"""The sync protocol over HTTP (sync-protocol 4): devices, schema, pull, push, schedule."""

from __future__ import annotations

import time
from typing import Any

import flask
import msgspec
from flask import Blueprint
from flask import Response
from flask import g
from flask import request

from portal import access
from portal import account
from portal import answers
from portal import device
from portal import door
from portal import pages
from portal import schedule
from portal.problems import Malformed
from portal.problems import Problem
from portal.rate import Rate
from sync import wire

bp = Blueprint("sync", __name__, url_prefix="/sync/v1")

PUSHES = Rate(per_minute=240, burst=240)
"""A device's requests: a booklet sends one batch at a time, four a second is far beyond any line it works on."""
_MAX_BODY = 64 * 1024
_MAX_DEVICE_NAME = 80


class _Registration(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str
    name: str
    otp: str = ""


class _Refusal(Problem):
    """A whole request refused, by the protocol's code."""

    def __init__(self, status: int, code: str, *, retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after)
        self.status = status  # type: ignore[misc]  # this one problem carries the protocol's
        self.code = code  # type: ignore[misc]


def _caller() -> tuple[str, Any]:
    """The device and the account of the request's token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _Refusal(401, "unauthenticated")
    try:
        row, owner = device.known(token.strip(), g.now)
    except device.UnknownToken as error:
        raise _Refusal(401, "unauthenticated") from error
    except device.Revoked as error:
        raise _Refusal(403, "revoked") from error
    if not access.may(owner, "device.own"):
        raise _Refusal(403, "revoked")
    wait = PUSHES.wait_for(row.id, time.monotonic())
    if wait:
        raise _Refusal(429, "slow_down", retry_after=wait)
    return row.id, owner


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, mimetype="application/json")


@bp.errorhandler(wire.WireProblem)
def _wire_problem(problem: wire.WireProblem) -> Response:
    raise _Refusal(problem.status, problem.code)


@bp.post("/devices")
@access.public
def register() -> Response:
    """Registers a device with a name and a password; the token is told this once."""
    try:
        body = wire.unpack(request.get_data(cache=False), request.headers.get("Content-Encoding", ""), _MAX_BODY)
        asked = msgspec.json.decode(body, type=_Registration)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed from error
    name = " ".join(asked.name.split())[:_MAX_DEVICE_NAME]
    if not name or "\x00" in asked.username + asked.password + name:
        raise Malformed
    tried = account.sign_in(asked.username, asked.password, g.now)
    if tried.wait_seconds:
        raise _Refusal(429, "slow_down", retry_after=tried.wait_seconds)
    if tried.account is None:
        raise _Refusal(401, "unauthenticated")
    if not access.may(tried.account, "device.own"):
        raise _Refusal(403, "revoked")
    made, token = device.register(tried.account, name, g.now)
    cursor = wire.Cursor(device.epoch(g.now), _scope(tried.account), 0, ("", ""))
    return _json({"device": made, "token": token, "cursor": wire.write_cursor(cursor)}, 201)


@bp.delete("/devices/self")
@access.public
def unregister() -> Response:
    """Ends the registration of the device that asks."""
    row, owner = _caller()
    device.revoke(row, owner.name, g.now)
    return Response(status=204)


@bp.get("/schema")
@access.public
def schema() -> Response:
    """Kinds, fields, types, bounds, merge rule, who may."""
    _, owner = _caller()
    return _json(wire.schema(owner.role))


@bp.get("/pull")
@access.public
def pull() -> Response:
    """What changed in the user's scope after a cursor."""
    _, owner = _caller()
    limit = request.args.get("limit", "500")
    if not limit.isdigit() or len(limit) > 6:  # noqa: PLR2004 - more is a mistake
        raise _Refusal(400, "malformed")
    store = door.store()
    communes = access.scope_of(owner).communes
    with store.snapshot():
        answer = wire.pull(store, owner.role, communes, device.epoch(g.now), request.args.get("since") or None, int(limit))
    return _json(answer)


@bp.post("/push")
@access.public
def push() -> Response:
    """Hands edits in; the answer leaves when all of them are durable."""
    row, owner = _caller()
    edits = wire.read_push(wire.unpack(request.get_data(cache=False), request.headers.get("Content-Encoding", "")))
    own = {found.id for found in device.of_account(owner.name)} if any(edit.of for edit in edits) else set()
    if any(edit.of and edit.of not in own for edit in edits):
        raise _Refusal(400, "malformed")
    actor = access.actor(owner, row, online=False, assignments=schedule.assignments(owner.name))
    answer = door.submit(edits, actor, g.now)
    cursor = wire.Cursor(device.epoch(g.now), _scope(owner), door.store().position())
    results = [
        wire.result_json(result, pages.gettext(answers.sentence(result.reason)) if result.reason else "")
        for result in answer.results
    ]
    return _json({"cursor": wire.write_cursor(cursor), "results": results})


@bp.get("/schedule")
@access.public
def posted_schedule() -> Response:
    """The posted payment schedule of a month in the user's scope; notes that the device has received it."""
    row, owner = _caller()
    month = request.args.get("month", "")
    found = schedule.posted(month, access.scope_of(owner).communes) if schedule.is_month(month) else None
    if found is None:
        raise _Refusal(400 if not schedule.is_month(month) else 404, "malformed" if not schedule.is_month(month) else "not_found")
    schedule.note_received(owner.name, row, month, found["revision"], g.now)
    return _json(found)


def _scope(owner: Any) -> str:
    return wire.scope_mark(owner.role, access.scope_of(owner).communes)
