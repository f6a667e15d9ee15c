"""The ledger as the admin API shows it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
import strawberry

from mercer.ledger import models, service, tables
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import rows
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Given,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    many,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.operators import DateTimeOperators, IdOperators
from mercer.platform.transactions import transaction
from mercer.values.currency import USUAL_DIGITS, CurrencyUnknown, to_decimal
from mercer.values.graphql.money import Money, money

READ = "ledger.read"

strawberry.enum(models.Account, name="LedgerAccount", description=models.Account.__doc__)
strawberry.enum(models.TransactionKind, name="LedgerTransactionKind", description=models.TransactionKind.__doc__)


@view(tables.entry)
class LedgerEntry:
    """An amount in an account: a debit if positive, a credit if negative."""

    account: models.Account = column()
    provider: str | None = column(description="Whose clearing account it is.")
    amount: Money = money("amount")


@view(tables.transaction)
class LedgerTransaction:
    """A movement of money. Its entries sum to zero, and it never changes."""

    id: strawberry.ID = column()
    kind: models.TransactionKind = column()
    reference: str = column(description="What tells the transactions of a kind apart.")
    order_id: strawberry.ID | None = column()
    amount: Money = money("amount", description="The sum of the debits.")
    note: str | None = column()
    posted_at: datetime = column("at")
    actor_kind: str = column(description="Who posted it: `staff`, `system`, a `customer` …")
    actor_id: strawberry.ID | None = column()
    entries: list[LedgerEntry] = many(
        on=lambda transaction, entry: entry.c.transaction_id == transaction.c.id,
        order_by=lambda entry: (entry.c.position,),
    )


@strawberry.type(description="The sum of an account's entries: debits less credits.")
class LedgerBalance:
    account: models.Account
    provider: str | None = strawberry.field(description="Whose clearing account it is.")
    balance: Money


def _list_transactions(root: "MoneyTrail", first: int = 100) -> list[LedgerTransaction]:
    return rows(LedgerTransaction, root.trail.transaction_ids[: max(first, 0)])


def _list_trail_balances(root: "MoneyTrail", first: int = 100) -> list[LedgerBalance]:
    return _shown(root.trail.balances[: max(first, 0)])


@strawberry.type(description="Where an order's money is.")
class MoneyTrail:
    order_id: strawberry.ID
    is_settled: bool = strawberry.field(description="Whether neither the buyer nor the shop owes the other anything.")
    trail: strawberry.Private[models.Trail]
    transactions: list[LedgerTransaction] = strawberry.field(
        resolver=_list_transactions, description="In the order in which they were posted."
    )
    balances: list[LedgerBalance] = strawberry.field(
        resolver=_list_trail_balances, description="The sum of each account that they touch."
    )


async def _find_trail(info: strawberry.Info[Context, None], order_id: strawberry.ID) -> MoneyTrail:
    async with transaction(info.context) as context:
        trail = await service.find_trail(context, order_id=given_id(order_id))
    return MoneyTrail(order_id=order_id, is_settled=trail.is_settled, trail=trail)


async def _list_balances(info: strawberry.Info[Context, None], first: int = 500) -> list[LedgerBalance]:
    async with transaction(info.context) as context:
        return _shown((await service.list_balances(context))[: max(first, 0)])


def _shown(balances: Sequence[models.Balance]) -> list[LedgerBalance]:
    return [
        LedgerBalance(
            account=each.account,
            provider=each.provider,
            balance=Money(amount=_decimal(each), currency=each.currency),
        )
        for each in balances
    ]


def _decimal(balance: models.Balance) -> Decimal:
    try:
        return to_decimal(balance.amount, balance.currency)
    except CurrencyUnknown:
        # A provider told of it, and the entries stay. `decimal_amount` shows them so.
        return Decimal(balance.amount).scaleb(-USUAL_DIGITS)


@strawberry.type
class Query:
    ledger_transaction: LedgerTransaction | None = one(
        arguments={"id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value)}, needs=READ
    )
    ledger_transactions: Connection[LedgerTransaction] = page(needs=READ, description="All that was posted.")
    money_trail: MoneyTrail = strawberry.field(
        resolver=_find_trail, metadata={"needs": READ}, description="Where every cent of an order is."
    )
    ledger_balances: list[LedgerBalance] = strawberry.field(
        resolver=_list_balances,
        metadata={"needs": READ},
        description="The sum of each account in each currency. All of a currency sum to zero.",
    )


@strawberry.input(description="Transactions of any of these kinds.")
class LedgerTransactionKindOperators:
    in_: list[models.TransactionKind] | None = strawberry.field(name="in", default=strawberry.UNSET)


@strawberry.input(description="Transactions that move something in any of these accounts.")
class LedgerAccountOperators:
    in_: list[models.Account] | None = strawberry.field(name="in", default=strawberry.UNSET)


def _is_among(compared: sa.ColumnElement[str], given: Given) -> sa.ColumnElement[bool]:
    values = [item.constant.value for item in given["in"].items]
    return sa.or_(sa.false(), *(compared == sa.literal_column(f"'{each}'") for each in values))


def _is_of_kind(row: Row, given: Given) -> sa.ColumnElement[bool]:
    return _is_among(row.c.kind, given) if "in" in given else sa.true()


def _touches(row: Row, given: Given) -> sa.ColumnElement[bool]:
    entry = tables.entry.alias()
    moved = sa.exists().select_from(entry).where(entry.c.transaction_id == row.c.id)
    return moved.where(_is_among(entry.c.account, given)) if "in" in given else sa.true()


LISTINGS: Listings = {
    LedgerTransaction: Listing(
        filters={
            "orderId": Filter(IdOperators, lambda row, given: given.compared(row.c.order_id)),
            "kind": Filter(LedgerTransactionKindOperators, _is_of_kind),
            "account": Filter(LedgerAccountOperators, _touches),
            "postedAt": Filter(DateTimeOperators, lambda row, given: given.compared(row.c.at)),
        },
        sorts={"POSTED_AT": Sort(lambda row: row.c.at)},
        default_order=AskedOrder("POSTED_AT", SortDirection.DESC),
    )
}
