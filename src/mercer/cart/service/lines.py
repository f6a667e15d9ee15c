"""What goes into a cart, and out of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from mercer.cart.errors import CartLineProblem, VariantUnavailable
from mercer.cart.models import Cart, CartLine, CartState, CreatedCart, LineChange, LineRequest
from mercer.cart.queries import carts as queries
from mercer.cart.queries.writing import insert_cart, write_cart
from mercer.cart.rules.lines import added, check_requests, grown, updated
from mercer.cart.rules.tokens import new_token, token_hash
from mercer.cart.service.access import change_cart, key_of
from mercer.cart.service.claiming import claim_cart
from mercer.cart.service.pricing import price_cart
from mercer.cart.service.stock import check_stock, hold_lines
from mercer.channels.service import find_channel
from mercer.identity.service import find_customer
from mercer.platform.context import Context
from mercer.totals.errors import TotalTooLarge
from mercer.values.ids import new_id


async def create_cart(context: Context, *, channel_id: UUID, lines: Sequence[LineRequest] = ()) -> CreatedCart:
    """Begin a cart in a channel. A customer has one there: if he has one already, the lines go into it.

    Raises `LineQuantityInvalid`, `LineQuantityExceeded`, `LinesTooMany`, `VariantUnavailable`, `InsufficientStock`,
    `TotalTooLarge`.
    """
    check_requests(lines)
    key = key_of(context)
    token = None
    if key.customer_id is None:
        token = new_token()
        cart = await _begin(context, channel_id, token=token)
    else:
        await claim_cart(context, key=key)
        await queries.lock_ownership(context.db, key.customer_id)
        own, _ = await queries.lock_own(context.db, replace(key, token_hash=None), channel_id=channel_id)
        cart = own or await _begin(context, channel_id, customer_id=key.customer_id)
    await _put(context, cart, added(cart.lines, lines, new_id=lambda: new_id(context.now)), given=_requested(lines))
    return CreatedCart(cart_id=cart.id, token=token)


async def add_lines(context: Context, *, cart_id: UUID, lines: Sequence[LineRequest]) -> UUID:
    """Put more into a cart. The same variant is one line. Returns the cart's id, which may be another (`merged`).

    Raises as `change_cart`, and as `create_cart`.
    """
    check_requests(lines)
    cart = await change_cart(context, cart_id=cart_id)
    await _put(context, cart, added(cart.lines, lines, new_id=lambda: new_id(context.now)), given=_requested(lines))
    return cart.id


async def update_lines(context: Context, *, cart_id: UUID, changes: Sequence[LineChange]) -> UUID:
    """Have other quantities of a cart's lines; 0 removes one. Returns the cart's id.

    Raises as `change_cart`, `NewQuantityInvalid`, `LineNotFound`, `LineGivenTwice`, `LineQuantityExceeded`,
    `VariantUnavailable` and `InsufficientStock` of what becomes more.
    """
    cart = await change_cart(context, cart_id=cart_id)
    by_id = {line.id: line.variant_id for line in cart.lines}
    lines = updated(cart.lines, changes)
    given = {by_id[change.line_id]: place for place, change in enumerate(changes)}
    await _put(context, cart, lines, given=given)
    return cart.id


async def _begin(
    context: Context, channel_id: UUID, *, token: str | None = None, customer_id: UUID | None = None
) -> Cart:
    """An empty cart."""
    channel = await find_channel(context, channel_id=channel_id)
    customer = None if customer_id is None else await find_customer(context, customer_id=customer_id)
    cart = Cart(
        id=new_id(context.now),
        state=CartState.ACTIVE,
        channel_id=channel_id,
        currency=channel.currency,
        language=context.binds.get("language", channel.languages[0]),
        customer_id=customer_id,
        token_hash=token_hash(token),
        email=None if customer is None else customer.email,
    )
    await insert_cart(context.db, cart, now=context.now)
    return cart


async def _put(context: Context, before: Cart, lines: Sequence[CartLine], *, given: Mapping[UUID, int]) -> None:
    """Write a cart with other lines, priced. `given` says where in the arguments a variant stands."""
    wanted = grown(before.lines, lines)
    after = replace(
        before,
        lines=tuple(lines),
        notices=(),
        language=context.binds.get("language", before.language),
        updated_at=context.now,
    )
    after = await price_cart(context, cart=after)
    _check_buyable(after, wanted, given)
    if after.shipping_address is None:
        await check_stock(context, cart=after, wanted=wanted)
    else:
        await hold_lines(context, cart=after, wanted=wanted)
    await write_cart(context.db, after, priced_at=context.now)


def _check_buyable(cart: Cart, wanted: Collection[UUID], given: Mapping[UUID, int]) -> None:
    for line in cart.lines:
        if line.problem is not None and line.variant_id in wanted:
            at = ("lines", str(given[line.variant_id]))
            if line.problem is CartLineProblem.TOO_EXPENSIVE:
                raise TotalTooLarge().at(*at, "quantity")
            raise VariantUnavailable(variant_id=line.variant_id).at(*at)


def _requested(lines: Sequence[LineRequest]) -> dict[UUID, int]:
    return {line.variant_id: place for place, line in enumerate(lines)}
