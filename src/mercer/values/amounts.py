"""Amounts of money as they are given: what may be asked for anything."""

from dataclasses import dataclass
from decimal import Decimal

from mercer.platform.errors import InvalidValue
from mercer.values.currency import to_minor

LARGEST_AMOUNT = 10**15


@dataclass(eq=False)
class AmountInvalid(InvalidValue):
    """An amount is from 0 to 1,000,000,000,000,000 minor units."""

    amount: int


@dataclass(eq=False)
class AmountInexact(InvalidValue):
    """The amount has more digits than its currency."""


def minor_amount(amount: Decimal, currency: str) -> int:
    """An amount that can be asked, in minor units of its currency. Raises `AmountInvalid`, `AmountInexact`."""
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise AmountInvalid(amount=int(amount))
    if (minor := to_minor(amount, currency)) is None:
        raise AmountInexact
    check_amount(minor)
    return minor


def check_amount(minor: int) -> None:
    """Raise `AmountInvalid` if no amount of minor units is so small or so large."""
    if not 0 <= minor <= LARGEST_AMOUNT:
        raise AmountInvalid(amount=minor)
