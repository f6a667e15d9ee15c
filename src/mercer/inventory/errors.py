"""Expected failures of stock."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class WarehouseUnknown(DomainError):
    """No warehouse has this code."""

    warehouse: str


@dataclass(eq=False)
class WarehouseInvalid(DomainError):
    """The warehouse's field has a value that it cannot have."""

    warehouse: str
    field: str


@dataclass(eq=False)
class LevelRepeated(DomainError):
    """The variant's level in this warehouse was given before, in the same call."""

    sku: str
    warehouse: str


@dataclass(eq=False)
class QuantityInvalid(DomainError):
    """A quantity is from 0 to 1,000,000,000."""

    on_hand: int


@dataclass(eq=False)
class QuantityReserved(DomainError):
    """More than this is allocated to orders or held for carts."""

    on_hand: int
    reserved: int
