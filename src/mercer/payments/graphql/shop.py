"""Payments as the shop API shows them: beside the order that they are for."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.payments import models, service, tables
from mercer.platform.context import Context
from mercer.platform.graphql.views import Row, column, computed, view
from mercer.platform.permissions import PUBLIC
from mercer.platform.transactions import transaction
from mercer.values.graphql.money import Money, money

strawberry.enum(models.AttemptState, name="PaymentAttemptState", description=models.AttemptState.__doc__)


def of_order(attempt: Row, order_id: sa.ColumnElement[object]) -> sa.ColumnElement[bool]:
    """That an attempt is one to pay this order: what `Order.payments` is made with."""
    due = tables.intent.alias()
    return attempt.c.intent_id.in_(sa.select(due.c.id).where(due.c.order_id == order_id))


@view(tables.attempt)
class PaymentAttempt:
    """An attempt to pay an order."""

    id: strawberry.ID = column()
    provider: str = column()
    state: models.AttemptState = column()
    amount: Money = money("amount")
    decline_message: str | None = column(description="Why it was refused.")
    is_retryable: bool | None = column(description="Whether another attempt may succeed, where it was refused.")
    redirect_url: str | None = column(description="Where the buyer goes now, to confirm it.")
    client_secret: str | None = column(description="What the provider's script in the browser needs now.")
    method: str | None = computed(lambda row: row.c.method["kind"].astext, description="`card`, `manual` …")
    created_at: datetime = column()


@strawberry.type
class PaymentProvider:
    """A way to pay."""

    code: str = strawberry.field(description="What an order is paid with: `payment: {provider: …}`.")


async def list_providers(info: strawberry.Info[Context, None], first: int = 20) -> list[PaymentProvider]:
    async with transaction(info.context) as context:
        codes = await service.list_providers(context, channel_id=info.context.binds["channel"])
    return [PaymentProvider(code=code) for code in codes[: max(first, 0)]]


@strawberry.type
class Query:
    payment_providers: list[PaymentProvider] = strawberry.field(
        resolver=list_providers, metadata={"needs": PUBLIC}, description="The ways to pay in this channel."
    )
