"""Stock, against a model in Python: random adjustments and counts. A level is the sum of its movements, always."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from tests.inventory.test_stock_changes import DIFFERING

from mercer.inventory.models import Adjustment, Count, StockLevel
from mercer.inventory.service import adjust_stock, count_stock, store_levels
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.errors import DomainError
from mercer.platform.transactions import transaction

SKUS, WAREHOUSES = ("MUG-1-R", "TRAVEL-1"), ("us-east", "both")
PLACES = st.tuples(st.sampled_from(SKUS), st.sampled_from(WAREHOUSES))
RESERVED = 3
_BEGIN = """
    TRUNCATE inventory.stock, inventory.movement, inventory.hold, inventory.allocation;
    INSERT INTO inventory.stock (variant_id, warehouse_id, product_id, on_hand, allocated, held, backorder_limit)
    SELECT v.id, w.id, v.product_id, 4, 2, 2, 1 FROM catalog.variant v, inventory.warehouse w
    WHERE v.sku = 'MUG-1-R' AND w.code = 'both';
    INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand, allocated, held, at, actor_kind)
    SELECT variant_id, warehouse_id, 'adjusted', on_hand, allocated, held, now(), 'system' FROM inventory.stock
"""
"""Of the mug three are promised in one warehouse: four to buyers, one of whom would wait."""
_LEVELS = """
    SELECT v.sku, w.code, s.on_hand FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id JOIN inventory.warehouse w ON w.id = s.warehouse_id
"""

Levels = dict[tuple[str, str], int]


@dataclass
class Stock:
    """The small shop's stock, and a loop to call verbs in."""

    context: Context
    call: Callable[..., Any]
    ids: dict[str, UUID]

    def rows(self, query: str) -> list[Any]:
        async def fetch() -> list[Any]:
            async with self.context.database.transaction() as connection:
                result = await connection.execute(sa.text(query))
                return [tuple(row) for row in result] if result.returns_rows else []

        found: list[Any] = self.call(fetch)
        return found

    def attempt(self, verb: Callable[..., Any], **arguments: Any) -> bool:
        """Whether the verb is carried out."""

        async def carry_out() -> bool:
            try:
                async with transaction(self.context) as within:
                    await verb(within, **arguments)
            except DomainError:
                return False
            return True

        done: bool = self.call(carry_out)
        return done

    def place(self, place: tuple[str, str]) -> dict[str, Any]:
        return {"variant_id": self.ids[place[0]], "warehouse_id": self.ids[place[1]]}


@pytest.fixture(scope="module")
def stock(database_url: str, valkey_url: str, worker_id: str) -> Iterator[Stock]:
    settings = callers.test_settings(servers.copy_database(database_url, f"ledger_{worker_id}"), valkey_url)

    async def begin() -> tuple[Context, dict[str, UUID]]:
        async with writing(settings) as within:
            await a_shop(within)
        assert settings.database_url is not None
        context = Context(settings, Database(settings, url=settings.database_url), NOW)
        async with context.database.transaction() as connection:
            query = "SELECT sku AS key, id FROM catalog.variant UNION ALL SELECT code, id FROM inventory.warehouse"
            return context, {row.key: row.id for row in await connection.execute(sa.text(query))}

    with start_blocking_portal() as portal:
        context, ids = portal.call(begin)
        yield Stock(context, portal.call, ids)
        portal.call(context.database.close)


def least(place: tuple[str, str]) -> int:
    return RESERVED if place == ("MUG-1-R", "both") else 0


def adjusted(levels: Levels, given: list[tuple[tuple[str, str], int]]) -> Levels | None:
    """The levels after these adjustments; None when one of them cannot be."""
    after = dict(levels)
    for place, delta in given:
        after[place] = after.get(place, 0) + delta
        if delta == 0 or (delta < 0 and after[place] < least(place)):
            return None
    return after if len({place for place, _ in given}) == len(given) else None


def counted(levels: Levels, given: list[tuple[tuple[str, str], int]], expected: int | None) -> Levels | None:
    """The levels after these counts; None when one of them cannot be."""
    after = dict(levels)
    for place, on_hand in given:
        if on_hand < least(place) or expected not in {None, levels.get(place, 0)}:
            return None
        after[place] = on_hand
    return after if len({place for place, _ in given}) == len(given) else None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["adjust", "count", "store"]),
        st.lists(st.tuples(PLACES, st.integers(-4, 6)), min_size=1, max_size=3),
        st.none() | st.integers(0, 6),
    ),
    max_size=8,
)


@hypothesis.settings(database=None, suppress_health_check=list(HealthCheck), max_examples=50)
@given(steps=STEPS)
def test_a_level_is_the_sum_of_its_movements(stock: Stock, steps: list[Any]) -> None:
    for statement in _BEGIN.split(";"):
        stock.rows(statement)
    levels: Levels = {("MUG-1-R", "both"): 4}
    for kind, drawn, expected in steps:
        given_ = drawn if kind == "adjust" else [(place, abs(number)) for place, number in drawn]
        if kind == "adjust":
            adjustments = [Adjustment(**stock.place(place), delta=delta) for place, delta in given_]
            after = adjusted(levels, given_)
            is_done = stock.attempt(adjust_stock, adjustments=adjustments, reason="x")
        elif kind == "count":
            counts = [Count(**stock.place(place), on_hand=number, expected=expected) for place, number in given_]
            after = counted(levels, given_, expected)
            is_done = stock.attempt(count_stock, counts=counts, reason="x")
        else:
            place, number = given_[0]
            after = levels | ({place: number} if number >= least(place) else {})
            is_done = stock.attempt(store_levels, levels=[StockLevel(sku=place[0], warehouse=place[1], on_hand=number)])
        assert is_done == (after is not None)
        levels = levels if after is None else after
        found = {(sku, code): on_hand for sku, code, on_hand in stock.rows(_LEVELS)}
        assert {place: on_hand for place, on_hand in found.items() if on_hand} == {
            place: on_hand for place, on_hand in levels.items() if on_hand
        }
        assert stock.rows(DIFFERING) == [(0,)]
