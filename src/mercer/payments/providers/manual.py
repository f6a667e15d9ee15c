"""Payment by hand: bank transfer, invoice, cash. The buyer's promise opens the order; staff note what comes in.

Giving back is done by hand too: what staff have given back counts as given back when they say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mercer.payments.models import EventKind, PaymentMethod, ProviderEvent
from mercer.payments.providers.port import MoveRequest, Notice, PaymentName, StartRequest, WebhookForged

CODE = "manual"


@dataclass(frozen=True)
class ManualProvider:
    """Answers all by itself, and at once."""

    is_asked: bool = False

    async def start(self, request: StartRequest) -> tuple[ProviderEvent, ...]:
        """The promise."""
        kind, key = EventKind.AUTHORIZED, f"{request.attempt_id}:promised"
        method = PaymentMethod(kind=CODE)
        return (_event(kind, key, request.attempt_id, request.at, request.amount, request.currency, method=method),)

    async def fetch(self, _payment: PaymentName) -> tuple[ProviderEvent, ...] | None:
        """Nothing that was not told already."""
        return ()

    async def capture(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """The money came."""
        return (_moved(EventKind.CAPTURED, request),)

    async def void(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """The promise is given back."""
        return (_moved(EventKind.VOIDED, request, refund_id=request.key),)

    async def refund(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """The money is given back, by staff."""
        return (_moved(EventKind.REFUNDED, request, refund_id=request.key),)

    def read_webhook(self, _body: bytes, _headers: Mapping[str, str], *, now: datetime) -> Notice:  # noqa: ARG002
        """Nobody sends one."""
        raise WebhookForged


def _moved(kind: EventKind, request: MoveRequest, refund_id: UUID | None = None) -> ProviderEvent:
    key = f"{request.attempt_id}:{kind}:{request.key}"
    return _event(kind, key, request.attempt_id, request.at, request.amount, request.currency, refund_id=refund_id)


def _event(
    kind: EventKind,
    key: str,
    attempt_id: UUID,
    at: datetime,
    amount: int,
    currency: str,
    *,
    refund_id: UUID | None = None,
    method: PaymentMethod | None = None,
) -> ProviderEvent:
    return ProviderEvent(
        id=key,
        kind=kind,
        at=at,
        amount=amount,
        currency=currency,
        attempt_id=attempt_id,
        refund_id=refund_id,
        method=method,
    )
