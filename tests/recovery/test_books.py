"""What the books are asked finds what is wrong: each question is shown one fault."""

from dataclasses import replace

import sqlalchemy as sa
from tests.books import ALWAYS, SETTLED, faults, faults_within
from tests.recovery.conftest import Frail
from tests.trading import SELLING, START, simulator

from mercer.platform.context import Context

LATER = "'2100-01-01'::timestamptz"
FAULTS = {
    "a level that is not the sum": "UPDATE inventory.stock SET on_hand = on_hand + 1",
    "a posting that does not balance": "UPDATE ledger.entry SET amount = amount + 1 WHERE account = 'sales'",
    "an order that is not sold once": "UPDATE ledger.transaction SET kind = 'refund_reversal' WHERE kind = 'sale'",
    "a sale that is not taken back once": "UPDATE ledger.transaction SET kind = 'cancellation' WHERE kind = 'capture'",
    "a cart and an order that do not know": "UPDATE cart.cart SET order_id = uuidv7() WHERE order_id IS NOT NULL",
    "a hold of a cart that cannot be bought": """
        INSERT INTO inventory.hold (holder_id, variant_id, warehouse_id, quantity, expires_at)
        SELECT order_id, variant_id, warehouse_id, 1, now() FROM inventory.allocation LIMIT 1
    """,
    "a line for which not exactly": "UPDATE inventory.allocation SET released = quantity",
    "an order for which another sum": "UPDATE payments.intent SET amount = amount + 1",
    "a payment that is closed though": "UPDATE payments.intent SET closed_at = now()",
    "money in the ledger that is not": """
        UPDATE ledger.entry SET amount = amount + 1 WHERE account = 'provider_clearing'
    """,
    "money that providers told of": "DELETE FROM ledger.entry WHERE account = 'provider_clearing'",
    "suspended money that is not what": "UPDATE payments.event SET accepted = accepted - 1 WHERE kind = 'captured'",
    "what is told of a provider": "UPDATE payments.event SET event_id = 'x' || event_id",
    "an order with two payments": "UPDATE payments.attempt SET captured = 3810, refunded = 0",
    "a payment that the provider has twice": "UPDATE simulator.payment SET reference = 'x'",
    "an order that says": """UPDATE orders."order" SET payment_status = 'failed'""",
    "an order that is covered and waits": """UPDATE orders."order" SET status = 'pending_payment'""",
    "money at the provider that is neither": "DELETE FROM payments.event WHERE kind = 'captured'",
    "an attempt without an outcome": "UPDATE payments.attempt SET state = 'processing'",
    "something to be given back": """
        INSERT INTO payments.refund (attempt_id, kind, amount, currency, requested_at)
        SELECT id, 'refund', 1, 'USD', now() FROM payments.attempt LIMIT 1
    """,
    "something in the inbox": "UPDATE payments.inbox SET state = 'parked'",
    "an order that waits for its payment": """UPDATE orders."order" SET status = 'pending_payment'""",
    "a cancelled order whose money": """
        UPDATE orders."order" SET status = 'cancelled', cancelled_at = now() WHERE payment_status = 'paid'
    """,
    "somebody who owes something": "UPDATE ledger.entry SET amount = amount - 1 WHERE account = 'receivable'",
    "suspended money without an open": """
        UPDATE ledger.entry SET account = 'suspense' WHERE account = 'receivable' AND amount < 0
    """,
    "a hold that has expired": """
        INSERT INTO inventory.hold (holder_id, variant_id, warehouse_id, quantity, expires_at)
        SELECT order_id, variant_id, warehouse_id, 1, now() FROM inventory.allocation LIMIT 1
    """,
    "a job that is not done": "UPDATE procrastinate.procrastinate_jobs SET status = 'failed'",
    "an event that nobody was told of": "UPDATE platform.outbox SET position = NULL",
    "a claim that still holds": f"""
        INSERT INTO platform.idempotency (actor, key, field, fingerprint, claimed_until, created_at)
        VALUES ('x', 'x', 'x', 'x', {LATER}, now())
    """,
}


TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname IN ('cart', 'orders', 'payments', 'simulator', 'ledger', 'inventory', 'platform')
"""


async def test_each_question_finds_its_fault(frail: Frail) -> None:
    trade = frail.trade
    buyer = await trade.ready({"TRAVEL-1": 1})
    declined = await buyer.complete("decline")
    await buyer.ask(START, token=declined["order"]["token"], payment=simulator("ok"))
    await trade.settle(SELLING)
    assert await faults(trade.now_context, settled=True) == []
    asked = {name for name in {**ALWAYS, **SETTLED} if not any(name.startswith(each) for each in FAULTS)}
    assert asked == set()
    for name, spoil in FAULTS.items():
        found = await found_after(trade.now_context, spoil)
        assert any(each.startswith(name) for each in found), (name, found)


async def found_after(context: Context, spoil: str) -> list[str]:
    """What the books say after one fault, which is undone again."""
    async with context.database.engine.connect() as connection:
        for table in (await connection.scalars(sa.text(TABLES))).all():  # they refuse what is done here
            await connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        await connection.execute(sa.text(spoil))
        found = await faults_within(replace(context, connection=connection), settled=True)
        await connection.rollback()
    return found
