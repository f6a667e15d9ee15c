"""Expected failures of carts."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


class CartLineProblem(StrEnum):
    """Why a line cannot be bought. It counts for nothing until it is removed, or can be bought again."""

    UNAVAILABLE = "unavailable"
    """It is not sold here any more."""
    UNPRICED = "unpriced"
    """It has no price here any more."""
    TOO_EXPENSIVE = "too_expensive"
    """It costs more than can be reckoned with."""


@dataclass(frozen=True, kw_only=True)
class UnavailableLine:
    """A line that cannot be bought."""

    line_id: UUID
    variant_id: UUID
    sku: str
    problem: CartLineProblem


@dataclass(eq=False)
class CartNotFound(DomainError):
    """There is no such cart, or what was shown does not open it."""


@dataclass(eq=False)
class CartOfOtherChannel(DomainError):
    """The cart belongs to another channel. Name it in X-Mercer-Channel."""

    channel_id: UUID
    """The cart's."""


@dataclass(eq=False)
class CartConverted(DomainError):
    """An order was made of this cart. Create another one."""


@dataclass(eq=False)
class CartExpired(DomainError):
    """Nobody used this cart for too long. Create another one."""


@dataclass(eq=False)
class VariantUnavailable(DomainError):
    """This cannot be bought here, now."""

    variant_id: UUID


@dataclass(eq=False)
class LineNotFound(DomainError):
    """The cart has no such line."""

    line_id: UUID


@dataclass(eq=False)
class LineQuantityInvalid(InvalidValue):
    """A quantity is at least 1."""


@dataclass(eq=False)
class NewQuantityInvalid(InvalidValue):
    """A quantity is at least 0, which removes the line."""


@dataclass(eq=False)
class LineQuantityExceeded(DomainError):
    """A cart holds at most so many of one variant."""

    variant_id: UUID
    most: int


@dataclass(eq=False)
class LinesTooMany(DomainError):
    """A cart holds at most so many lines."""

    most: int


@dataclass(eq=False)
class LineGivenTwice(InvalidValue):
    """This line was given before."""


@dataclass(eq=False)
class EmailInvalid(InvalidValue):
    """This is no e-mail address."""


@dataclass(eq=False)
class CountryUnknown(InvalidValue):
    """There is no such country (ISO 3166-1, two letters)."""


@dataclass(eq=False)
class CartEmpty(DomainError):
    """There is nothing in the cart."""


@dataclass(eq=False)
class EmailMissing(DomainError):
    """The cart has no e-mail address yet."""


@dataclass(eq=False)
class AddressMissing(DomainError):
    """The cart has no address yet."""


@dataclass(eq=False)
class ShippingMethodMissing(DomainError):
    """No shipping method is chosen yet."""


@dataclass(eq=False)
class ShippingMethodUnavailable(DomainError):
    """This shipping method is not offered for this cart."""

    method_id: UUID


@dataclass(eq=False)
class LinesUnavailable(DomainError):
    """Some of the cart cannot be bought any more. Remove it."""

    lines: tuple[UnavailableLine, ...]
