"""The wire: request bodies in, answers out, cursors (sync-protocol 4). Bytes and JSON only; who asks is already known."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from sync.door import Unreadable
from sync.edit import Edit, Result
from sync.fields import Field
from sync.kinds import CATALOGUE, PULLED, SCHEMA
from sync.kinds.payment import MARKED
from sync.store import Store
from sync.structs import looked_up

MAX_EDITS = 500
MAX_BYTES = 1024 * 1024
MAX_PAGE = 2000
_MAX_NUMBER = 2**53
_MAX_WHY = 500
_MAX_KIND = 40
_MAX_DEPTH = 32
_TOLD_MONTHS = 2
_NUL = b"\\u0000"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_AT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class WireProblem(Exception):
    """A whole request that is refused, with nothing applied: `status` and a stable `code` of the protocol."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class _Push(msgspec.Struct, forbid_unknown_fields=True):
    edits: list[Any]
    schema: int = SCHEMA


class Cursor(msgspec.Struct, frozen=True):
    """A place in the order of changes, of one epoch and one scope; `after` while the first copy is still under way.

    `month`: the oldest month whose payments the device was told of ("" before any list was posted).
    """

    epoch: str
    scope: str
    place: int
    after: tuple[str, str] | None = None
    month: str = ""


def unpack(body: bytes, encoding: str, limit: int = MAX_BYTES) -> bytes:
    """A request body, unpacked when it is gzip; never more than `limit` bytes. Raises `WireProblem`."""
    if encoding in ("", "identity"):
        if len(body) > limit:
            raise WireProblem(413, "too_large")
        return body
    if encoding != "gzip":
        raise WireProblem(400, "malformed")
    reader = zlib.decompressobj(wbits=31)
    try:
        data = reader.decompress(body, limit + 1)
    except zlib.error as error:
        raise WireProblem(400, "malformed") from error
    if len(data) > limit:
        raise WireProblem(413, "too_large")
    if not reader.eof or reader.unused_data:
        raise WireProblem(400, "malformed")
    return data


looked_up(_Push, Cursor)


def read_push(data: bytes) -> list[Edit | Unreadable]:
    """The edits of a push. One that can be named but not read stays, as `Unreadable`. Raises `WireProblem`."""
    try:
        push = msgspec.json.decode(data, type=_Push)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise WireProblem(400, "malformed") from error
    if not 1 <= push.schema <= SCHEMA:
        raise WireProblem(400, "malformed")
    if len(push.edits) > MAX_EDITS:
        raise WireProblem(413, "too_large")
    with_nul = _NUL in data
    return [_edit(raw, with_nul=with_nul) for raw in push.edits]


def _edit(raw: Any, *, with_nul: bool) -> Edit | Unreadable:
    if not isinstance(raw, dict) or not _is_number(raw.get("n")) or _is_deep(raw):
        raise WireProblem(400, "malformed")
    if with_nul:
        clean = _without_nul(raw)
        if clean != raw:
            return _unreadable(clean)
    try:
        edit = msgspec.convert(raw, Edit)
    except msgspec.ValidationError:
        return _unreadable(raw)
    is_named = len(edit.kind) <= _MAX_KIND and _UUID.fullmatch(edit.record) and 0 <= (edit.base or 0) < _MAX_NUMBER
    if not is_named or not _AT.fullmatch(edit.at) or len(edit.why or "") > _MAX_WHY:
        return _unreadable(raw)
    return edit


def _unreadable(raw: dict[str, Any]) -> Unreadable:
    of = raw.get("of")
    return Unreadable(n=raw["n"], raw=raw, of=of if isinstance(of, str) else None)


def _is_deep(value: dict[str, Any] | list[Any], left: int = _MAX_DEPTH) -> bool:
    """Whether values nest deeper than any field's do: what can be read so could not always be written again."""
    if not left:
        return True
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)) and _is_deep(item, left - 1):
            return True
    return False


def _is_number(n: Any) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and 1 <= n < _MAX_NUMBER


def _without_nul(value: Any) -> Any:
    """PostgreSQL keeps no NUL in text; what carries one is malformed and is kept without it."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(k): _without_nul(v) for k, v in value.items()}
    return [_without_nul(v) for v in value] if isinstance(value, list) else value


def result_json(result: Result, message: str) -> dict[str, Any]:
    """One answer of a push, with the reason's sentence in the user's language."""
    answer: dict[str, Any] = {"n": result.n, "status": result.status, "version": result.version}
    if result.fields:
        answer["fields"] = result.fields
    if result.reason is not None:
        reason = {"code": result.reason.code, "message": message}
        answer["reason"] = {**reason, **({"field": result.reason.field} if result.reason.field else {})}
    return answer


def scope_mark(role: str, communes: frozenset[str] | None) -> str:
    """A short digest of what a user may see; a cursor made for another scope belongs to another epoch."""
    text = role + ":" + ("*" if communes is None else ",".join(sorted(communes)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write_cursor(cursor: Cursor) -> str:
    """The opaque text of a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read_cursor(text: str, epoch: str, scope: str) -> Cursor:
    """The cursor of its text. Raises `WireProblem`: 400 where it is none, 409 `new_epoch` where it is of another time."""
    try:
        padded = text + "=" * (-len(text) % 4)
        cursor = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=Cursor)
    except (ValueError, binascii.Error, msgspec.DecodeError, RecursionError) as error:
        raise WireProblem(400, "malformed") from error
    if cursor.epoch != epoch or cursor.scope != scope:
        raise WireProblem(409, "new_epoch")
    if not 0 <= cursor.place < _MAX_NUMBER or "\x00" in "".join(cursor.after or ()):
        raise WireProblem(400, "malformed")
    return cursor


def pull(store: Store, role: str, communes: frozenset[str] | None, epoch: str, since: str | None, limit: int) -> dict[str, Any]:
    """What changed in the user's scope after a cursor, or the whole scope without one; inside one snapshot of the store.

    A device that has been told `more: false` holds exactly what the server held at that cursor (guarantees G5, G6), once it has
    forgotten what lies before the `windows` it was told.
    """
    scope = scope_mark(role, communes)
    limit = max(1, min(limit, MAX_PAGE))
    window = windows(store)
    month = window.get("payment", "")
    fresh = Cursor(epoch, scope, store.position(), ("", ""), month)
    cursor = fresh if since is None else read_cursor(since, epoch, scope)
    wanted: list[tuple[str, str, frozenset[str] | None]] = []
    gone: list[tuple[str, str]] = []
    place, after, more = cursor.place, cursor.after, True
    if cursor.month > month and (after is None or after[0] in window):
        after = _LAST  # an older month is worked on again: all that goes by months once more
    if after is not None:
        keys = store.whole(communes, after, limit, window)
        wanted = [(kind, record, None) for kind, record in keys]
        after = keys[-1] if len(keys) == limit else None
    if after is None and len(wanted) < limit:
        page = store.changes(place, limit - len(wanted), communes)
        wanted += page.changed
        gone = page.gone
        more = page.more
        place = page.upto if more else max(page.upto, store.position())
    return {
        "cursor": write_cursor(Cursor(epoch, scope, place, after, month)),
        "more": more,
        "windows": window,
        "records": _records(store, role, communes, wanted, gone, window),
        "gone": [{"kind": kind, "id": record} for kind, record in gone],
    }


_LAST = (next(kind for kind in PULLED if CATALOGUE[kind].window), "")
"""The place in a first copy where the kinds begin that go by months."""


def windows(store: Store) -> dict[str, str]:
    """Kind → month: of these kinds devices hold only records whose `window` field is empty, or not before that month.

    Payments from the newest posted month on, or from the one before while that is not settled; what was decided, two months longer:
    as long as its author may look for it. Empty before any list was posted.
    """
    states = {found["month"]: found["state"] for found in store.where("payment_list", "state", MARKED)}
    newest = sorted(states)[-2:]
    if not newest:
        return {}
    oldest = newest[0] if states[newest[0]] == "posted" else newest[-1]
    year, month = int(oldest[:4]), int(oldest[5:]) - _TOLD_MONTHS
    decided = f"{year:04d}-{month:02d}" if month > 0 else f"{year - 1:04d}-{month + 12:02d}"
    return {kind: oldest if kind == "payment" else decided for kind in PULLED if CATALOGUE[kind].window}


def is_past(window: Mapping[str, str], kind: str, fields: Mapping[str, Any]) -> bool:
    """Whether devices need a record no more: what its kind goes by lies before the month of the window."""
    name = CATALOGUE[kind].window
    return bool(name and kind in window and fields.get(name) and fields[name] < window[kind])


def _records(
    store: Store,
    role: str,
    communes: frozenset[str] | None,
    wanted: list[tuple[str, str, frozenset[str] | None]],
    gone: list[tuple[str, str]],
    window: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The records as they stand now. One that has left the scope, or the months devices hold, since the change is `gone` already."""
    names: dict[tuple[str, str], frozenset[str] | None] = {}
    ids: dict[str, list[str]] = {}
    for kind, record_id, changed in wanted:
        key = (kind, record_id)
        if key not in names:
            ids.setdefault(kind, []).append(record_id)
        before = names.get(key, frozenset())
        names[key] = None if changed is None or before is None else before | changed
    answer = []
    for kind, some in ids.items():
        visible = CATALOGUE[kind].told(role)
        found = store.records(kind, some)
        for record_id in some:
            record = found[record_id]
            scope = CATALOGUE[kind].scope
            if communes is not None and scope is not None and record.fields[scope] not in communes:
                gone.append((kind, record_id))
                continue
            if is_past(window, kind, record.fields):
                gone.append((kind, record_id))
                continue
            changed = names[kind, record_id]
            if changed is None:
                fields = {k: v for k, v in record.fields.items() if k in visible and v is not None}
            else:
                fields = {k: record.fields[k] for k in record.fields if k in changed and k in visible}
            answer.append({"kind": kind, "id": record_id, "version": record.version, "fields": fields})
    return answer


def schema(role: str, wanted: frozenset[str] | None = None) -> dict[str, Any]:
    """The catalogue as devices read it: kinds (those `wanted`, or all), fields, types, bounds, merge rule, who may."""
    return {
        "schema": SCHEMA,
        "kinds": {
            kind.name: {
                "label": kind.label,
                "label_en": kind.label_en,
                "create": role in kind.create,
                "pulled": kind.pulled,
                **({"window": kind.window} if kind.window else {}),
                "fields": {f.name: _field(f) for f in kind.fields.values() if role not in f.hidden_from},
            }
            for kind in CATALOGUE.values()
            if wanted is None or kind.name in wanted
        },
    }


def _field(field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": field.type,
        "label": field.label,
        "label_en": field.label_en,
        "merge": field.merge,
        "required": field.required,
        "direct": sorted(field.direct),
        "propose": sorted(field.propose),
        "decide": sorted(field.decide),
    }
    if field.choices:
        described["choices"] = [{"code": c.code, "label": c.label, "label_en": c.label_en} for c in field.choices]
    if field.bounds:
        described["bounds"] = dict(field.bounds)
    return described
