"""A small world for the door's tests: people, a posted list, offices, and a law simple enough to reckon in the head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from sync.door import Answer, receive
from sync.edit import Actor, Edit, Entry, Refused, Result, Write
from sync.holds import state_of
from sync.ids import named
from sync.journal import digest
from sync.kinds import CATALOGUE
from sync.kinds.entitlement import pays_in
from sync.memory import MemoryStore
from sync.procedure import Procedure
from sync.store import Store

A, B = "18409", "18412"
NOW = "2024-10-12T01:00:00Z"
MONTH = "2024-10"
RATE = 500_000


class SimpleLaw:
    """Stops the month after the event; every category is 1,0."""

    types: Mapping[str, str] = {
        "MOI": "increase",
        "TIEP_TUC": "increase",
        "CHET": "decrease",
        "CHUYEN_DI": "decrease",
        "HET_DK": "decrease",
        "TUOI": "adjustment",
        "KHONG_NHAN_3T": "suspension",
    }

    def reason_type(self, reason: str) -> str | None:
        return self.types.get(reason)

    def stop_month(self, reason: str, event_date: str) -> str:
        year, month = int(event_date[:4]), int(event_date[5:7])
        return f"{year + month // 12:04d}-{month % 12 + 1:02d}"

    def coefficient10(self, category: str, month: str) -> int | None:
        return 10

    def highest(self, month: str, claims: Sequence[tuple[str, str, int, str]]) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(ref for ref, *_ in claims), frozenset()

    def day(self, at: str) -> str:
        return at[:10]

    def day_before(self, day: str) -> str:
        return (date.fromisoformat(day) - timedelta(days=1)).isoformat()

    def procedure(self, name: str, at: str, also: Sequence[Mapping[str, Any]] = ()) -> Procedure:
        rule: dict[str, Any] = also[-1]["rule"] if also else {}
        decides = frozenset({"commune_officer", "district_officer"} if name == "contact" else {"approver", "district_officer"})
        return Procedure(
            proposes=frozenset({"commune_officer", "district_officer", "post_agent", "post_supervisor"}),
            decides=frozenset(rule.get("decides") or decides),
            reports=frozenset({"hamlet_reporter"} if name == "decrease" else ()),
            appraises=frozenset({"commune_officer"}),
        )

    def knows(self, preset: str | None, name: str | None, rule: Mapping[str, Any] | None) -> bool:
        return preset is None

    def amount(self, category: str, coefficient10: int, month: str) -> int | None:
        return RATE * coefficient10 // 10

    def funeral_grant(self, basis: str, category: str | None, month: str) -> tuple[str, int, int] | None:
        return "MTP", RATE, 20


LAW = SimpleLaw()


def person_id(number: int) -> str:
    return named("test-person", str(number))


def payment_id(number: int) -> str:
    return named("test-payment", MONTH, person_id(number))


def actor(role: str, account: str = "", *, communes: set[str] | None = None, device: str = "", **more: Any) -> Actor:
    account = account or role
    return Actor(
        account=account,
        role=role,
        unit="",
        device=device or f"device-of-{account}",
        communes=None if communes is None else frozenset(communes),
        **more,
    )


IMPORTER = actor("importer")
COMMUNE_A = actor("commune_officer", "an", communes={A})
COMMUNE_A2 = actor("commune_officer", "anh", communes={A})
COMMUNE_B = actor("commune_officer", "binh", communes={B})
DISTRICT = actor("district_officer", "dung", online=True)
DISTRICT2 = actor("district_officer", "duc", online=True)
HEAD = actor("approver", "hai", online=True)
AGENT = actor("post_agent", "phuc", communes={A}, assignments=frozenset({(MONTH, A, "")}))
SUPERVISOR = actor("post_supervisor", "son", online=True)


class World:
    """A store with people in it, and a short way to hand edits in."""

    def __init__(self, store: Store, people: int = 4) -> None:
        self.store = store
        self.numbers: dict[str, count[int]] = {}
        edits: list[tuple[str, str, dict[str, Any]]] = []
        for number in range(people):
            commune = A if number % 2 == 0 else B
            edits.append(
                (
                    person_id(number),
                    "person",
                    {
                        "code": f"P{number}",
                        "full_name": f"Nguyễn Thị {number}",
                        "birth": "1940",
                        "commune": commune,
                        "phone": "0912345678",
                        "payment_method": {"method": "cash"},
                        "hamlet": "Thôn 1",
                    },
                )
            )
            edits.append(
                (
                    named("test-right", person_id(number)),
                    "entitlement",
                    {
                        "person": person_id(number),
                        "commune": commune,
                        "line_code": f"P{number}/1",
                        "category": "5.5c",
                        "coefficient10": 10,
                        "start_month": "2020-01",
                    },
                )
            )
        for record, kind, values in edits:
            assert self.create(IMPORTER, kind, record, values).status == "accepted"

    def number(self, device: str) -> int:
        return next(self.numbers.setdefault(device, count(1)))

    def edit(self, who: Actor, kind: str, record: str, pairs: dict[str, Any], op: str = "set", **more: Any) -> Edit:
        return Edit(
            n=more.pop("n", None) or self.number(who.device),
            kind=kind,
            record=record,
            op=op,  # type: ignore[arg-type]
            set={k: tuple(v) for k, v in pairs.items()},
            at=NOW,
            **more,
        )

    def send(self, who: Actor, *edits: Edit) -> Answer:
        return receive(edits, self.store, who, NOW, LAW)

    def set(self, who: Actor, kind: str, record: str, pairs: dict[str, Any], **more: Any) -> Result:
        return self.send(who, self.edit(who, kind, record, pairs, **more)).results[0]

    def create(self, who: Actor, kind: str, record: str, values: dict[str, Any], **more: Any) -> Result:
        pairs = {name: (None, value) for name, value in values.items()}
        return self.send(who, self.edit(who, kind, record, pairs, op="create", **more)).results[0]

    def get(self, kind: str, record: str) -> dict[str, Any]:
        with self.store.transaction():
            return self.store.records(kind, [record])[record].fields

    def all(self, kind: str, field: str, value: Any) -> list[Any]:
        with self.store.transaction():
            return self.store.where(kind, field, [value])

    def entries(self) -> list[Entry]:
        """The whole journal."""
        if isinstance(self.store, MemoryStore):
            return list(self.store.journal)
        names = ("seq", "at", "device", "n", "account", "kind", "record", "body", "hash")
        sql = f"SELECT {', '.join(names)} FROM journal ORDER BY seq"
        rows = self.store.run(sql).fetchall()  # type: ignore[attr-defined]  # a store on tables
        return [Entry(**dict(zip(names, row, strict=True))) for row in rows]

    def store_head(self) -> int:
        with self.store.transaction():
            return self.store.head()[0]

    def open_list(self) -> str:
        """October's list, as a draft."""
        record = named("test-list", MONTH)
        assert self.create(DISTRICT, "payment_list", record, {"month": MONTH}).status == "accepted"
        return record

    def step_list(self, record: str) -> None:
        """Takes a list one step on: frozen, approved by another, posted; a posted one stays as it is."""
        state, shown = (self.get("payment_list", record)[name] for name in ("state", "digest"))
        steps: dict[str, tuple[Actor, dict[str, Any]]] = {
            "draft": (DISTRICT, {"state": ("draft", "frozen")}),
            "frozen": (HEAD, {"state": ("frozen", "approved"), "approval": (None, {"digest": shown})}),
            "approved": (DISTRICT, {"state": ("approved", "posted")}),
        }
        if state in steps:
            who, pairs = steps[state]
            assert self.set(who, "payment_list", record, pairs).status == "accepted"

    def post_list(self) -> str:
        """October's list: built, frozen, approved by another, posted."""
        record = self.open_list()
        for _ in range(3):
            self.step_list(record)
        assert self.get("payment_list", record)["state"] == "posted"
        return record


def build(store: Store, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """The list of a month, line by line: slow and plain, for stores without SQL and with."""
    lines = []
    rights = store.where("entitlement", "category", ["5.5c"])
    for right in sorted(rights, key=lambda r: str(r["line_code"])):
        if not pays_in(right.fields, args["month"]):
            continue
        person = store.records("person", [right["person"]])[right["person"]]
        total = RATE * right["coefficient10"] // 10
        fields = {
            **CATALOGUE["payment"].blank(),
            "list": args["list"],
            "month": args["month"],
            "person": person.id,
            "entitlement": right.id,
            "line_code": right["line_code"],
            "commune": person["commune"],
            "hamlet": person["hamlet"],
            "full_name": person["full_name"],
            "total": total,
            "allowance": total,
            "addendum": 0,
            "published": False,
        }
        lines.append(
            Write(
                kind="payment",
                record=named("test-payment", args["month"], person.id),
                fields=fields,
                create=True,
                full=fields,
            )
        )
    store.write([(seq, line) for line in lines])
    return {"lines": len(lines), "total": sum(w.fields["total"] for w in lines), "digest": digest([w.fields for w in lines])}


def freeze(store: Store, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    return {}


def post(store: Store, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    writes = []
    for record in store.where("payment", "list", [args["list"]]):
        full = {**record.fields, "published": True}
        writes.append(
            (
                seq,
                Write(
                    kind="payment",
                    record=record.id,
                    fields={"published": True},
                    create=False,
                    unit=record["commune"],
                    left="",
                    full=full,
                ),
            )
        )
    store.write(writes)
    return {}


def sums(store: Store, payment_list: str) -> dict[str, int]:
    """Money by state."""
    found: dict[str, int] = {}
    for payment in store.where("payment", "list", [payment_list]):
        state = state_of(payment["mark"], payment["hold"])
        found[state] = found.get(state, 0) + payment["total"]
    return found


def balance(store: Store, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    figures = sums(store, args["list"])
    if figures.get("planned"):
        raise Refused("forbidden", field="state", detail="planned_left")
    return {"figures": figures, "digest": digest(figures)}


def reopen(store: Store, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """There is one month in this world: nothing was carried on."""
    return {}


def funds(store: Store, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """The providers' balances: this office keeps no vouchers."""
    return {}


BULKS = {"build": build, "freeze": freeze, "post": post, "balance": balance, "reopen": reopen, "funds": funds}
