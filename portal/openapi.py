"""The sync interface described for programs (OpenAPI 3.1): made from the catalogue, so that it cannot say otherwise."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from portal import answers
from sync import wire
from sync.fields import Field, Kind
from sync.kinds import CATALOGUE, SCHEMA

Json = dict[str, Any]

_UUID: Json = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "description": "A UUID, in small letters."}
_MOMENT: Json = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)$",
    "description": "A moment with its offset (RFC 3339).",
}
_MONTH: Json = {"type": "string", "pattern": r"^20\d\d-(0[1-9]|1[0-2])$", "description": "A month, YYYY-MM."}
_CODES = ("malformed", "unknown_kind", "unknown_record", "unknown_field", "invalid_value", "forbidden", "reused")
_OUTCOMES = ("unchanged", "applied", "conflict", "proposed", "superseded")
_TYPES: dict[str, Json] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "money": {"type": "integer", "description": "Whole đồng."},
    "coefficient": {"type": "integer", "description": "Ten times the coefficient."},
    "list": {"type": "array", "items": {"type": "string"}},
    "json": {},
    "payment_method": {"type": "object"},
    "alternate_recipient": {"type": "object"},
    "mark": {"type": "object"},
    "month": _MONTH,
    "uuid": _UUID,
    "day": {"type": "string", "format": "date"},
    "birth": {"type": "string", "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$", "description": "As exactly as it is known."},
}
"""Type of the catalogue → how its values look in answers; whatever is not named here is text."""


@cache
def document() -> Json:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chi Trả: sync", "version": _version(), "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"device": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer", "description": "The token told by POST /sync/v1/devices."}},
            "schemas": {**_SCHEMAS, **{_name(kind): _record(kind) for kind in CATALOGUE.values() if kind.pulled}},
        },
    }


def _version() -> str:
    return version("chi-tra")


def _name(kind: Kind) -> str:
    return "".join(part.title() for part in kind.name.split("_"))


def _record(kind: Kind) -> Json:
    """A record as a pull carries it. Fields that did not change, or that the role may not see, are left out."""
    return {
        "type": "object",
        "title": kind.label_en,
        "properties": {
            "kind": {"const": kind.name},
            "id": _UUID,
            "version": {"type": "integer"},
            "fields": {
                "type": "object",
                "properties": {field.name: _value(field) for field in kind.fields.values()},
                "additionalProperties": False,
            },
        },
        "required": ["kind", "id", "version", "fields"],
    }


def _value(field: Field) -> Json:
    shape = _TYPES.get(field.type, {"type": "string"})
    if field.choices:
        shape = {"enum": [choice.code for choice in field.choices]}
    described = {"description": f"{field.label_en} ({field.label})"}
    if shape:
        return {"anyOf": [shape, {"type": "null"}], **described}
    return described


def _object(required: str, **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": required.split()}


_EDIT: Json = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1, "description": "The device's own counter; names the edit for ever."},
        "kind": {
            "type": "string",
            "description": "A kind of GET schema.",
            "examples": [kind for kind, each in CATALOGUE.items() if each.pulled],
        },
        "record": _UUID,
        "op": {"enum": ["create", "set"]},
        "base": {"type": ["integer", "null"], "description": "The record's version when the author saw it."},
        "set": {
            "type": "object",
            "description": "Field → [value seen, value wanted]; the value seen is null for a create.",
            "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2},
        },
        "at": _MOMENT,
        "why": {"type": ["string", "null"], "maxLength": 500},
        "of": {"type": ["string", "null"], "description": "The other device of the same account whose edit this is."},
    },
    "required": ["n", "kind", "record", "op", "set", "at"],
    "additionalProperties": False,
}

_SCHEMAS: dict[str, Json] = {
    "Problem": {
        **_object(
            "type title status code",
            type={"type": "string"}, title={"type": "string"}, detail={"type": "string"}, status={"type": "integer"},
            code={"type": "string", "description": "Stable; " + ", ".join(sorted(answers.REQUESTS))},
        ),
        "description": "A whole request refused, with nothing applied (RFC 9457).",
    },
    "Registration": {
        **_object(
            "username password name",
            username={"type": "string"}, password={"type": "string"}, otp={"type": "string"},
            kinds={"type": ["string", "null"], "description": "Of which kinds the schema is wanted along, with commas between."},
            limit={"type": "integer", "minimum": 0, "maximum": wire.MAX_PAGE, "description": "How many records are wanted along; 0: none."},
            name={"type": "string", "minLength": 1, "description": "What the owner calls the device."},
        ),
        "additionalProperties": False,
    },
    "Registered": _object(
        "device token cursor",
        device=_UUID, token={"type": "string", "description": "Told this once."}, cursor={"type": "string"},
        schema={"$ref": "#/components/schemas/Schema"}, page={"$ref": "#/components/schemas/Pulled"},
    ),
    "Edit": _EDIT,
    "Push": {
        **_object(
            "edits",
            edits={"type": "array", "maxItems": wire.MAX_EDITS, "items": {"$ref": "#/components/schemas/Edit"}},
            schema={"type": "integer", "minimum": 1, "maximum": SCHEMA, "description": "The schema the edits were written with."},
        ),
        "additionalProperties": False,
    },
    "Result": _object(
        "n status version",
        n={"type": "integer"},
        status={"enum": ["accepted", "duplicate", "refused"]},
        version={"type": "integer", "description": "The number of its journal entry."},
        fields={"type": "object", "additionalProperties": {"enum": list(_OUTCOMES)}},
        reason=_object("code message", code={"enum": list(_CODES)}, message={"type": "string"}, field={"type": "string"}),
    ),
    "Pushed": _object(
        "cursor results",
        cursor={
            "type": "string",
            "description": "For a device that has pulled nothing yet: its whole scope. Others go on with the cursor of their last pull.",
        },
        results={"type": "array", "items": {"$ref": "#/components/schemas/Result"}, "description": "One for each edit, in order."},
    ),
    "Pulled": _object(
        "cursor more windows records gone",
        cursor={"type": "string"},
        windows={
            "type": "object",
            "additionalProperties": _MONTH,
            "description": "Kind → month: forget records of the kind whose `window` field (GET schema) holds something before it.",
        },
        more={"type": "boolean", "description": "Whether to pull again at once."},
        records={
            "type": "array",
            "items": {"oneOf": [{"$ref": f"#/components/schemas/{_name(kind)}"} for kind in CATALOGUE.values() if kind.pulled]},
        },
        gone={"type": "array", "items": _object("kind id", kind={"type": "string"}, id=_UUID), "description": "Records to forget."},
    ),
    "Schema": _object(
        "schema kinds me changes uncollected units hamlets staff",
        schema={"type": "integer"},
        kinds={"type": "object"},
        me={"type": "object", "description": "Account, name, role and unit of the user."},
        changes={"type": "array", "items": {"type": "object"}, "description": "Reasons for a change that names only a person and a day."},
        uncollected={"type": "array", "items": {"type": "object"}, "description": "Reasons of a mark `uncollected`."},
        units={"type": "object", "description": "Code → name of the communes and pay points in the user's area."},
        hamlets={"type": "object", "description": "Commune → names of its hamlets."},
        staff={"type": "object", "description": "Account → name of the agents who pay in the user's area."},
    ),
    "Schedule": _object(
        "month revision posted_at sessions",
        month=_MONTH, revision={"type": "integer"}, posted_at={"type": "string"}, sessions={"type": "array", "items": {"type": "object"}},
    ),
}  # fmt: skip

_ABOUT = (
    "How a device that was out of reach hands in what its user did, and learns what others did. Nothing is overwritten unseen: an edit "
    "says which value its author saw and which they want. Bodies may be gzip-encoded. Any edit may be sent any number of times."
)


def _answer(schema: str, about: str) -> Json:
    return {"description": about, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _refusals(*statuses: int) -> Json:
    told = {
        400: "malformed",
        401: "unauthenticated",
        403: "revoked, forbidden",
        404: "not_found",
        409: "new_epoch",
        413: "too_large",
        429: "slow_down",
    }
    body = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    retry = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return {str(s): {"description": told[s], "content": body, **({"headers": retry} if s == 429 else {})} for s in statuses}


def _body(schema: str) -> Json:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _query(name: str, about: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "description": about, "schema": schema}


def _paths() -> Json:
    since = _query("since", "A cursor; without it the whole scope.", {"type": "string", "minLength": 1})
    limit = _query("limit", f"Records at a time; at most {wire.MAX_PAGE} are sent.", {"type": "integer", "minimum": 1, "maximum": 999999})
    register = {"201": _answer("Registered", "The device is registered."), **_refusals(400, 401, 403, 413, 429)}
    calls: dict[str, Json] = {
        "/sync/v1/devices": {
            "post": {"summary": "Register a device", "security": [], "requestBody": _body("Registration"), "responses": register}
        },
        "/sync/v1/devices/self": {
            "delete": {
                "summary": "End this device's registration",
                "responses": {"204": {"description": "Ended."}, **_refusals(401, 403, 429)},
            }
        },
        "/sync/v1/schema": {
            "get": {
                "summary": "Kinds, fields, types, bounds, merge rule, who may",
                "parameters": [_query("kinds", "Only these, with commas between; all where it is left out.", {"type": "string"})],
                "responses": {"200": _answer("Schema", "The catalogue."), **_refusals(401, 403, 429)},
            }
        },
        "/sync/v1/pull": {
            "get": {
                "summary": "What changed after a cursor",
                "parameters": [since, limit],
                "responses": {"200": _answer("Pulled", "Records and a new cursor."), **_refusals(400, 401, 403, 409, 429)},
            }
        },
        "/sync/v1/push": {
            "post": {
                "summary": "Hand edits in",
                "description": f"At most {wire.MAX_EDITS} edits and {wire.MAX_BYTES} bytes. The answer leaves when all of them are durable.",
                "requestBody": _body("Push"),
                "responses": {"200": _answer("Pushed", "What became of each."), **_refusals(400, 401, 403, 413, 429)},
            }
        },
        "/sync/v1/schedule": {
            "get": {
                "summary": "The posted payment schedule of a month",
                "parameters": [_query("month", "YYYY-MM", _MONTH, required=True)],
                "responses": {"200": _answer("Schedule", "The newest revision."), **_refusals(400, 401, 403, 404, 429)},
            }
        },
        "/sync/v1/openapi.json": {
            "get": {
                "summary": "This description",
                "security": [],
                "responses": {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}},
            }
        },
    }
    for path, methods in calls.items():
        for method, call in methods.items():
            call["operationId"] = f"{method}_{path.rsplit('/', 1)[-1].partition('.')[0]}"
    return calls
