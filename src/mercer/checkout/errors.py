"""Expected failures of checkout."""

from dataclasses import dataclass

from mercer.cart.models import CartChange
from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class CartChanged(DomainError):
    """The cart does not cost what was expected. Nothing was ordered; show it again."""

    changes: tuple[CartChange, ...]
    """What is another than was expected, the total last."""


@dataclass(eq=False)
class PaymentMissing(DomainError):
    """This is not free: say how it is paid."""


@dataclass(eq=False)
class ExpectedTotalInvalid(InvalidValue):
    """A total is no less than zero, and has no more digits than its currency."""
