"""The verbs by which staff settle exceptions."""

from uuid import UUID

from mercer.payments.errors import (
    PaymentExceptionNotFound,
    PaymentExceptionNotRefundable,
    PaymentExceptionResolved,
)
from mercer.payments.models import ExceptionKind, KnownException, RefundKind, Resolution
from mercer.payments.queries import payments as queries
from mercer.payments.queries import refunds
from mercer.payments.rules.asking import REFUND_PAUSE
from mercer.payments.rules.checks import check_note
from mercer.payments.service.refunding import carry_out_refund
from mercer.platform.context import Context
from mercer.platform.scopes import check_channel, check_scope
from mercer.platform.transactions import transaction

MANAGE = "payments.manage"
_SUBJECT_REFUND = "refund:"


async def refund_exception(context: Context, *, exception_id: UUID) -> None:
    """Give an exception's money back at the provider, or try again to give back what it failed to.

    The provider is called outside any transaction; when its outcome is not known, the poller goes on. Raises
    `PaymentExceptionNotFound`, `ScopeExceeded`, `PaymentExceptionResolved`, `PaymentExceptionNotRefundable`.
    """
    async with transaction(context) as inner:
        refund_id = await _request(inner, exception_id)
    await carry_out_refund(context, refund_id=refund_id)


async def resolve_exception(context: Context, *, exception_id: UUID, note: str) -> None:
    """Note how an exception was settled elsewhere. Its money stays where the books have it.

    Raises `NoteInvalid`, `PaymentExceptionNotFound`, `ScopeExceeded`, `PaymentExceptionResolved`,
    `PaymentExceptionNotRefundable` while its money is being given back.
    """
    check_note(note)
    known, channel_id = await _lock(context, exception_id)
    check_scope(context, MANAGE, channel_id=channel_id, amount=known.amount, currency=known.currency)
    if await refunds.find_open_refund(context.db, exception_id) is not None:
        raise PaymentExceptionNotRefundable
    await refunds.resolve_exception(context.db, exception_id, resolution=Resolution.NOTED, note=note, now=context.now)
    context.record("PaymentException", exception_id, {"resolution": (None, Resolution.NOTED.value)}, reason=note)


async def _request(context: Context, exception_id: UUID) -> UUID:
    """Write that an exception's money is to be given back; the refund that is under way already, if there is one."""
    known, channel_id = await _lock(context, exception_id)
    attempt_id, amount, kind = await _what(context, known)
    check_scope(context, MANAGE, channel_id=channel_id, amount=amount, currency=known.currency)
    under_way = await refunds.find_open_refund(context.db, exception_id)
    if under_way is not None:
        return under_way
    refund_id = await refunds.insert_refund(
        context.db,
        attempt_id=attempt_id,
        kind=kind,
        amount=amount,
        currency=known.currency,
        reason=None,
        now=context.now,
        next_try_at=context.now + REFUND_PAUSE,
        exception_id=exception_id,
    )
    context.record("PaymentException", exception_id, {"refund": (None, str(refund_id))})
    return refund_id


async def _lock(context: Context, exception_id: UUID) -> tuple[KnownException, UUID | None]:
    """The exception, locked after its order's payment, as everybody does who changes both; and the order's channel.

    What is of no order has no channel: whose permission is limited to some has nothing to do with it.
    """
    order_id = await refunds.find_exception_order(context.db, exception_id)
    payment = None if order_id is None else await queries.lock_payment(context.db, order_id=order_id)
    known = await refunds.lock_exception(context.db, exception_id)
    if known is None:
        raise PaymentExceptionNotFound(id=exception_id)
    channel_id = None if payment is None else payment.channel_id
    check_channel(context, MANAGE, channel_id)
    if known.is_resolved:
        raise PaymentExceptionResolved
    return known, channel_id


async def _what(context: Context, known: KnownException) -> tuple[UUID, int, RefundKind]:
    """What is to be given back, and of which attempt. Raises `PaymentExceptionNotRefundable`."""
    if known.kind is ExceptionKind.REFUND_FAILED and known.subject.startswith(_SUBJECT_REFUND):
        failed = await refunds.find_refund(context.db, UUID(known.subject.removeprefix(_SUBJECT_REFUND)))
        if failed is not None:
            return failed.attempt_id, failed.amount, failed.kind
    if known.attempt_id is None or not known.amount:
        raise PaymentExceptionNotRefundable
    return known.attempt_id, known.amount, RefundKind.REFUND
