"""What is posted, what is refused, and what stays."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.ledger.conftest import ORDER, Books

from mercer.ledger.errors import PostedDifferently, ProviderMissing, Unbalanced
from mercer.ledger.models import Account
from mercer.ledger.service import capture_entries, sale_entries
from mercer.platform.observability.statements import counting_statements

SALE = sale_entries(goods_net=10_000, shipping_net=500, tax=1_995)
OTHER = UUID("019a0000-0000-7000-8000-000000000002")
_TRANSACTION = """
    INSERT INTO ledger.transaction (id, kind, reference, currency, amount, at, actor_kind)
    VALUES ('019a0000-0000-7000-8000-00000000000f', 'sale', 'by hand', 'EUR', {amount}, now(), 'system')
"""
_ENTRY = """
    INSERT INTO ledger.entry (transaction_id, position, account, provider, currency, amount)
    VALUES ('019a0000-0000-7000-8000-00000000000f', {position}, '{account}', {provider}, '{currency}', {amount})
"""


def entry(
    position: int, amount: int, account: str = "receivable", currency: str = "EUR", provider: str = "NULL"
) -> str:
    return _ENTRY.format(position=position, amount=amount, account=account, currency=currency, provider=provider)


def head(amount: int) -> str:
    return _TRANSACTION.format(amount=amount)


async def carry_out(books: Books, *statements: str) -> None:
    async with books.context.database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def test_a_sale_is_one_statement(books: Books) -> None:
    with counting_statements() as sent:
        posted = await books.post("sale", SALE, note="Order 1001")
    assert sent.total == 1
    [head_] = await books.rows("SELECT id, order_id, currency, amount, note, actor_kind FROM ledger.transaction")
    assert head_ == (posted, ORDER, "EUR", 12_495, "Order 1001", "system")
    assert await books.rows("SELECT position, account, provider, currency, amount FROM ledger.entry ORDER BY 1") == [
        (1, "receivable", None, "EUR", 12_495),
        (2, "sales", None, "EUR", -10_000),
        (3, "shipping", None, "EUR", -500),
        (4, "tax", None, "EUR", -1_995),
    ]


async def test_nothing_is_written_of_nothing(books: Books) -> None:
    await books.post("sale", sale_entries(goods_net=700, shipping_net=0, tax=0))
    assert await books.rows("SELECT account, amount FROM ledger.entry ORDER BY position") == [
        ("receivable", 700),
        ("sales", -700),
    ]


async def test_a_gift_is_a_sale_too(books: Books) -> None:
    await books.post("sale", sale_entries(goods_net=0, shipping_net=0, tax=0))
    assert (await books.rows("SELECT amount FROM ledger.transaction"), await books.counts()) == ([(0,)], (1, 4))


async def test_twice_is_once(books: Books) -> None:
    posted = await books.post("capture", capture_entries(500), reference="event 7", provider="simulator")
    again = await books.post("capture", capture_entries(500), reference="event 7", provider="simulator", note="Again")
    assert (again, await books.counts()) == (posted, (1, 2))
    # Kinds have references of their own.
    assert await books.post("sale", SALE, reference="event 7") != posted


@pytest.mark.parametrize(
    "changes",
    [
        {"entries": capture_entries(501)},
        {"entries": {Account.PROVIDER_CLEARING: 500, Account.SUSPENSE: -500}},
        {"provider": "manual"},
        {"currency": "USD"},
        {"order_id": OTHER},
        {"order_id": None},
    ],
)
async def test_something_else_under_the_same_reference(books: Books, changes: dict[str, Any]) -> None:
    given: dict[str, Any] = {"entries": capture_entries(500), "provider": "simulator"}
    posted = await books.post("capture", **given)
    with pytest.raises(PostedDifferently) as refused:
        await books.post("capture", **(given | changes))
    assert (refused.value.id, await books.counts()) == (posted, (1, 2))


async def test_fifty_at_once_are_one(books: Books) -> None:
    gate = asyncio.Semaphore(12)

    async def post() -> UUID:
        async with gate:
            return await books.post("sale", SALE)

    posted = await asyncio.gather(*(post() for _ in range(50)))
    assert (len(set(posted)), await books.counts()) == (1, (1, 4))


@pytest.mark.parametrize(
    ("entries", "provider", "error"),
    [
        ({}, None, Unbalanced),
        ({Account.RECEIVABLE: 1}, None, Unbalanced),
        ({Account.RECEIVABLE: 100, Account.SALES: -99}, None, Unbalanced),
        (capture_entries(100), None, ProviderMissing),
    ],
)
async def test_what_is_never_sent(books: Books, entries: Any, provider: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        await books.post("sale", entries, provider=provider)
    assert await books.counts() == (0, 0)


@pytest.mark.parametrize(
    "statements",
    [
        [head(0)],
        [head(5)],
        [head(5), entry(1, 5)],
        [head(5), entry(1, 5), entry(2, -4, "sales")],
        [head(6), entry(1, 5), entry(2, -5, "sales")],
        [head(5), entry(1, 5), entry(2, -5, "sales", currency="USD")],
        [head(5), entry(1, 5), entry(2, -5, "bank")],
        [head(5), entry(1, 5), entry(2, -5, "provider_clearing")],
        [head(5), entry(1, 5), entry(2, -5, "sales", provider="'simulator'")],
        [head(-5), entry(1, -5), entry(2, 5, "sales")],
    ],
)
async def test_the_database_refuses_what_does_not_balance(books: Books, statements: list[str]) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        await carry_out(books, *statements)
    assert await books.counts() == (0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.entry SET amount = amount",
        "UPDATE ledger.entry SET amount = 0 WHERE false",
        "DELETE FROM ledger.entry",
        "TRUNCATE ledger.entry",
        "UPDATE ledger.transaction SET note = 'x'",
        "DELETE FROM ledger.transaction",
        "TRUNCATE ledger.transaction, ledger.entry",
        entry(3, 7) + ", ('019a0000-0000-7000-8000-00000000000f', 4, 'sales', NULL, 'EUR', -7)",
    ],
)
@pytest.mark.parametrize("is_same_transaction", [False, True])
async def test_what_was_posted_stays(books: Books, statement: str, is_same_transaction: bool) -> None:  # noqa: FBT001 — pytest's
    posting = [head(5), entry(1, 5), entry(2, -5, "sales")]
    if not is_same_transaction:
        await carry_out(books, *posting)
    with pytest.raises(sa.exc.DBAPIError):
        await carry_out(books, *(posting if is_same_transaction else []), statement)
    assert await books.counts() == ((0, 0) if is_same_transaction else (1, 2))
