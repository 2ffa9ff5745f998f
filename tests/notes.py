"""A made-up noun whose pages do what tests of the frame need: keep a text, clash, break, take a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, Response, request

from portal import access, account, db, pages, security
from portal.problems import InvalidForm, LostRace, NotFound
from tests.office import open_office


@pytest.fixture
def portal(sqlite_url: str) -> Iterator[Flask]:
    """An office whose portal has these pages, too."""
    app = open_office(sqlite_url)
    app.register_blueprint(pages_of_notes())
    yield app
    db.disconnect()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password is answered at once."""
    monkeypatch.setattr(account, "_FIRST_DELAY_SECONDS", 0.0)


def pages_of_notes() -> Blueprint:
    """A blueprint of its own for each app; what it keeps begins empty."""
    bp = Blueprint("notes", __name__)
    kept: list[str] = []

    @bp.get("/notes")
    @access.deed("person.read")
    def index() -> Response:
        return Response("|".join(kept))

    @bp.post("/notes")
    @access.deed("change.propose")
    def add() -> Response:
        kept.extend(request.form.getlist("text"))
        return pages.redirect("notes.index")

    @bp.post("/notes/clash")
    @access.deed("change.propose")
    def clash() -> Response:
        raise LostRace

    @bp.post("/sync/v1/notes")
    @access.public
    def push() -> Response:
        raise InvalidForm({"text": "sai"})

    @bp.get("/notes/<int:number>")
    @access.public
    def one(number: int) -> Response:
        if number != 1:
            raise NotFound
        return Response("1")

    @bp.get("/notes/breaks")
    @access.public
    def breaks() -> Response:
        raise ZeroDivisionError

    @bp.post("/notes/upload")
    @access.public
    def upload() -> Response:
        security.accept_upload(8 * 1024 * 1024)
        return Response(str(len(request.files["book"].read())))

    return bp
