"""The simulator's nouns. Amounts are in minor units."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

KEY = "simulator-key-of-nobody"
"""What whoever calls the simulator shows. It guards nothing: where there is a simulator, no money is real."""

WEBHOOK_KEY = "simulator-webhook-key-of-nobody"
"""What the simulator signs webhooks with."""

SIGNATURE = "Simulator-Signature"
KEY_HEADER = "Simulator-Key"


class Behaviour(StrEnum):
    """What a payment token makes the simulator do. Several are joined: `ok+webhook_twice`. Without an outcome: `ok`."""

    OK = "ok"
    """Authorised and captured at once; authorised alone where the shop captures later."""
    DECLINE = "decline"
    """Refused: insufficient funds. Another attempt may succeed."""
    DECLINE_HARD = "decline_hard"
    """Refused: a stolen card."""
    THREE_D_SECURE = "3ds"
    """The buyer has to approve it on a page of the simulator's."""
    DELAYED = "delayed"
    """In process for 30 seconds, then as `ok`."""
    DELAYED_DECLINE = "delayed_decline"
    """In process for 30 seconds, then refused."""

    AUTHORIZE_ONLY = "authorize_only"
    """Authorised, and captured only when asked."""

    TIMEOUT_AFTER_SUCCESS = "timeout_after_success"
    """It is done, but whoever asked for it is told of a time-out, however often he asks."""
    TIMEOUT_BEFORE = "timeout_before"
    """Nothing is done, and whoever asks is told of a time-out."""

    WEBHOOK_TWICE = "webhook_twice"
    WEBHOOK_REORDERED = "webhook_reordered"
    """What happened first is told last."""
    WEBHOOK_DROPPED = "webhook_dropped"
    WEBHOOK_LATE = "webhook_late"
    """Told ten minutes later."""

    AMOUNT_LIE = "amount_lie"
    """A minor unit less is authorised and captured than was asked for."""
    AMOUNT_LIE_MORE = "amount_lie_more"
    """A minor unit more."""
    CURRENCY_LIE = "currency_lie"
    """Authorised and captured in another currency: XTS."""

    REFUND_FAILS = "refund_fails"
    REFUND_PENDING = "refund_pending"
    """Refunds are in process for 30 seconds."""
    REFUND_TIMEOUT = "refund_timeout"
    """Refunds are done, but whoever asks for one the first time is told of a time-out."""


class FactKind(StrEnum):
    """What happens to a payment."""

    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    EXPIRED = "expired"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a card is refused."""

    code: str
    message: str
    is_retryable: bool


@dataclass(frozen=True, kw_only=True)
class NewFact:
    """Something that happens to a payment."""

    kind: FactKind
    amount: int
    currency: str
    at: datetime
    refund_key: str | None = None
    """The key under which the shop asked for the refund."""
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class Fact(NewFact):
    """Something that happened to a payment."""

    id: UUID


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the shop asks to be paid."""

    key: str
    """Its idempotency key."""
    reference: str
    """The shop's own."""
    label: str
    amount: int
    currency: str
    is_captured_at_once: bool
    token: str
    return_url: str | None


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment as the simulator keeps it, with all that happened to it, the first first."""

    id: UUID
    key: str
    fingerprint: str
    reference: str
    label: str
    amount: int
    currency: str
    is_captured_at_once: bool
    behaviours: frozenset[Behaviour]
    return_url: str | None
    client_secret: str
    created_at: datetime
    settles_at: datetime | None
    """When what is in process is decided."""
    expires_at: datetime | None
    """When what waits for the buyer is given up."""
    facts: tuple[Fact, ...] = ()
