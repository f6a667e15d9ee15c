"""The ledger's SQL: a transaction and its entries are one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.ledger.models import Account, Balance, Entry, TransactionKind
from mercer.ledger.tables import entry, transaction

_POSTED = sa.text("""
    WITH made AS (
        INSERT INTO ledger.transaction (kind, reference, order_id, currency, amount, note, at, actor_kind, actor_id)
        VALUES (:kind, :reference, :order_id, :currency, :amount, :note, :at, :actor_kind, :actor_id)
        ON CONFLICT (kind, reference) DO NOTHING
        RETURNING id, currency
    ), entered AS (
        INSERT INTO ledger.entry (transaction_id, position, account, provider, currency, amount)
        SELECT made.id, given.position, given.account, given.provider, made.currency, given.amount
        FROM made, unnest(cast(:accounts AS text[]), cast(:providers AS text[]), cast(:amounts AS bigint[]))
            WITH ORDINALITY AS given(account, provider, amount, position)
    )
    SELECT id FROM made
""")


class Posting(NamedTuple):
    """A transaction, as it is to be written."""

    kind: TransactionKind
    reference: str
    order_id: UUID | None
    currency: str
    entries: Sequence[Entry]
    note: str | None
    at: datetime
    actor_kind: str
    actor_id: UUID | None


class Posted(NamedTuple):
    """A transaction, as it stands."""

    id: UUID
    order_id: UUID | None
    currency: str
    entries: frozenset[Entry]


async def insert_transaction(connection: AsyncConnection, posting: Posting) -> UUID | None:
    """Write a transaction with its entries. Returns its id; None if its kind and reference are taken."""
    entries = posting.entries
    values: dict[str, Any] = posting._asdict() | {
        "kind": posting.kind.value,
        "amount": sum(each.amount for each in entries if each.amount > 0),
        "accounts": [each.account.value for each in entries],
        "providers": [each.provider for each in entries],
        "amounts": [each.amount for each in entries],
    }
    del values["entries"]
    found: UUID | None = (await connection.scalars(_POSTED, values)).one_or_none()
    return found


async def find_transaction(connection: AsyncConnection, kind: TransactionKind, reference: str) -> Posted:
    """The transaction of this kind and reference."""
    head, part = transaction.c, entry.c
    query = (
        sa.select(head.id, head.order_id, head.currency, part.account, part.provider, part.amount)
        .join(entry, part.transaction_id == head.id)
        .where(head.kind == kind.value, head.reference == reference)
    )
    rows = (await connection.execute(query)).all()
    entries = (Entry(account=Account(row.account), amount=row.amount, provider=row.provider) for row in rows)
    return Posted(rows[0].id, rows[0].order_id, rows[0].currency, frozenset(entries))


async def list_transactions(connection: AsyncConnection, order_id: UUID) -> tuple[UUID, ...]:
    """The transactions of an order, in the order in which they were posted."""
    head = transaction.c
    query = sa.select(head.id).where(head.order_id == order_id).order_by(head.at, head.id)
    return tuple(await connection.scalars(query))


async def sum_balances(connection: AsyncConnection, order_id: UUID | None = None) -> tuple[Balance, ...]:
    """The sum of each account in each currency: of one order, or of all there is."""
    part = entry.c
    keys = (part.account, part.currency, part.provider)
    total = sa.cast(sa.func.sum(part.amount), sa.BigInteger).label("amount")
    query = sa.select(*keys, total).group_by(*keys).order_by(*keys)
    if order_id is not None:
        query = query.join(transaction, transaction.c.id == part.transaction_id).where(
            transaction.c.order_id == order_id
        )
    return tuple(
        Balance(account=Account(row.account), currency=row.currency, provider=row.provider, amount=row.amount)
        for row in await connection.execute(query)
    )
