"""What happens to payments."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ProviderEventReceived(Event):
    """A provider told something, or was asked and answered: it waits in the inbox to be applied."""

    inbox_id: UUID
    order_id: UUID | None = None
    """None where it is not known yet."""


@dataclass(frozen=True, kw_only=True)
class PaymentChanged(Event):
    """Something changed of an order's payment: staff noted or captured money, or a refund came through.

    What checkout applies itself is not told: it follows it at once.
    """

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaymentExceptionOpened(Event):
    """Somebody has to look at a payment."""

    exception_id: UUID
    order_id: UUID | None = None
