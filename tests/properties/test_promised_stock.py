"""Promised stock, against a model: holds, allocations, shipments, expiry and counts in any order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import sqlalchemy as sa
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests import callers, servers
from tests.factories.shop import NOW, a_shop
from tests.fixtures import writing
from tests.inventory.promising import DIFFERING, named
from tests.properties.promises import Promises
from tests.properties.test_stock_ledger import Stock

from mercer.inventory import service
from mercer.inventory.models import Adjustment, StockRequest
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.errors import DomainError
from mercer.platform.transactions import transaction

SKUS, WAREHOUSES = ("MUG-1-R", "TRAVEL-1"), ("us-east", "both")
NAMES = st.sampled_from(["anna", "berta", "carla"])
QUANTITIES = st.dictionaries(st.sampled_from(SKUS), st.integers(0, 5), max_size=2)
LINES = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), max_size=2)
_BEGIN = (
    "TRUNCATE inventory.stock, inventory.movement, inventory.hold, inventory.allocation",
    """INSERT INTO inventory.stock (variant_id, warehouse_id, product_id, on_hand)
        SELECT v.id, w.id, v.product_id, 5 FROM catalog.variant v, inventory.warehouse w
        WHERE v.sku IN ('MUG-1-R', 'TRAVEL-1') AND w.code IN ('us-east', 'both')""",
    """INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand, at, actor_kind)
        SELECT variant_id, warehouse_id, 'received', on_hand, now(), 'system' FROM inventory.stock""",
)
_LEVELS = """
    SELECT v.sku, sum(s.on_hand)::int, sum(s.allocated)::int, sum(s.held)::int FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id GROUP BY v.sku
"""
_FREE = """
    SELECT v.sku, w.code, s.on_hand - s.allocated - s.held FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id JOIN inventory.warehouse w ON w.id = s.warehouse_id
"""


@pytest.fixture(scope="module")
def stock(database_url: str, valkey_url: str, worker_id: str) -> Iterator[Stock]:
    settings = callers.test_settings(servers.copy_database(database_url, f"promises_{worker_id}"), valkey_url)

    async def begin() -> tuple[Context, dict[str, UUID]]:
        async with writing(settings) as within:
            await a_shop(within)
        assert settings.database_url is not None
        context = Context(settings, Database(settings, url=settings.database_url), NOW)
        async with context.database.transaction() as connection:
            query = """SELECT sku AS key, id FROM catalog.variant UNION ALL SELECT code, id FROM inventory.warehouse
                UNION ALL SELECT 'channel ' || code, id FROM channels.channel"""
            return context, {row.key: row.id for row in await connection.execute(sa.text(query))}

    with start_blocking_portal() as portal:
        context, ids = portal.call(begin)
        yield Stock(context, portal.call, ids)
        portal.call(context.database.close)


class PromisedStock(RuleBasedStateMachine):
    """Whatever is done, it is done where the model says so, and the levels are what movements and promises say."""

    stock: Stock

    @initialize()
    def begin(self) -> None:
        for statement in _BEGIN:
            self.stock.rows(statement)
        self.model = Promises(on_hand=dict.fromkeys(SKUS, 10))
        self.now = NOW

    @rule(holder=NAMES, wanted=QUANTITIES, minutes=st.integers(1, 20), country=st.sampled_from(["US", "NL", None]))
    def hold(self, holder: str, wanted: dict[str, int], minutes: int, country: str | None) -> None:
        until = self.now + timedelta(minutes=minutes)
        quantities = {self.stock.ids[sku]: quantity for sku, quantity in wanted.items()}
        is_done = self.attempt("hold_stock", **self.buyer(holder, country), quantities=quantities, until=until)
        assert is_done == self.model.hold(holder, wanted, until=until, now=self.now)

    @rule(holder=NAMES)
    def release_holds(self, holder: str) -> None:
        assert self.attempt("release_holds", holder_id=named(holder)) == self.model.release_holds(holder)

    @rule(order=NAMES, holder=NAMES, lines=LINES, country=st.sampled_from(["US", "NL", None]))
    def allocate(self, order: str, holder: str, lines: dict[str, int], country: str | None) -> None:
        requests = [
            StockRequest(line_id=named(f"{order} {sku}"), variant_id=self.stock.ids[sku], quantity=quantity)
            for sku, quantity in lines.items()
        ]
        given = {**self.buyer(holder, country), "order_id": named(order), "lines": requests}
        is_done = self.attempt("allocate_stock", **given)
        assert is_done == self.model.allocate(order, lines, holder=holder, now=self.now)

    @rule(order=NAMES)
    def release(self, order: str) -> None:
        assert self.attempt("release_allocations", order_id=named(order)) == self.model.release(order)

    @rule(order=NAMES, lines=LINES)
    def ship(self, order: str, lines: dict[str, int]) -> None:
        given = {named(f"{order} {sku}"): quantity for sku, quantity in lines.items()}
        is_done = self.attempt("ship_allocated", order_id=named(order), shipment_id=named("parcel"), lines=given)
        assert is_done == self.model.ship(order, lines)

    @rule(sku=st.sampled_from(SKUS), code=st.sampled_from(WAREHOUSES), delta=st.integers(-3, 5))
    def adjust(self, sku: str, code: str, delta: int) -> None:
        free = {(row[0], row[1]): row[2] for row in self.stock.rows(_FREE)}
        adjustment = Adjustment(**self.stock.place((sku, code)), delta=delta)
        is_done = self.attempt("adjust_stock", adjustments=[adjustment], reason="x")
        assert is_done == self.model.adjust(sku, delta, free_there=free[sku, code])

    @rule(minutes=st.integers(1, 10))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        assert self.attempt("sweep_holds") == self.model.sweep(self.now)

    @invariant()
    def levels_are_what_is_promised(self) -> None:
        if not hasattr(self, "model"):
            return
        assert self.stock.rows(DIFFERING) == [(0,)]
        found = {sku: numbers for sku, *numbers in self.stock.rows(_LEVELS)}
        for sku in SKUS:
            allocated = sum(each.get(sku, 0) for each in self.model.orders.values())
            held = sum(each.get(sku, 0) for each in self.model.holds.values())
            assert found[sku] == [self.model.on_hand[sku], allocated, held]

    def buyer(self, holder: str, country: str | None) -> dict[str, Any]:
        return {"holder_id": named(holder), "channel_id": self.stock.ids["channel us"], "country": country}

    def attempt(self, verb: str, **arguments: Any) -> bool:
        """Whether the verb is carried out at the model's time."""
        now: datetime = self.now

        async def carry_out() -> bool:
            try:
                async with transaction(replace(self.stock.context, now=now)) as within:
                    await getattr(service, verb)(within, **arguments)
            except DomainError:
                return False
            return True

        done: bool = self.stock.call(carry_out)
        return done


def test_whatever_is_done_in_whatever_order(stock: Stock) -> None:
    machine = type("Machine", (PromisedStock,), {"stock": stock})
    bounds = hypothesis.settings(
        database=None, suppress_health_check=list(HealthCheck), max_examples=25, stateful_step_count=30, deadline=None
    )
    run_state_machine_as_test(machine, settings=bounds)
