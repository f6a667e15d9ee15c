"""Whatever buyers, staff, a provider and time do to a shop: nothing is sold twice, and no cent is lost.

Carts are filled, bought, paid in every way the simulator knows, shipped and cancelled; processes die, webhooks come
late, twice, in another order or never; hours pass. After each step the shop's books agree, and its stock is what a
small model says. At the end, when all leases have run out, each order is open and paid, or cancelled and not.
"""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from tests.books import booked_money, faults, provider_money
from tests.callers import calling
from tests.recovery.dying import Life, Wire, lived, mortality
from tests.trading import (
    ADD,
    ADDRESS,
    CANCEL,
    CONTINUE,
    EMAIL,
    METHOD,
    NEW_YORK,
    SELLING,
    SHIP,
    START,
    UPDATE,
    Shopper,
    Trade,
    a_trade,
    simulator,
)

from mercer.checkout.service import paying
from mercer.platform.jobs.worker import Worker
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey
from mercer.simulator.models import SIGNATURE
from mercer.simulator.service import sign

EXAMPLES = int(os.environ.get("EXAMPLES", "14"))
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


@dataclass
class Order:
    """What was bought, and where it stands."""

    id: str
    token: str = ""
    attempt: str = ""
    page: str = ""
    """Where the provider waits for the buyer."""
    lines: dict[str, int] = field(default_factory=dict)
    shipped: dict[str, int] = field(default_factory=dict)
    is_withdrawn: bool = False
    """Staff have cancelled it, or may have."""
    is_cancelled: bool = False


@dataclass
class Cart:
    """What somebody means to buy."""

    shopper: Shopper
    lines: dict[str, int] = field(default_factory=dict)
    has_email: bool = False
    is_addressed: bool = False
    is_delivered: bool = False
    """How is said, too."""
    held: dict[str, int] = field(default_factory=dict)
    held_until: datetime | None = None
    order: Order | None = None


@dataclass
class World:
    """What is done, and what should come of it."""

    trade: Trade
    mortal: Trade
    worker: Worker
    carts: dict[int, Cart] = field(default_factory=dict)
    sold: list[Cart] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.trade.clock.now

    async def do(self, step: Any) -> None:
        name, *arguments = step
        await getattr(self, name)(*arguments)

    # What buyers do.

    async def put(self, slot: int, sku: str, quantity: int) -> None:
        """Put more into a cart; a new one where there is none, or it was bought."""
        cart = self.carts.get(slot)
        if cart is None or cart.order is not None:
            if quantity > self.available(sku):
                with pytest.raises(AssertionError, match="InsufficientStock"):
                    await self.mortal.shopper({sku: quantity})
                return
            self.carts[slot] = Cart(await self.mortal.shopper({sku: quantity}), {sku: quantity})
            return
        wanted = cart.lines.get(sku, 0) + quantity
        lines = [{"variantId": self.trade.variants[sku], "quantity": quantity}]
        answer = await cart.shopper.ask(ADD, id=cart.shopper.cart_id, lines=lines)
        assert (answer["__typename"] == "Cart") == (wanted <= self.available(sku, cart)), answer
        if answer["__typename"] == "Cart":
            cart.lines[sku] = wanted
            self.hold(cart)

    async def remove(self, slot: int) -> None:
        """Take the first line out again."""
        cart = self.carts.get(slot)
        if cart is None or cart.order is not None or not cart.lines:
            return
        there = await cart.shopper.ask(
            "query ($id: ID!) { cart(id: $id) { lines { id sku } } }", id=cart.shopper.cart_id
        )
        line = there["lines"][0]
        answer = await cart.shopper.ask(UPDATE, id=cart.shopper.cart_id, lines=[{"lineId": line["id"], "quantity": 0}])
        assert answer["__typename"] == "Cart", answer
        del cart.lines[line["sku"]]
        self.hold(cart)

    async def address(self, slot: int) -> None:
        """Say where it goes and how: from now on the goods are held."""
        cart = self.carts.get(slot)
        if cart is None or cart.order is not None:
            return
        ask, cart_id = cart.shopper.ask, cart.shopper.cart_id
        assert (await ask(EMAIL, id=cart_id, email="ada@example.org"))["__typename"] == "Cart"
        cart.has_email = True
        answer = await ask(ADDRESS, id=cart_id, to=NEW_YORK)
        fits = all(quantity <= self.available(sku, cart) for sku, quantity in cart.lines.items())
        assert (answer["__typename"] == "Cart") == fits, answer
        if not fits:
            return
        cart.is_addressed = True
        self.hold(cart)
        if cart.lines:
            method = answer["shippingMethods"][0]["id"]
            cart.is_delivered = (await ask(METHOD, id=cart_id, method=method))["__typename"] == "Cart"
            assert cart.is_delivered

    async def order(self, slot: int, sku: str, quantity: int, token: str, lasts: int | None) -> None:
        """All of it, one after the other."""
        if (cart := self.carts.get(slot)) is None or cart.order is not None:
            await self.put(slot, sku, quantity)
        await self.address(slot)
        await self.complete(slot, token, lasts)

    async def complete(self, slot: int, token: str, lasts: int | None) -> None:
        """Buy it; or look again at what was bought."""
        if (cart := self.carts.get(slot)) is None:
            return
        total = await cart.shopper.total() if cart.lines and cart.is_addressed else "1.00"
        was_ordered, refused = cart.order is not None, self.refusal(cart)
        is_alive, answer = await self.dying(lasts, lambda: cart.shopper.complete(token, total=total))
        await self.look()
        if not is_alive or was_ordered:
            self.follow(cart, answer)
            return
        if refused is not None:
            assert (answer.get("code"), cart.order) == (refused, None)
            return
        self.follow(cart, answer)
        assert (answer["__typename"], answer.get("paymentStatus")) == EXPECTED[token.partition("+")[0]], answer

    async def pay(self, slot: int, token: str, lasts: int | None) -> None:
        """Another attempt."""
        if (order := self.ordered(slot)) is None or not order.token:
            return
        cart = self.carts[slot]
        given = {"token": order.token, "payment": simulator(token)}
        _, answer = await self.dying(lasts, lambda: cart.shopper.ask(START, **given))
        await self.look()
        self.follow(cart, answer)

    async def decide(self, slot: int, is_approved: bool) -> None:  # noqa: FBT001 — drawn
        """The buyer is at his bank."""
        if (order := self.ordered(slot)) is not None and order.page:
            await self.trade.decide(order.page, "approve" if is_approved else "refuse")

    async def go_on(self, slot: int) -> None:
        """He is back from it."""
        if (order := self.ordered(slot)) is not None and order.attempt:
            cart = self.carts[slot]
            self.follow(cart, await cart.shopper.ask(CONTINUE, token=order.token, attempt=order.attempt))

    # What staff do.

    async def ship(self, slot: int, quantity: int) -> None:
        """A part of the first line that is left."""
        if (order := self.ordered(slot)) is None:
            return
        lines = await self.trade.rows(
            "SELECT id::text, sku, quantity - shipped_quantity FROM orders.line WHERE order_id = :id ORDER BY position",
            id=UUID(order.id),
        )
        for line_id, sku, left in lines:
            if left:
                asked = {"orderId": order.id, "lines": [{"orderLineId": line_id, "quantity": min(quantity, left)}]}
                answer = await self.mortal.change(SHIP, {"input": asked})
                if answer["__typename"] == "Shipment":
                    order.shipped[sku] = order.shipped.get(sku, 0) + min(quantity, left)
                else:
                    assert answer["code"] in {"ORDER_STATUS_CONFLICT", "ORDER_NOT_PAID", "LINES_IN_SEVERAL_WAREHOUSES"}
                return

    async def cancel(self, slot: int, lasts: int | None) -> None:
        """The whole order."""
        if (order := self.ordered(slot)) is None:
            return
        given = {"id": order.id, "reason": "Nobody wants it"}
        is_alive, answer = await self.dying(lasts, lambda: self.mortal.change(CANCEL, given))
        order.is_withdrawn = order.is_withdrawn or not is_alive or answer["__typename"] == "Order"
        if is_alive and order.shipped:
            assert answer["code"] in {"ORDER_SHIPPED", "ORDER_STATUS_CONFLICT"}

    # What happens by itself.

    async def work(self) -> None:
        """Workers catch up."""
        await self.trade.work(self.worker, ticking=False)

    async def later(self, minutes: int) -> None:
        """Time passes, and workers with it."""
        self.trade.clock.later(minutes=minutes)
        await self.trade.work(self.worker)

    async def tell_again(self, which: int) -> None:
        """The provider sends something again that it told before."""
        told = await self.trade.rows(TOLD)
        if told:
            body = bytes(told[which % len(told)][0])
            headers = {SIGNATURE: sign(body, at=self.now)}
            answer = await self.trade.http.post("/payments/webhooks/simulator", content=body, headers=headers)
            assert answer.is_success

    # What should come of it.

    async def dying(self, lasts: int | None, work: Callable[[], Any]) -> tuple[bool, Any]:
        """Do it in a process that dies after so many steps."""
        return (True, await work()) if lasts is None else await lived(Life(lasts=lasts), work)

    def ordered(self, slot: int) -> Order | None:
        cart = self.carts.get(slot)
        return None if cart is None else cart.order

    def follow(self, cart: Cart, answer: Any) -> None:
        """Remember what the buyer was told of his order."""
        if cart.order is None or answer is None:
            return
        told = answer.get("order") or answer
        cart.order.token = told.get("token") or cart.order.token
        cart.order.attempt = answer.get("attemptId") or cart.order.attempt
        cart.order.page = answer.get("redirectUrl") or cart.order.page
        if answer["__typename"] == "Order" and answer["status"] == "OPEN":
            assert answer["paymentStatus"] in {"PAID", "AUTHORIZED"}

    def refusal(self, cart: Cart) -> str | None:
        """Why a cart cannot be bought."""
        fits = all(quantity <= self.available(sku, cart) for sku, quantity in cart.lines.items())
        reasons = {
            "CART_EMPTY": not cart.lines,
            "EMAIL_MISSING": not cart.has_email,
            "ADDRESS_MISSING": not cart.is_addressed,
            "SHIPPING_METHOD_MISSING": not cart.is_delivered,
            "INSUFFICIENT_STOCK": not fits,
        }
        return next((reason for reason, is_so in reasons.items() if is_so), None)

    def hold(self, cart: Cart) -> None:
        """All that is in a cart with an address is held; of what is short, what there is."""
        if cart.is_addressed:
            left = {sku: min(quantity, self.available(sku, cart)) for sku, quantity in cart.lines.items()}
            cart.held = {sku: quantity for sku, quantity in left.items() if quantity > 0}
            cart.held_until = self.now + HELD_FOR

    def available(self, sku: str, cart: Cart | None = None) -> int:
        """How many somebody can have: of what is there, what is neither sold nor held by others."""
        others = [each for each in self.carts.values() if each is not cart]
        held = sum(self.held_by(each).get(sku, 0) for each in others)
        return self.on_hand(sku) - self.allocated(sku) - held

    def held_by(self, cart: Cart) -> dict[str, int]:
        is_over = cart.order is not None or cart.held_until is None or cart.held_until <= self.now
        return {} if is_over else cart.held

    def on_hand(self, sku: str) -> int:
        orders = [each.order for each in self.sold if each.order]
        return sum(ON_HAND[sku].values()) - sum(order.shipped.get(sku, 0) for order in orders)

    def allocated(self, sku: str) -> int:
        orders = [each.order for each in self.sold if each.order and not each.order.is_cancelled]
        return sum(order.lines.get(sku, 0) - order.shipped.get(sku, 0) for order in orders)

    async def look(self) -> None:
        """See which carts became orders, and which orders came to their end."""
        by_cart = {cart_id: found for cart_id, *found in await self.trade.rows(ORDERS)}
        for cart in self.carts.values():
            if cart.order is None and cart.shopper.cart_id in by_cart:
                cart.order = Order(by_cart[cart.shopper.cart_id][0], lines=dict(cart.lines))
                self.sold.append(cart)
        assert len(by_cart) == len(self.sold)
        for cart in self.sold:
            assert cart.order is not None
            _, status, payment, _, created_at, reason = by_cart[cart.shopper.cart_id]
            cart.order.is_cancelled = status == "cancelled"
            if status == "cancelled":
                may = cart.order.is_withdrawn if reason != "expired" else created_at + UNPAID_FOR <= self.now
                assert may, f"an order that nobody cancelled: {cart.order}"
            if status in {"open", "completed"}:
                assert payment in {"paid", "authorized"}

    async def check(self) -> None:
        """The books agree, and the stock is the model's."""
        await self.look()
        assert await faults(self.trade.now_context) == []
        levels = {sku: (on_hand, allocated) for sku, on_hand, allocated in await self.trade.rows(LEVELS)}
        assert levels == {sku: (self.on_hand(sku), self.allocated(sku)) for sku in SKUS}
        held: dict[str, dict[str, int]] = {}
        for holder, sku, quantity in await self.trade.rows(HOLDS, now=self.now):
            held.setdefault(holder, {})[sku] = quantity
        assert held == {each.shopper.cart_id: own for each in self.carts.values() if (own := self.held_by(each))}

    async def settle(self) -> None:
        """All comes to its end: what was paid is open, what was not is cancelled."""
        for minutes in (3, 32, 65, 15, 400, 400):
            self.trade.clock.later(minutes=minutes)
            await self.trade.work(self.worker)
        await self.look()
        context = self.trade.now_context
        assert await faults(context, settled=True) == []
        assert await provider_money(context) == await booked_money(context)
        late = dict(await self.trade.rows(LATE))
        truth: dict[str, dict[str, int]] = {}
        for label, kind, amount in await self.trade.rows(TRUTH):
            truth.setdefault(label, {})[kind] = amount
        for number, status, total in await self.trade.rows('SELECT number, status, total_gross FROM orders."order"'):
            facts = truth.get(number, {})
            money = facts.get("captured", 0) - facts.get("refunded", 0)
            promised = facts.get("authorized", 0) - facts.get("captured", 0)
            if status == "cancelled":
                assert money == late.get(number, 0), f"the money of {number} was kept, and nobody is told"
                assert not promised or "voided" in facts, f"the promise for {number} was kept"
            else:
                assert status in {"open", "completed"}
                assert (money or promised) == total, f"{number} is open, and {facts}"


EXPECTED = {
    "ok": ("Order", "PAID"),
    "timeout_after_success": ("Order", "PAID"),
    "authorize_only": ("Order", "AUTHORIZED"),
    "3ds": ("PaymentActionRequired", None),
    "decline": ("PaymentDeclined", None),
    "delayed": ("Order", "PENDING"),
    "delayed_decline": ("Order", "PENDING"),
    "timeout_before": ("Order", "PENDING"),
}


@dataclass(repr=False)
class Shop:
    """A shop, its process that dies, and its worker."""

    trade: Trade
    mortal: Trade
    worker: Worker


@pytest.fixture
async def shop(fresh: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setattr(paying, "WAIT_S", 0.0)
    changes = {"verify_reads": False, "data_dir": tmp_path, "mutations_per_minute": 1_000_000, "log_level": "error"}
    settings = fresh.model_copy(update=changes)
    async with a_trade(settings, on_hand=ON_HAND) as trade, trade.worker(modules=SELLING) as worker:
        with mortality():
            async with calling(settings, now=lambda: trade.clock.now, transport=Wire(trade.http._transport)) as mortal:
                yield Shop(trade, replace(trade, http=mortal), worker)


async def reset(trade: Trade, worker: Worker) -> None:
    """As if nothing had been."""
    worker.number, worker._tick_at = None, 0.0
    async with trade.context.database.transaction() as connection:
        found = (await connection.execute(sa.text(EMPTIED), {"kept": KEPT})).all()
        guarded = [table for table, schema in found if schema != "procrastinate"]
        for table in guarded:  # what is append-only refuses to be emptied, as it should
            await connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        await connection.execute(sa.text(f"TRUNCATE {', '.join(table for table, _ in found)} CASCADE"))
        for table in guarded:
            await connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        await connection.execute(sa.text("UPDATE platform.dispatcher SET position = 0"))
        for sku, places in ON_HAND.items():
            for warehouse, on_hand in places.items():
                values = {"sku": sku, "warehouse": warehouse, "on_hand": on_hand}
                await connection.execute(sa.text(STOCK), values)
        await connection.execute(sa.text(MOVEMENTS))
    assert trade.settings.valkey_url is not None
    valkey = Valkey(trade.settings.valkey_url)
    await valkey.client.flushdb()
    await valkey.close()


@pytest.mark.timeout(3600 if "EXAMPLES" in os.environ else 300)
@given(steps=st.lists(step, min_size=8, max_size=20))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
async def test_nothing_is_sold_twice_and_no_cent_is_lost(shop: Shop, steps: list[Any]) -> None:
    trade, mortal, worker = shop.trade, shop.mortal, shop.worker
    await reset(trade, worker)
    world = World(trade, mortal, worker)
    for each in steps:
        note(str(each))
        await world.do(each)
        await world.check()
    await world.settle()
