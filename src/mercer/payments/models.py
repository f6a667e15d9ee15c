"""The payments' nouns. Amounts are in minor units of their currency."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID


class CaptureMode(StrEnum):
    """When money that was authorised is taken."""

    AUTOMATIC = "automatic"
    """At once, by the provider itself."""
    MANUAL = "manual"
    """When staff say so."""


class AttemptState(StrEnum):
    """How one attempt to pay stands. It follows from the attempt's events, whatever their order."""

    CREATED = "created"
    """Nothing is known of it but that it was begun."""
    REQUIRES_ACTION = "requires_action"
    """The buyer has to confirm it, with 3-D Secure for instance."""
    PROCESSING = "processing"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    """The money is promised, and can be captured."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    VOIDED = "voided"
    """The promise was given back."""
    PARTIALLY_CAPTURED = "partially_captured"
    CAPTURED = "captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class EventKind(StrEnum):
    """What a provider tells of an attempt."""

    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    DECLINED = "declined"
    AUTHORIZED = "authorized"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    VOIDED = "voided"
    CAPTURED = "captured"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


class PaymentStatus(StrEnum):
    """How an order's payment stands, over all its attempts."""

    NONE = "none"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    """More money came than was due: it stands among the exceptions."""
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    FAILED = "failed"


class RefundKind(StrEnum):
    """What is given back: a promise, or money."""

    VOID = "void"
    REFUND = "refund"


class RefundState(StrEnum):
    """How giving back stands."""

    REQUESTED = "requested"
    SUBMITTED = "submitted"
    """The provider was asked, and has not done it yet, or nobody knows."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class InboxSource(StrEnum):
    """How something was learned."""

    WEBHOOK = "webhook"
    POLL = "poll"


class InboxState(StrEnum):
    """What became of something that a provider told."""

    WAITING = "waiting"
    APPLIED = "applied"
    PARKED = "parked"
    """It is about a payment that nobody knows yet. It is tried again, with pauses."""
    REFUSED = "refused"
    """It is about nothing that is known here, and changes nothing."""


class ExceptionKind(StrEnum):
    """Why somebody has to look at it."""

    LATE_CAPTURE = "late_capture"
    """Money came after the order was cancelled."""
    SURPLUS_CAPTURE = "surplus_capture"
    """More money came than was due: a second payment, or too large a one."""
    AMOUNT_MISMATCH = "amount_mismatch"
    """Another amount was authorised or captured than was asked for."""
    CURRENCY_MISMATCH = "currency_mismatch"
    CONTRARY_EVENTS = "contrary_events"
    """The provider says that an attempt failed or ended, and that its money was taken."""
    UNKNOWN_REFERENCE = "unknown_reference"
    """A provider told of a payment that nobody knows."""
    REFUND_FAILED = "refund_failed"


class Resolution(StrEnum):
    """How an exception was settled."""

    REFUNDED = "refunded"
    NOTED = "noted"


@dataclass(frozen=True, kw_only=True)
class PaymentRequest:
    """What a buyer pays with."""

    provider: str
    token: str | None = None
    """What the provider gave the buyer's browser for his card. It is never stored."""
    return_url: str | None = None
    """Where the buyer comes back to from the provider's pages."""


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Why a payment was refused."""

    code: str
    message: str
    is_retryable: bool
    """Whether another attempt, perhaps by other means, may succeed."""


@dataclass(frozen=True, kw_only=True)
class PaymentMethod:
    """What was paid with, masked."""

    kind: str
    """`card`, `transfer` …"""
    brand: str | None = None
    last_digits: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProviderEvent:
    """One fact that a provider tells of an attempt.

    `id` is the fact's own: it is the same whether it stands in an answer, in a webhook or in what was asked for.
    """

    id: str
    kind: EventKind
    at: datetime
    amount: int | None = None
    """What was authorised, captured or refunded by it."""
    currency: str | None = None
    provider_reference: str | None = None
    attempt_id: UUID | None = None
    """Ours, where the provider repeats it."""
    refund_id: UUID | None = None
    """Ours, where the provider repeats it."""
    decline: Decline | None = None
    redirect_url: str | None = None
    client_secret: str | None = None
    """For the buyer's browser alone: never stored with the event."""
    method: PaymentMethod | None = None
    note: str | None = None
    """What staff noted of it: a bank transfer's reference."""

    def details(self) -> tuple[tuple[str, Any], ...]:
        """What is kept of it besides what counts."""
        return ("decline", self.decline), ("method", self.method), ("note", self.note)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt to pay, by one provider."""

    id: UUID
    order_id: UUID
    provider: str
    amount: int
    currency: str
    state: AttemptState
    capture: CaptureMode
    label: str
    """What the provider shows the buyer: the order's number."""
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    provider_reference: str | None = None
    charging_until: datetime | None = None
    """Until when whoever began it is expected to be calling the provider."""
    redirect_url: str | None = None
    client_secret: str | None = None
    decline: Decline | None = None
    method: PaymentMethod | None = None


@dataclass(frozen=True, kw_only=True)
class Begun:
    """An attempt, and whether the caller is the one who calls the provider for it."""

    attempt: Attempt
    is_ours: bool


@dataclass(frozen=True, kw_only=True)
class PaymentStanding:
    """How the payment of an order stands, over all attempts."""

    order_id: UUID
    amount: int
    """What is due in all."""
    currency: str
    authorized: int
    """What is promised and not captured yet."""
    captured: int
    """What came in for the order, before anything was given back."""
    refunded: int
    """What of it was given back."""
    surplus: int
    """What came in besides, and stands among the exceptions."""
    pending: int
    """What attempts under way may still bring."""
    is_closed: bool
    """The order was cancelled: nothing more is due."""
    status: PaymentStatus
    latest: Attempt | None

    @property
    def is_covered(self) -> bool:
        """Whether all that is due is captured or promised."""
        return not self.is_closed and self.authorized + self.captured - self.refunded >= self.amount


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """That a channel takes payments by a provider."""

    channel: str
    """Its code."""
    provider: str
    capture: CaptureMode = CaptureMode.AUTOMATIC
    is_active: bool = True
    position: int = 0


class InboxEntry(NamedTuple):
    """What a provider told, and whose payment it is about."""

    order_id: UUID
    attempt_id: UUID
    events: tuple[ProviderEvent, ...]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What counts of one event of an attempt. Facts with the same id are the same."""

    id: str
    kind: EventKind
    amount: int
    currency: str
    accepted: int = 0
    """What of it is the order's. The rest of a capture stands among the exceptions, and is given back from there."""
    refund_id: UUID | None = None
    """Which refund it is about, by our id, where the provider repeats it."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """An attempt, and all that was told of it."""

    attempt: Attempt
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Payment:
    """All that is known of an order's payment. Attempts stand in the order in which they were begun."""

    id: UUID
    order_id: UUID
    channel_id: UUID
    amount: int
    currency: str
    label: str
    is_closed: bool
    attempts: tuple[Told, ...]


@dataclass(frozen=True, kw_only=True)
class Refund:
    """A promise or money that is given back."""

    id: UUID
    attempt_id: UUID
    order_id: UUID
    exception_id: UUID | None
    kind: RefundKind
    amount: int
    currency: str
    state: RefundState
    provider: str
    provider_reference: str | None
    reason: str | None
    tries: int


@dataclass(frozen=True, kw_only=True)
class KnownException:
    """Something that somebody has to look at."""

    id: UUID
    kind: ExceptionKind
    subject: str
    order_id: UUID | None
    attempt_id: UUID | None
    amount: int
    """The money that stands here, and on no order."""
    currency: str
    is_resolved: bool


@dataclass(frozen=True, kw_only=True)
class Offer:
    """That a channel takes payments by a provider."""

    channel_id: UUID
    provider: str
    capture: CaptureMode
    is_active: bool
    position: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits in the inbox."""

    id: UUID
    provider: str
    event_id: str
    events: tuple[ProviderEvent, ...]
    state: InboxState
    tries: int
