"""The verbs by which staff move money: note what came by hand, and capture what was authorised."""

from decimal import Decimal
from uuid import UUID, uuid4

from mercer.payments.errors import (
    AttemptNotFound,
    CaptureTooLarge,
    NotCapturable,
    PaymentNotFound,
    ProviderOutcomeUnknown,
    ProviderRefusedIt,
)
from mercer.payments.events import PaymentChanged
from mercer.payments.models import (
    Attempt,
    CaptureMode,
    EventKind,
    Payment,
    PaymentMethod,
    PaymentStanding,
    ProviderEvent,
    Told,
)
from mercer.payments.providers.manual import CODE as MANUAL
from mercer.payments.providers.port import MoveRequest, OutcomeUnknown, ProviderRefused, ProviderUnreachable
from mercer.payments.providers.registry import find_provider
from mercer.payments.queries import payments as queries
from mercer.payments.rules.checks import check_reference, checked_amount
from mercer.payments.rules.standing import promised_by
from mercer.payments.service.applying import apply_events
from mercer.platform.context import Context
from mercer.platform.scopes import check_channel, check_scope
from mercer.platform.transactions import transaction
from mercer.values.currency import to_decimal

MANAGE = "payments.manage"


async def receive_manual(context: Context, *, order_id: UUID, amount: Decimal, reference: str) -> UUID:
    """Note that money came in for an order by hand: a transfer, cash. `reference` says which. Returns the attempt's id.

    What is more than what is due stands among the exceptions, as does what comes for a cancelled order. Raises
    `PaymentNotFound`, `ScopeExceeded`, `AmountInvalid`, `ReferenceInvalid`.
    """
    check_reference(reference)
    payment = await queries.lock_payment(context.db, order_id=order_id)
    if payment is None:
        raise PaymentNotFound(order_id=order_id)
    minor = checked_amount(amount, payment.currency)
    _check_reach(context, payment, minor)
    attempt = await _manual_attempt(context, payment, minor)
    event = ProviderEvent(
        id=f"{attempt.id}:received:{uuid4()}",
        kind=EventKind.CAPTURED,
        at=context.now,
        amount=minor,
        currency=payment.currency,
        attempt_id=attempt.id,
        method=PaymentMethod(kind=MANUAL),
        note=reference,
    )
    standing = await apply_events(context, attempt_id=attempt.id, events=[event])
    _note(context, payment, standing, reference=reference)
    context.announce(PaymentChanged(order_id=order_id))
    return attempt.id


async def capture_attempt(context: Context, *, attempt_id: UUID, amount: Decimal | None = None) -> None:
    """Take what was authorised, or a part of it, outside any transaction. `context.claim` tells repeated calls.

    Raises `AttemptNotFound`, `ScopeExceeded`, `NotCapturable`, `CaptureTooLarge`, `AmountInvalid`, `ProviderRefusedIt`,
    `ProviderOutcomeUnknown`.
    """
    async with context.database.transaction() as connection:
        payment = await queries.find_payment(connection, attempt_id=attempt_id)
    if payment is None:
        raise AttemptNotFound(id=attempt_id)
    check_channel(context, MANAGE, payment.channel_id)
    told = _told(payment, attempt_id)
    minor = _capturable(told, amount)
    _check_reach(context, payment, minor)
    provider = find_provider(context, told.attempt.provider)
    request = MoveRequest(
        attempt_id=attempt_id,
        provider_reference=told.attempt.provider_reference,
        at=context.now,
        key=context.claim or uuid4(),
        amount=minor,
        currency=payment.currency,
    )
    try:
        events = await provider.capture(request)
    except ProviderRefused as refused:
        raise ProviderRefusedIt(reason=refused.code) from None
    except (ProviderUnreachable, OutcomeUnknown):
        async with transaction(context) as inner:
            await queries.poll_at(inner.db, attempt_id, at=context.now)
        raise ProviderOutcomeUnknown from None
    async with transaction(context) as inner:
        if not provider.is_asked:
            await _check_again(inner, attempt_id, amount)
        standing = await apply_events(inner, attempt_id=attempt_id, events=events)
        _note(inner, payment, standing, reference=None)
        inner.announce(PaymentChanged(order_id=payment.order_id))


async def _manual_attempt(context: Context, payment: Payment, amount: int) -> Attempt:
    """The attempt that money by hand belongs to: the last promise, or a new attempt."""
    manual = [told.attempt for told in payment.attempts if told.attempt.provider == MANUAL]
    if manual:
        return manual[-1]
    return await queries.insert_attempt(
        context.db,
        payment,
        provider=MANUAL,
        amount=amount,
        capture=CaptureMode.MANUAL,
        charging_until=None,
        next_poll_at=None,
        now=context.now,
    )


async def _check_again(context: Context, attempt_id: UUID, amount: Decimal | None) -> None:
    """Raise as before if somebody took it meanwhile: a provider that does not keep count refuses nobody."""
    payment = await queries.lock_payment(context.db, attempt_id=attempt_id)
    assert payment is not None
    _check_reach(context, payment, _capturable(_told(payment, attempt_id), amount))


def _check_reach(context: Context, payment: Payment, amount: int) -> None:
    """Raise `ScopeExceeded` unless the caller may take so much, and all that came in before.

    In parts nobody takes more than at once.
    """
    taken = _came_in(payment) + amount
    check_scope(context, MANAGE, channel_id=payment.channel_id, amount=taken, currency=payment.currency)


def _told(payment: Payment, attempt_id: UUID) -> Told:
    return next(each for each in payment.attempts if each.attempt.id == attempt_id)


def _capturable(told: Told, amount: Decimal | None) -> int:
    available = promised_by(told)
    if not available:
        raise NotCapturable(attempt_state=told.attempt.state.value)
    if amount is None:
        return available
    minor = checked_amount(amount, told.attempt.currency)
    if minor > available:
        raise CaptureTooLarge(available=str(to_decimal(available, told.attempt.currency)))
    return minor


def _note(context: Context, before: Payment, after: PaymentStanding, *, reference: str | None) -> None:
    """Note in the audit what came in, in minor units."""
    change = {"captured": (_came_in(before), after.captured + after.surplus)}
    context.record("Payment", before.id, change, reason=reference)


def _came_in(payment: Payment) -> int:
    """All that came in, in minor units, whatever was given back since. Money of other currencies does not count."""
    facts = (fact for told in payment.attempts for fact in told.facts if fact.currency == payment.currency)
    return sum(fact.amount for fact in facts if fact.kind is EventKind.CAPTURED)
