"""What checkout is about: how buying something stands."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class OutcomeKind(StrEnum):
    """What a buyer is told."""

    ORDERED = "ordered"
    """The order stands, and what it says of its payment is all there is to say."""
    ACTION_REQUIRED = "action_required"
    """He has to confirm the payment."""
    DECLINED = "declined"
    """The payment was refused. The order waits for another."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How buying something stands."""

    kind: OutcomeKind
    order_id: UUID
    attempt_id: UUID | None = None
    redirect_url: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    is_retryable: bool = False
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """An attempt to pay that the caller is to carry out."""

    order_id: UUID
    attempt_id: UUID


@dataclass(frozen=True, kw_only=True)
class Underway:
    """An order whose payment somebody else carries out, or has carried out."""

    order_id: UUID
