"""Money asked for, transferred and returned in the small district: what tests of funds and reconciliation start from."""

from __future__ import annotations

from typing import Any

from portal import door, fund_account, funds, payment_list, settlement
from portal.fund_account import Balance
from sync.edit import Result
from sync.ids import named
from tests.district import MONTH, NOW, District
from tests.lists import run
from tests.posted import mark_all

POST = "448-BD"


def ask(here: District, month: str = MONTH, number: int = 1) -> str:
    """The district makes the month's request; its id."""
    with here.open():
        found = payment_list.find(month)
        assert found is not None
        result = funds.ask(here.actor("huyen"), NOW, found, POST, number)
    assert result.status == "accepted", result
    return named("fund_request", month, POST, str(number))


def request(here: District, month: str = MONTH, number: int = 1) -> funds.Request:
    with here.open():
        return next(each for each in funds.requests(month) if each.number == number)


def approve(here: District, month: str = MONTH, number: int = 1, shown: str | None = None) -> Result:
    found = request(here, month, number)
    with here.open():
        return funds.approve(here.actor("lanhdao"), NOW, found.id, found.digest if shown is None else shown)


def move(here: District, month: str = MONTH, who: str = "huyen", key: str = "", **values: Any) -> Result:
    """Records a voucher: `type` "transfer" with a `request`, or "return" with a `cause`; `amount`."""
    key = key or "/".join(str(values.get(name, "")) for name in ("type", "cause", "amount"))
    given = {"provider": POST, "month": month, "number": f"UNC-{key}", "day": f"{month}-05", **values}
    record = named("movement", month, key)
    return here.submit(who, "fund_movement", record, {name: (None, value) for name, value in given.items()}, create=True)


def fund(here: District, month: str = MONTH) -> int:
    """Asks for the month's money, has it approved and transfers all of it; the sum."""
    record = ask(here, month)
    assert approve(here, month).status == "accepted"
    amount = request(here, month).amount
    assert move(here, month, type="transfer", request=record, amount=amount).status == "accepted"
    return amount


def balance(here: District, month: str = MONTH) -> Balance:
    with here.open():
        return next(row for row in funds.balances(month) if row.provider == POST)


def balances(here: District) -> list[Balance]:
    with here.open():
        return fund_account.balances(door.store())


def settle(here: District, month: str = MONTH, **exceptions: str) -> Result:
    """Pays what is left, signs and closes the month; how the closing went."""
    mark_all(here, month, **exceptions)
    with here.open():
        found = settlement.show(month, None)
        assert found is not None
        signed = settlement.sign(here.actor("kiemsoat"), NOW, found, found.digest, found.state)
        assert signed.status == "accepted", signed
        return settlement.close(here.actor("huyen"), NOW, found, found.digest)


def by_hand(here: District, month: str = MONTH) -> dict[str, int]:
    """The identity counted on its own: from lines and vouchers, without the portal's account."""
    paid = run(here, "SELECT COALESCE(SUM(total), 0) FROM payment WHERE month <= ? AND state = 'paid'", month)[0][0]
    moved = dict(run(here, "SELECT type, SUM(amount) FROM fund_movement WHERE NOT void AND month <= ? GROUP BY type", month))
    return {"paid": int(paid), "held": int(moved.get("transfer", 0)) - int(paid) - int(moved.get("return", 0))}
