"""What can be done with the ledger."""

from collections.abc import Mapping
from uuid import UUID

from mercer.ledger import queries
from mercer.ledger.errors import PostedDifferently
from mercer.ledger.models import Account, Balance, Trail, TransactionKind
from mercer.ledger.rules import (
    as_entries,
    cancellation_entries,
    capture_entries,
    refund_entries,
    refund_reversal_entries,
    sale_entries,
    suspense_entries,
    suspense_refund_entries,
)
from mercer.platform.context import Context

__all__ = [
    "cancellation_entries",
    "capture_entries",
    "find_trail",
    "list_balances",
    "post",
    "refund_entries",
    "refund_reversal_entries",
    "sale_entries",
    "suspense_entries",
    "suspense_refund_entries",
]


async def post(
    context: Context,
    *,
    kind: TransactionKind,
    order_id: UUID | None,
    reference: str,
    currency: str,
    entries: Mapping[Account, int],
    provider: str | None = None,
    note: str | None = None,
) -> UUID:
    """Post a transaction: debits positive, credits negative, in minor units. Returns its id.

    `reference` tells the transactions of a kind apart: posting the same twice is posting it once. `provider` says whose
    clearing account is meant. Raises `Unbalanced`, `ProviderMissing`, `PostedDifferently`.
    """
    written = as_entries(entries, provider=provider)
    actor = context.actor
    posting = queries.Posting(
        kind, reference, order_id, currency, written, note, context.now, actor.kind.value, actor.id
    )
    posted = await queries.insert_transaction(context.db, posting)
    if posted is not None:
        return posted
    before = await queries.find_transaction(context.db, kind, reference)
    if (before.order_id, before.currency, before.entries) != (order_id, currency, frozenset(written)):
        raise PostedDifferently(id=before.id)
    return before.id


async def find_trail(context: Context, *, order_id: UUID) -> Trail:
    """Where an order's money is."""
    transactions = await queries.list_transactions(context.db, order_id)
    balances = await queries.sum_balances(context.db, order_id) if transactions else ()
    return Trail(transaction_ids=transactions, balances=balances)


async def list_balances(context: Context) -> tuple[Balance, ...]:
    """The sum of each account, in each currency."""
    return await queries.sum_balances(context.db)
