"""Expected failures of stock."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


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
class QuantityInvalid(InvalidValue):
    """A quantity is from 0 to 1,000,000,000."""

    on_hand: int


@dataclass(eq=False)
class QuantityReserved(DomainError):
    """More than this is allocated to orders or held for carts."""

    on_hand: int
    reserved: int


@dataclass(eq=False)
class WarehouseNotFound(DomainError):
    """No warehouse has this id."""

    id: UUID


@dataclass(eq=False)
class WarehouseCodeTaken(DomainError):
    """Another warehouse has this code."""

    warehouse: str


@dataclass(eq=False)
class WarehouseClosed(DomainError):
    """The warehouse is archived. Restore it first."""

    warehouse: str


@dataclass(eq=False)
class WarehouseNotEmpty(DomainError):
    """Something lies in the warehouse, or can be ordered from it. Empty it first."""

    variants: int
    """Of how many variants."""


@dataclass(frozen=True)
class Shortage:
    """A variant of which more were asked for than there are."""

    variant_id: UUID
    requested: int
    available: int
    """How many can be had, from stock or on back-order."""


@dataclass(eq=False)
class InsufficientStock(DomainError):
    """There are not as many that nobody has a claim to."""

    available: int
    """How many can be had: of the first that is short, where several were asked for."""
    shortages: tuple[Shortage, ...] = ()
    """Each variant that is short, where several were asked for."""


@dataclass(eq=False)
class NotAllocated(DomainError):
    """There are not as many set aside for this line of the order."""

    line_id: UUID
    allocated: int
    """How many are, and have not left yet."""


@dataclass(eq=False)
class BackordersPromised(DomainError):
    """More than this are sold beyond what is on hand."""

    promised: int
    """How many are."""


@dataclass(eq=False)
class TransferInvalid(InvalidValue):
    """A transfer is from a warehouse to another one."""


@dataclass(eq=False)
class TransferredQuantityInvalid(InvalidValue):
    """A transfer moves 1 to 1,000,000,000 of each variant."""


@dataclass(eq=False)
class StockMoved(DomainError):
    """The stock moved since it was counted. Count again."""

    on_hand: int
    """How many are on hand now."""


@dataclass(eq=False)
class AdjustmentInvalid(InvalidValue):
    """An adjustment moves at least one: what is received or returned adds, what is scrapped takes away."""


@dataclass(eq=False)
class LevelGivenTwice(InvalidValue):
    """The variant's stock in this warehouse was given before."""


@dataclass(eq=False)
class LevelsTooMany(InvalidValue):
    """At most 250 levels can be changed at once, and one at least."""


@dataclass(eq=False)
class ReasonInvalid(InvalidValue):
    """A reason has 1 to 500 printable characters."""
