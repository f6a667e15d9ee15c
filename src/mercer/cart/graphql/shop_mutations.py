"""What shoppers do with their carts."""

import strawberry

from mercer.cart import models, service
from mercer.cart.errors import (
    AddressMissing,
    CartConverted,
    CartExpired,
    CartNotFound,
    CartOfOtherChannel,
    LineNotFound,
    LineQuantityExceeded,
    LinesTooMany,
    ShippingMethodUnavailable,
    VariantUnavailable,
)
from mercer.cart.graphql.shop import Cart
from mercer.inventory.errors import InsufficientStock
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Limit, mutation, row
from mercer.platform.permissions import PUBLIC
from mercer.platform.rate_limits import check_rate
from mercer.totals.errors import TotalTooLarge

OPENING = (CartNotFound, CartOfOtherChannel, CartConverted, CartExpired)
PUTTING = (VariantUnavailable, InsufficientStock, LineQuantityExceeded, LinesTooMany, TotalTooLarge)


@strawberry.input(description="So many more of a variant.")
class CartLineInput:
    variant_id: strawberry.ID
    quantity: int


@strawberry.input(description="How many a line is to have from now on.")
class CartLineUpdateInput:
    line_id: strawberry.ID
    quantity: int = strawberry.field(description="0 removes the line.")


@strawberry.input(description="A new cart.")
class CartCreateInput:
    lines: list[CartLineInput] = strawberry.field(default_factory=list)


@strawberry.input(description="An address. Which fields a country needs, and knows, is said by addressFormat.")
class AddressInput:
    first_name: str
    last_name: str
    line1: str
    country: str = strawberry.field(description="ISO 3166-1, two letters.")
    company: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = strawberry.field(default=None, description="State or province, by its code or its name.")
    postal_code: str | None = None
    phone: str | None = strawberry.field(default=None, description="With its country's code, or as dialled there.")
    tax_id: str | None = strawberry.field(default=None, description="A business's own: a VAT number.")


@strawberry.type(description="A cart that was just begun.")
class CartCreated:
    token: str | None = strawberry.field(
        description="Goes into the header `X-Mercer-Cart`; it is said only now. Null for customers, whose session"
        " opens their cart."
    )
    cart: Cart


@mutation(*PUTTING, needs=PUBLIC, key=Key.IGNORED)
async def cart_create(context: Context, input: CartCreateInput | None = None) -> CartCreated:
    """Begin a cart. A customer has one in each channel: if he has one already, the lines go into it."""
    if context.valkey is not None:
        limit = Limit(per_minute=context.settings.carts_per_minute)
        await check_rate(context.valkey, limit, what="carts", actor=context.actor, origin=context.origin)
    lines = [] if input is None else input.lines
    try:
        created = await service.create_cart(context, channel_id=context.binds["channel"], lines=_requests(lines))
    except DomainError as error:
        raise error.at("input", *error.path) if error.path else error from None
    return CartCreated(token=created.token, cart=row(Cart, created.cart_id))


@mutation(*OPENING, *PUTTING, needs=PUBLIC)
async def cart_lines_add(context: Context, cart_id: strawberry.ID, lines: list[CartLineInput]) -> Cart:
    """Put more into a cart. The same variant is one line, whose quantities add up."""
    return row(Cart, await service.add_lines(context, cart_id=given_id(cart_id), lines=_requests(lines)))


@mutation(*OPENING, *PUTTING, LineNotFound, needs=PUBLIC)
async def cart_lines_update(context: Context, cart_id: strawberry.ID, lines: list[CartLineUpdateInput]) -> Cart:
    """Have other quantities of a cart's lines. 0 removes one."""
    changes = [models.LineChange(line_id=given_id(each.line_id), quantity=each.quantity) for each in lines]
    return row(Cart, await service.update_lines(context, cart_id=given_id(cart_id), changes=changes))


@mutation(*OPENING, needs=PUBLIC)
async def cart_customer_set(context: Context, cart_id: strawberry.ID, email: str) -> Cart:
    """Say whom mails about the order go to."""
    return row(Cart, await service.set_customer(context, cart_id=given_id(cart_id), email=email))


@mutation(*OPENING, InsufficientStock, needs=PUBLIC)
async def cart_addresses_set(
    context: Context, cart_id: strawberry.ID, shipping: AddressInput, billing: AddressInput | None = None
) -> Cart:
    """Say where a cart goes, and who pays: without `billing`, the same. From now on its stock is held for a while."""
    changed = await service.set_addresses(
        context,
        cart_id=given_id(cart_id),
        shipping=_given(shipping),
        billing=None if billing is None else _given(billing),
    )
    return row(Cart, changed)


@mutation(*OPENING, AddressMissing, ShippingMethodUnavailable, needs=PUBLIC)
async def cart_shipping_method_set(context: Context, cart_id: strawberry.ID, method_id: strawberry.ID) -> Cart:
    """Choose how a cart is delivered: one of its `shippingMethods`."""
    changed = await service.set_shipping_method(context, cart_id=given_id(cart_id), method_id=given_id(method_id))
    return row(Cart, changed)


def _requests(lines: list[CartLineInput]) -> list[models.LineRequest]:
    return [models.LineRequest(variant_id=given_id(each.variant_id), quantity=each.quantity) for each in lines]


def _given(address: AddressInput) -> models.GivenAddress:
    return models.GivenAddress(**vars(address))
