"""Orders of the past, stored in bulk; and lists of many orders, which read no more than they show."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.factories.shop import NOW
from tests.people import person_id
from tests.selling import Selling

from mercer.orders import service
from mercer.orders.errors import OrderNumberTaken, OrderRepeated, PastOrderInvalid
from mercer.orders.models import FulfilmentStatus, OrderStatus, PastLine, PastOrder, PastShipping
from mercer.payments.models import PaymentStatus
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.transactions import transaction
from mercer.totals.models import AppliedTax, Taxed
from mercer.values.address import Address
from mercer.values.basket import TaxMode
from mercer.values.stored import Stored

TAX = AppliedTax(name="VAT", jurisdiction="de", rate=Decimal("0.19"), base=1000, amount=190)
TOTAL = Taxed(net=1000, tax=190, gross=1190)
ADDRESS = Address(first_name="Eva", last_name="Weiß", line1="Hauptstr. 1", city="Köln", country="DE")


def past(selling: Selling, place: int = 1, **changes: Any) -> PastOrder:
    line = PastLine(sku="OLD-1", product_name="Lamp", quantity=2, unit=TOTAL, total=TOTAL, taxes=[TAX])
    return replace(
        PastOrder(
            external_id=f"uci:{place}",
            number=f"UCI-{place}",
            channel_id=UUID(selling.channels["eu"]),
            currency="EUR",
            tax_mode=TaxMode.GROSS,
            status=OrderStatus.COMPLETED,
            payment_status=PaymentStatus.PAID,
            fulfilment_status=FulfilmentStatus.FULFILLED,
            created_at=NOW - timedelta(days=place),
            lines=[line],
            email="Eva@example.org",
            shipping=PastShipping(code="post", name="Post", total=Taxed(net=0, tax=0, gross=0)),
            shipping_address=ADDRESS,
        ),
        **changes,
    )


async def store(selling: Selling, *orders: PastOrder) -> Stored:
    async with transaction(selling.context) as context:
        return await service.store_past_orders(context, orders=orders)


async def test_stored_once(selling: Selling) -> None:
    orders = [past(selling, number) for number in range(1, 4)]
    for stored in (Stored(created=3, updated=0, unchanged=0), Stored(created=0, updated=0, unchanged=3)):
        assert await store(selling, *orders) == stored
    query = """{ orders { nodes { number externalId status email total { gross } taxTotal { amount } placedAt
        shippingAddress { city } lines { sku shippedQuantity taxes { amount { amount } } } shipping { name } } } }"""
    nodes = (await selling.admin(query))["orders"]["nodes"]
    assert [node["number"] for node in nodes] == ["UCI-1", "UCI-2", "UCI-3"]
    assert nodes[0] == {
        "number": "UCI-1",
        "externalId": "uci:1",
        "status": "COMPLETED",
        "email": "Eva@example.org",
        "total": {"gross": "11.90"},
        "taxTotal": {"amount": "1.90"},
        "placedAt": "2026-11-21T12:00:00.000000Z",
        "shippingAddress": {"city": "Köln"},
        "lines": [{"sku": "OLD-1", "shippedQuantity": 2, "taxes": [{"amount": {"amount": "1.90"}}]}],
        "shipping": {"name": "Post"},
    }
    assert [name for name, _ in await selling.events() if name.startswith("orders.")] == []


async def test_little_is_known_of_some(selling: Selling) -> None:
    bare = past(selling, email=None, shipping=None, shipping_address=None, shipping_country="FR")
    cancelled = past(selling, 2, status=OrderStatus.CANCELLED, fulfilment_status=FulfilmentStatus.CANCELLED)
    assert (await store(selling, bare, cancelled)).created == 2
    found = await selling.admin("{ orders { nodes { email shippingAddress { city } shipping { name } cancelledAt } } }")
    assert found["orders"]["nodes"][0] == {
        "email": None,
        "shippingAddress": None,
        "shipping": None,
        "cancelledAt": None,
    }
    assert found["orders"]["nodes"][1]["cancelledAt"] == "2026-11-20T12:00:00.000000Z"


LINE = PastLine(sku="OLD-1", product_name="Lamp", quantity=2, unit=TOTAL, total=TOTAL)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [replace(LINE, quantity=0)]}, "lines"),
        ({"lines": [replace(LINE, quantity=-1)]}, "lines"),
        ({"lines": [replace(LINE, quantity=2**31)]}, "lines"),
        ({"lines": [replace(LINE, total=Taxed(net=1, tax=1, gross=3))]}, "lines"),
        ({"lines": [replace(LINE, total=Taxed(net=2**70, tax=0, gross=2**70))]}, "lines"),
        ({"lines": [replace(LINE, unit=Taxed(net=None, tax=None, gross=1))]}, "lines"),
        ({"lines": [replace(LINE, sku="a\0b")]}, "lines"),
        ({"lines": [replace(LINE, shipped_quantity=3)]}, "lines"),
        ({"lines": [replace(LINE, total=Taxed(net=-5, tax=0, gross=-5))]}, "total"),
        ({"currency": "EURO"}, "currency"),
        ({"email": "\0"}, "email"),
        ({"number": ""}, "number"),
        ({"discount": -1}, "total"),
        ({"fulfilment_status": FulfilmentStatus.PARTIAL}, "fulfilment_status"),
        ({"cancelled_at": NOW}, "cancelled_at"),
        ({"shipping_address": replace(ADDRESS, city="\0")}, "address"),
    ],
)
async def test_a_faulty_one_is_rejected(selling: Selling, changes: dict[str, Any], field: str) -> None:
    stored = await store(selling, past(selling, 1, **changes), past(selling, 2))
    assert (stored.created, stored.unchanged) == (1, 0)
    [rejection] = stored.rejected
    assert rejection.index == 0
    assert isinstance(rejection.error, PastOrderInvalid)
    assert rejection.error.field == field


async def test_numbers_and_repetitions(selling: Selling) -> None:
    await store(selling, past(selling, 1))
    taken = past(selling, 2, number="UCI-1")
    stored = await store(selling, taken, past(selling, 3), past(selling, 3), past(selling, 4, number="UCI-3"))
    found: list[type[DomainError]] = [type(each.error) for each in stored.rejected]
    assert (stored.created, found) == (1, [OrderNumberTaken, OrderRepeated, OrderNumberTaken])


ORDERS = 30_000
GENERATE = """
    INSERT INTO orders."order" (number, channel_id, external_id, customer_id, email, email_key, currency, tax_mode,
        rounding, language, status, payment_status, fulfilment_status, subtotal_net, subtotal_tax, subtotal_gross,
        shipping_net, shipping_tax, shipping_gross, discount_total, total_net, total_tax, total_gross, total_amount,
        shipping_country, trace, created_at, placed_at, cancelled_at)
    SELECT 'G-' || n, :channel, 'g:' || n, CASE WHEN n % 500 = 0 THEN cast(:customer AS uuid) END,
        'mail' || n || '@example.org', 'mail' || n || '@example.org', 'USD', 'net', 'half_up', 'en',
        status, CASE WHEN n % 300 = 0 THEN 'failed' ELSE 'paid' END,
        CASE WHEN n % 250 = 0 THEN 'partial' ELSE 'fulfilled' END,
        n, 0, n, 0, 0, 0, 0, n, 0, n, n / 100.0, CASE WHEN n % 400 = 0 THEN 'FR' ELSE 'US' END, '{}',
        moment, moment, CASE WHEN status = 'cancelled' THEN moment END
    FROM generate_series(1, cast(:count AS integer)) AS n,
        LATERAL (SELECT cast(:now AS timestamptz) - n * interval '10 minutes' AS moment,
            CASE WHEN n % 200 = 0 THEN 'on_hold' WHEN n % 20 = 0 THEN 'cancelled' ELSE 'completed' END AS status)
"""
GENERATE_LINES = """
    INSERT INTO orders.line (order_id, position, sku, product_name, currency, quantity, unit_net, unit_tax, unit_gross,
        discount, total_net, total_tax, total_gross)
    SELECT id, place, CASE WHEN total_gross % 1000 = 0 THEN 'RARE' ELSE 'SKU-' || total_gross % 40 END, 'Thing', 'USD',
        1, 1, 0, 1, 0, 1, 0, 1
    FROM orders."order", generate_series(1, 2) AS place
"""


async def generate(context: Context, channel: str) -> None:
    given = {"channel": UUID(channel), "customer": person_id("customer"), "count": ORDERS, "now": NOW}
    await context.db.execute(sa.text(GENERATE), given)
    await context.db.execute(sa.text(GENERATE_LINES))


FILTERS: list[dict[str, Any]] = [
    {},
    {"number": {"eq": "G-77"}},
    {"email": {"eq": "mail77@example.org"}},
    {"email": {"startsWith": "mail777"}},
    {"status": {"in": ["ON_HOLD"]}},
    {"status": {"in": ["COMPLETED"]}},
    {"status": {"in": ["ON_HOLD", "CANCELLED"]}},
    {"paymentStatus": {"in": ["FAILED"]}},
    {"fulfilmentStatus": {"in": ["PARTIAL"]}},
    {"createdAt": {"gte": "2026-11-20T00:00:00Z"}},
    {"createdAt": {"gte": "2026-06-01T00:00:00Z", "lte": "2026-06-02T00:00:00Z"}},
    {"placedAt": {"gte": "2026-06-01T00:00:00Z", "lte": "2026-06-02T00:00:00Z"}},
    {"total": {"gte": "299.00"}},
    {"total": {"gte": "10.00", "lte": "10.10"}},
    {"country": {"eq": "FR"}},
    {"sku": {"eq": "RARE"}},
    {"sku": {"eq": "SKU-7"}},
    {"sku": {"in": ["RARE", "SKU-7"]}},
    {"status": {"in": ["ON_HOLD"]}, "country": {"eq": "FR"}, "total": {"gte": "100.00"}},
]


async def test_lists_of_many_read_no_table_from_end_to_end(racing: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every filter, as PostgreSQL plans it for the values given and for any; `enable_seqscan` is as it always is."""
    async with transaction(racing.context) as context:
        await generate(context, racing.channels["us"])
    database = racing.context.database
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(sa.text('VACUUM (ANALYZE) orders."order"'))
        await connection.execute(sa.text("VACUUM (ANALYZE) orders.line"))
    sent: list[tuple[str, Any]] = []
    fetch = type(database).fetch_row

    async def noted(self: Any, sql: str, values: Any = (), **options: Any) -> Any:
        sent.append((sql, values))
        return await fetch(self, sql, values, **options)

    monkeypatch.setattr(type(database), "fetch_row", noted)
    filters = [*FILTERS, {"customer": {"eq": str(person_id("customer"))}}, {"channel": {"eq": racing.channels["eu"]}}]
    query = "query ($filter: OrderFilter) { orders(filter: $filter, first: 50) { nodes { number total { gross } } } }"
    for given in filters:
        sent.clear()
        await racing.admin(query, {"filter": given})
        [(sql, values)] = [each for each in sent if "orders" in each[0]]
        for how, bound in (("EXPLAIN", values), ("EXPLAIN (GENERIC_PLAN)", None)):
            async with database.reading() as reader:
                cursor = await reader.execute(f"{how} {sql}".encode(), bound, prepare=False)
                plan = "\n".join(row[0] for row in await cursor.fetchall())
            assert 'Seq Scan on "order"' not in plan, (given, how, plan)
            assert "Seq Scan on line" not in plan, (given, how, plan)
