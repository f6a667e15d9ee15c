"""The simulator, called as any provider is: by HTTP, with time-outs, and webhooks that are signed."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import stamina

from mercer.payments.models import Decline, EventKind, PaymentMethod, ProviderEvent
from mercer.payments.providers.port import (
    MoveRequest,
    Notice,
    OutcomeUnknown,
    PaymentName,
    ProviderRefused,
    ProviderUnreachable,
    StartRequest,
    WebhookForged,
    WebhookUnreadable,
)
from mercer.simulator.models import KEY, KEY_HEADER, SIGNATURE, WEBHOOK_KEY

CODE = "simulator"

TOLERANCE = timedelta(minutes=5)
"""How far a webhook's time may be from ours."""

LONGEST_ID = 200
MOST = 10**15
"""No payment has more minor units."""

TRIES = 3
"""How often it is called when it cannot be reached: nothing was done then."""

_REFUSED = {400, 402, 404, 409, 422}
_UNTOLD = {"not_found"}


class _Refusal(msgspec.Struct, frozen=True):
    code: str
    message: str
    is_retryable: bool


class _Fact(msgspec.Struct, frozen=True):
    id: str
    kind: str
    amount: int
    currency: str
    at: datetime
    refund_key: str | None = None
    refusal: _Refusal | None = None


class _Method(msgspec.Struct, frozen=True):
    kind: str
    brand: str
    last_digits: str


class _Payment(msgspec.Struct, frozen=True):
    id: str
    reference: str
    facts: list[_Fact]
    method: _Method
    redirect_url: str | None = None
    client_secret: str | None = None


class _Webhook(msgspec.Struct, frozen=True):
    id: str
    payment: _Payment


class _Problem(msgspec.Struct, frozen=True):
    code: str


@dataclass(frozen=True)
class SimulatorProvider:
    """The simulator at an address."""

    http: httpx2.AsyncClient | None
    address: str
    """Of the application that it is a part of, without a slash at the end."""
    is_asked: bool = True

    async def start(self, request: StartRequest) -> tuple[ProviderEvent, ...]:
        """Begin a payment. What it is asked twice it does once."""
        body = {
            "reference": str(request.attempt_id),
            "amount": request.amount,
            "currency": request.currency,
            "label": request.label,
            "is_captured_at_once": request.is_captured_at_once,
            "token": request.token or "ok",
            "return_url": request.return_url,
        }
        try:
            return await self._call("POST", "payments", key=request.attempt_id, body=body)
        except ProviderRefused as refused:
            if refused.code != "key_reused":
                raise
        # Somebody began it with another token, and has the outcome.
        name = PaymentName(attempt_id=request.attempt_id, provider_reference=None, at=request.at)
        return await self.fetch(name) or ()

    async def fetch(self, payment: PaymentName) -> tuple[ProviderEvent, ...] | None:
        """All that happened to a payment."""
        try:
            return await self._call("GET", f"payments/by-reference/{payment.attempt_id}")
        except ProviderRefused as refused:
            if refused.code in _UNTOLD:
                return None
            raise

    async def capture(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """Take what was authorised, or a part of it."""
        return await self._move("capture", request)

    async def void(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """Give back what was authorised and not captured."""
        return await self._move("void", request)

    async def refund(self, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        """Give money back."""
        return await self._move("refunds", request)

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Notice:
        """What a webhook tells, if it is signed: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`, as Stripe does."""
        _check_signature(body, headers.get(SIGNATURE, ""), now=now)
        try:
            told = msgspec.json.decode(body, type=_Webhook)
            return Notice(event_id=told.id, events=_events(told.payment))
        except (msgspec.MsgspecError, ValueError) as unreadable:
            raise WebhookUnreadable from unreadable

    async def _move(self, verb: str, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        path = f"payments/by-reference/{request.attempt_id}/{verb}"
        body = {"amount": request.amount, "currency": request.currency}
        return await self._call("POST", path, key=request.key, body=body)

    async def _call(
        self, method: str, path: str, *, key: UUID | None = None, body: Any = None
    ) -> tuple[ProviderEvent, ...]:
        if self.http is None:
            raise ProviderUnreachable
        headers = {KEY_HEADER: KEY} | ({} if key is None else {"Idempotency-Key": str(key)})
        url = f"{self.address}/simulator/v1/{path}"
        try:
            async for attempt in stamina.retry_context(
                on=httpx2.ConnectError, attempts=TRIES, wait_initial=0.02, wait_max=0.2, wait_jitter=0.02
            ):
                with attempt:
                    answer = await self.http.request(method, url, headers=headers, json=body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as unreachable:
            raise ProviderUnreachable from unreachable
        except httpx2.HTTPError as unknown:
            raise OutcomeUnknown from unknown
        return _read(answer)


def _read(answer: httpx2.Response) -> tuple[ProviderEvent, ...]:
    try:
        if answer.is_success:
            return _events(msgspec.json.decode(answer.content, type=_Payment))
        if answer.status_code in _REFUSED:
            raise ProviderRefused(msgspec.json.decode(answer.content, type=_Problem).code)
    except (msgspec.MsgspecError, ValueError) as unreadable:
        raise OutcomeUnknown from unreadable
    raise OutcomeUnknown


def _events(payment: _Payment) -> tuple[ProviderEvent, ...]:
    """A payment's facts. Raises `ValueError` on what is none of ours."""
    attempt_id = UUID(payment.reference)
    texts = [payment.id, *(fact.id for fact in payment.facts)]
    if not all(0 < len(text) <= LONGEST_ID and text.isprintable() for text in texts):
        raise ValueError("an id")
    if not all(0 <= fact.amount <= MOST and re.fullmatch("[A-Z]{3}", fact.currency) for fact in payment.facts):
        raise ValueError("an amount")
    method = PaymentMethod(kind=payment.method.kind, brand=payment.method.brand, last_digits=payment.method.last_digits)
    return tuple(
        ProviderEvent(
            id=fact.id,
            kind=(kind := EventKind(fact.kind)),
            at=fact.at,
            amount=fact.amount,
            currency=fact.currency,
            provider_reference=payment.id,
            attempt_id=attempt_id,
            refund_id=None if fact.refund_key is None else UUID(fact.refund_key),
            decline=_decline(fact.refusal),
            redirect_url=payment.redirect_url if kind is EventKind.REQUIRES_ACTION else None,
            client_secret=payment.client_secret if kind is EventKind.REQUIRES_ACTION else None,
            method=method,
        )
        for fact in payment.facts
    )


def _decline(refusal: _Refusal | None) -> Decline | None:
    if refusal is None:
        return None
    return Decline(code=refusal.code, message=refusal.message, is_retryable=refusal.is_retryable)


def _check_signature(body: bytes, signature: str, *, now: datetime) -> None:
    """Raise `WebhookForged`."""
    found = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", signature)
    if found is None:
        raise WebhookForged
    signed = hmac.new(WEBHOOK_KEY.encode(), b"%s.%s" % (found[1].encode(), body), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed, found[2]):
        raise WebhookForged
    if abs(now.timestamp() - int(found[1])) > TOLERANCE.total_seconds():
        raise WebhookForged
