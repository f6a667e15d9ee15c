"""The ledger's nouns."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Account(StrEnum):
    """What money is counted in. Debits are positive, credits negative."""

    RECEIVABLE = "receivable"
    """What buyers owe for orders. Zero: the order is settled. Negative: the shop owes it to the buyer."""
    PROVIDER_CLEARING = "provider_clearing"
    """What payment providers have taken for the shop, less what they gave back."""
    SALES = "sales"
    """What was sold, without tax."""
    SHIPPING = "shipping"
    """What was asked for delivery, without tax."""
    TAX = "tax"
    """What is owed to tax offices."""
    SUSPENSE = "suspense"
    """Money that came in and belongs to no open order."""


class TransactionKind(StrEnum):
    """Why money moved."""

    SALE = "sale"
    """An order was opened: the buyer owes what he bought."""
    CANCELLATION = "cancellation"
    """A sale, or a part of it, is taken back."""
    CAPTURE = "capture"
    """A provider took the buyer's money."""
    REFUND = "refund"
    """A provider gave money back."""
    REFUND_REVERSAL = "refund_reversal"
    """A refund came back: the buyer did not get it."""
    SUSPENSE = "suspense"
    """A provider took money that belongs to no open order."""
    SUSPENSE_ASSIGNMENT = "suspense_assignment"
    """Such money is an order's after all."""
    SUSPENSE_REFUND = "suspense_refund"
    """Such money was given back."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An amount in an account: a debit if positive, a credit if negative. In minor units."""

    account: Account
    amount: int
    provider: str | None = None
    """Whose clearing account it is."""


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The sum of an account's entries, in minor units."""

    account: Account
    currency: str
    amount: int
    provider: str | None = None


@dataclass(frozen=True, kw_only=True)
class Trail:
    """Where an order's money is."""

    transaction_ids: tuple[UUID, ...]
    """In the order in which they were posted."""
    balances: tuple[Balance, ...]

    @property
    def is_settled(self) -> bool:
        """Whether nobody owes anybody anything: nor does the shop hold money of the buyer's that is for nothing."""
        owed = {Account.RECEIVABLE, Account.SUSPENSE}
        return all(each.amount == 0 for each in self.balances if each.account in owed)
