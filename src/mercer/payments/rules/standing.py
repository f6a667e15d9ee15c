"""How an order's payment stands over all its attempts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mercer.payments.models import AttemptState, EventKind, Payment, PaymentStanding, PaymentStatus, Told
from mercer.payments.rules.reducing import UNDECIDED, Reduced, lasting, reduce


@dataclass(frozen=True, kw_only=True)
class Sums:
    """An order's money."""

    amount: int
    authorized: int
    captured: int
    refunded: int
    surplus: int


def status_of(sums: Sums, states: Iterable[AttemptState]) -> PaymentStatus:
    """The one word for an order's payment."""
    states = set(states)
    if (money := _of_money(sums)) is not None:
        return money
    if sums.authorized and sums.authorized >= sums.amount:
        return PaymentStatus.AUTHORIZED
    if sums.authorized or states & UNDECIDED:
        return PaymentStatus.PENDING
    if states & {AttemptState.VOIDED}:
        return PaymentStatus.VOIDED
    return PaymentStatus.FAILED if states else PaymentStatus.NONE


def _of_money(sums: Sums) -> PaymentStatus | None:
    if sums.surplus > 0:
        return PaymentStatus.OVERPAID
    if sums.captured and sums.refunded >= sums.captured:
        return PaymentStatus.REFUNDED
    if sums.captured and sums.refunded:
        return PaymentStatus.PARTIALLY_REFUNDED
    if sums.captured:
        return PaymentStatus.PAID if sums.captured >= sums.amount else PaymentStatus.PARTIALLY_PAID
    return None


def reduced(told: Told) -> Reduced:
    """How an attempt stands by all that was told of it."""
    return reduce(told.facts, amount=told.attempt.amount, currency=told.attempt.currency)


def room(payment: Payment) -> int:
    """What the order still takes: what is due, less all that came in for it. Giving back makes no room."""
    return max(0, payment.amount - _accepted(payment, EventKind.CAPTURED))


def promised_by(told: Told) -> int:
    """What an attempt promises and has not taken, at most what it is about."""
    found = reduced(told)
    return max(0, min(found.promised, told.attempt.amount - found.captured))


def stand(payment: Payment) -> PaymentStanding:
    """How a payment stands, by all that was told of it and nothing else."""
    found = [reduced(told) for told in payment.attempts]
    captured = _accepted(payment, EventKind.CAPTURED)
    refunded = _accepted(payment, EventKind.REFUNDED)
    sums = Sums(
        amount=payment.amount,
        authorized=min(sum(map(promised_by, payment.attempts)), max(0, payment.amount - captured)),
        captured=captured,
        refunded=refunded,
        surplus=_surplus(payment),
    )
    undecided = [told.attempt for told, each in zip(payment.attempts, found, strict=True) if each.state in UNDECIDED]
    latest = payment.attempts[-1].attempt if payment.attempts else None
    return PaymentStanding(
        order_id=payment.order_id,
        amount=payment.amount,
        currency=payment.currency,
        authorized=sums.authorized,
        captured=captured,
        refunded=refunded,
        surplus=sums.surplus,
        pending=sum(attempt.amount for attempt in undecided),
        is_closed=payment.is_closed,
        status=status_of(sums, [each.state for each in found]),
        latest=None if latest is None else replace(latest, state=found[-1].state),
    )


def _accepted(payment: Payment, kind: EventKind) -> int:
    return sum(fact.accepted for told in payment.attempts for fact in lasting(told.facts) if fact.kind is kind)


def _surplus(payment: Payment) -> int:
    """What of the order's currency stands among the exceptions, and was not given back."""
    signs = {EventKind.CAPTURED: 1, EventKind.REFUNDED: -1}
    facts = (fact for told in payment.attempts for fact in lasting(told.facts) if fact.currency == payment.currency)
    return max(0, sum(signs.get(fact.kind, 0) * (fact.amount - fact.accepted) for fact in facts))
