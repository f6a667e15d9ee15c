"""A small model of a shop beside the real one: what buyers, staff, a provider and time do, and what must be true."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.books import booked_money, faults, provider_money
from tests.properties.selling_tables import (
    HELD_FOR,
    HOLDS,
    LATE,
    LEVELS,
    ON_HAND,
    ORDERS,
    SKUS,
    TOLD,
    TRUTH,
    UNPAID_FOR,
)
from tests.recovery.dying import Life, lived
from tests.trading import (
    ADD,
    ADDRESS,
    CANCEL,
    CONTINUE,
    EMAIL,
    METHOD,
    NEW_YORK,
    SHIP,
    START,
    UPDATE,
    Shopper,
    Trade,
    simulator,
)

from mercer.platform.jobs.worker import Worker
from mercer.simulator.models import SIGNATURE
from mercer.simulator.service import sign

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
