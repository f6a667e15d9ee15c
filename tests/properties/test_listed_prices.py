"""What is listed when, against a slow model in Python: random prices and windows, set and removed at random times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import sqlalchemy as sa
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests import callers, servers
from tests.factories.shop import NOW, a_shop
from tests.fixtures import writing

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.errors import DomainError
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.pricing.models import PriceChange, PriceKey
from mercer.pricing.service import follow_windows, remove_prices, set_prices

SKUS = ("MUG-1-R", "MUG-1-B", "CLAY-1")
PRODUCT_OF = {"MUG-1-R": "steel-mug", "MUG-1-B": "steel-mug", "CLAY-1": "clay-cup"}
HOUR = timedelta(hours=1)
_EMPTY = """
    TRUNCATE pricing.price, pricing.scheduled_price, pricing.listed, pricing.price_change;
    SELECT pricing.write_ranges(array_agg(id)) FROM catalog.product
"""
_HELD = "valid_from <= :at AND (valid_until IS NULL OR valid_until > :at)"
_LISTED = f"SELECT amount FROM pricing.listed WHERE variant_id = :id AND channel_id = :channel AND {_HELD}"
_RANGE = (
    "SELECT start_amount, stop_amount FROM pricing.listed_range "
    f"WHERE product_id = :id AND channel_id = :channel AND {_HELD}"
)
_LAST = """
    SELECT amount FROM pricing.price_change WHERE variant_id = :id AND channel_id = :channel
    ORDER BY at DESC, id DESC LIMIT 1
"""


@dataclass
class Model:
    """What is asked: the usual prices, and windows as beginning, end and amount."""

    usual: dict[str, int] = field(default_factory=dict)
    windows: dict[str, dict[datetime, tuple[datetime | None, int]]] = field(default_factory=dict)

    def price(self, sku: str, at: datetime) -> int | None:
        for begins, (ends, amount) in self.windows.get(sku, {}).items():
            if begins <= at and (ends is None or at < ends):
                return amount
        return self.usual.get(sku)

    def has_room(self, sku: str, begins: datetime, ends: datetime | None) -> bool:
        return all(
            other == begins or (other_ends is not None and other_ends <= begins) or (ends is not None and ends <= other)
            for other, (other_ends, _) in self.windows.get(sku, {}).items()
        )

    def set(self, sku: str, begins: datetime | None, ends: datetime | None, amount: int, now: datetime) -> bool:
        """Whether it can be set; then it is."""
        if ends is not None and ends <= max(begins or now, now):
            return False
        if begins is None and ends is not None:
            begins = now
        if begins is None:
            self.usual[sku] = amount
            return True
        if not self.has_room(sku, begins, ends):
            return False
        self.windows.setdefault(sku, {})[begins] = (ends, amount)
        return True

    def remove(self, sku: str, begins: datetime | None) -> bool:
        """Whether there was such a price; then there is none."""
        if begins is None:
            return self.usual.pop(sku, None) is not None
        return self.windows.get(sku, {}).pop(begins, None) is not None


@dataclass
class Shop:
    """The small shop, and a loop to call it in."""

    context: Context
    call: Callable[..., Any]
    ids: dict[str, UUID]

    def rows(self, query: str, **values: Any) -> list[Any]:
        async def fetch() -> list[Any]:
            async with self.context.database.transaction() as connection:
                result = await connection.execute(sa.text(query), values)
                return [tuple(row) for row in result] if result.returns_rows else []

        found: list[Any] = self.call(fetch)
        return found

    def empty(self) -> None:
        for statement in _EMPTY.split(";"):
            self.rows(statement)

    def try_at(self, now: datetime, verb: Callable[..., Any], **arguments: Any) -> bool:
        """Whether the verb is carried out."""

        async def attempt() -> bool:
            try:
                async with transaction(replace(self.context, now=now)) as within:
                    await verb(within, **arguments)
            except DomainError:
                return False
            return True

        done: bool = self.call(attempt)
        return done


@pytest.fixture(scope="module")
def shop(database_url: str, valkey_url: str, worker_id: str) -> Iterator[Shop]:
    settings = callers.test_settings(servers.copy_database(database_url, f"listed_{worker_id}"), valkey_url)

    async def begin() -> tuple[Context, dict[str, UUID]]:
        async with writing(settings) as within:
            await a_shop(within)
        assert settings.database_url is not None
        context = Context(_quiet(settings), Database(settings, url=settings.database_url), NOW)
        async with context.database.transaction() as connection:
            query = """
                SELECT sku, id FROM catalog.variant UNION ALL SELECT slug, id FROM catalog.product
                UNION ALL SELECT code, id FROM channels.channel
            """
            return context, {row.sku: row.id for row in await connection.execute(sa.text(query))}

    with start_blocking_portal() as portal:
        context, ids = portal.call(begin)
        yield Shop(context, portal.call, ids)
        portal.call(context.database.close)


def _quiet(settings: Settings) -> Settings:
    return settings.model_copy(update={"verify_reads": False})


MOMENTS = st.integers(-3, 12).map(lambda hours: NOW + hours * HOUR)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "remove", "follow"]),
        st.sampled_from(SKUS),
        st.none() | MOMENTS,
        st.none() | MOMENTS,
        st.integers(0, 5),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=10,
)


@hypothesis.settings(database=None, suppress_health_check=list(HealthCheck), max_examples=50)
@given(steps=STEPS)
def test_listed_prices_are_those_of_the_model(shop: Shop, steps: list[Any]) -> None:
    shop.empty()
    model, now = Model(), NOW
    for kind, sku, begins, ends, amount, hours in steps:
        now += hours * HOUR
        key = {"variant_id": shop.ids[sku], "channel_id": shop.ids["us"], "valid_from": begins}
        match kind:
            case "set":
                change = PriceChange(**key, valid_until=ends, amount=Decimal(amount))
                is_done = shop.try_at(now, set_prices, prices=[change])
                assert is_done == model.set(sku, begins, ends, amount * 100, now)
            case "remove":
                is_done = shop.try_at(now, remove_prices, prices=[PriceKey(**key)])
                assert is_done == model.remove(sku, begins)
            case _:
                assert shop.try_at(now, follow_windows)
    for hours in range(14):
        for moment in (now + hours * HOUR, now + hours * HOUR + timedelta(minutes=30)):
            check(shop, model, moment)
    shop.try_at(now, follow_windows)
    for sku in SKUS:
        last = shop.rows(_LAST, id=shop.ids[sku], channel=shop.ids["us"])
        assert [each for (each,) in last] in ([model.price(sku, now)], [] if model.price(sku, now) is None else ())


def check(shop: Shop, model: Model, moment: datetime) -> None:
    """All that is listed at the moment."""
    expected: dict[str, list[int]] = {product: [] for product in PRODUCT_OF.values()}
    for sku in SKUS:
        price = model.price(sku, moment)
        found = shop.rows(_LISTED, id=shop.ids[sku], channel=shop.ids["us"], at=moment)
        assert found == ([] if price is None else [(price,)]), (sku, moment)
        expected[PRODUCT_OF[sku]] += [] if price is None else [price]
    for product, prices in expected.items():
        found = shop.rows(_RANGE, id=shop.ids[product], channel=shop.ids["us"], at=moment)
        assert found == [(min(prices), max(prices)) if prices else (None, None)], (product, moment)
