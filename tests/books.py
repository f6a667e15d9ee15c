"""What holds of a shop's books at any moment, and what holds besides once all is settled.

Each question is SQL that finds what is wrong, by the number of the order or whatever else names it.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from tests.inventory.promising import DIFFERING

from mercer.orders.models import OrderStatus
from mercer.payments.models import PaymentStatus
from mercer.payments.service import standing
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

_CLEARED = """
    SELECT t.order_id, e.account, e.currency, sum(e.amount) AS amount FROM ledger.entry e
    JOIN ledger.transaction t ON t.id = e.transaction_id GROUP BY 1, 2, 3
"""
_MOVED = """
    SELECT i.order_id, v.currency,
        sum(CASE v.kind WHEN 'captured' THEN v.amount WHEN 'refunded' THEN -v.amount ELSE 0 END) AS moved,
        sum(CASE v.kind WHEN 'captured' THEN v.accepted WHEN 'refunded' THEN -v.accepted ELSE 0 END) AS accepted
    FROM payments.event v JOIN payments.attempt a ON a.id = v.attempt_id JOIN payments.intent i ON i.id = a.intent_id
    GROUP BY 1, 2
"""

ALWAYS: Mapping[str, str] = {
    "a level that is not the sum of its movements, holds and allocations": f"""
        SELECT n FROM ({DIFFERING}) d(n) WHERE n > 0
    """,
    "a posting that does not balance": """
        SELECT t.id FROM ledger.transaction t LEFT JOIN ledger.entry e ON e.transaction_id = t.id
        GROUP BY t.id HAVING coalesce(sum(e.amount), 1) <> 0
    """,
    "an order that is not sold once if it is placed, and not at all if it is not": """
        SELECT o.number, o.status, count(t.id), sum(t.amount) FROM orders."order" o
        LEFT JOIN ledger.transaction t ON t.order_id = o.id AND t.kind = 'sale'
        WHERE o.cart_id IS NOT NULL GROUP BY o.id
        HAVING count(t.id) <> (o.placed_at IS NOT NULL)::int OR coalesce(sum(t.amount), o.total_gross) <> o.total_gross
    """,
    "a sale that is not taken back once if it is cancelled": """
        SELECT o.number, o.status, count(t.id) FROM orders."order" o
        LEFT JOIN ledger.transaction t ON t.order_id = o.id AND t.kind = 'cancellation'
        WHERE o.cart_id IS NOT NULL GROUP BY o.id
        HAVING count(t.id) <> (o.placed_at IS NOT NULL AND o.status = 'cancelled')::int
    """,
    "a cart and an order that do not know each other": """
        SELECT c.id, c.state, o.number FROM cart.cart c FULL JOIN orders."order" o ON o.cart_id = c.id
        WHERE (c.order_id IS DISTINCT FROM o.id OR c.state IS DISTINCT FROM 'converted')
            AND (o.cart_id IS NOT NULL OR c.order_id IS NOT NULL OR c.state = 'converted')
    """,
    "a hold of a cart that cannot be bought any more": """
        SELECT h.holder_id, c.state FROM inventory.hold h LEFT JOIN cart.cart c ON c.id = h.holder_id
        WHERE c.state IS DISTINCT FROM 'active'
    """,
    "a line for which not exactly what was bought, and is not shipped, is set aside": """
        SELECT o.number, o.status, l.sku, l.quantity, l.shipped_quantity,
            sum(a.quantity), sum(a.shipped), sum(a.released)
        FROM orders.line l JOIN orders."order" o ON o.id = l.order_id
        LEFT JOIN inventory.allocation a ON a.line_id = l.id
        WHERE o.cart_id IS NOT NULL GROUP BY o.id, l.id
        HAVING coalesce(sum(a.shipped), 0) <> l.shipped_quantity
            OR coalesce(sum(a.quantity - a.shipped - a.released), 0)
                <> CASE o.status WHEN 'cancelled' THEN 0 ELSE l.quantity - l.shipped_quantity END
    """,
    "an order for which another sum is asked": """
        SELECT o.number, o.total_gross, i.amount FROM orders."order" o LEFT JOIN payments.intent i ON i.order_id = o.id
        WHERE o.cart_id IS NOT NULL AND (o.total_gross, o.currency) IS DISTINCT FROM (i.amount, i.currency)
    """,
    "a payment that is closed though its order is not, or the contrary": """
        SELECT o.number, o.status, i.closed_at FROM orders."order" o JOIN payments.intent i ON i.order_id = o.id
        WHERE (i.closed_at IS NOT NULL) <> (o.status = 'cancelled')
    """,
    "money in the ledger that is not what providers told": f"""
        SELECT coalesce(l.order_id, m.order_id), l.amount, m.moved FROM ({_CLEARED}) l
        FULL JOIN ({_MOVED}) m ON m.order_id = l.order_id AND m.currency = l.currency
        WHERE coalesce(l.account, 'provider_clearing') = 'provider_clearing' AND l.order_id IS NOT NULL
            AND coalesce(l.amount, 0) <> coalesce(m.moved, 0)
    """,
    "money that providers told of and that is not in the ledger": f"""
        SELECT m.order_id, m.moved FROM ({_MOVED}) m WHERE m.moved <> 0 AND NOT EXISTS (
            SELECT FROM ({_CLEARED}) l WHERE (l.order_id, l.currency) = (m.order_id, m.currency)
            AND l.account = 'provider_clearing' AND l.amount = m.moved)
    """,
    "suspended money that is not what was taken and is no order's": f"""
        SELECT m.order_id, m.moved, m.accepted FROM ({_MOVED}) m LEFT JOIN ({_CLEARED}) l
        ON (l.order_id, l.currency) = (m.order_id, m.currency) AND l.account = 'suspense'
        WHERE -coalesce(l.amount, 0) <> m.moved - m.accepted
    """,
    "what is told of a provider that it does not know": """
        SELECT v.event_id, v.kind FROM payments.event v LEFT JOIN simulator.fact f ON f.id::text = v.event_id
        WHERE v.provider = 'simulator' AND v.event_id !~ '^(refused|abandoned):'
            AND (f.kind, f.amount, f.currency) IS DISTINCT FROM (v.kind, v.amount, v.currency)
    """,
    "an order with two payments that both took its money": """
        SELECT i.order_id, count(*) FROM payments.intent i JOIN payments.attempt a ON a.intent_id = i.id
        WHERE a.captured > a.refunded GROUP BY 1 HAVING count(*) > 1
            AND NOT EXISTS (SELECT FROM payments.exception x WHERE x.order_id = i.order_id)
    """,
    "a payment that the provider has twice": """
        SELECT reference, count(*) FROM simulator.payment GROUP BY 1 HAVING count(*) > 1
    """,
}

SETTLED: Mapping[str, str] = {
    "money at the provider that is neither an order's nor an exception": """
        SELECT p.label, f.kind, f.amount FROM simulator.fact f JOIN simulator.payment p ON p.id = f.payment_id
        LEFT JOIN payments.event v ON v.event_id = f.id::text
        WHERE f.kind IN ('captured', 'refunded') AND v.id IS NULL
    """,
    "an attempt without an outcome": """
        SELECT i.label, a.state FROM payments.attempt a JOIN payments.intent i ON i.id = a.intent_id
        WHERE a.state IN ('created', 'requires_action', 'processing')
    """,
    "something to be given back that is not": """
        SELECT id, state FROM payments.refund WHERE state IN ('requested', 'submitted')
    """,
    "something in the inbox that is not applied": """
        SELECT event_id, state FROM payments.inbox WHERE state IN ('waiting', 'parked')
    """,
    "an order that waits for its payment": "SELECT number FROM orders.\"order\" WHERE status = 'pending_payment'",
    "a cancelled order whose money is neither given back nor an exception": f"""
        SELECT o.number, m.accepted FROM orders."order" o JOIN ({_MOVED}) m ON m.order_id = o.id
        WHERE o.status = 'cancelled' AND m.accepted <> 0 AND NOT EXISTS (
            SELECT FROM payments.exception x WHERE x.order_id = o.id AND x.kind = 'refund_failed')
    """,
    "somebody who owes something": f"""
        SELECT o.number, o.status, o.payment_status, l.amount FROM orders."order" o
        JOIN ({_CLEARED}) l ON l.order_id = o.id AND l.account = 'receivable'
        WHERE l.amount <> 0 AND o.payment_status NOT IN ('authorized', 'partially_paid', 'partially_refunded')
            AND NOT EXISTS (SELECT FROM payments.exception x WHERE x.order_id = o.id AND x.kind = 'refund_failed')
    """,
    "suspended money without an open exception": f"""
        SELECT l.order_id, l.currency, l.amount FROM ({_CLEARED}) l LEFT JOIN (
            SELECT order_id, currency, sum(amount) AS amount FROM payments.exception
            WHERE resolved_at IS NULL OR resolution = 'noted' GROUP BY 1, 2
        ) x ON x.order_id IS NOT DISTINCT FROM l.order_id AND x.currency = l.currency
        WHERE l.account = 'suspense' AND -l.amount <> coalesce(x.amount, 0)
    """,
    "a hold that has expired": "SELECT holder_id, expires_at FROM inventory.hold WHERE expires_at <= :now",
    "a job that is not done": """
        SELECT task_name, status, args FROM procrastinate.procrastinate_jobs
        WHERE status NOT IN ('succeeded', 'cancelled') AND NOT args ? 'timestamp'
    """,
    "an event that nobody was told of": "SELECT id, name FROM platform.outbox WHERE position IS NULL",
    "a claim that still holds others up": """
        SELECT field, claimed_until FROM platform.idempotency WHERE outcome IS NULL AND claimed_until > :now
    """,
}


async def faults(context: Context, *, settled: bool = False) -> list[str]:
    """What is wrong with the books."""
    async with transaction(context) as inner:
        return await faults_within(inner, settled=settled)


async def faults_within(context: Context, *, settled: bool = False) -> list[str]:
    """As `faults`, in the caller's transaction."""
    asked = {**ALWAYS, **(SETTLED if settled else {})}
    found = []
    for name, query in asked.items():
        rows = (await context.db.execute(sa.text(query), {"now": context.now})).all()
        found += [f"{name}: {tuple(row)}" for row in rows]
    orders = sa.text('SELECT id, number, status, payment_status FROM orders."order" WHERE cart_id IS NOT NULL')
    for row in (await context.db.execute(orders)).all():
        found += await _misjudged(context, row)
    return found


async def _misjudged(context: Context, row: Any) -> list[str]:
    """Whether an order says of its payment what its payment says."""
    stands = await standing(context, order_id=row.id)
    found = []
    # An order says "pending" from its start on, until something is known.
    expected = {stands.status} | ({PaymentStatus.PENDING} if stands.status is PaymentStatus.NONE else set())
    if PaymentStatus(row.payment_status) not in expected:
        found.append(f"an order that says {row.payment_status} of a payment that is {stands.status}: {row.number}")
    if stands.is_covered and row.status == OrderStatus.PENDING_PAYMENT:
        found.append(f"an order that is covered and waits for its payment: {row.number}")
    return found


async def provider_money(context: Context) -> dict[str, int]:
    """What the provider has taken and not given back, by currency."""
    query = sa.text("""
        SELECT currency,
            sum(CASE kind WHEN 'captured' THEN amount WHEN 'refunded' THEN -amount ELSE 0 END)::bigint AS amount
        FROM simulator.fact GROUP BY currency HAVING bool_or(kind IN ('captured', 'refunded'))
    """)
    async with context.database.transaction() as connection:
        return {row.currency: int(row.amount) for row in await connection.execute(query)}


async def booked_money(context: Context) -> dict[str, int]:
    """What the ledger says that the provider has, by currency."""
    query = sa.text("""
        SELECT currency, sum(amount)::bigint AS amount FROM ledger.entry
        WHERE account = 'provider_clearing' AND provider = 'simulator' GROUP BY currency
    """)
    async with context.database.transaction() as connection:
        return {row.currency: int(row.amount) for row in await connection.execute(query)}
