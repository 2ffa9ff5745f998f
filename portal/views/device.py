"""Devices: one's own, each with when it was last seen, and ending a registration; for the administrator, everybody's."""

from __future__ import annotations

import uuid

import flask
from flask import Blueprint, Response, g

from portal import access, device, pages
from portal.language import mark
from portal.problems import NotFound

bp = Blueprint("device", __name__, url_prefix="/devices")


@bp.get("")
@access.deed("device.own")
def index() -> Response:
    """One's own devices, newest first."""
    return pages.render("device/index.html", devices=device.of_account(access.me().name), revoke="device.revoke", owners=False)


@bp.post("/<uuid:device_id>/revocation")
@access.deed("device.own")
def revoke(device_id: uuid.UUID) -> Response:
    """Ends the registration of one's own device; it is told to forget what it holds at its next contact."""
    me = access.me()
    if str(device_id) not in {each.id for each in device.of_account(me.name)}:
        raise NotFound
    return _revoked(str(device_id), "device.index")


@bp.get("/all")
@access.deed("account.manage")
def every() -> Response:
    """Everybody's devices, newest first."""
    return pages.render("device/index.html", devices=device.every(), revoke="device.revoke_any", owners=True)


@bp.post("/all/<uuid:device_id>/revocation")
@access.deed("account.manage")
def revoke_any(device_id: uuid.UUID) -> Response:
    """Ends the registration of anybody's device: one that was lost, or whose owner left."""
    if not device.is_known(str(device_id)):
        raise NotFound
    return _revoked(str(device_id), "device.every")


def _revoked(device_id: str, back: str) -> Response:
    device.revoke(device_id, access.me().name, g.now)
    flask.flash(pages.gettext(mark("Đã thu hồi. Lần tới thiết bị kết nối, dữ liệu trên đó sẽ bị xoá.")), "success")
    return pages.redirect(back)
