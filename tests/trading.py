"""A shop that sells, whole: taxes, deliveries, a provider in the same process, a clock that moves, and a worker."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import httpx2
import sqlalchemy as sa
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import NOW, a_shop
from tests.fixtures import writing

from mercer.cart.module import module as cart
from mercer.changes.module import module as changes
from mercer.checkout.module import module as checkout
from mercer.fulfilment.module import module as fulfilment
from mercer.inventory import service as inventory
from mercer.inventory.models import StockLevel
from mercer.inventory.module import module as stock
from mercer.modules import MODULES
from mercer.orders.module import module as orders
from mercer.payments.models import OfferTerms
from mercer.payments.module import module as payments
from mercer.payments.service import store_offers
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.jobs.registry import registry_of
from mercer.platform.jobs.schema import jobs, workers
from mercer.platform.jobs.worker import Worker
from mercer.platform.module import Module
from mercer.platform.settings import Settings
from mercer.shipping import service as shipping
from mercer.shipping.models import RateBasis, ShippingMethod, ShippingZone
from mercer.simulator.module import module as provider
from mercer.tax import service as tax
from mercer.tax.models import TaxZone, ZoneRate
from mercer.values.places import Area
from mercer.worker import working

_KEYS = count()
SELLING = (stock, payments, orders, cart, checkout, fulfilment, changes, provider)
"""The modules by which something is sold: others only watch."""
STOCK: Mapping[str, Mapping[str, int]] = {
    "MUG-1-R": {"us-east": 5, "both": 2},
    "TRAVEL-1": {"us-east": 3, "both": 4},
    "MUG-1-B": {"eu-central": 4},
    "GLASS-1": {"both": 1},
}
"""On hand, by SKU and warehouse."""
METHODS = (("standard", "us", 500), ("express", "us", 1_500), ("dhl", "eu", 490))
NEW_YORK = {
    "firstName": "Ada",
    "lastName": "Byron",
    "line1": "1 Main St",
    "city": "New York",
    "region": "NY",
    "postalCode": "10001",
    "country": "US",
}
BERLIN = {
    "firstName": "Ada",
    "lastName": "Byron",
    "line1": "Hauptstr. 1",
    "city": "Berlin",
    "postalCode": "10115",
    "country": "DE",
}
PLACES = {"us": NEW_YORK, "eu": BERLIN}

CREATE = """mutation ($lines: [CartLineInput!]!) { cartCreate(input: {lines: $lines}) { __typename
    ... on CartCreated { token cart { id lines { id sku quantity } } } ... on Error { code message }
    ... on InsufficientStock { available } } }"""
ADD = """mutation ($id: ID!, $lines: [CartLineInput!]!) { cartLinesAdd(cartId: $id, lines: $lines) { __typename
    ... on Cart { lines { id sku quantity } } ... on Error { code } ... on InsufficientStock { available } } }"""
UPDATE = """mutation ($id: ID!, $lines: [CartLineUpdateInput!]!) { cartLinesUpdate(cartId: $id, lines: $lines) {
    __typename ... on Cart { lines { id sku quantity } } ... on Error { code } } }"""
EMAIL = """mutation ($id: ID!, $email: String!) { cartCustomerSet(cartId: $id, email: $email) { __typename
    ... on Error { code message } } }"""
ADDRESS = """mutation ($id: ID!, $to: AddressInput!) { cartAddressesSet(cartId: $id, shipping: $to) { __typename
    ... on Cart { shippingMethods { id code } } ... on Error { code message } ... on InsufficientStock { available }
    ... on InvalidInput { fields { path message } } } }"""
METHOD = """mutation ($id: ID!, $method: ID!) { cartShippingMethodSet(cartId: $id, methodId: $method) { __typename
    ... on Cart { total { gross } } ... on Error { code message } } }"""
TOTAL = "query ($id: ID!) { cart(id: $id) { lines { id sku quantity } total { gross } } }"
PAID = """__typename
    ... on Order { id number token status paymentStatus total { gross } }
    ... on PaymentActionRequired { order { id number token } attemptId redirectUrl }
    ... on PaymentDeclined { order { id number token } isRetryable message }
    ... on InsufficientStock { available }
    ... on Error { code message }
    ... on InvalidInput { fields { path message } }"""
COMPLETE = f"""mutation ($id: ID!, $total: Decimal!, $payment: PaymentInput) {{
    cartComplete(cartId: $id, expectedTotal: $total, payment: $payment) {{ {PAID} }} }}"""
START = f"""mutation ($token: String!, $payment: PaymentInput!) {{
    orderPaymentStart(token: $token, payment: $payment) {{ {PAID} }} }}"""
CONTINUE = f"""mutation ($token: String!, $attempt: ID!) {{
    orderPaymentContinue(token: $token, attemptId: $attempt) {{ {PAID} }} }}"""
CANCEL = """mutation ($id: ID!, $reason: String!) { orderCancel(id: $id, reason: $reason) { __typename
    ... on Order { status paymentStatus } ... on Error { code } } }"""
SHIP = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) { __typename
    ... on Shipment { id order { status fulfilmentStatus } } ... on Error { code } } }"""


def simulator(token: str = "ok") -> dict[str, str]:
    """How something is paid, so that the simulator behaves as the token says."""
    return {"provider": "simulator", "token": token, "returnUrl": "http://shop.test/back"}


@dataclass
class Clock:
    """What time it is."""

    now: datetime = NOW

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True)
class Shopper:
    """A guest or a customer, and his cart."""

    caller: Caller
    cart_id: str = ""
    channel: str = "us"

    async def ask(self, document: str, **variables: Any) -> Any:
        """What comes of a document: the value of its one field."""
        [value] = (await self.caller(document, variables)).values()
        return value

    async def total(self) -> str:
        """What the cart costs now."""
        total: str = (await self.ask(TOTAL, id=self.cart_id))["total"]["gross"]
        return total

    async def complete(self, token: str | None = "ok", *, total: str | None = None) -> Any:
        """Buy the cart, for what it costs now if nothing else is said."""
        expected = total or await self.total()
        return await self.ask(
            COMPLETE, id=self.cart_id, total=expected, payment=None if token is None else simulator(token)
        )


@dataclass(frozen=True)
class Trade:
    """The shop, served."""

    settings: Settings
    http: httpx2.AsyncClient
    context: Context
    """Outside a transaction, at `NOW`."""
    clock: Clock
    variants: dict[str, str]
    """Ids by SKU."""
    channels: dict[str, str]
    """Ids by code."""

    @property
    def admin(self) -> Caller:
        return admin_caller(self.http)

    @property
    def now_context(self) -> Context:
        """Outside a transaction, for verbs, at this moment."""
        return replace(self.context, now=self.clock.now, http=self.http)

    async def change(self, mutation: str, variables: Mapping[str, Any], **headers: str) -> Any:
        """What comes of a mutation by an administrator: the value of its one field. Each call has a key of its own."""
        named = {"idempotency_key": f"change {next(_KEYS)}", **headers}
        [value] = (await self.admin(mutation, dict(variables), **named)).values()
        return value

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.context.database.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(query), values)]

    async def execute(self, statement: str, **values: Any) -> None:
        async with self.context.database.transaction() as connection:
            await connection.execute(sa.text(statement), values)

    async def shopper(
        self, lines: Mapping[str, int], *, channel: str = "us", customer: str | None = None, http: Any = None
    ) -> Shopper:
        """Somebody who has these in his cart. Raises `AssertionError` if they cannot be had."""
        plain = shop_caller(http or self.http, customer=customer, **{"X-Mercer-Channel": channel})
        given = [{"variantId": self.variants[sku], "quantity": quantity} for sku, quantity in lines.items()]
        created = (await plain(CREATE, {"lines": given}))["cartCreate"]
        assert created["__typename"] == "CartCreated", created
        caller = replace(plain, headers=plain.headers | {"X-Mercer-Cart": created["token"] or ""})
        return Shopper(caller if created["token"] else plain, created["cart"]["id"], channel)

    async def ready(self, lines: Mapping[str, int], **at: Any) -> Shopper:
        """Somebody whose cart can be bought as it is."""
        shopper = await self.shopper(lines, **at)
        await shopper.ask(EMAIL, id=shopper.cart_id, email="ada@example.org")
        cart = await shopper.ask(ADDRESS, id=shopper.cart_id, to=PLACES[shopper.channel])
        assert cart["__typename"] == "Cart", cart
        [method, *_] = [each["id"] for each in cart["shippingMethods"]]
        chosen = await shopper.ask(METHOD, id=shopper.cart_id, method=method)
        assert chosen["__typename"] == "Cart", chosen
        return shopper

    async def decide(self, redirect_url: str, decision: str) -> httpx2.Response:
        """What a buyer does on the provider's page."""
        return await self.http.post(redirect_url, content=f"decision={decision}")

    @asynccontextmanager
    async def worker(
        self, *, modules: Sequence[Module] = MODULES, transport: httpx2.AsyncBaseTransport | None = None
    ) -> AsyncIterator[Worker]:
        """A worker of these modules, whose clock is the shop's."""
        async with working(
            self.settings,
            clock=lambda: self.clock.now,
            registry=lambda: registry_of(modules),
            transport=transport or self.http._transport,
        ) as worker:
            yield worker

    async def work(self, worker: Worker | None = None, *, ticking: bool = True) -> int:
        """What a worker does now: it takes over from dead ones, keeps cron, hands on events, and runs what is due."""
        if worker is None:
            async with self.worker() as another:
                return await self.work(another, ticking=ticking)
        async with worker.now().database.transaction() as connection:
            dead = NOW.replace(year=2000)
            await connection.execute(sa.update(workers).values(last_heartbeat=dead))
        await worker._beat()
        if ticking:
            await worker._tick()
        async with worker.now().database.transaction() as connection:
            # What failed is tried again after a pause that the real clock measures.
            due = sa.or_(jobs.c.scheduled_at <= self.clock.now, jobs.c.attempts > 0)
            await connection.execute(sa.update(jobs).where(jobs.c.status == "todo", due).values(scheduled_at=None))
        return await worker.work_off()

    async def settle(self, modules: Sequence[Module] = MODULES) -> None:
        """Let all leases run out, all polls, sweeps and deliveries be made, and all that comes of them."""
        async with self.worker(modules=modules) as worker:
            for minutes in (3, 20, 65, 15, 60, 60, 400):
                self.clock.later(minutes=minutes)
                await self.work(worker)


async def stock_it(context: Context, on_hand: Mapping[str, Mapping[str, int]]) -> None:
    """Have so many on hand."""
    levels = [
        StockLevel(sku=sku, warehouse=warehouse, on_hand=quantity)
        for sku, of_sku in on_hand.items()
        for warehouse, quantity in of_sku.items()
    ]
    assert (await inventory.store_levels(context, levels=levels)).rejected == ()


async def tax_and_ship(context: Context, methods: Iterable[tuple[str, str, int]] = METHODS) -> None:
    """Taxes and deliveries in New York and in Germany, and every way to pay in both channels."""
    zones = [
        TaxZone(code="us-ny", name="New York", areas=[Area(country="US", region="NY")]),
        TaxZone(code="de", name="Germany", areas=[Area(country="DE")]),
    ]
    await tax.store_zones(context, zones=zones)
    rates = [
        ZoneRate(name="Sales tax", rate=Decimal("0.08875"), zone="us-ny", tax_class="standard"),
        ZoneRate(name="VAT", rate=Decimal("0.19"), zone="de", tax_class="standard"),
    ]
    await tax.store_rates(context, rates=rates)
    places: Sequence[ShippingZone] = [
        ShippingZone(code="us", name="US", areas=[Area(country="US")], channels=["us"]),
        ShippingZone(code="eu", name="EU", areas=[Area(country="DE")], channels=["eu"]),
    ]
    await shipping.store_zones(context, zones=places)
    await shipping.store_methods(
        context,
        methods=[
            ShippingMethod(
                code=code,
                name=code.title(),
                zone=place,
                channel=place,
                basis=RateBasis.FLAT,
                amount=amount,
                position=position,
            )
            for position, (code, place, amount) in enumerate(methods)
        ],
    )
    offers = [
        OfferTerms(channel=channel, provider=provider, position=position)
        for channel in ("us", "eu")
        for position, provider in enumerate(("simulator", "manual"))
    ]
    await store_offers(context, offers=offers)


@asynccontextmanager
async def a_trade(
    settings: Settings, *, on_hand: Mapping[str, Mapping[str, int]] = STOCK, clock: Clock | None = None
) -> AsyncIterator[Trade]:
    """The small shop on an empty database, ready to sell."""
    time = clock or Clock()
    async with writing(settings, now=time.now) as context:
        await a_shop(context)
        await stock_it(context, on_hand)
        await tax_and_ship(context)
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    try:
        async with calling(settings, now=lambda: time.now) as http:
            trade = Trade(settings, http, Context(settings, database, time.now), time, {}, {})
            trade.variants.update(
                {sku: str(id_) for sku, id_ in await trade.rows("SELECT sku, id FROM catalog.variant")}
            )
            found = await trade.rows("SELECT code, id FROM channels.channel")
            trade.channels.update({code: str(id_) for code, id_ in found})
            yield trade
    finally:
        await database.close()
