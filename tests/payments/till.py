"""Where tests pay: a shop with channels alone, its application, the simulator in it, and a worker for both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx2
import sqlalchemy as sa
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import EU, US
from tests.fixtures import writing

from mercer.channels.service import list_channels, store_channels
from mercer.payments import service
from mercer.payments.events import ProviderEventReceived
from mercer.payments.models import CaptureMode, OfferTerms, PaymentRequest, PaymentStanding, ProviderEvent
from mercer.payments.module import module as payments
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.jobs.registry import Registry, registry_of
from mercer.platform.jobs.schema import jobs
from mercer.platform.module import Module
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.simulator.module import module as simulator
from mercer.worker import working

NOW = datetime(2090, 3, 1, 12, tzinfo=UTC)
"""What is to be done later than this is not due by the database's own clock either."""

_KEYS = count()
RACING = 12

LEDGER = """
    SELECT account, e.currency, sum(e.amount)::bigint FROM ledger.entry e JOIN ledger.transaction t
    ON t.id = e.transaction_id WHERE t.order_id IS NOT DISTINCT FROM :order_id
    GROUP BY account, e.currency HAVING sum(e.amount) <> 0 ORDER BY account, e.currency
"""
EXCEPTIONS = """
    SELECT kind, amount, currency, resolution FROM payments.exception
    WHERE order_id IS NOT DISTINCT FROM :order_id ORDER BY kind, amount
"""


async def apply(context: Context, event: ProviderEventReceived) -> None:
    """What checkout does of payments with what providers tell."""
    found = await service.load_inbox(context, inbox_id=event.inbox_id)
    if found is not None:
        _, attempt_id, events = found
        await service.apply_events(context, attempt_id=attempt_id, events=events)
        await service.mark_inbox(context, inbox_id=event.inbox_id, attempt_id=attempt_id)


def registry() -> Registry:
    """The jobs of payments and of the simulator, and the handler above."""
    return registry_of([payments, simulator, Module(name="till", handlers={ProviderEventReceived: (apply,)})])


class Till:
    """The shop, served. The clock stands at `NOW` until `later` moves it."""

    def __init__(
        self, settings: Settings, http: httpx2.AsyncClient, database: Database, channels: dict[str, UUID]
    ) -> None:
        self.settings = settings
        self.http = http
        self.database = database
        self.channels = channels
        self.now = NOW

    @property
    def context(self) -> Context:
        """Outside a transaction, for verbs."""
        return Context(self.settings, self.database, self.now, http=self.http)

    @property
    def admin(self) -> Caller:
        return admin_caller(self.http)

    @property
    def shop(self) -> Caller:
        return shop_caller(self.http)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def order(self, amount: int = 10_000, *, currency: str = "USD", channel: str = "us") -> UUID:
        """An order of which so much is due."""
        order_id = uuid4()
        async with transaction(self.context) as context:
            await service.open_intent(
                context,
                order_id=order_id,
                channel_id=self.channels[channel],
                amount=amount,
                currency=currency,
                label="US-1001",
            )
        return order_id

    async def begin(self, order_id: UUID, provider: str = "simulator") -> Any:
        async with transaction(self.context) as context:
            return await service.begin_attempt(context, order_id=order_id, provider=provider)

    async def charge(
        self, attempt_id: UUID, token: str = "ok", *, provider: str = "simulator"
    ) -> tuple[ProviderEvent, ...]:
        request = PaymentRequest(provider=provider, token=token, return_url="http://shop.test/back")
        return await service.charge(self.context, attempt_id=attempt_id, payment=request)

    async def apply(self, attempt_id: UUID, events: Sequence[ProviderEvent]) -> PaymentStanding:
        async with transaction(self.context) as context:
            return await service.apply_events(context, attempt_id=attempt_id, events=events)

    async def pay(
        self, order_id: UUID, token: str = "ok", *, provider: str = "simulator"
    ) -> tuple[UUID, PaymentStanding]:
        """An attempt, as a buyer's call makes it: begun, charged, applied."""
        begun = await self.begin(order_id, provider)
        events = await self.charge(begun.attempt.id, token, provider=provider)
        return begun.attempt.id, await self.apply(begun.attempt.id, events)

    async def proceed(self, attempt_id: UUID) -> PaymentStanding:
        """Back from the provider's page."""
        events = await service.continue_attempt(self.context, attempt_id=attempt_id)
        return await self.apply(attempt_id, events)

    async def decide(self, standing: PaymentStanding, decision: str) -> httpx2.Response:
        """What the buyer does on the simulator's page."""
        assert standing.latest is not None
        assert standing.latest.redirect_url is not None
        return await self.http.post(standing.latest.redirect_url, content=f"decision={decision}")

    async def close(self, order_id: UUID) -> tuple[UUID, ...]:
        async with transaction(self.context) as context:
            return await service.close_intent(context, order_id=order_id, reason="Changed his mind")

    async def standing(self, order_id: UUID) -> PaymentStanding:
        async with transaction(self.context) as context:
            return await service.standing(context, order_id=order_id)

    async def poll(self) -> None:
        await service.poll(self.context)

    async def work_off(self, transport: httpx2.AsyncBaseTransport | None = None) -> int:
        """Do all that is due now, as a worker would."""
        reached = transport or self.http._transport
        async with working(self.settings, clock=lambda: self.now, registry=registry, transport=reached) as worker:
            async with worker.now().database.transaction() as connection:
                due = sa.and_(jobs.c.status == "todo", jobs.c.scheduled_at <= self.now)
                await connection.execute(sa.update(jobs).where(due).values(scheduled_at=None))
            return await worker.work_off()

    async def change(self, mutation: str, variables: dict[str, Any], **headers: str) -> Any:
        """What comes of a mutation by an administrator: the value of its one field."""
        answer = await self.admin(mutation, variables, **{"idempotency_key": f"change {next(_KEYS)}", **headers})
        [value] = answer.values()
        return value

    async def at_once(self, calls: Iterable[Awaitable[Any]]) -> list[Any]:
        gate = asyncio.Semaphore(RACING)

        async def admitted(call: Awaitable[Any]) -> Any:
            async with gate:
                return await call

        return await asyncio.gather(*map(admitted, calls))

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.database.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(query), values)]

    async def ledger(self, order_id: UUID | None) -> dict[str, int]:
        """What an order's postings come to, by account. Those not in dollars are named with the currency."""
        found = await self.rows(LEDGER, order_id=order_id)
        return {account if code == "USD" else f"{account} {code}": sum_ for account, code, sum_ in found}

    async def exceptions(self, order_id: UUID | None) -> list[tuple[str, int, str, str | None]]:
        found = await self.rows(EXCEPTIONS, order_id=order_id)
        return [(kind, amount, currency, resolution) for kind, amount, currency, resolution in found]

    async def events(self) -> list[tuple[str, Any]]:
        found = await self.rows("SELECT name, payload FROM platform.outbox WHERE name <> '' ORDER BY id")
        return [(name, payload) for name, payload in found]


@asynccontextmanager
async def a_till(settings: Settings, *, capture: CaptureMode = CaptureMode.AUTOMATIC) -> AsyncIterator[Till]:
    """Both channels take both ways to pay."""
    async with writing(settings) as context:
        await store_channels(context, channels=[US, EU])
        offers = [
            OfferTerms(channel=channel, provider=provider, capture=mode, position=position)
            for channel in ("us", "eu")
            for position, (provider, mode) in enumerate((("simulator", capture), ("manual", CaptureMode.MANUAL)))
        ]
        await service.store_offers(context, offers=offers)
        channels = {channel.code: channel.id for channel in await list_channels(context)}
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    try:
        tills: list[Till] = []
        async with calling(settings, now=lambda: tills[0].now if tills else NOW) as http:
            tills.append(Till(settings, http, database, channels))
            yield tills[0]
    finally:
        await database.close()
