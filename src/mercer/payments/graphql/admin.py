"""Payments as the admin API shows them: all that was told of them, and what somebody has to look at."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from mercer.channels.graphql.admin import Channel
from mercer.payments import models, tables
from mercer.platform.graphql.views import (
    PERSONAL_DATA,
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Given,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    many,
    one,
    page,
    shown,
    view,
    within_channels,
)
from mercer.platform.graphql.views.operators import BooleanOperators, DateTimeOperators, IdOperators
from mercer.values.graphql.money import Money, money

READ = "payments.read"
_NOTE = sa.literal_column("'note'", type_=sa.Text)
"""What staff write of a transfer: by its reference it is known who paid."""

for _enum, _name in (
    (models.AttemptState, "PaymentAttemptState"),
    (models.EventKind, "PaymentEventKind"),
    (models.CaptureMode, "PaymentCaptureMode"),
    (models.RefundKind, "PaymentRefundKind"),
    (models.RefundState, "PaymentRefundState"),
    (models.ExceptionKind, "PaymentExceptionKind"),
    (models.Resolution, "PaymentExceptionResolution"),
):
    strawberry.enum(_enum, name=_name, description=_enum.__doc__)


def _is_seen(intents: Callable[[Row, Row], sa.ColumnElement[bool]]) -> Callable[[Row], sa.ColumnElement[bool]]:
    """Whether a row is seen: its channel is that of the intent which it belongs to. What belongs to none has none."""

    def condition(row: Row) -> sa.ColumnElement[bool]:
        intent = tables.intent.alias()
        return within_channels(READ, sa.select(intent.c.channel_id).where(intents(row, intent)).scalar_subquery())

    return condition


@view(tables.event)
class PaymentEvent:
    """A fact that a provider told. It never changes."""

    id: strawberry.ID = column()
    kind: models.EventKind = column()
    amount: Money = money("amount")
    accepted: Money = money("accepted", description="What of it is the order's.")
    happened_at: datetime = column("at")
    received_at: datetime = column()
    details: JSON = computed(
        lambda event: shown(PERSONAL_DATA, event.c.details, event.c.details.op("-")(_NOTE)),
        total=True,
        shown_to=PERSONAL_DATA,
        description="The reason of a decline, what was paid with. Masked: without the `note` of money by hand.",
    )


@view(tables.refund)
class PaymentRefund:
    """A promise or money that is given back."""

    id: strawberry.ID = column()
    kind: models.RefundKind = column()
    state: models.RefundState = column()
    amount: Money = money("amount")
    reason: str | None = column()
    problem: str | None = column(description="Why the provider refused it.")
    requested_at: datetime = column()
    finished_at: datetime | None = column()


@view(tables.attempt, rows=_is_seen(lambda attempt, intent: intent.c.id == attempt.c.intent_id))
class PaymentAttempt:
    """An attempt to pay an order, by one provider."""

    id: strawberry.ID = column()
    provider: str = column()
    provider_reference: str | None = column(description="What the provider knows it by.")
    state: models.AttemptState = column()
    capture: models.CaptureMode = column()
    amount: Money = money("amount")
    authorized: Money = money("authorized")
    captured: Money = money("captured")
    refunded: Money = money("refunded")
    decline_code: str | None = column()
    decline_message: str | None = column()
    is_retryable: bool | None = column()
    method: JSON | None = column(description="What was paid with, masked.")
    created_at: datetime = column()
    updated_at: datetime = column()
    events: list[PaymentEvent] = many(
        on=lambda attempt, event: event.c.attempt_id == attempt.c.id, order_by=lambda event: (event.c.at, event.c.id)
    )
    refunds: list[PaymentRefund] = many(
        on=lambda attempt, refund: refund.c.attempt_id == attempt.c.id, order_by=lambda refund: (refund.c.id,)
    )


@view(tables.exception, rows=_is_seen(lambda exception, intent: intent.c.order_id == exception.c.order_id))
class PaymentException:
    """Something about a payment that somebody has to look at, with the money that is on no order because of it."""

    id: strawberry.ID = column()
    kind: models.ExceptionKind = column()
    order_id: strawberry.ID | None = column()
    provider: str = column()
    provider_reference: str | None = column()
    amount: Money = money("amount")
    attempt: PaymentAttempt | None = one(on=lambda exception, attempt: attempt.c.id == exception.c.attempt_id)
    refunds: list[PaymentRefund] = many(
        on=lambda exception, refund: refund.c.exception_id == exception.c.id,
        order_by=lambda refund: (refund.c.id,),
    )
    opened_at: datetime = column()
    resolved_at: datetime | None = column()
    resolution: models.Resolution | None = column()
    note: str | None = column()


@view(tables.intent, rows=lambda intent: within_channels(READ, intent.c.channel_id))
class Payment:
    """What is due for an order, and all attempts to pay it."""

    id: strawberry.ID = column()
    order_id: strawberry.ID = column()
    amount: Money = money("amount")
    label: str = column(description="What providers show the buyer.")
    created_at: datetime = column()
    closed_at: datetime | None = column(description="Since when nothing more is due: the order was cancelled.")
    attempts: list[PaymentAttempt] = many(
        on=lambda payment, attempt: attempt.c.intent_id == payment.c.id, order_by=lambda attempt: (attempt.c.id,)
    )
    exceptions: list[PaymentException] = many(
        on=lambda payment, exception: exception.c.order_id == payment.c.order_id,
        order_by=lambda exception: (exception.c.id,),
    )


@view(tables.offer, rows=lambda offer: within_channels(READ, offer.c.channel_id))
class PaymentOffer:
    """That a channel takes payments by a provider."""

    id: strawberry.ID = column()
    channel: Channel | None = one(on=lambda offer, channel: channel.c.id == offer.c.channel_id)
    provider: str = column()
    capture: models.CaptureMode = column()
    is_active: bool = column()
    position: int = column()


@strawberry.type
class Query:
    payment: Payment | None = one(
        arguments={
            "id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value),
            "orderId": Argument(strawberry.ID, lambda row, given: row.c.order_id == given.value),
        },
        needs=READ,
    )
    payment_exceptions: Connection[PaymentException] = page(needs=READ)
    payment_offers: Connection[PaymentOffer] = page(needs=READ)


@strawberry.input(description="Why somebody has to look.")
class PaymentExceptionKindOperators:
    eq: models.ExceptionKind | None = UNSET
    in_: list[models.ExceptionKind] | None = strawberry.field(name="in", default=UNSET)


def _is_one_of(row: Row, given: Given) -> sa.ColumnElement[bool]:
    asked = [[given["eq"]]] if "eq" in given else []
    if "in" in given:
        asked.append(list(given["in"].items))
    return sa.and_(sa.true(), *(sa.or_(sa.false(), *(_is(row, each) for each in members)) for members in asked))


def _is(row: Row, asked: Given) -> sa.ColumnElement[bool]:
    return row.c.kind == sa.literal_column(f"'{asked.constant.value}'")


LISTINGS: Listings = {
    PaymentException: Listing(
        filters={
            "isResolved": Filter(BooleanOperators, lambda row, given: given.compared(row.c.resolved_at.is_not(None))),
            "kind": Filter(PaymentExceptionKindOperators, _is_one_of),
            "orderId": Filter(IdOperators, lambda row, given: given.compared(row.c.order_id)),
            "openedAt": Filter(DateTimeOperators, lambda row, given: given.compared(row.c.opened_at)),
        },
        sorts={"OPENED_AT": Sort(lambda row: row.c.opened_at)},
        default_order=AskedOrder("OPENED_AT", SortDirection.DESC),
    ),
    PaymentOffer: Listing(
        filters={"channel": Filter(IdOperators, lambda row, given: given.compared(row.c.channel_id))},
        sorts={"POSITION": Sort(lambda row: row.c.position)},
        default_order=AskedOrder("POSITION", SortDirection.ASC),
    ),
}
