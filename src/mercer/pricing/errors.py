"""Expected failures of prices."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class PriceRepeated(DomainError):
    """The variant's price in this channel was given before, in the same call."""

    sku: str
    channel: str


@dataclass(eq=False)
class AmountInvalid(DomainError):
    """An amount is from 0 to 1,000,000,000,000,000 minor units."""

    amount: int


@dataclass(eq=False)
class BeforeAmountInvalid(DomainError):
    """The price before is higher than the price."""

    amount: int | None
    before_amount: int
