"""What a shop's tables are asked for while anything is done to it, and what it begins with."""

from datetime import timedelta

from hypothesis import strategies as st

ON_HAND = {"MUG-1-R": {"us-east": 3, "both": 2}, "TRAVEL-1": {"us-east": 4}}
SKUS = tuple(ON_HAND)
HELD_FOR, UNPAID_FOR = timedelta(minutes=15), timedelta(hours=1)

KEPT = ["inventory.warehouse", "inventory.warehouse_channel", "payments.offer", "orders.token_key"]
EMPTIED = """
    SELECT format('%I.%I', schemaname, tablename), schemaname FROM pg_tables
    WHERE schemaname IN
            ('cart', 'orders', 'payments', 'simulator', 'ledger', 'inventory', 'fulfilment', 'procrastinate')
        AND schemaname || '.' || tablename <> ALL(:kept)
        OR schemaname = 'platform' AND tablename IN ('outbox', 'idempotency', 'job_note')
"""
STOCK = """
    INSERT INTO inventory.stock (variant_id, warehouse_id, product_id, on_hand)
    SELECT v.id, w.id, v.product_id, :on_hand FROM catalog.variant v, inventory.warehouse w
    WHERE v.sku = :sku AND w.code = :warehouse
"""
MOVEMENTS = """
    INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand, at, actor_kind)
    SELECT variant_id, warehouse_id, 'adjusted', on_hand, now(), 'system' FROM inventory.stock
"""
LEVELS = """
    SELECT v.sku, sum(s.on_hand)::int, sum(s.allocated)::int FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id GROUP BY v.sku
"""
HOLDS = """
    SELECT h.holder_id::text, v.sku, sum(h.quantity)::int FROM inventory.hold h
    JOIN catalog.variant v ON v.id = h.variant_id WHERE h.expires_at > :now GROUP BY 1, 2
"""
ORDERS = """
    SELECT o.cart_id::text, o.id::text, o.status, o.payment_status, o.total_gross, o.created_at, o.cancel_reason
    FROM orders."order" o
"""
TRUTH = """
    SELECT p.label, f.kind, sum(f.amount)::int FROM simulator.fact f JOIN simulator.payment p ON p.id = f.payment_id
    GROUP BY 1, 2
"""
LATE = """
    SELECT i.label, sum(x.amount)::int FROM payments.exception x JOIN payments.intent i ON i.order_id = x.order_id
    WHERE x.resolved_at IS NULL GROUP BY 1
"""
"""Money that came after the order was cancelled: it waits for staff."""
TOLD = "SELECT body FROM payments.inbox WHERE body IS NOT NULL ORDER BY received_at, id"

slot = st.integers(0, 2)
sku = st.sampled_from(SKUS)
outcome = st.sampled_from(
    ["ok", "ok", "3ds", "3ds", "decline", "delayed", "delayed_decline", "authorize_only", "timeout_after_success",
     "timeout_before"]
)  # fmt: skip
telling = st.sampled_from(["", "", "+webhook_dropped", "+webhook_twice", "+webhook_reordered", "+webhook_late"])
token = st.builds("{}{}".format, outcome, telling)
lasts = st.none() | st.none() | st.integers(8, 32)
"""After how many steps the process dies that does it."""
step = st.one_of(
    st.tuples(st.just("put"), slot, sku, st.integers(1, 3)),
    st.tuples(st.just("address"), slot),
    *[st.tuples(st.just("order"), slot, sku, st.integers(1, 3), token, lasts)] * 3,
    st.tuples(st.just("complete"), slot, token, lasts),
    st.tuples(st.just("remove"), slot),
    st.tuples(st.just("pay"), slot, token, lasts),
    st.tuples(st.just("decide"), slot, st.booleans()),
    st.tuples(st.just("go_on"), slot),
    st.tuples(st.just("ship"), slot, st.integers(1, 2)),
    st.tuples(st.just("cancel"), slot, lasts),
    st.tuples(st.just("work")),
    st.tuples(st.just("tell_again"), st.integers(0, 9)),
    st.tuples(st.just("later"), st.sampled_from([1, 4, 16, 70])),
)
