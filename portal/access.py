"""Who may do what, and where: role by deed in one table, the scope of an account, and the route decorator."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import request, session
from flask_login import current_user
from msgspec import Struct

from portal import unit
from portal.language import mark
from portal.models.account import Account
from portal.problems import Forbidden, NotFound, SessionEnded
from sync.edit import Actor

ROLES = {
    "hamlet_reporter": mark("Trưởng thôn, tổ dân phố"),
    "commune_officer": mark("Cán bộ xã"),
    "post_agent": mark("Nhân viên chi trả"),
    "post_supervisor": mark("Kiểm soát bưu điện"),
    "district_officer": mark("Chuyên viên cơ quan chi trả"),
    "approver": mark("Lãnh đạo phê duyệt"),
    "auditor": mark("Kiểm tra, giám sát"),
    "admin": mark("Quản trị hệ thống"),
}
"""What each role is called, unless the preset in force has a name for it (`pages.role_name`)."""
_EVERYONE = frozenset(ROLES)
_ALL_BUT_ADMIN = _EVERYONE - {"admin", "hamlet_reporter"}
_DISTRICT_SIDE = frozenset({"district_officer", "approver", "auditor"})

DEEDS: dict[str, frozenset[str]] = {
    "home.read": _EVERYONE,
    "password.change": _EVERYONE,
    "person.read": _ALL_BUT_ADMIN,
    "change.read": _ALL_BUT_ADMIN,
    "change.propose": frozenset({"commune_officer", "post_agent", "post_supervisor", "district_officer"}),
    "change.appraise": frozenset({"commune_officer", "district_officer"}),
    "hamlet.report": frozenset({"hamlet_reporter"}),
    "change.decide": frozenset({"district_officer", "approver", "commune_officer"}),
    "declaration.read": _DISTRICT_SIDE | {"commune_officer"},
    "declaration.declare": frozenset({"commune_officer"}),
    "payment_list.read": _DISTRICT_SIDE | {"commune_officer", "post_supervisor"},
    "payment_list.build": frozenset({"district_officer"}),
    "payment_list.approve": frozenset({"approver"}),
    "payment_list.post": frozenset({"district_officer"}),
    "payment_list.amend": frozenset({"district_officer"}),
    "schedule.read": _ALL_BUT_ADMIN,
    "schedule.arrange": frozenset({"post_supervisor"}),
    "payment.read": _ALL_BUT_ADMIN,
    "payment.mark": frozenset({"post_agent", "post_supervisor"}),
    "payment.undo": frozenset({"post_supervisor"}),
    "payment.release": frozenset({"commune_officer", "district_officer"}),
    "bank_file.read": frozenset({"district_officer", "approver", "auditor", "post_supervisor"}),
    "bank_file.make": frozenset({"post_supervisor"}),
    "bank_template.edit": frozenset({"district_officer", "post_supervisor"}),
    "payment_method.choose": frozenset({"commune_officer", "district_officer", "post_supervisor"}),
    "settlement.read": _DISTRICT_SIDE | {"commune_officer", "post_supervisor"},
    "settlement.sign": frozenset({"post_supervisor"}),
    "settlement.close": frozenset({"district_officer"}),
    "settlement.reopen": frozenset({"approver"}),
    "funds.read": _DISTRICT_SIDE | {"post_supervisor"},
    "funds.record": frozenset({"district_officer"}),
    "funds.approve": frozenset({"approver"}),
    "funds.confirm": frozenset({"post_supervisor"}),
    "calendar.read": _EVERYONE,
    "calendar.edit": frozenset({"district_officer", "admin"}),
    "recovery.read": _DISTRICT_SIDE | {"commune_officer", "post_supervisor"},
    "recovery.record": frozenset({"district_officer", "commune_officer", "post_supervisor"}),
    "recovery.keep": frozenset({"district_officer"}),
    "recovery.close": frozenset({"approver"}),
    "funeral_grant.read": _DISTRICT_SIDE | {"commune_officer"},
    "funeral_grant.request": frozenset({"commune_officer", "district_officer"}),
    "funeral_grant.decide": frozenset({"district_officer", "approver", "commune_officer"}),
    "report.read": _DISTRICT_SIDE | {"post_supervisor"},
    "report.write": frozenset({"district_officer"}),
    "conflict.read": _DISTRICT_SIDE | {"commune_officer", "post_supervisor"},
    "conflict.resolve": frozenset({"commune_officer", "district_officer", "post_supervisor"}),
    "followup.read": _ALL_BUT_ADMIN,
    "followup.tell": frozenset({"commune_officer", "district_officer", "post_agent", "post_supervisor"}),
    "followup.suspend": frozenset({"commune_officer", "district_officer"}),
    "transition.read": frozenset({"commune_officer", "district_officer", "approver"}),
    "transition.propose": frozenset({"commune_officer", "district_officer"}),
    "law.read": _ALL_BUT_ADMIN,
    "outbox.read": _ALL_BUT_ADMIN - {"auditor"},
    "device.own": frozenset({"commune_officer", "post_agent", "post_supervisor", "district_officer"}),
    "journal.read": frozenset({"auditor", "district_officer"}),
    "upload.take_in": frozenset({"commune_officer", "district_officer"}),
    "unit.read": _DISTRICT_SIDE | {"commune_officer", "admin"},
    "account.manage": frozenset({"admin"}),
}
"""Deed → roles. Who approves never pays, who pays never approves; the auditor changes nothing."""

OF_THE_AGENCY = frozenset({"payment_list.approve", "settlement.reopen", "funds.approve", "funds.read", "bank_file.read"})
"""Deeds on the one list of all communes and its money: of the approver of the paying agency, not of one who decides for a single commune.

The money's account and the files for banks are of all communes, names and sums included.
"""

PUBLIC = "public"
"""The deed of a route that needs nobody signed in."""

_ONLY_AT = {"commune_officer": "commune", "hamlet_reporter": "hamlet"}
"""Roles that reach anything at one kind of unit only."""
_TOKEN_LENGTH = 64
_P = ParamSpec("_P")
_R = TypeVar("_R")


class Scope(Struct, frozen=True):
    """What an account may reach: `communes` by code, None for every commune; `unit` is its own office."""

    communes: frozenset[str] | None
    unit: str

    def covers(self, commune: str | None) -> bool:
        """Whether a record of this commune lies in the scope."""
        return self.communes is None or commune in self.communes

    def require(self, commune: str | None) -> None:
        """Lets a record of this commune be loaded.

        Raises:
            NotFound: where it lies outside: that it exists is not told either.
        """
        if not self.covers(commune):
            raise NotFound


def deed(name: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Decorates a view with the deed it does: it asks for sign-in and for the right; a house test reads `view.deed`.

    The view then raises SessionEnded where nobody is signed in, and Forbidden where the role may not.
    """
    if name not in DEEDS:
        raise KeyError(f"{name} is no deed of access.DEEDS")

    def decorate(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def permitted(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if not may(me(), name):
                raise Forbidden
            return view(*args, **kwargs)

        permitted.deed = name  # type: ignore[attr-defined]  # read by the house test that every route has one
        return permitted

    return decorate


def public(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorates a view anyone may open, signed in or not."""
    view.deed = PUBLIC  # type: ignore[attr-defined]  # as above
    return view


def signed_in() -> Account | None:
    """The account of this request, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001  # Flask's way past a proxy


def me() -> Account:
    """The account of this request.

    Raises:
        SessionEnded: where nobody is signed in.
    """
    account = signed_in()
    if account is None:
        raise SessionEnded
    return account


def may(account: Account | None, name: str) -> bool:
    """Whether the account's role may do the deed."""
    if account is None or account.role not in DEEDS[name]:
        return False
    return name not in OF_THE_AGENCY or account.role != "approver" or unit.serves_all(account.unit)


def fits(role: str, code: str) -> bool:
    """Whether an account of a role may belong to a unit: one of today, and a hamlet for whoever reports for a hamlet."""
    if role == "admin":
        return True
    at = unit.by_code(code)
    return at is not None and at.succeeded_by is None and (at.kind == "hamlet") == (role == "hamlet_reporter")


def scope_of(account: Account) -> Scope:
    """The communes an account may reach: those its unit serves, or that lie below it, with all they succeeded; none for an admin.

    An office above the communes that serves all there are gets None, so that no list of codes stands in its queries.
    """
    if account.role == "admin":
        return Scope(frozenset(), account.unit)
    served, reached = unit.communes_served_by(account.unit), unit.within_reach_of(account.unit)
    own = _ONLY_AT.get(account.role)
    if own is not None:
        at = unit.by_code(account.unit)
        return Scope(reached if at is not None and at.kind == own else frozenset(), account.unit)
    if len(served) > 1 and unit.serves_all(account.unit):
        return Scope(None, account.unit)
    return Scope(reached, account.unit)


def page_device() -> str:
    """The device that page forms of this sign-in count as: one for each session, made at sign-in."""
    name = session.get("device")
    if name is None:
        name = session["device"] = f"page-{uuid.uuid4()}"
    return str(name)


def actor(account: Account, device: str, *, online: bool = True, assignments: frozenset[tuple[str, str, str]] = frozenset()) -> Actor:
    """Who hands edits in, for the door: the account with its scope, from a device (a page form's, or a registered one's)."""
    return Actor(
        account=account.name,
        role=account.role,
        unit=account.unit,
        device=device,
        communes=scope_of(account).communes,
        name=account.full_name,
        assignments=assignments,
        online=online,
        hamlet=hamlet_of(account),
    )


def form_actor() -> Actor:
    """Who sends the form of this request. Its hidden `_edit` names it, so that sent twice it does its work once; without one it stands for itself."""
    return actor(me(), f"form:{request.form.get('_edit', '')[:_TOKEN_LENGTH] or uuid.uuid4()}")


def hamlet_of(account: Account) -> str | None:
    """The name of the one hamlet an account reaches, None for all others; "" where its unit is no hamlet: then it reaches nobody."""
    if account.role != "hamlet_reporter":
        return None
    at = unit.by_code(account.unit)
    return at.name if at is not None and at.kind == "hamlet" else ""
