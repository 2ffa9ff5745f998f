"""A made-up noun whose pages do what tests of the frame need: keep a text, clash, break, take a file."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import access, pages, security
from portal.problems import InvalidForm, LostRace, NotFound


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
