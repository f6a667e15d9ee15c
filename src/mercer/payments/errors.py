"""Expected failures of payments."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class PaymentNotFound(DomainError):
    """Nothing is to be paid for this order."""

    order_id: UUID


@dataclass(eq=False)
class ProviderUnavailable(DomainError):
    """This way of paying is not offered here."""

    provider: str


@dataclass(eq=False)
class AlreadyPaid(DomainError):
    """Nothing is left to be paid."""


@dataclass(eq=False)
class PaymentClosed(DomainError):
    """The order was cancelled: it cannot be paid any more."""


@dataclass(eq=False)
class AttemptsTooMany(DomainError):
    """Too many attempts to pay this order came to nothing: it takes no further ones."""


@dataclass(eq=False)
class AttemptNotFound(DomainError):
    """No attempt to pay has this id."""

    id: UUID


@dataclass(eq=False)
class NotCapturable(DomainError):
    """Nothing of this attempt can be captured as it stands."""

    attempt_state: str


@dataclass(eq=False)
class CaptureTooLarge(DomainError):
    """Less than this was authorised."""

    available: str
    """How much can be captured, in the attempt's currency."""


@dataclass(eq=False)
class ProviderRefusedIt(DomainError):
    """The provider refused it."""

    reason: str
    """The provider's own word."""


@dataclass(eq=False)
class ProviderOutcomeUnknown(DomainError):
    """The provider has not answered yet. It will be asked again; look at the payment in a few minutes."""


@dataclass(eq=False)
class PaymentExceptionNotFound(DomainError):
    """No exception has this id."""

    id: UUID


@dataclass(eq=False)
class PaymentExceptionResolved(DomainError):
    """This exception is resolved already."""


@dataclass(eq=False)
class PaymentExceptionNotRefundable(DomainError):
    """There is no money to give back, or it is being given back. Resolve it with a note."""


@dataclass(eq=False)
class PaymentOfferInvalid(DomainError):
    """The way of paying's field has a value that it cannot have."""

    provider: str
    field: str


@dataclass(eq=False)
class PaymentTokenInvalid(InvalidValue):
    """A payment token has 1 to 255 printable characters without spaces."""


@dataclass(eq=False)
class ReturnAddressInvalid(InvalidValue):
    """An address to come back to is an absolute one, with https or http, of 2,000 characters at most."""


@dataclass(eq=False)
class AmountInvalid(InvalidValue):
    """An amount is more than zero, and has no more digits than its currency."""


@dataclass(eq=False)
class ReferenceInvalid(InvalidValue):
    """A reference has 1 to 100 printable characters."""


@dataclass(eq=False)
class NoteInvalid(InvalidValue):
    """A note has 1 to 500 printable characters."""


@dataclass(eq=False)
class PositionInvalid(InvalidValue):
    """A position is from 0 to 1,000."""


@dataclass(eq=False)
class WebhookNotSigned(DomainError):
    """This is not signed by the provider, or was signed too long ago."""


@dataclass(eq=False)
class WebhookNotUnderstood(DomainError):
    """This is not what the provider's webhooks look like."""
