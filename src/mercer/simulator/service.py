"""What the simulator does, as a provider would behind its doors."""

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
import msgspec

from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Job
from mercer.platform.transactions import transaction
from mercer.simulator import queries, rules
from mercer.simulator.errors import (
    SimulatedKeyReused,
    SimulatedPaymentUnknown,
    SimulatedStateInvalid,
    SimulatedTimeout,
    WebhookUndelivered,
)
from mercer.simulator.models import SIGNATURE, WEBHOOK_KEY, Behaviour, Fact, FactKind, NewFact, Order, Payment

WEBHOOK_PATH = "/payments/webhooks/simulator"


async def start_payment(context: Context, *, order: Order, tell: Job, settle: Job) -> Payment:
    """Begin a payment, once for each key. `tell` delivers what happens, `settle` decides what is in process.

    Raises `SimulatedRequestInvalid`, `SimulatedKeyReused`, `SimulatedTimeout`.
    """
    rules.check_order(order)
    behaviours = rules.parse_token(order.token)
    known = behaviours or frozenset[Behaviour]()
    if Behaviour.TIMEOUT_BEFORE in known:
        raise SimulatedTimeout
    facts = rules.first_facts(order, behaviours, now=context.now)
    kinds = {fact.kind for fact in facts}
    payment_id = await queries.insert_payment(
        context.db,
        order,
        fingerprint=_digest(order),
        behaviours=known,
        client_secret=secrets.token_urlsafe(16),
        now=context.now,
        settles_at=context.now + rules.DELAY if FactKind.PROCESSING in kinds else None,
        expires_at=context.now + rules.PATIENCE if FactKind.REQUIRES_ACTION in kinds else None,
    )
    if payment_id is None:
        found = await find_payment(context, key=order.key, tell=tell)
        if found.fingerprint != _digest(order):
            raise SimulatedKeyReused
        return found
    begun = await queries.lock_payment(context.db, id=payment_id)
    assert begun is not None
    if begun.settles_at is not None:
        context.enqueue(settle, at=begun.settles_at, payment_id=str(payment_id))
    return await _happen(context, begun, facts, tell)


async def find_payment(
    context: Context, *, tell: Job, id: UUID | None = None, key: str | None = None, reference: str | None = None
) -> Payment:
    """A payment as it stands now: what time brings has happened. Raises `SimulatedPaymentUnknown`."""
    payment = await queries.lock_payment(context.db, id=id, key=key, reference=reference)
    if payment is None:
        raise SimulatedPaymentUnknown
    return await _happen(context, payment, rules.due_facts(payment, now=context.now), tell)


async def capture_payment(context: Context, *, reference: str, key: str, amount: int, tell: Job) -> Payment:
    """Take what is authorised, once for each key.

    Raises `SimulatedPaymentUnknown`, `SimulatedStateInvalid`, `SimulatedKeyReused`.
    """
    payment, is_new = await _begin(context, reference, key, ["capture", amount], tell)
    facts = rules.capture(payment, amount, now=context.now) if is_new else []
    return await _happen(context, payment, facts, tell)


async def void_payment(context: Context, *, reference: str, key: str, tell: Job) -> Payment:
    """Release what is authorised, or call off what is under way.

    Raises `SimulatedPaymentUnknown`, `SimulatedStateInvalid`, `SimulatedKeyReused`.
    """
    payment, is_new = await _begin(context, reference, key, ["void"], tell)
    facts = rules.void(payment, now=context.now) if is_new else []
    return await _happen(context, payment, facts, tell)


async def refund_payment(
    context: Context, *, reference: str, key: str, amount: int, currency: str, tell: Job
) -> tuple[Payment, bool]:
    """Give money back, once for each key. Returns the payment, and whether it was asked for the first time.

    Raises `SimulatedPaymentUnknown`, `SimulatedStateInvalid`, `SimulatedKeyReused`.
    """
    payment, is_new = await _begin(context, reference, key, ["refund", amount, currency], tell)
    facts = rules.refund(payment, amount, currency, key=key, now=context.now) if is_new else []
    return await _happen(context, payment, facts, tell), is_new


async def decide_payment(context: Context, *, id: UUID, is_approved: bool, tell: Job) -> Payment:
    """What the buyer said on the simulator's page. Said again, or too late, it changes nothing.

    Raises `SimulatedPaymentUnknown`.
    """
    payment = await find_payment(context, id=id, tell=tell)
    return await _happen(context, payment, rules.decide(payment, is_approved=is_approved, now=context.now), tell)


async def deliver_fact(context: Context, *, fact_id: UUID) -> None:
    """Send a webhook that tells what happened, outside any transaction. Raises `WebhookUndelivered`."""
    async with transaction(context) as inner:
        payment_id = await queries.find_payment_of(inner.db, fact_id)
        payment = await queries.lock_payment(inner.db, id=payment_id) if payment_id else None
    if payment is None:
        return
    told = [fact for fact in payment.facts if fact.id == fact_id]
    body = msgspec.json.encode({"id": str(fact_id), "payment": describe(replace(payment, facts=tuple(told)), context)})
    headers = {SIGNATURE: sign(body, at=context.now), "Content-Type": "application/json"}
    assert context.http is not None
    try:
        answer = await context.http.post(context.settings.address + WEBHOOK_PATH, content=body, headers=headers)
    except httpx2.HTTPError as failure:
        raise WebhookUndelivered from failure
    if not answer.is_success:
        raise WebhookUndelivered


def describe(payment: Payment, context: Context) -> dict[str, Any]:
    """A payment as the simulator tells of it."""
    is_waiting = {fact.kind for fact in payment.facts} == {FactKind.REQUIRES_ACTION}
    return {
        "id": str(payment.id),
        "reference": payment.reference,
        "amount": payment.amount,
        "currency": payment.currency,
        "redirect_url": f"{context.settings.address}/simulator/pay/{payment.id}" if is_waiting else None,
        "client_secret": payment.client_secret if is_waiting else None,
        "method": {"kind": "card", "brand": "simulated", "last_digits": "4242"},
        "facts": [_told(fact) for fact in payment.facts],
    }


def sign(body: bytes, *, at: datetime) -> str:
    """A webhook's signature: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`."""
    seconds = str(int(at.timestamp()))
    signed = hmac.new(WEBHOOK_KEY.encode(), b"%s.%s" % (seconds.encode(), body), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"


async def _begin(context: Context, reference: str, key: str, asked: list[Any], tell: Job) -> tuple[Payment, bool]:
    """The payment that something is asked of, and whether it was not asked before."""
    if not 0 < len(key) <= rules.LONGEST:
        raise SimulatedStateInvalid
    payment = await find_payment(context, reference=reference, tell=tell)
    fingerprint = _digest(asked)
    before = await queries.begin_operation(
        context.db, key, payment_id=payment.id, fingerprint=fingerprint, now=context.now
    )
    if before not in {None, fingerprint}:
        raise SimulatedKeyReused
    return payment, before is None


async def _happen(context: Context, payment: Payment, new: list[NewFact], tell: Job) -> Payment:
    """Write what happens to a payment, and have it told as its token says."""
    if not new:
        return payment
    facts = await queries.insert_facts(context.db, payment.id, new)
    for place, at in rules.deliveries(payment.behaviours, len(facts), now=context.now):
        context.enqueue(tell, at=at, fact_id=str(facts[place].id))
    return replace(payment, facts=(*payment.facts, *facts))


def _told(fact: Fact) -> dict[str, Any]:
    return {
        "id": str(fact.id),
        "kind": fact.kind.value,
        "amount": fact.amount,
        "currency": fact.currency,
        "at": fact.at,
        "refund_key": fact.refund_key,
        "refusal": msgspec.to_builtins(fact.refusal),
    }


def _digest(value: Any) -> str:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=16).hexdigest()
