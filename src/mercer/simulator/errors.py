"""Expected failures of the simulator, as it tells them over HTTP."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class SimulatedPaymentUnknown(DomainError):
    """No payment has this id, or this reference."""


@dataclass(eq=False)
class SimulatedKeyReused(DomainError):
    """This idempotency key was used with another request."""


@dataclass(eq=False)
class SimulatedRequestInvalid(DomainError):
    """The request is not what the simulator understands."""


@dataclass(eq=False)
class SimulatedStateInvalid(DomainError):
    """The payment cannot do this as it stands."""


@dataclass(eq=False)
class SimulatedTimeout(DomainError):
    """The simulator does not answer in time, as it was told to."""


@dataclass(eq=False)
class WebhookUndelivered(DomainError):
    """Nobody took the webhook. It is sent again later."""
