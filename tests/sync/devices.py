"""A device that speaks the sync protocol with a portal over HTTP, for tests."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sync import wire
from tests.district import District, account_name
from tests.office import PASSWORD

AT = "2024-10-05T09:00:00+07:00"


class Device:
    """One registered device of an account; `answer` is the last one it got."""

    def __init__(self, district: District, who: str, name: str = "Điện thoại") -> None:
        self.http: FlaskClient = district.app.test_client()
        self.numbers = count(1)
        made = self.http.post("/sync/v1/devices", json={"username": account_name(who), "password": PASSWORD, "name": name})
        assert made.status_code == 201, made.text
        self.id, self.token, self.cursor = (made.get_json()[name] for name in ("device", "token", "cursor"))
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.held: dict[tuple[str, str], dict[str, Any]] = {}

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.http.get(f"/sync/v1/{path}", query_string=query, headers=self.headers)

    def edit(self, kind: str, record: str, pairs: dict[str, Any], *, op: str = "set", **more: Any) -> dict[str, Any]:
        return {"n": more.pop("n", None) or next(self.numbers), "kind": kind, "record": record, "op": op, "set": pairs, "at": AT, **more}

    def send(self, body: Any, **headers: str) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post("/sync/v1/push", data=data, headers={**self.headers, "Content-Type": "application/json", **headers})

    def push(self, *edits: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
        answer = self.send({"edits": list(edits), "schema": 1}, **headers)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.get_json()["results"]
        assert [result["n"] for result in results] == [edit["n"] for edit in edits]
        return results

    def pull(self, limit: int = 500, *, fresh: bool = False) -> dict[tuple[str, str], dict[str, Any]]:
        """Pulls until there is no more, from where it stands or from nothing."""
        if fresh:
            self.held.clear()
        query = {} if fresh else {"since": self.cursor}
        while True:
            answer = self.get("pull", limit=limit, **query)
            assert answer.status_code == 200, answer.text
            for record in answer.get_json()["records"]:
                kept = self.held.setdefault((record["kind"], record["id"]), {})
                kept.update(record["fields"])
            for record in answer.get_json()["gone"]:
                self.held.pop((record["kind"], record["id"]), None)
            for key in [key for key, fields in self.held.items() if wire.is_past(answer.get_json()["windows"], key[0], fields)]:
                del self.held[key]
            self.cursor = answer.get_json()["cursor"]
            query = {"since": self.cursor}
            if not answer.get_json()["more"]:
                return {key: {k: v for k, v in fields.items() if v is not None} for key, fields in self.held.items()}
