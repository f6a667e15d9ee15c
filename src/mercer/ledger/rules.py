"""Double entry: which accounts each movement of money touches, and how. Debits are positive, credits negative.

Each function gives the entries of one kind of transaction, in minor units; they sum to zero.
"""

from collections.abc import Mapping, Sequence

from mercer.ledger.errors import ProviderMissing, Unbalanced
from mercer.ledger.models import Account, Entry

Entries = Mapping[Account, int]


def sale_entries(*, goods_net: int, shipping_net: int, tax: int) -> Entries:
    """The buyer owes the whole; of it the shop has earned goods and delivery, and owes the tax."""
    return {
        Account.RECEIVABLE: goods_net + shipping_net + tax,
        Account.SALES: -goods_net,
        Account.SHIPPING: -shipping_net,
        Account.TAX: -tax,
    }


def cancellation_entries(*, goods_net: int, shipping_net: int, tax: int) -> Entries:
    """So much of a sale is taken back: the contrary of it."""
    return _contrary(sale_entries(goods_net=goods_net, shipping_net=shipping_net, tax=tax))


def capture_entries(amount: int) -> Entries:
    """The provider has the money now, and the buyer owes so much less."""
    return {Account.PROVIDER_CLEARING: amount, Account.RECEIVABLE: -amount}


def refund_entries(amount: int) -> Entries:
    """The provider gave it back to the buyer."""
    return _contrary(capture_entries(amount))


def refund_reversal_entries(amount: int) -> Entries:
    """The buyer did not get it: the provider has it again."""
    return capture_entries(amount)


def suspense_entries(amount: int) -> Entries:
    """The provider has money of which nobody knows yet whose it is."""
    return {Account.PROVIDER_CLEARING: amount, Account.SUSPENSE: -amount}


def suspense_refund_entries(amount: int) -> Entries:
    """Such money was given back."""
    return _contrary(suspense_entries(amount))


def as_entries(entries: Entries, *, provider: str | None) -> tuple[Entry, ...]:
    """What is written of these entries: those of nothing are left out, unless all of them are of nothing.

    Raises `Unbalanced`, `ProviderMissing`.
    """
    given = [
        Entry(account=account, amount=amount, provider=provider if account is Account.PROVIDER_CLEARING else None)
        for account, amount in sorted(entries.items())
    ]
    check_entries(given)
    moving = tuple(each for each in given if each.amount)
    return moving or tuple(given)


def check_entries(entries: Sequence[Entry]) -> None:
    """Raise `Unbalanced` if debits are not credits, or there are none; `ProviderMissing`."""
    if not entries or (difference := sum(each.amount for each in entries)):
        raise Unbalanced(difference=difference if entries else 0)
    if any((each.account is Account.PROVIDER_CLEARING) is (each.provider is None) for each in entries):
        raise ProviderMissing


def _contrary(entries: Entries) -> Entries:
    return {account: -amount for account, amount in entries.items()}
