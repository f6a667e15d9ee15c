"""What becomes of a cart when the shop changes around it: it is priced again, told what differs, or not bought."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.cart.market import BERLIN, METHODS, NEW_YORK, Market, Shopper, a_market

from mercer.cart import service
from mercer.cart.errors import (
    AddressMissing,
    CartEmpty,
    CartLineProblem,
    EmailMissing,
    LinesUnavailable,
    ShippingMethodMissing,
    ShippingMethodUnavailable,
    UnavailableLine,
)
from mercer.cart.models import CartChange, CartChangeKind, ReadyCart
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.totals.service import adds_up
from mercer.values.basket import TaxMode

DEARER = "UPDATE pricing.listed SET amount = 2000 WHERE variant_id = :id AND currency = 'USD'"
TAXED_MORE = "UPDATE tax.rate SET rate = 0.10 WHERE name = 'Sales tax'"
UNPUBLISHED = "UPDATE catalog.publication SET status = 'draft'"
ARCHIVED = "UPDATE catalog.variant SET archived_at = now()"
UNPRICED = "DELETE FROM pricing.listed"
NO_STANDARD = "UPDATE shipping.method SET archived_at = now() WHERE code = 'standard'"
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def _prepare(market: Market, shopper: Shopper) -> ReadyCart:
    async with transaction(market.selling.context) as context:
        return await service.prepare_cart(context, cart_id=UUID(shopper.cart_id))


async def _convert(market: Market, shopper: Shopper, order_id: UUID) -> None:
    async with transaction(market.selling.context) as context:
        ready = await service.prepare_cart(context, cart_id=UUID(shopper.cart_id))
        await service.convert_cart(context, cart_id=ready.id, order_id=order_id)


async def test_a_cart_that_is_ready_is_an_order_in_all_but_its_number(market: Market) -> None:
    guest = await market.ready(("MUG-1-R", 2), ("GLASS-1", 1))
    ready = await _prepare(market, guest)
    assert (ready.order_id, ready.changes, ready.email) == (None, (), "ada@example.com")
    assert (ready.currency, ready.tax_mode, ready.language) == ("USD", TaxMode.NET, "en")
    assert adds_up(ready.priced)
    order = ready.agreed(UUID(int=7))
    assert [(line.sku, line.product_name, line.variant_name, line.quantity) for line in order.lines] == [
        ("MUG-1-R", "Steel Mug", "Red", 2),
        ("GLASS-1", "Äpfel Glass", None, 1),
    ]
    assert [line.priced.id for line in order.lines] == [line.id for line in order.lines]
    assert order.shipping is not None
    assert (order.shipping.code, order.shipping.priced.total.net) == ("standard", 500)
    assert (order.billing_address, order.shipping_address.region) == (order.shipping_address, "NY")
    assert order.cart_token_hash is not None
    assert {line.weight_grams for line in order.lines} == {300, None}
    assert (await guest.read())["total"]["gross"] == f"{order.totals.total.gross / 100:.2f}"  # type: ignore[operator]


async def test_a_price_that_changed_is_shown_and_told(market: Market) -> None:
    guest = await market.ready(("MUG-1-R", 2))
    await market.change(DEARER, id=UUID(market.variants["MUG-1-R"]))
    ready = await _prepare(market, guest)
    [line] = ready.lines
    assert ready.changes == (
        CartChange(
            kind=CartChangeKind.UNIT_PRICE,
            line_id=line.id,
            sku="MUG-1-R",
            before=Decimal("13.61"),
            after=Decimal("21.78"),
        ),
        CartChange(kind=CartChangeKind.TOTAL, before=Decimal("32.66"), after=Decimal("48.99")),
    )
    assert (await _prepare(market, guest)).changes == ()
    assert (await guest.read())["total"]["gross"] == "48.99"


async def test_a_read_prices_again_and_only_what_is_outdated_is_written(market: Market) -> None:
    guest = await market.ready(("MUG-1-R", 2))
    revision = "SELECT revision FROM cart.cart"
    before = await market.selling.rows(revision)
    assert (await guest.read())["total"]["gross"] == "32.66"
    assert await market.selling.rows(revision) == before
    await market.change(TAXED_MORE)
    updated = "SELECT updated_at FROM cart.cart"
    was = await market.selling.rows(updated)
    cart = await guest.mine()
    assert (cart["taxTotal"]["amount"], cart["total"]["gross"]) == ("3.00", "33.00")
    assert await market.selling.rows(revision) == [(before[0][0] + 1,)]
    assert await market.selling.rows(updated) == was
    assert (await guest.read())["total"]["gross"] == "33.00"
    assert await market.selling.rows(revision) == [(before[0][0] + 1,)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (UNPUBLISHED, CartLineProblem.UNAVAILABLE),
        (ARCHIVED, CartLineProblem.UNAVAILABLE),
        (UNPRICED, CartLineProblem.UNPRICED),
    ],
)
async def test_what_is_not_sold_any_more_stays_counts_for_nothing_and_is_not_bought(
    market: Market, change: str, problem: CartLineProblem
) -> None:
    guest = await market.ready(("MUG-1-R", 2), ("GLASS-1", 1))
    id = UUID(market.variants["MUG-1-R"])
    narrowed = {
        UNPUBLISHED: " WHERE product_id = (SELECT product_id FROM catalog.variant WHERE id = :id)",
        ARCHIVED: " WHERE id = :id",
        UNPRICED: " WHERE variant_id = :id",
    }[change]
    await market.change(change + narrowed, id=id)
    cart = await guest.read()
    [mug, glass] = cart["lines"]
    assert (mug["problem"], mug["sku"], mug["unitPrice"]) == (
        problem.name,
        "MUG-1-R",
        {"net": None, "gross": None},
    )
    assert (glass["problem"], cart["subtotal"]["net"]) == (None, "8.00")
    with pytest.raises(LinesUnavailable) as refused:
        await _prepare(market, guest)
    [line] = refused.value.lines
    assert line == UnavailableLine(line_id=UUID(mug["id"]), variant_id=id, sku="MUG-1-R", problem=problem)
    cart = await guest.update((mug["id"], 1))
    assert cart["lines"][0]["quantity"] == 1
    await guest.update((mug["id"], 0))
    assert (await _prepare(market, guest)).priced.subtotal.net == 800


async def test_more_of_what_is_not_sold_any_more_cannot_be_had(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    await market.change(ARCHIVED)
    [line] = (await guest.read())["lines"]
    before = await market.stored()
    for answer in (await guest.update((line["id"], 2)), await guest.add(market.variants["MUG-1-R"])):
        assert (answer["code"], answer["variantId"]) == ("VARIANT_UNAVAILABLE", market.variants["MUG-1-R"])
    assert await market.stored() == before


async def test_a_variant_that_is_deleted_stays_by_its_name(market: Market) -> None:
    guest = await market.guest_with(("GLASS-1", 1))
    await market.change("DELETE FROM catalog.product WHERE name = 'Äpfel Glass'")
    [line] = (await guest.read())["lines"]
    assert (line["productName"], line["problem"], line["variant"]) == ("Äpfel Glass", "UNAVAILABLE", None)


async def test_a_method_that_is_gone_is_dropped_and_told(market: Market) -> None:
    guest = await market.ready(("MUG-1-R", 2))
    await market.change(NO_STANDARD)
    with pytest.raises(ShippingMethodUnavailable):
        await _prepare(market, guest)
    cart = await guest.read()
    notices = [{"kind": "SHIPPING_METHOD_DROPPED", "name": "Standard", "sku": None, "quantity": None}]
    assert (cart["shippingMethod"], cart["notices"]) == (None, notices)
    assert [each["code"] for each in cart["shippingMethods"]] == ["express"]
    assert (await guest.read())["notices"] == notices
    with pytest.raises(ShippingMethodMissing):
        await _prepare(market, guest)
    [express] = cart["shippingMethods"]
    cart = await guest.method(express["id"])
    assert (cart["notices"], cart["shippingTotal"]["net"]) == ([], "15.00")


async def test_a_method_that_the_value_outgrows_is_dropped(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    offered = {each["code"]: each["id"] for each in (await guest.address())["shippingMethods"]}
    assert set(offered) == {method.code for method in METHODS} - {"dhl"}
    cart = await guest.method(offered["small"])
    assert cart["shippingTotal"]["net"] == "3.00"
    cart = await guest.add(market.variants["MUG-1-R"])
    assert (cart["shippingMethod"], cart["notices"][0]["kind"]) == (None, "SHIPPING_METHOD_DROPPED")


async def test_another_address_taxes_and_delivers_in_another_way(market: Market) -> None:
    guest = await market.ready(("MUG-1-R", 2))
    jersey = {**NEW_YORK, "city": "Newark", "region": "NJ", "postalCode": "07101"}
    cart = await guest.address(jersey)
    assert (cart["taxTotal"]["amount"], cart["total"]["gross"]) == ("0.00", "30.00")
    cart = await guest.address(BERLIN)
    assert (cart["shippingMethods"], cart["shippingMethod"]) == ([], None)


async def test_what_is_missing_is_told_one_after_the_other(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    [line] = (await guest.read())["lines"]
    await guest.update((line["id"], 0))
    missing: list[tuple[type[Exception], Any]] = [
        (CartEmpty, lambda: guest.add(market.variants["MUG-1-R"])),
        (EmailMissing, lambda: guest.email("ada@example.com")),
        (AddressMissing, guest.address),
    ]
    for error, repair in missing:
        with pytest.raises(error):
            await _prepare(market, guest)
        assert "code" not in await repair()
    with pytest.raises(ShippingMethodMissing):
        await _prepare(market, guest)


async def test_stock_is_held_from_the_address_on_and_follows_the_lines(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 2))
    assert await market.holds() == {}
    [line] = (await guest.address())["lines"]
    assert await market.holds() == {"MUG-1-R": 2}
    until = await market.selling.rows("SELECT DISTINCT (expires_at AT TIME ZONE 'UTC')::text FROM inventory.hold")
    assert until == [("2026-11-22 12:15:00",)]
    await guest.update((line["id"], 5))
    await guest.add(market.variants["GLASS-1"])
    assert await market.holds() == {"MUG-1-R": 5, "GLASS-1": 1}
    before = await market.stored()
    assert (await guest.update((line["id"], 8)))["code"] == "INSUFFICIENT_STOCK"
    assert (await market.stored(), await market.holds()) == (before, {"MUG-1-R": 5, "GLASS-1": 1})
    other = await market.create(market.guest(), ("GLASS-1", 1))
    assert (other["code"], other["available"]) == ("INSUFFICIENT_STOCK", 0)
    [mug, glass] = (await guest.read())["lines"]
    await guest.update((mug["id"], 0), (glass["id"], 0))
    assert await market.holds() == {}


async def test_what_ran_out_does_not_keep_one_from_taking_things_out(market: Market) -> None:
    guest = await market.guest_with(("MUG-1-R", 4), ("GLASS-1", 1))
    [mug, glass] = (await guest.address())["lines"]
    await market.change("DELETE FROM inventory.hold")
    await market.change("UPDATE inventory.stock SET held = 0, on_hand = least(on_hand, 1)")
    cart = await guest.update((glass["id"], 0))
    assert [line["quantity"] for line in cart["lines"]] == [4]
    assert await market.holds() == {"MUG-1-R": 2}
    answer = await guest.update((mug["id"], 5))
    assert (answer["code"], answer["available"]) == ("INSUFFICIENT_STOCK", 2)
    assert (await guest.address())["code"] == "INSUFFICIENT_STOCK"


async def test_a_cart_that_was_bought_is_read_and_not_changed(market: Market) -> None:
    guest = await market.ready(("MUG-1-R", 2))
    shown = await guest.read()
    await _convert(market, guest, UUID(int=9))
    await market.change(DEARER, id=UUID(market.variants["MUG-1-R"]))
    before = await market.stored()
    assert await guest.read() == {**shown, "state": "CONVERTED"}
    assert {answer["code"] for answer in await guest.everything()} == {"CART_CONVERTED"}
    assert await guest.mine() is None
    assert await market.stored() == before
    ready = await _prepare(market, guest)
    assert (ready.order_id, ready.priced.total.gross, ready.changes) == (UUID(int=9), 3266, ())
    with pytest.raises(AssertionError):
        await _convert(market, guest, UUID(int=10))
    assert await market.customer(guest.cart_id, guest.token).mine() is None
    assert (await market.customer(guest.cart_id, guest.token).read())["state"] == "CONVERTED"


async def test_a_scheduled_price_holds_when_its_time_comes(market: Market, market_settings: Settings) -> None:
    guest = await market.guest_with(("MUG-1-R", 1))
    await market.change(
        """INSERT INTO pricing.listed (variant_id, channel_id, valid_from, valid_until, product_id, currency, amount)
        SELECT variant_id, channel_id, '2026-11-23', '2026-11-24', product_id, currency, 999 FROM pricing.listed
        WHERE variant_id = :id AND currency = 'USD'""",
        id=UUID(market.variants["MUG-1-R"]),
    )
    await market.change("UPDATE pricing.listed SET valid_until = '2026-11-23' WHERE valid_until IS NULL")
    assert (await guest.read())["subtotal"]["net"] == "12.50"
    async with a_market(market_settings, now=LATER) as later:
        assert (await later.guest(guest.cart_id, guest.token).read())["subtotal"]["net"] == "9.99"
