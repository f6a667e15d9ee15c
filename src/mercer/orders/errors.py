"""Expected failures of orders."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


class OrderStatus(StrEnum):
    """What is to become of an order."""

    DRAFT = "draft"
    """Staff write it."""
    PENDING_PAYMENT = "pending_payment"
    """Agreed on, its goods set aside, not paid yet."""
    OPEN = "open"
    """Paid, or promised to be: to be delivered."""
    ON_HOLD = "on_hold"
    """Somebody looks at it before it is delivered."""
    COMPLETED = "completed"
    """Delivered and paid."""
    CANCELLED = "cancelled"


@dataclass(eq=False)
class OrderNotFound(DomainError):
    """There is no such order, or what was shown does not open it."""


@dataclass(eq=False)
class OrderStatusConflict(DomainError):
    """The order's status does not allow this."""

    status: OrderStatus


@dataclass(eq=False)
class OrderShipped(DomainError):
    """Something of the order was shipped already."""


@dataclass(eq=False)
class OrderCancelledBefore(DomainError):
    """The order was cancelled before, for another reason."""

    reason: str


@dataclass(eq=False)
class OrderLineNotFound(DomainError):
    """The order has no such line."""

    id: UUID


@dataclass(eq=False)
class LineShippedAlready(DomainError):
    """There are not as many of the line left to ship."""

    remaining: int


@dataclass(eq=False)
class ReasonInvalid(InvalidValue):
    """A reason has 1 to 500 printable characters."""


@dataclass(eq=False)
class NoteInvalid(InvalidValue):
    """A note has 1 to 2000 characters, and no control characters but line breaks."""


@dataclass(eq=False)
class PastOrderInvalid(DomainError):
    """The past order has a value that it cannot have."""

    external_id: str
    field: str


@dataclass(eq=False)
class OrderNumberTaken(DomainError):
    """Another order has this number."""

    number: str


@dataclass(eq=False)
class OrderRepeated(DomainError):
    """The order was given before, in the same call."""

    external_id: str
