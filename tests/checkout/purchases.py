"""Purchases: a market that takes payments, and those who buy in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
from tests.cart.market import Market, Shopper, a_market, fill_market
from tests.factories.shop import NOW
from tests.working import work_off

from mercer.changes import service as changes
from mercer.payments import service as payments
from mercer.payments.models import OfferTerms
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

ORDER = "id number token status paymentStatus fulfilmentStatus total { gross }"
ANSWER = f"""
    __typename
    ... on Order {{ {ORDER} }}
    ... on PaymentActionRequired {{ order {{ {ORDER} }} attemptId redirectUrl clientSecret }}
    ... on PaymentDeclined {{ order {{ {ORDER} }} isRetryable message }}
    ... on Error {{ code message path }}
    ... on InvalidInput {{ fields {{ path message }} }}
"""
COMPLETE = f"""mutation ($id: ID!, $total: Decimal!, $payment: PaymentInput) {{
    cartComplete(cartId: $id, expectedTotal: $total, payment: $payment) {{ {ANSWER}
        ... on CartChanged {{ changes {{ kind sku before after }} }}
        ... on InsufficientStock {{ available shortages {{ variantId requested available }} }}
        ... on LinesUnavailable {{ lines {{ sku problem }} }}
        ... on ProviderUnavailable {{ provider }}
    }} }}"""
START = f"""mutation ($token: String!, $payment: PaymentInput!) {{
    orderPaymentStart(token: $token, payment: $payment) {{ {ANSWER} }} }}"""
CONTINUE = f"""mutation ($token: String!, $attempt: ID!) {{
    orderPaymentContinue(token: $token, attemptId: $attempt) {{ {ANSWER} }} }}"""
READ = f"query ($number: String, $token: String) {{ order(number: $number, token: $token) {{ {ORDER} }} }}"

LEDGER = "SELECT t.kind, sum(e.amount) FILTER (WHERE e.amount > 0)::int FROM ledger.transaction t JOIN ledger.entry e ON e.transaction_id = t.id GROUP BY t.id, t.kind ORDER BY t.kind"  # noqa: E501
UNBALANCED = """
    SELECT count(*) FROM (SELECT transaction_id FROM ledger.entry GROUP BY 1, currency HAVING sum(amount) <> 0) AS each
"""
OWED = """
    SELECT coalesce(sum(e.amount), 0)::bigint FROM ledger.entry e JOIN ledger.transaction t ON t.id = e.transaction_id
    WHERE e.account = 'receivable'
"""
STOCK = """
    SELECT sum(s.on_hand)::int, sum(s.held)::int, sum(s.allocated)::int FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id WHERE v.sku = :sku
"""


def paid_with(token: str | None = "ok", *, provider: str = "simulator", **others: Any) -> dict[str, Any]:
    return {"provider": provider, "token": token, **others}


@dataclass(frozen=True)
class Buyer:
    """Somebody whose cart can be bought."""

    shopper: Shopper
    total: str

    async def complete(self, token: str | None = "ok", *, total: str | None = None, **payment: Any) -> Any:
        given = {"id": self.shopper.cart_id, "total": total or self.total, "payment": paid_with(token, **payment)}
        return (await self.shopper.caller(COMPLETE, given))["cartComplete"]

    async def start(self, order_token: str, token: str | None = "ok", **payment: Any) -> Any:
        given = {"token": order_token, "payment": paid_with(token, **payment)}
        return (await self.shopper.caller(START, given))["orderPaymentStart"]

    async def go_on(self, order_token: str, attempt_id: str) -> Any:
        given = {"token": order_token, "attempt": attempt_id}
        return (await self.shopper.caller(CONTINUE, given))["orderPaymentContinue"]


@dataclass(frozen=True)
class Store:
    """The market, with a till."""

    market: Market

    @property
    def settings(self) -> Settings:
        return self.market.selling.settings

    async def buyer(self, *lines: tuple[str, int]) -> Buyer:
        shopper = await self.market.ready(*lines)
        return Buyer(shopper, (await shopper.read())["total"]["gross"])

    def variant(self, sku: str) -> str:
        return self.market.variants[sku]

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        return await self.market.selling.rows(query, **values)

    async def change(self, statement: str, **values: Any) -> None:
        await self.market.change(statement, **values)

    async def stock(self, sku: str) -> tuple[int, ...]:
        """How many of it there are, are held, and are set aside for orders."""
        [found] = await self.rows(STOCK, sku=sku)
        return found

    async def ledger(self) -> dict[str, int]:
        """How much was posted, by kind. Nothing may be unbalanced."""
        assert await self.rows(UNBALANCED) == [(0,)]
        found: dict[str, int] = {}
        for kind, amount in await self.rows(LEDGER):
            found[kind] = found.get(kind, 0) + amount
        return found

    async def work_off(self, *, later: timedelta = timedelta()) -> int:
        """Do all that was left to be done."""
        return await work_off(
            self.settings,
            now=NOW + later,
            transport=self.market.selling.http._transport,
        )

    def at(self, later: timedelta) -> Context:
        """What verbs and jobs are given at a later time, outside a transaction."""
        context = self.market.selling.context
        http = httpx2.AsyncClient(transport=self.market.selling.http._transport)
        return replace(context, now=NOW + later, http=http)

    async def poll(self, *, later: timedelta = timedelta()) -> None:
        """Ask providers, as the poller does each minute."""
        await payments.poll(self.at(later))

    async def sweep(self, *, later: timedelta) -> None:
        """Cancel what nobody paid, as is done each minute."""
        async with transaction(self.at(later)) as context:
            overdue = await changes.claim_unpaid(context)
        for order_id in overdue:
            await changes.cancel_unpaid(self.at(later), order_id=order_id)

    async def orders(self) -> list[tuple[Any, ...]]:
        return await self.rows('SELECT number, status, payment_status FROM orders."order" ORDER BY number')


@asynccontextmanager
async def a_store(settings: Settings, *, now: datetime = NOW) -> AsyncIterator[Store]:
    """A store that stands in the database already."""
    async with a_market(settings, now=now) as market:
        yield Store(market)


async def fill_store(context: Context) -> None:
    """Store the market, and how it is paid."""
    await fill_market(context)
    offers = [
        OfferTerms(channel=channel, provider=provider)
        for channel in ("us", "eu")
        for provider in ("simulator", "manual")
    ]
    await payments.store_offers(context, offers=offers)
