"""The ledger of a recovery adds up whatever is tried: sums are those of its entries, what is held is never below nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.edit import Result
from sync.ids import named
from sync.kinds.recovery import MONEY, held, owed
from sync.memory import MemoryStore
from tests.sync.test_door import ONE, PAID, decide, report_death
from tests.sync.world import AGENT, BULKS, COMMUNE_A, COMMUNE_B, DISTRICT, HEAD, RATE, SUPERVISOR, World, payment_id

CASE = named("recovery", ONE, "P0/1")
DAY = "2024-10-20"

AMOUNTS = st.sampled_from([1, RATE // 4, RATE // 2, RATE, 2 * RATE])
WORDS = st.sampled_from(["repayment", "refund", "handover", "reported", "letter", "confirm", "void", "undo", "pay", "close", "reopen"])


def opened() -> World:
    """October was paid to somebody who died in September."""
    here = World(MemoryStore(BULKS))
    here.post_list()
    assert here.set(AGENT, "payment", payment_id(0), {"mark": (None, PAID)}).fields == {"mark": "applied"}
    report_death(here, ONE, date="2024-09-20")
    decide(here)
    return here


def sums(here: World) -> dict[str, int]:
    return {name: value for name, value in here.get("recovery", CASE).items() if isinstance(value, int)}


def entry(here: World, place: int, type_: str, who: object = DISTRICT, **more: object) -> Result:
    values = {"recovery": CASE, "type": type_, "day": DAY, **more}
    return here.create(who, "recovery_entry", named("entry", str(place)), values)  # type: ignore[arg-type]  # an actor


def money(here: World, place: int, type_: str, amount: int, who: object = DISTRICT) -> Result:
    return entry(here, place, type_, who, amount=amount, number="BL 01", party="Kho bạc")


def why(result: Result) -> str:
    assert result.reason is not None, result
    return result.reason.detail or result.reason.code


def test_it_is_opened_by_the_decision_with_month_and_sum() -> None:
    here = opened()
    case = here.get("recovery", CASE)
    assert (case["overpaid"], case["holder"], case["state"], case["person"]) == (RATE, "family", "open", ONE)
    assert [(item["month"], item["amount"], item["due"]) for item in case["items"]] == [("2024-10", RATE, 0)]


def test_nobody_opens_or_edits_one_by_hand() -> None:
    here = opened()
    assert here.create(DISTRICT, "recovery", named("x"), {"person": ONE}).status == "refused"
    for name, value in (("overpaid", 0), ("repaid", RATE), ("items", []), ("written_off", RATE)):
        assert here.set(DISTRICT, "recovery", CASE, {name: (None, value)}).status == "refused", name


def test_balances_follow_the_entries() -> None:
    here = opened()
    assert entry(here, 1, "letter", number="15/LĐTBXH", party="Gia đình").status == "accepted"
    assert money(here, 2, "repayment", 200_000).status == "accepted"
    assert money(here, 3, "handover", 150_000).status == "accepted"
    now = sums(here)
    assert (owed(now), held(now)) == (RATE - 200_000, 50_000)
    assert why(money(here, 4, "repayment", RATE)) == "more_than_there_is"
    assert why(money(here, 5, "handover", 60_000)) == "more_than_there_is"
    assert why(money(here, 6, "refund", 10_000)) == "more_than_there_is"


def test_what_an_entry_has_to_say() -> None:
    here = opened()
    cases: list[tuple[str, dict[str, object], str]] = [
        ("letter", {"number": "15"}, "party"),
        ("reply", {}, "note"),
        ("repayment", {"amount": 1}, "number"),
        ("handover", {"number": "01"}, "amount"),
    ]
    for number, (type_, given_, missing) in enumerate(cases):
        result = entry(here, number, type_, DISTRICT, **given_)
        assert result.reason is not None
        assert (result.reason.field, result.reason.detail) == (missing, "missing")


def test_who_may_do_what() -> None:
    here = opened()
    assert money(here, 1, "repayment", 1, COMMUNE_B).reason is not None, "another commune's"
    assert why(money(here, 2, "repayment", 1, SUPERVISOR)) == "unknown_record", "a family's is not the post office's"
    assert why(money(here, 3, "handover", 1, COMMUNE_A)) == "forbidden"
    assert money(here, 4, "repayment", RATE, AGENT).status == "refused"
    assert money(here, 5, "repayment", RATE, HEAD).status == "refused"
    assert here.set(COMMUNE_A, "recovery", CASE, {"holder": ("family", "account")}).status == "refused"
    assert here.set(DISTRICT, "recovery", CASE, {"holder": ("family", "account")}).fields == {"holder": "applied"}
    assert money(here, 6, "repayment", 1, SUPERVISOR).fields["amount"] == "proposed"
    assert here.set(DISTRICT, "recovery", CASE, {"state": ("open", "closed")}, why="xong").status == "refused"


def test_what_a_commune_reports_counts_once_the_district_confirms_it() -> None:
    here = opened()
    assert money(here, 1, "repayment", RATE, COMMUNE_A).fields["amount"] == "proposed"
    assert sums(here)["repaid"] == 0
    record = named("entry", "1")
    assert here.set(COMMUNE_A, "recovery_entry", record, {"state": ("proposed", "stands")}).status == "refused"
    assert why(here.set(HEAD, "recovery", CASE, {"state": ("open", "closed")}, why="xong")) == "unconfirmed"
    assert here.set(DISTRICT, "recovery_entry", record, {"state": ("proposed", "stands")}).fields == {"state": "applied"}
    assert sums(here)["repaid"] == RATE


def test_closing_writes_off_what_is_owed_and_needs_a_reason() -> None:
    here = opened()
    money(here, 1, "repayment", 200_000)
    assert why(here.set(HEAD, "recovery", CASE, {"state": ("open", "closed")}, why="hộ nghèo")) == "still_held"
    money(here, 2, "handover", 200_000)
    assert why(here.set(HEAD, "recovery", CASE, {"state": ("open", "closed")})) == "reason_missing"
    assert here.set(HEAD, "recovery", CASE, {"state": ("open", "closed")}, why="hộ nghèo").fields == {"state": "applied"}
    assert (sums(here)["written_off"], owed(sums(here))) == (RATE - 200_000, 0)
    assert why(money(here, 3, "repayment", 1)) == "closed"
    assert here.set(HEAD, "recovery", CASE, {"state": ("closed", "open")}, why="gia đình trả thêm").fields == {"state": "applied"}
    assert owed(sums(here)) == RATE - 200_000


def test_a_mark_taken_back_opens_a_closed_case_and_shows_what_was_collected_too_much() -> None:
    here = opened()
    money(here, 1, "repayment", RATE)
    money(here, 2, "handover", RATE)
    here.set(HEAD, "recovery", CASE, {"state": ("open", "closed")}, why="đã đủ")
    assert here.set(SUPERVISOR, "payment", payment_id(0), {"mark": (PAID, None)}, why="nhầm người").fields == {"mark": "applied"}
    case = here.get("recovery", CASE)
    assert (case["state"], case["overpaid"], owed(sums(here))) == ("open", 0, -RATE)
    assert [(c["before"], c["after"]) for c in case["corrections"]] == [(RATE, 0)]
    assert why(money(here, 3, "refund", RATE)) == "more_than_there_is", "nothing is held: the budget has it"
    assert why(here.set(HEAD, "recovery", CASE, {"state": ("open", "closed")}, why="x")) == "collected_too_much"


@settings(max_examples=20)
@given(st.lists(st.tuples(WORDS, AMOUNTS, st.integers(0, 5)), min_size=5, max_size=20))
def test_sums_are_those_of_the_entries_whatever_is_tried(story: list[tuple[str, int, int]]) -> None:
    here = opened()
    made: list[str] = []
    for number, (word, amount, which) in enumerate(story):
        before = sums(here)
        result = _try(here, number, word, amount, made[which % len(made)] if made else "")
        if result is not None and result.status == "accepted" and word in (*MONEY, "reported", "letter"):
            made.append(named("entry", str(number)))
        now = sums(here)
        if result is not None and result.status == "refused":
            assert now == before
        stands = [e for e in here.all("recovery_entry", "recovery", CASE) if e["state"] == "stands"]
        for type_, name in MONEY.items():
            assert now[name] == sum(e["amount"] for e in stands if e["type"] == type_)
        assert held(now) >= 0
        assert 0 <= now["handed_over"] <= now["repaid"] - now["refunded"]
        items = here.get("recovery", CASE)["items"]
        assert now["overpaid"] == sum(item["amount"] for item in items if not item.get("void"))
        closed = here.get("recovery", CASE)["state"] == "closed"
        assert (now["written_off"] > 0) <= closed
        assert not closed or (owed(now), held(now)) == (0, 0)


def _try(here: World, number: int, word: str, amount: int, record: str) -> Result | None:
    mark = here.get("payment", payment_id(0))["mark"]
    case = {"close": ("open", "closed"), "reopen": ("closed", "open")}
    result = None
    if word in MONEY:
        result = money(here, number, word, amount)
    elif word == "reported":
        result = money(here, number, "repayment", amount, COMMUNE_A)
    elif word == "letter":
        result = entry(here, number, "letter", number="1", party="Gia đình")
    elif word in ("confirm", "void") and record:
        state = here.get("recovery_entry", record)["state"]
        result = here.set(DISTRICT, "recovery_entry", record, {"state": (state, "stands" if word == "confirm" else "void")}, why="sai")
    elif word in ("undo", "pay"):
        result = here.set(SUPERVISOR, "payment", payment_id(0), {"mark": (mark, None if word == "undo" else PAID)}, why="nhầm")
    elif word in case:
        result = here.set(HEAD, "recovery", CASE, {"state": case[word]}, why="xong")
    return result
