"""What can be done with the ledger."""

from collections.abc import Mapping
from uuid import UUID

from mercer.ledger.models import Account, Balance, Trail, TransactionKind
from mercer.ledger.rules import (
    cancellation_entries,
    capture_entries,
    refund_entries,
    refund_reversal_entries,
    sale_entries,
    suspense_assignment_entries,
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
    "suspense_assignment_entries",
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
    raise NotImplementedError


async def find_trail(context: Context, *, order_id: UUID) -> Trail:
    """Where an order's money is."""
    raise NotImplementedError


async def list_balances(context: Context) -> tuple[Balance, ...]:
    """The sum of each account, in each currency."""
    raise NotImplementedError
