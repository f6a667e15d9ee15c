"""What new facts mean for an order's money: what of it is the order's, and what somebody has to look at.

Decided of each fact by itself, under the intent's lock, and stored with it: what was the order's once stays so. Money
that comes while the order is open and not paid is the order's, whatever was said before of its attempt. Which of
several captures is the surplus depends on which came first; how much is the order's does not.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from uuid import UUID

from mercer.payments.models import Attempt, CaptureMode, EventKind, ExceptionKind, Fact, ProviderEvent

_ORDER = tuple(EventKind)


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A new event, and what counts of it."""

    event: ProviderEvent
    fact: Fact

    @property
    def surplus(self) -> int:
        return self.fact.amount - self.fact.accepted if self.fact.kind is EventKind.CAPTURED else 0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that somebody has to look at. Of one kind and subject there is one."""

    kind: ExceptionKind
    subject: str
    amount: int
    currency: str


def in_order(events: Iterable[ProviderEvent]) -> list[ProviderEvent]:
    """Each fact once, in the order in which they happened."""
    by_id = {event.id: event for event in events}
    return sorted(by_id.values(), key=lambda event: (event.at, _ORDER.index(event.kind), event.id))


def accept(
    events: Iterable[ProviderEvent],
    *,
    attempt: Attempt,
    room: int,
    is_closed: bool,
    excused: Iterable[object] = (),
) -> list[Accepted]:
    """What of each new fact is the order's. `room` is what the order still takes.

    `excused` are the refunds, by our id, of money that stands among the exceptions: they are not the order's.
    """
    found = []
    excused = set(excused)
    for event in events:
        amount, currency = event.amount or 0, event.currency or attempt.currency
        accepted = 0
        if currency == attempt.currency:
            if event.kind is EventKind.CAPTURED and not is_closed:
                accepted = min(amount, room)
                room -= accepted
            elif event.kind is EventKind.REFUNDED and event.refund_id not in excused:
                accepted = amount
        fact = Fact(
            id=event.id,
            kind=event.kind,
            amount=amount,
            currency=currency,
            accepted=accepted,
            refund_id=event.refund_id,
        )
        found.append(Accepted(event=event, fact=fact))
    return found


def findings(accepted: Accepted, *, attempt: Attempt, is_closed: bool) -> list[Finding]:
    """What is wrong with one fact."""
    fact, subject = accepted.fact, f"event:{accepted.fact.id}"
    if fact.kind in {EventKind.AUTHORIZED, EventKind.CAPTURED} and fact.currency != attempt.currency:
        return [_found(ExceptionKind.CURRENCY_MISMATCH, subject, accepted.surplus, fact.currency)]
    found = []
    if accepted.surplus:
        kind = ExceptionKind.LATE_CAPTURE if is_closed else ExceptionKind.SURPLUS_CAPTURE
        found.append(_found(kind, subject, accepted.surplus, fact.currency))
    if _is_mismatch(fact, attempt):
        found.append(_found(ExceptionKind.AMOUNT_MISMATCH, f"attempt:{attempt.id}", 0, fact.currency))
    # What was to be called off, and could not be, tells of itself when it brings money.
    if fact.kind is EventKind.REFUND_FAILED and fact.amount:
        told_by = _found(ExceptionKind.REFUND_FAILED, subject, 0, fact.currency)
        found.append(told_by if fact.refund_id is None else failure(fact.refund_id, attempt))
    return found


def is_reported(accepted: Accepted, behind: Container[UUID | None]) -> bool:
    """Whether a failure to give back is what an exception stands for already, so that it is retried from there alone.

    `behind` are the refunds that are to settle one. It stays open, or is opened again, until one of them does.
    """
    return accepted.fact.kind is EventKind.REFUND_FAILED and accepted.fact.refund_id in behind


def failure(refund_id: UUID, attempt: Attempt) -> Finding:
    """That something was not given back."""
    return _found(ExceptionKind.REFUND_FAILED, f"refund:{refund_id}", 0, attempt.currency)


def contradiction(attempt: Attempt) -> Finding:
    """That an attempt failed or ended, and its money was taken."""
    return _found(ExceptionKind.CONTRARY_EVENTS, f"attempt:{attempt.id}", 0, attempt.currency)


def _is_mismatch(fact: Fact, attempt: Attempt) -> bool:
    """Another amount than asked for. Where staff capture, they may take less; what is too much is a surplus."""
    if fact.kind is EventKind.AUTHORIZED:
        return fact.amount != attempt.amount
    is_automatic = attempt.capture is CaptureMode.AUTOMATIC
    return fact.kind is EventKind.CAPTURED and is_automatic and fact.amount < attempt.amount


def _found(kind: ExceptionKind, subject: str, amount: int, currency: str) -> Finding:
    return Finding(kind=kind, subject=subject, amount=amount, currency=currency)
