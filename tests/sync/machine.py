"""Devices, a decider and an importer over one store, with a line that repeats, re-orders and loses requests and answers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sync.desk import Shelf
from sync.edit import Actor
from sync.kinds import CATALOGUE
from sync.kinds.change import shown_digest
from sync.kinds.conflict import shown_digest as conflict_digest
from sync.memory import MemoryStore
from sync.store import Store
from tests.sync import checks, world
from tests.sync.world import AGENT, A, B, World, actor, payment_id, person_id

PEOPLE = 4
PHONES = ["0912345678", "0900000001", "0900000002"]
AUTHORS = [
    world.COMMUNE_A,
    world.COMMUNE_A2,
    world.COMMUNE_B,
    world.DISTRICT,
    world.DISTRICT2,
    AGENT,
    actor("post_agent", "phuoc", communes={B}, assignments=frozenset({(world.MONTH, B, "")})),
    world.SUPERVISOR,
]
MARKS: list[dict[str, Any] | None] = [
    {"state": "paid", "how": "counter", "to": "self", "at": "2024-10-12T01:31:05Z"},
    {"state": "paid", "how": "home", "at": "2024-10-13T02:00:00Z"},
    {"state": "uncollected", "reason": "VANG_MAT"},
    {"state": "rejected", "reason": "SAI_TK"},
    None,
]
SKEWED = ["2024-10-12T08:00:00+07:00", "1999-01-01T00:00:00Z", "2031-12-31T23:59:59+14:00"]


class Line(RuleBasedStateMachine):
    """Every run ends, as every step does, with G1–G10 holding against `tests.sync.checks`."""

    def make_store(self) -> Store:
        """The store this run is on."""
        return MemoryStore(world.BULKS)

    @initialize(limits=st.lists(st.integers(1, 7), min_size=3, max_size=3), posted=st.integers(0, 3))
    def begin(self, limits: list[int], posted: int) -> None:
        self.here = World(self.make_store(), PEOPLE)
        self.sent: list[checks.Sent] = []
        self.line: list[tuple[Actor, list[checks.Sent]]] = []
        self.payment_list: str | None = None
        self.reports = 0
        self.people = [person_id(i) for i in range(PEOPLE)]
        self.readers = [
            checks.Reader(self.here, "commune_officer", frozenset({A}), limits[0]),
            checks.Reader(self.here, "post_agent", frozenset({B}), limits[1]),
            checks.Reader(self.here, "district_officer", None, limits[2]),
        ]
        for _ in range(4 if posted else 0):
            self.take_the_list_a_step_on()

    def write(self, who: Actor, kind: str, record: str, pairs: dict[str, Any], at: str, now: bool, **more: Any) -> None:
        """An edit made on a device: `now` it reaches the server at once, else it lies in the outbox."""
        one = checks.Sent(who.device, self.here.edit(who, kind, record, pairs, **more))
        one.edit = type(one.edit)(**{**{n: getattr(one.edit, n) for n in one.edit.__struct_fields__}, "at": at})
        self.sent.append(one)
        self.line.append((who, [one]))
        if now:
            self.arrive(len(self.line) - 1, keep=False)

    def who_reaches(self, who: Actor, person: int) -> Actor:
        """Mostly someone of the person's own commune; else whoever was drawn, who may have no business there."""
        commune = self.here.get("person", person_id(person))["commune"]
        own = {A: world.COMMUNE_A, B: world.COMMUNE_B}[commune]
        return who if who.reaches(commune) or self.reports % 3 == 0 else own

    @rule(
        who=st.sampled_from(AUTHORS),
        person=st.integers(0, PEOPLE - 1),
        seen=st.sampled_from(PHONES),
        wanted=st.sampled_from([*PHONES, "abc"]),
        address=st.none() | st.sampled_from(["Xóm 1", "Xóm 2"]),
        at=st.sampled_from(SKEWED),
        now=st.booleans(),
    )
    def edit_person(self, who: Actor, person: int, seen: str, wanted: str, address: str | None, at: str, now: bool) -> None:
        pairs: dict[str, Any] = {"phone": (seen, wanted)}
        if address is not None:
            pairs["address"] = (None, address)
        self.write(self.who_reaches(who, person), "person", person_id(person), pairs, at, now)

    @rule(
        who=st.sampled_from(AUTHORS),
        person=st.integers(0, PEOPLE - 1),
        wanted=st.sampled_from(["1939", "1941-05", "31/2/1940"]),
        now=st.booleans(),
    )
    def correct_birth(self, who: Actor, person: int, wanted: str, now: bool) -> None:
        self.write(who, "person", person_id(person), {"birth": ("1940", wanted)}, SKEWED[0], now)

    @rule(person=st.integers(0, PEOPLE - 1), approved=st.booleans())
    def move(self, person: int, approved: bool) -> None:
        commune = self.here.get("person", person_id(person))["commune"]
        pair = (commune, B if commune == A else A)
        who = {A: world.COMMUNE_A, B: world.COMMUNE_B}[commune]
        self.write(who, "person", person_id(person), {"commune": pair}, SKEWED[0], now=True)
        for change in self.here.all("change", "target", person_id(person)):
            if approved and change["state"] == "proposed" and "commune" in change["target_set"]:
                with self.here.store.transaction():
                    shown = shown_digest(Shelf(self.here.store, CATALOGUE), change)
                self.here.set(world.DISTRICT, "change", change.id, {"decision": (None, {"verdict": "approve", "digest": shown})})

    @rule(
        who=st.sampled_from(AUTHORS),
        person=st.integers(0, PEOPLE - 1),
        seen=st.sampled_from(MARKS),
        wanted=st.sampled_from(MARKS),
        at=st.sampled_from(SKEWED),
        why=st.none() | st.just("nhầm"),
        now=st.booleans(),
    )
    def mark(self, who: Actor, person: int, seen: Any, wanted: Any, at: str, why: str | None, now: bool) -> None:
        who = who if who.role.startswith("post") else world.SUPERVISOR
        self.write(who, "payment", payment_id(person), {"mark": (seen, wanted)}, at, now, why=why)

    @rule(person=st.integers(0, 1), which=st.integers(0, 2), now=st.booleans())
    def pay(self, person: int, which: int, now: bool) -> None:
        """Money handed over at the counter, which somebody else may have handed over already."""
        who = [world.AGENT, world.SUPERVISOR, AUTHORS[6]][which]
        self.write(who, "payment", payment_id(person), {"mark": (None, MARKS[which % 2])}, SKEWED[which], now)

    @rule(
        who=st.sampled_from(AUTHORS),
        person=st.integers(0, PEOPLE - 1),
        date=st.sampled_from(["2024-09-12", "2024-10-02"]),
        now=st.booleans(),
    )
    def report_death(self, who: Actor, person: int, date: str, now: bool) -> None:
        self.reports += 1
        pairs = {n: (None, v) for n, v in {"person": person_id(person), "reason": "CHET", "event_date": date}.items()}
        self.write(self.who_reaches(who, person), "change", person_id(1000 + self.reports), pairs, SKEWED[0], now, op="create")

    @rule(data=st.data())
    def join_batches(self, data: st.DataObject) -> None:
        """Two waiting batches of one device go out as one."""
        if len(self.line) < 2:
            return
        first, second = data.draw(st.permutations(range(len(self.line))))[:2]
        if self.line[first][0].device == self.line[second][0].device and first != second:
            self.line[first][1].extend(self.line[second][1])
            del self.line[second]

    @rule(data=st.data(), again=st.booleans(), lost=st.booleans())
    def deliver(self, data: st.DataObject, again: bool, lost: bool) -> None:
        """A request arrives, in any order; it may come again, and its answer may be lost on the way back."""
        if self.line:
            self.arrive(data.draw(st.integers(0, len(self.line) - 1)), keep=again or lost)

    def arrive(self, place: int, *, keep: bool) -> None:
        """The server takes a waiting batch in; kept on the line, it comes again."""
        who, batch = self.line[place]
        before = {p: self.here.get("person", p) for p in self.people}
        results = self.here.send(who, *(one.edit for one in batch)).results
        self.expect_phones(who, batch, before, results)
        for one, result in zip(batch, results, strict=True):
            if one.answer is not None:
                assert result.status == "duplicate", "an edit answered before is answered so again"
                assert (result.version, result.fields) == (one.answer.version, one.answer.fields)
            else:
                one.answer = result
        if not keep:
            del self.line[place]

    def expect_phones(self, who: Actor, batch: list[checks.Sent], before: dict[str, Any], results: list[Any]) -> None:
        """The three-way table, reckoned by hand, for a phone changed by staff of the person's own commune."""
        if len(batch) != 1 or batch[0].answer is not None or batch[0].edit.kind != "person":
            return
        edit, person = batch[0].edit, before[batch[0].edit.record]
        if "phone" not in edit.set or person["closed"] or not who.reaches(person["commune"]) or who.role.startswith("post"):
            return
        seen, wanted = edit.set["phone"]
        if wanted == "abc":
            assert results[0].status == "refused"
            return
        now = person["phone"]
        expected = "unchanged" if now == wanted else "applied" if now == seen else "conflict"
        assert results[0].fields["phone"] == expected
        assert self.here.get("person", edit.record)["phone"] == (wanted if expected == "applied" else now)

    @rule(
        who=st.sampled_from([world.DISTRICT, world.DISTRICT2, world.COMMUNE_A, world.COMMUNE_B]),
        data=st.data(),
        verdict=st.sampled_from(["approve", "approve", "reject", "return"]),
        stale=st.booleans(),
    )
    def decide(self, who: Actor, data: st.DataObject, verdict: str, stale: bool) -> None:
        waiting = sorted(self.here.all("change", "state", "proposed"), key=lambda c: c.id)
        if not waiting:
            return
        change = data.draw(st.sampled_from(waiting))
        with self.here.store.transaction():
            shown = shown_digest(Shelf(self.here.store, CATALOGUE), change)
        decision = {"verdict": verdict, "digest": "old" if stale else shown, "reason": "vì vậy"}
        result = self.here.set(who, "change", change.id, {"decision": (None, decision)})
        if change["author"] == who.account:
            assert result.status == "refused"
        elif stale and result.status == "accepted":
            assert result.fields == {"decision": "conflict"}

    @rule(
        who=st.sampled_from([world.DISTRICT, world.COMMUNE_A]),
        data=st.data(),
        choice=st.sampled_from(["current", "wanted", "noted", "once"]),
    )
    def resolve(self, who: Actor, data: st.DataObject, choice: str) -> None:
        waiting = sorted(self.here.all("conflict", "state", "open"), key=lambda c: c.id)
        if not waiting:
            return
        conflict = data.draw(st.sampled_from(waiting))
        with self.here.store.transaction():
            shown = conflict_digest(Shelf(self.here.store, CATALOGUE), conflict)
        self.here.set(who, "conflict", conflict.id, {"resolution": (None, {"choice": choice, "digest": shown})})

    @rule(commune=st.sampled_from([A, B]), same=st.booleans())
    def import_person(self, commune: str, same: bool) -> None:
        """A list from another office is taken in; now and then it names somebody who is on the list already."""
        self.reports += 1
        national_id = f"0991500000{0 if same else self.reports % 90 + 10:02d}"
        values = {"code": f"N{self.reports}", "full_name": "Lê Thị Hoa", "birth": "1950", "commune": commune, "national_id": national_id}
        known = bool(self.here.all("person", "national_id", national_id))
        result = self.here.create(world.IMPORTER, "person", person_id(2000 + self.reports), values)
        assert set(result.fields.values()) == ({"conflict"} if known else {"applied"})

    @rule()
    def take_the_list_a_step_on(self) -> None:
        """Built, frozen, approved by another, posted: with edits arriving in between."""
        if self.payment_list is None:
            self.payment_list = self.here.open_list()
            self.posted = self.here.get("payment_list", self.payment_list)["total"]
        else:
            self.here.step_list(self.payment_list)

    @rule(which=st.integers(0, 2))
    def pull_a_page(self, which: int) -> None:
        self.readers[which].step()

    @invariant()
    def money_balances(self) -> None:
        if getattr(self, "payment_list", None) is not None:
            checks.money(self.here, self.payment_list, self.posted)  # type: ignore[arg-type]

    def teardown(self) -> None:
        """What holds at the end of every run."""
        if not hasattr(self, "here"):
            return
        for who, batch in self.line:
            results = self.here.send(who, *(one.edit for one in batch)).results
            for one, result in zip(batch, results, strict=True):
                if one.answer is not None:
                    assert result.status == "duplicate"
                one.answer = one.answer or result
        checks.kept(self.here, self.sent)
        checks.chained(self.here)
        checks.replayed(self.here)
        checks.unseen(self.here)
        checks.told(self.here, self.sent)
        checks.same(self.here, self.readers)
        if self.payment_list is not None:
            checks.money(self.here, self.payment_list, self.posted)
