"""A shop whose goods can be carted: the small shop, with taxes and shipping; and those who shop in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from tests.callers import Caller, shop_caller
from tests.factories.shop import NOW, a_shop
from tests.selling import Selling, a_served_shop

from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.shipping import service as shipping
from mercer.shipping.models import RateBasis, ShippingMethod, ShippingZone
from mercer.tax import service as tax
from mercer.tax.models import TaxZone, ZoneRate
from mercer.values.places import Area

MONEY = "net tax gross isEstimated"
CART = f"""
    id state email lines {{ id quantity sku productName variantName problem variant {{ sku }}
        unitPrice {{ net gross }} total {{ net tax gross }} }}
    shippingMethods {{ id code name price {{ amount currency }} }} shippingMethod {{ code }}
    shippingAddress {{ lastName region city postalCode country phone taxId }} billingAddress {{ lastName country }}
    subtotal {{ {MONEY} }} shippingTotal {{ net gross }} discountTotal {{ gross }} taxTotal {{ amount }}
    total {{ {MONEY} }} notices {{ kind name sku quantity }}
"""
FAILED = "... on Error { code message path } ... on InvalidInput { fields { path message } }"
ERROR = f"{FAILED} ... on CartOfOtherChannel {{ channelId }}"
PUT_ERROR = """
    ... on InsufficientStock { available shortages { variantId requested available } }
    ... on VariantUnavailable { variantId } ... on LineQuantityExceeded { most } ... on LinesTooMany { most }
"""
CREATE = f"""mutation ($lines: [CartLineInput!]!) {{ cartCreate(input: {{lines: $lines}}) {{
    ... on CartCreated {{ token cart {{ {CART} }} }} {FAILED} {PUT_ERROR} }} }}"""
ADD = f"""mutation ($id: ID!, $lines: [CartLineInput!]!) {{ cartLinesAdd(cartId: $id, lines: $lines) {{
    ... on Cart {{ {CART} }} {ERROR} {PUT_ERROR} }} }}"""
UPDATE = f"""mutation ($id: ID!, $lines: [CartLineUpdateInput!]!) {{ cartLinesUpdate(cartId: $id, lines: $lines) {{
    ... on Cart {{ {CART} }} {ERROR} {PUT_ERROR} ... on LineNotFound {{ lineId }} }} }}"""
EMAIL = f"""mutation ($id: ID!, $email: String!) {{ cartCustomerSet(cartId: $id, email: $email) {{
    ... on Cart {{ {CART} }} {ERROR} }} }}"""
ADDRESSES = f"""mutation ($id: ID!, $shipping: AddressInput!, $billing: AddressInput) {{
    cartAddressesSet(cartId: $id, shipping: $shipping, billing: $billing) {{
    ... on Cart {{ {CART} }} {ERROR} ... on InsufficientStock {{ available }} }} }}"""
METHOD = f"""mutation ($id: ID!, $method: ID!) {{ cartShippingMethodSet(cartId: $id, methodId: $method) {{
    ... on Cart {{ {CART} }} {ERROR} ... on ShippingMethodUnavailable {{ methodId }} }} }}"""
READ = f"query ($id: ID!) {{ cart(id: $id) {{ {CART} }} }}"
MINE = f"{{ myCart {{ {CART} }} }}"

NEW_YORK = {
    "firstName": "Ada",
    "lastName": "Byron",
    "line1": "1 Main St",
    "city": "New York",
    "region": "NY",
    "postalCode": "10001",
    "country": "US",
}
BERLIN = {
    "firstName": "Ada",
    "lastName": "Byron",
    "line1": "Hauptstr. 1",
    "city": "Berlin",
    "postalCode": "10115",
    "country": "DE",
}


@dataclass(frozen=True)
class Shopper:
    """Somebody with a cart."""

    caller: Caller
    cart_id: str = ""
    token: str | None = None

    async def _ask(self, document: str, **variables: Any) -> Any:
        [value] = (await self.caller(document, {"id": self.cart_id, **variables})).values()
        return value

    async def add(self, variant_id: str, quantity: int = 1) -> Any:
        return await self.add_many((variant_id, quantity))

    async def add_many(self, *lines: tuple[str, int]) -> Any:
        return await self._ask(ADD, lines=[{"variantId": id, "quantity": count} for id, count in lines])

    async def update(self, *lines: tuple[str, int]) -> Any:
        return await self._ask(UPDATE, lines=[{"lineId": id, "quantity": count} for id, count in lines])

    async def email(self, email: str) -> Any:
        return await self._ask(EMAIL, email=email)

    async def address(self, shipping: Any = None, billing: Any = None) -> Any:
        return await self._ask(ADDRESSES, shipping=shipping or NEW_YORK, billing=billing)

    async def method(self, method_id: str) -> Any:
        return await self._ask(METHOD, method=method_id)

    async def read(self) -> Any:
        return await self._ask(READ)

    async def mine(self) -> Any:
        return (await self.caller(MINE))["myCart"]

    async def everything(self) -> list[Any]:
        """What comes of each thing that can be done with the cart."""
        return [
            await self.add(str(UUID(int=1))),
            await self.update((str(UUID(int=1)), 1)),
            await self.email("eve@example.com"),
            await self.address(),
            await self.method(str(UUID(int=1))),
        ]


@dataclass(frozen=True)
class Market:
    """The shop, and who comes in."""

    selling: Selling

    @property
    def variants(self) -> dict[str, str]:
        return self.selling.variants

    def guest(self, cart_id: str = "", token: str | None = None, *, channel: str = "us") -> Shopper:
        headers = {"X-Mercer-Channel": channel} | ({"X-Mercer-Cart": token} if token else {})
        return Shopper(shop_caller(self.selling.http, **headers), cart_id, token)

    def customer(
        self, cart_id: str = "", token: str | None = None, *, name: str = "customer", channel: str = "us"
    ) -> Shopper:
        headers = {"X-Mercer-Channel": channel} | ({"X-Mercer-Cart": token} if token else {})
        return Shopper(shop_caller(self.selling.http, customer=name, **headers), cart_id, token)

    async def create(self, shopper: Shopper, *lines: tuple[str, int]) -> Any:
        """What comes of beginning a cart with so many of each SKU."""
        given = [{"variantId": self.variants.get(sku, sku), "quantity": count} for sku, count in lines]
        return (await shopper.caller(CREATE, {"lines": given}))["cartCreate"]

    async def guest_with(self, *lines: tuple[str, int], channel: str = "us") -> Shopper:
        """A guest with a cart."""
        created = await self.create(self.guest(channel=channel), *lines)
        return self.guest(created["cart"]["id"], created["token"], channel=channel)

    async def customer_with(self, *lines: tuple[str, int], name: str = "customer") -> Shopper:
        """A customer with a cart."""
        created = await self.create(self.customer(name=name), *lines)
        return replace(self.customer(name=name), cart_id=created["cart"]["id"])

    async def ready(self, *lines: tuple[str, int]) -> Shopper:
        """A guest in New York whose cart can be bought."""
        guest = await self.guest_with(*lines)
        await guest.email("ada@example.com")
        cart = await guest.address()
        [method] = [each["id"] for each in cart["shippingMethods"] if each["code"] == "standard"]
        assert (await guest.method(method))["shippingMethod"] == {"code": "standard"}
        return guest

    async def change(self, statement: str, **values: Any) -> None:
        """Change the shop behind its back."""
        async with self.selling.context.database.transaction() as connection:
            await connection.execute(sa.text(statement), values)

    async def stored(self) -> list[tuple[Any, ...]]:
        """All of every cart that a denial must not change."""
        return await self.selling.rows("""
            SELECT c.id, c.state, c.email, c.shipping_address, c.revision, c.customer_id, array(
                SELECT (l.id, l.variant_id, l.quantity)::text FROM cart.line l WHERE l.cart_id = c.id ORDER BY l.id
            ) FROM cart.cart c ORDER BY c.id
        """)

    async def holds(self) -> dict[str, int]:
        """How many of each SKU are held, for whomever."""
        held: list[Any] = await self.selling.rows("""
            SELECT v.sku, sum(h.quantity)::int FROM inventory.hold h JOIN catalog.variant v ON v.id = h.variant_id
            GROUP BY v.sku
        """)
        return dict(held)


@asynccontextmanager
async def a_market(settings: Settings, *, now: datetime = NOW) -> AsyncIterator[Market]:
    """A market that stands in the database already."""
    async with a_served_shop(settings, now=now) as selling:
        yield Market(selling)


async def fill_market(context: Context) -> None:
    """Store the small shop, what is taxed in it, and how it delivers."""
    await a_shop(context)
    zones = [
        TaxZone(code="us-ny", name="New York", areas=[Area(country="US", region="NY")]),
        TaxZone(code="de", name="Germany", areas=[Area(country="DE")]),
        TaxZone(code="fr", name="France", areas=[Area(country="FR")]),
    ]
    await tax.store_zones(context, zones=zones)
    rates = [
        ZoneRate(name="Sales tax", rate=Decimal("0.08875"), zone="us-ny", tax_class="standard"),
        ZoneRate(name="VAT", rate=Decimal("0.19"), zone="de", tax_class="standard"),
        ZoneRate(name="VAT", rate=Decimal("0.20"), zone="fr", tax_class="standard"),
    ]
    await tax.store_rates(context, rates=rates)
    places = [
        ShippingZone(code="us", name="US", areas=[Area(country="US")], channels=["us"]),
        ShippingZone(code="eu", name="EU", areas=[Area(country="DE"), Area(country="FR")], channels=["eu"]),
    ]
    await shipping.store_zones(context, zones=places)
    await shipping.store_methods(context, methods=METHODS)


def _method(code: str, name: str, *, place: str, amount: int, **terms: Any) -> ShippingMethod:
    return ShippingMethod(code=code, name=name, zone=place, channel=place, basis=RateBasis.FLAT, amount=amount, **terms)


METHODS = [
    _method("standard", "Standard", place="us", amount=500),
    _method("small", "Small parcel", place="us", amount=300, most_value=2_000),
    _method("express", "Express", place="us", amount=1_500, position=1),
    _method("dhl", "Paket", place="eu", amount=490, name_translations={"en": "Parcel"}),
]
"""`small` is for what is worth 20.00 at most."""
