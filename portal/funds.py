"""The money with those who pay: requests, transfers and returns with their documents, the provider's account by month, the fee.

Every step is one edit through the door; the sums are made there (`portal.fund_steps`). Decree 20/2021, article 34.4 and 34.5.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import door, fund_account, payment_list, unit
from portal.calendar import cycle
from portal.fund_account import Balance
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.contract import Contract
from portal.models.fund_movement import FundMovement
from portal.models.fund_request import FundRequest
from portal.payment_list import MonthList
from sync.edit import Actor, Result
from sync.fields import APPROVER, DISTRICT, SUPERVISOR
from sync.ids import named
from sync.kinds.fund_request import SUMS

ASKED_OF = ("frozen", "approved", "posted")
"""States of a list that money may be asked for."""


class Request(Struct, frozen=True):
    """A request for a month's money; see the catalogue. `sums` in đồng by name, `communes`: code → items; moments as UTC text."""

    id: str
    month: str
    provider: str
    number: int
    state: str
    build: int
    unpaid_balance: str
    sums: dict[str, int]
    communes: dict[str, dict[str, int]]
    digest: str
    made_by: str
    made_at: str
    approved_by: str
    approved_at: str
    returned_why: str
    transferred: int

    @property
    def amount(self) -> int:
        """What is asked for."""
        return self.sums["amount"]


class Movement(Struct, frozen=True):
    """A voucher; see the catalogue. Moments as UTC text, "" where there is none."""

    id: str
    provider: str
    month: str
    type: str
    cause: str
    request: str
    amount: int
    number: str
    day: str
    note: str
    confirmed: bool
    void: bool
    recorded_by: str
    recorded_at: str
    confirmed_by: str
    confirmed_at: str
    void_why: str


class Fee(Struct, frozen=True):
    """What a provider is owed for a month's payments: `amount` of `paid`, both in đồng, by the contract `number` (hundredths of a percent)."""

    provider: str
    number: str
    fee100: int
    paid: int

    @property
    def amount(self) -> int:
        """The fee in đồng; see `fee`."""
        return fee(self.paid, self.fee100)


class Month(Struct, frozen=True):
    """A provider's month in the account: `balance` is None where no vouchers are kept, `fee` None where no contract holds."""

    month: str
    provider: str
    balance: Balance | None
    requested: int
    state: str
    fee: Fee | None


def fee(paid: int, fee100: int) -> int:
    """The fee for money paid, in đồng: `fee100` hundredths of a percent of it, rounded once, half a đồng upwards."""
    return (paid * fee100 + 5000) // 10_000


def providers() -> list[str]:
    """Codes of the post offices, by code."""
    return sorted(each.code for each in unit.every() if each.kind == "post_office")


def contract_of(provider: str, month: str) -> Contract | None:
    """The contract that holds for a provider in a payment month, or None."""
    rows = Contract.select().where(
        Contract.provider == provider, Contract.valid_from <= month, Contract.withdrawn.is_null() | ~Contract.withdrawn
    )
    return next((row for row in rows if row.valid_to is None or row.valid_to >= month), None)


def contracts() -> list[dict[str, Any]]:
    """Every contract, the newest first; fields by name, with `id`."""
    names = ("id", "provider", "number", "signed_on", "valid_from", "valid_to", "fee100", "note", "withdrawn")
    rows = Contract.select().order_by(Contract.valid_from.desc(), Contract.number)
    return [{name: getattr(row, name) for name in names} for row in rows]


def fees(month: str, paid: Mapping[str, int]) -> list[Fee]:
    """The fees of a month for what was paid by commune (code → đồng), by provider; none where no contract holds."""
    places = fund_account.providers(door.store(), month)
    sums: dict[str, int] = {}
    for commune, amount in paid.items():
        provider = places.get(commune, "")
        sums[provider] = sums.get(provider, 0) + amount
    found = []
    for provider in sorted(sums):
        contract = contract_of(provider, month)
        if contract is not None:
            found.append(Fee(provider, str(contract.number), int(contract.fee100 or 0), sums[provider]))
    return found


def account() -> list[Month]:
    """Every provider's months, the newest first: those with a closed list, a request or a voucher."""
    kept = {(row.month, row.provider): row for row in fund_account.balances(door.store())}
    asked: dict[tuple[str, str], list[Request]] = {}
    for each in requests():
        asked.setdefault((each.month, each.provider), []).append(each)
    listed = {found.month for found in payment_list.every() if found.state != "draft"}
    keys = {*kept, *asked, *((month, provider) for month in listed for provider in providers())}
    months = []
    for month, provider in sorted(keys, key=lambda key: (-int(key[0].replace("-", "")), key[1])):
        balance, own = kept.get((month, provider)), asked.get((month, provider), [])
        contract = contract_of(provider, month) if balance is not None else None
        owed = (
            Fee(provider, str(contract.number), int(contract.fee100 or 0), balance.paid)
            if balance is not None and contract is not None
            else None
        )
        months.append(Month(month, provider, balance, sum(each.amount for each in own), own[-1].state if own else "", owed))
    return months


def balances(month: str) -> list[Balance]:
    """The providers' balances of a month; none where the office keeps no vouchers."""
    return [row for row in fund_account.balances(door.store(), month) if row.month == month]


def requests(month: str | None = None) -> list[Request]:
    """The requests of a month, or all, by month, provider and number."""
    rows = FundRequest.select().order_by(FundRequest.month, FundRequest.provider, FundRequest.number)
    moved: Any = (
        FundMovement.select(FundMovement.request, fn.SUM(FundMovement.amount)).where(~FundMovement.void).group_by(FundMovement.request)
    )
    transferred = {request: int(amount) for request, amount in moved.tuples() if request}
    return [_request(row, transferred.get(row.id, 0)) for row in rows if month is None or row.month == month]


def movements(month: str | None = None) -> list[Movement]:
    """The vouchers of a month, or all, by date, void ones included."""
    rows = FundMovement.select().order_by(FundMovement.day, FundMovement.number, FundMovement.id)
    names = Movement.__struct_fields__
    chosen = [row for row in rows if month is None or row.month == month]
    return [Movement(**{name: _plain(getattr(row, name), name) for name in names}) for row in chosen]


def can_ask(found: MonthList | None, provider: str) -> bool:
    """Whether a request may be made for the month's list now: none waits, and something is left to ask for."""
    if found is None or found.state not in ASKED_OF:
        return False
    own = [each for each in requests(found.month) if each.provider == provider]
    return all(each.state == "approved" for each in own) and (not own or _left(found, provider, own))


def ask(actor: Actor, now: datetime, found: MonthList, provider: str, number: int) -> Result:
    """Makes the month's request `number` for a provider; counted by the door."""
    pairs = {"month": found.month, "list": found.id, "provider": provider, "number": number}
    record = named("fund_request", found.month, provider, str(number))
    return door.submit_one(actor, now, "fund_request", record, {name: (None, value) for name, value in pairs.items()}, create=True)


def count_again(actor: Actor, now: datetime, record: str, seen: int) -> Result:
    """Counts a request anew; `seen` is the number of the build that was shown."""
    return door.submit_one(actor, now, "fund_request", record, {"build": (seen, seen + 1)})


def approve(actor: Actor, now: datetime, record: str, shown: str) -> Result:
    """Approves a request on the figures that were shown (`shown` is their digest)."""
    return door.submit_one(actor, now, "fund_request", record, {"state": ("requested", "approved"), "digest": (shown, shown)})


def send_back(actor: Actor, now: datetime, record: str, seen: str, why: str) -> Result:
    """Sends a request back, with a reason; `seen` is the state that was shown."""
    return door.submit_one(actor, now, "fund_request", record, {"state": (seen, "returned")}, why=why)


def move(actor: Actor, now: datetime, record: str, values: Mapping[str, Any]) -> Result:
    """Records a voucher: `provider`, `month`, `type`, `amount`, `number`, `day`, and `request` (transfer) or `cause` (return)."""
    pairs = {name: (None, value) for name, value in values.items() if value is not None}
    return door.submit_one(actor, now, "fund_movement", record, pairs, create=True)


def confirm(actor: Actor, now: datetime, record: str) -> Result:
    """The post office confirms a voucher: the money came, or went."""
    return door.submit_one(actor, now, "fund_movement", record, {"confirmed": (False, True)})


def make_void(actor: Actor, now: datetime, record: str, why: str) -> Result:
    """Takes a voucher out of the account, with a reason."""
    return door.submit_one(actor, now, "fund_movement", record, {"void": (False, True)}, why=why)


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """Requests to make for the district, to approve for the paying agency's approver; vouchers to confirm for the post office."""
    if account.role == APPROVER and unit.serves_all(account.unit):
        months = [str(row.month) for row in FundRequest.select(FundRequest.month).where(FundRequest.state == "requested")]
        return [_waits(mark("Đề nghị cấp kinh phí chờ duyệt"), months)]
    if account.role == SUPERVISOR:
        open_ = FundMovement.select(FundMovement.month).where(~FundMovement.confirmed, ~FundMovement.void)
        return [_waits(mark("Chứng từ cấp, nộp trả chờ bưu điện xác nhận"), [str(row.month) for row in open_])]
    if account.role == DISTRICT:
        asked = {str(row.month) for row in FundRequest.select(FundRequest.month)}
        newest = next((found for found in payment_list.every() if found.state in ASKED_OF), None)
        months = [newest.month] if newest is not None and newest.month not in asked else []
        returned = [str(row.month) for row in FundRequest.select(FundRequest.month).where(FundRequest.state == "returned")]
        return [_waits(mark("Đề nghị cấp kinh phí cần lập"), [*months, *returned])]
    return []


def _waits(label: str, months: list[str]) -> Waiting:
    return Waiting(label, len(months), "funds.index", cycle(min(months)).list_by if months else "")


def _left(found: MonthList, provider: str, own: Iterable[Request]) -> bool:
    """Whether lines were added to the list since the last request."""
    asked = sum(each.sums["listed"] for each in own if each.number == max(other.number for other in own))
    places = fund_account.providers(door.store(), found.month)
    shares = payment_list.shares(found.id)
    return sum(share.total for share in shares if places.get(share.commune, provider) == provider) > asked


def _request(row: FundRequest, transferred: int) -> Request:
    texts = (
        "id",
        "month",
        "provider",
        "state",
        "unpaid_balance",
        "digest",
        "made_by",
        "made_at",
        "approved_by",
        "approved_at",
        "returned_why",
    )
    return Request(
        **{name: _plain(getattr(row, name), name) for name in texts},
        number=int(row.number or 0),
        build=int(row.build or 0),
        sums={name: int(getattr(row, name) or 0) for name in SUMS},
        communes=json.loads(row.communes or "{}"),
        transferred=transferred,
    )


def _plain(value: Any, name: str) -> Any:
    return (False if name in ("confirmed", "void") else "") if value is None else value
