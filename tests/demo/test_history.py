"""Past orders to measure with: the same each time, in every state, and such that everything adds up."""

from collections import Counter
from decimal import Decimal
from uuid import UUID

import pytest
from tests.demo.rows import fetch, stamps
from tests.demo.test_seeding import ignore, store

from mercer.catalog.models import Product, Variant
from mercer.demo import history, service
from mercer.demo.errors import ShopInUse
from mercer.orders.models import FulfilmentStatus, OrderStatus
from mercer.platform.context import Context
from mercer.totals.models import NOTHING
from mercer.values.basket import TaxRate
from mercer.values.stored import Stored

SPOTS = [spot for spots in history.SPOTS.values() for spot in spots]
GROUND = history.Ground(
    channels={"us": UUID(int=1), "eu": UUID(int=2)},
    variants={},
    rates={spot: (TaxRate(name="VAT", jurisdiction=spot.country, rate=Decimal("0.19")),) for spot in SPOTS},
)
BOUGHT = [history.bought(number, GROUND) for number in range(2_000)]


def test_a_number_always_gives_the_same_order() -> None:
    assert history.bought(1_234, GROUND) == BOUGHT[1_234]
    assert len({each.order.number for each in BOUGHT}) == len({each.order.external_id for each in BOUGHT}) == 2_000


def test_all_states_channels_and_countries_are_there_and_two_years() -> None:
    orders = [each.order for each in BOUGHT]
    assert {order.status for order in orders} == set(OrderStatus) - {OrderStatus.DRAFT}
    assert {order.fulfilment_status for order in orders} == set(FulfilmentStatus) - {FulfilmentStatus.NOT_REQUIRED}
    assert {order.channel_id for order in orders} == {UUID(int=1), UUID(int=2)}
    assert {order.shipping_address.country for order in orders if order.shipping_address} == {
        spot.country for spot in SPOTS
    }
    days = sorted(order.created_at for order in orders)
    assert (days[-1] - days[0]).days in range(725, 731)
    guests = sum(each.customer is None for each in BOUGHT)
    assert 500 < guests < 700
    assert Counter(each.customer.email for each in BOUGHT if each.customer).most_common(1)[0][1] > 1


def test_lines_add_up() -> None:
    for each in BOUGHT:
        for line in each.order.lines:
            assert line.total.gross == (line.total.net or 0) + (line.total.tax or 0)
            assert sum(tax.amount for tax in line.taxes) == line.total.tax
        assert sum((line.total for line in each.order.lines), NOTHING).gross


async def test_orders_grow_to_the_number_asked_for(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_ORDERS", 40)
    told: list[int] = []
    assert await service.seed_orders(context, orders=100, report=told.append) == Stored(
        created=100, updated=0, unchanged=0
    )
    assert told == [40, 80, 100]
    before = await stamps(context)
    assert await service.seed_orders(context, orders=100, report=ignore) == Stored(created=0, updated=0, unchanged=100)
    assert await stamps(context) == before
    assert (await service.seed_orders(context, orders=130, report=ignore)).created == 30
    [(orders, customers, guests)] = await fetch(
        context,
        "SELECT count(*), count(customer_id), count(*) FILTER (WHERE customer_id IS NULL AND email IS NOT NULL)"
        ' FROM orders."order"',
    )
    assert orders == customers + guests == 130
    assert await fetch(context, "SELECT count(*) FROM inventory.movement") == [(0,)]
    assert await fetch(context, "SELECT count(*) FROM ledger.transaction") == [(0,)]
    assert await fetch(context, "SELECT count(*) FROM platform.outbox WHERE name LIKE 'orders%'") == [(0,)]


async def test_what_the_shop_sells_is_linked(context: Context) -> None:
    await service.seed_demo(context)
    await service.seed_orders(context, orders=20, report=ignore)
    assert await fetch(context, "SELECT count(*) FROM orders.line WHERE variant_id IS NULL") == [(0,)]


async def test_another_shop_is_refused(context: Context) -> None:
    await store(context, Product(product_type="own", name="Own", variants=[Variant(sku="OWN-1")]))
    with pytest.raises(ShopInUse):
        await service.seed_orders(context, orders=1, report=ignore)
