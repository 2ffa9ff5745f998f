"""The sync protocol over HTTP (sync-protocol 4): devices, schema, pull, push, schedule."""

from __future__ import annotations

import re
import time
from http.client import UNAUTHORIZED
from typing import Annotated, Any

import flask
import msgspec
from flask import Blueprint, Response, g, request

from portal import access, account, answers, booklet, clock, device, door, openapi, packing, pages, schedule
from portal.problems import Malformed, NotFound, TooManyTries
from portal.rate import Rate
from sync import wire
from sync.fields import POST
from sync.structs import looked_up

bp = Blueprint("sync_api", __name__, url_prefix="/sync/v1")

REQUESTS = Rate(per_minute=240, burst=240)
"""A device's requests: a booklet sends one batch at a time, four a second is far beyond any line it works on."""
_MAX_REGISTRATION = 16 * 1024
_MAX_DEVICE_NAME = 80
_LIMIT = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_PAGE = 500


class _Registration(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str
    name: str
    otp: str = ""
    kinds: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=0, le=wire.MAX_PAGE)] = 0


@bp.after_request
def _finish(response: Response) -> Response:
    """Says in which language its sentences are, and by what means to authenticate (RFC 9110, 11.6.1)."""
    if response.status_code == UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if (response.mimetype or "").endswith("json"):
        response.headers["Content-Language"] = pages.current_language()
        response.vary.add("Accept-Language")
    return response


@bp.errorhandler(wire.WireProblem)
def _refuse(problem: wire.WireProblem) -> Response:
    refused = answers.REQUESTS[problem.code]()
    return flask.make_response(flask.current_app.handle_user_exception(refused))


@bp.get("/openapi.json")
@access.public
def described() -> Response:
    """This interface described for programs (OpenAPI 3.1)."""
    return _json(openapi.document())


looked_up(_Registration)


@bp.post("/devices")
@access.public
def register() -> Response:
    """Registers a device with a name and a password; the token is told this once.

    With `limit` the answer brings the schema (of `kinds`) and the first page of so many records along: on a line with a long round
    trip that is two requests less before people can be looked up.
    """
    try:
        asked = msgspec.json.decode(_body(_MAX_REGISTRATION), type=_Registration)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed from error
    name = " ".join(asked.name.split())[:_MAX_DEVICE_NAME]
    if not name.isprintable() or not name or "\x00" in asked.username + asked.password:
        raise Malformed
    # The real time, as on the sign-in page: tries are counted in minutes.
    tried = account.sign_in(asked.username, asked.password, clock.now())
    if tried.wait_seconds:
        raise TooManyTries(retry_after=tried.wait_seconds)
    if tried.account is None:
        raise answers.Unauthenticated
    if tried.account.owes_password:
        raise answers.PasswordDue
    if not access.may(tried.account, "device.own"):
        raise answers.NoDevices
    made, token = device.register(tried.account, name, g.now)
    told: dict[str, Any] = {"device": made, "token": token, "cursor": _from_the_start(tried.account)}
    if asked.limit:
        told |= {"schema": _schema(tried.account, asked.kinds), "page": _page(tried.account, None, asked.limit)}
    return _for_a_device(_json(told, 201))


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
    """Kinds (all, or `kinds`), fields, types, bounds, merge rule, who may; and the lists of choices and names of the user's area."""
    _, owner = _caller()
    return _json(_schema(owner, request.args.get("kinds")))


@bp.get("/pull")
@access.public
def pull() -> Response:
    """What changed in the user's scope after a cursor."""
    _, owner = _caller()
    limit = request.args.get("limit", str(_PAGE))
    if not _LIMIT.fullmatch(limit):
        raise Malformed
    return _for_a_device(_json(_page(owner, request.args.get("since"), int(limit))))


@bp.post("/push")
@access.public
def push() -> Response:
    """Hands edits in; the answer leaves when all of them are durable."""
    row, owner = _caller()
    edits = wire.read_push(_body(wire.MAX_BYTES))
    others = {edit.of for edit in edits if edit.of and not door.is_form(edit.of)}
    if others and not others <= {found.id for found in device.of_account(owner.name)}:
        raise Malformed
    assigned = schedule.assignments(owner.name) if owner.role in POST else frozenset()
    actor = access.actor(owner, row, online=False, assignments=assigned)
    answer = door.submit(edits, actor, g.now)
    results = [
        wire.result_json(result, pages.gettext(answers.sentence(result.reason)) if result.reason else "") for result in answer.results
    ]
    return _json({"cursor": _from_the_start(owner), "results": results})


@bp.get("/schedule")
@access.public
def posted_schedule() -> Response:
    """The posted payment schedule of a month in the user's scope; notes that the device has received it."""
    row, owner = _caller()
    month = request.args.get("month", "")
    if not schedule.is_month(month):
        raise Malformed
    found = schedule.posted(month, access.scope_of(owner).communes)
    if found is None:
        raise NotFound
    schedule.note_received(owner.name, row, month, found["revision"], g.now)
    return _json(found)


def _schema(owner: Any, kinds: str | None) -> dict[str, Any]:
    wanted = frozenset(kinds.split(",")) if kinds is not None else None
    return {**wire.schema(owner.role, wanted), **booklet.lists(owner, access.scope_of(owner).communes)}


def _page(owner: Any, since: str | None, limit: int) -> dict[str, Any]:
    store, epoch = door.store(), device.epoch(g.now)
    with store.snapshot():
        return wire.pull(store, owner.role, access.scope_of(owner).communes, epoch, since, limit)


def _for_a_device(response: Response) -> Response:
    """Packed as a first copy deserves, where it is one."""
    encoding = packing.choose(request.accept_encodings)
    if encoding and len(data := response.get_data()) >= packing.LONG:
        response.set_data(packing.pack(data, encoding, for_a_device=True))
        response.headers["Content-Encoding"] = encoding
        response.vary.add("Accept-Encoding")
    return response


def _caller() -> tuple[str, Any]:
    """The device and the account of the request's token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise answers.Unauthenticated
    try:
        row, owner = device.known(token.strip(), g.now)
    except device.UnknownToken as error:
        raise answers.Unauthenticated from error
    except device.Revoked as error:
        raise answers.Revoked from error
    if not access.may(owner, "device.own"):
        raise answers.Revoked
    wait = REQUESTS.wait_for(row.id, time.monotonic())
    if wait:
        raise TooManyTries(retry_after=wait)
    return row.id, owner


def _body(limit: int) -> bytes:
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    return wire.unpack(request.get_data(cache=False), encoding, limit)


def _from_the_start(owner: Any) -> str:
    """A cursor of an account that has pulled nothing yet: all of its scope, and what changes from now on."""
    mark = wire.scope_mark(owner.role, access.scope_of(owner).communes)
    return wire.write_cursor(wire.Cursor(device.epoch(g.now), mark, door.store().position(), ("", "")))


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, mimetype="application/json")
