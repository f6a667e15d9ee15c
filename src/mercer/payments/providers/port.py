"""What every provider can do. Adding one is a file that does this, and a line in `registry`.

Each call is made outside any transaction, under an id of ours as its idempotency key: repeating it repeats nothing.
What a call answers are the same facts, with the same ids, as the provider's webhooks tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mercer.payments.models import ProviderEvent


class ProviderUnreachable(Exception):
    """The provider was not reached: nothing was done."""


class OutcomeUnknown(Exception):
    """The provider did not answer, or said that it has trouble: nobody knows what was done."""


class ProviderRefused(Exception):
    """The provider refused it for good. `code` is its own word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WebhookForged(Exception):
    """The signature is not the provider's, or too old."""


class WebhookUnreadable(Exception):
    """It is signed by the provider, and yet not what its webhooks look like."""


@dataclass(frozen=True, kw_only=True)
class StartRequest:
    """That a payment is to be begun."""

    attempt_id: UUID
    """The idempotency key, and what the provider knows the payment by."""
    amount: int
    currency: str
    label: str
    is_captured_at_once: bool
    at: datetime
    token: str | None
    return_url: str | None


@dataclass(frozen=True, kw_only=True)
class PaymentName:
    """How a payment is known to the provider, and by us."""

    attempt_id: UUID
    provider_reference: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MoveRequest(PaymentName):
    """That so much is to be captured or given back, or all that is promised released."""

    key: UUID
    """The idempotency key: of a refund or a void, the refund's id."""
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a webhook tells."""

    event_id: str
    events: tuple[ProviderEvent, ...]
    """None: it is of a kind that changes nothing here."""


class Provider(Protocol):
    """A provider, ready to be called.

    Calls raise `ProviderUnreachable`, `OutcomeUnknown` and `ProviderRefused`. A payment that is declined is no refusal,
    but an event.
    """

    @property
    def is_asked(self) -> bool:
        """Whether it knows more of payments than it was told: others are not asked how payments stand."""
        ...

    async def start(self, request: StartRequest) -> tuple[ProviderEvent, ...]:
        """Begin a payment."""
        ...

    async def fetch(self, payment: PaymentName) -> tuple[ProviderEvent, ...] | None:
        """All that happened to a payment. None: the provider never heard of it."""
        ...

    async def capture(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """Take what was authorised, or a part of it."""
        ...

    async def void(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """Give back what was authorised and not captured."""
        ...

    async def refund(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """Give money back. Asked again under the same key, it says how that refund stands."""
        ...

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Notice:
        """What a webhook tells. Raises `WebhookForged`, `WebhookUnreadable`."""
        ...
