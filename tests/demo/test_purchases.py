"""What people bought in the demonstration shop: an order in each state, made as everybody's are."""

from datetime import timedelta

import pytest
from tests.callers import Loopback
from tests.demo.rows import fetch, stamps
from tests.working import work_off

from mercer.app import create_app
from mercer.cli.seed import seed_demo
from mercer.demo import content
from mercer.platform.context import Context
from mercer.platform.settings import Settings

STATES = """
    SELECT number, status, payment_status, fulfilment_status FROM orders."order" ORDER BY number
"""
EXPECTED = [
    ("EU-1001", "completed", "paid", "fulfilled"),
    ("EU-1002", "completed", "paid", "fulfilled"),
    ("EU-1003", "cancelled", "refunded", "cancelled"),
    ("EU-1004", "open", "paid", "partial"),
    ("EU-1005", "open", "authorized", "unfulfilled"),
    ("EU-1006", "open", "paid", "unfulfilled"),
    ("EU-1007", "pending_payment", "failed", "unfulfilled"),
    ("US-1001", "completed", "paid", "fulfilled"),
    ("US-1002", "cancelled", "failed", "cancelled"),
    ("US-1003", "open", "paid", "partial"),
    ("US-1004", "open", "paid", "unfulfilled"),
    ("US-1005", "open", "paid", "unfulfilled"),
    ("US-1006", "pending_payment", "pending", "unfulfilled"),
]


@pytest.fixture
async def served(settings: Settings, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MERCER_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("MERCER_VALKEY_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("MERCER_DATA_DIR", str(settings.data_dir))
    assert await seed_demo() == 0
    return settings.model_copy(update={"valkey_url": valkey_url})


@pytest.mark.usefixtures("served")
async def test_there_is_an_order_in_each_state(context: Context) -> None:
    assert await fetch(context, STATES) == EXPECTED
    assert await fetch(
        context,
        "SELECT o.number, p.state, p.provider FROM payments.attempt p JOIN payments.intent i ON i.id = p.intent_id"
        " JOIN orders.\"order\" o ON o.id = i.order_id WHERE o.status = 'pending_payment' ORDER BY 1",
    ) == [("EU-1007", "failed", "simulator"), ("US-1006", "requires_action", "simulator")]


@pytest.mark.usefixtures("served")
async def test_stock_ledger_and_orders_agree(context: Context) -> None:
    levels = {
        (variant.sku, warehouse): on_hand
        for product in content.products()
        for variant in product.variants
        for warehouse, on_hand in variant.stock.items()
    }
    stock = await fetch(
        context,
        "SELECT v.sku, w.code, s.on_hand, s.held, s.allocated FROM inventory.stock s"
        " JOIN catalog.variant v ON v.id = s.variant_id JOIN inventory.warehouse w ON w.id = s.warehouse_id",
    )
    assert {(sku, warehouse): on_hand for sku, warehouse, on_hand, _, _ in stock} == levels
    assert all(held == 0 for *_, held, _ in stock)
    [(unshipped,)] = await fetch(
        context,
        "SELECT sum(l.quantity - l.shipped_quantity) FROM orders.line l"
        " JOIN orders.\"order\" o ON o.id = l.order_id WHERE o.status IN ('pending_payment', 'open')",
    )
    assert sum(allocated for *_, allocated in stock) == unshipped == 18
    [(unbalanced,)] = await fetch(
        context,
        "SELECT count(*) FROM (SELECT FROM ledger.entry GROUP BY transaction_id HAVING sum(amount) <> 0) unbalanced",
    )
    assert unbalanced == 0


@pytest.mark.usefixtures("served")
async def test_taxes_and_deliveries_are_those_of_the_place(context: Context) -> None:
    taxes = await fetch(
        context,
        "SELECT o.number, l.sku, t.jurisdiction, t.rate::float FROM orders.tax_line t"
        ' JOIN orders."order" o ON o.id = t.order_id JOIN orders.line l ON l.id = t.line_id'
        " WHERE o.number IN ('EU-1001', 'EU-1006', 'US-1001') ORDER BY 1, 2, 4",
    )
    assert taxes == [
        ("EU-1001", "LM-BMC", "eu-de", 0.07),
        ("EU-1001", "LM-SWI-18L-PIN", "eu-de", 0.19),
        ("EU-1006", "LM-BMC", "ch", 0.026),
        ("EU-1006", "LM-CUC-INK", "ch", 0.081),
        *(
            ("US-1001", sku, "us-nyc", rate)
            for sku in ("LM-TER-750-TRN", "LM-WAR-A5-DOT-BRK")
            for rate in (0.00375, 0.04, 0.045)
        ),
    ]


@pytest.mark.usefixtures("served")
async def test_buying_again_writes_nothing(context: Context) -> None:
    before = await stamps(context)
    assert await seed_demo() == 0
    assert await stamps(context) == before


async def test_what_a_worker_finds_to_do_changes_no_state(served: Settings, context: Context) -> None:
    later, loopback = context.now + timedelta(minutes=1), Loopback()
    settings = served.model_copy(update={"public_url": "http://test"})
    app = create_app(settings, clock=lambda: later, transport=loopback)
    loopback.app = app
    async with app.router.lifespan_context(app):
        await work_off(settings, now=later, transport=loopback)
    assert await fetch(context, STATES) == EXPECTED
    assert await fetch(context, "SELECT template, count(*) FROM notifications.mail GROUP BY 1 ORDER BY 1") == [
        ("order_cancelled", 1),
        ("order_confirmation", 10),
        ("order_shipped", 6),
    ]
