"""Who may open a cart."""

from uuid import UUID

from mercer.cart.errors import CartNotFound, CartOfOtherChannel
from mercer.cart.models import Cart
from mercer.cart.queries import carts as queries
from mercer.cart.queries.carts import Key
from mercer.cart.rules.states import check_changeable
from mercer.cart.rules.tokens import token_hash
from mercer.cart.service.claiming import claim_cart
from mercer.platform.actors import ActorKind
from mercer.platform.context import Context


def key_of(context: Context) -> Key:
    """What whoever asks opens carts with."""
    actor = context.actor
    return Key(
        customer_id=actor.id if actor.kind is ActorKind.CUSTOMER else None,
        token_hash=token_hash(context.origin.cart_token),
        is_program=actor.kind is ActorKind.SYSTEM,
    )


async def open_cart(context: Context, *, cart_id: UUID) -> Cart:
    """A cart of whoever asks, which nobody else changes now; or the one that it went into.

    A guest's cart that a customer shows the token of becomes his first. Raises `CartNotFound`, for those of others
    too, and `CartOfOtherChannel`.
    """
    await claim_cart(context, key=key_of(context))
    cart = await queries.lock_cart(context.db, cart_id, key_of(context))
    if cart is None:
        raise CartNotFound
    if is_elsewhere(context, cart):
        raise CartOfOtherChannel(channel_id=cart.channel_id)
    return cart


async def change_cart(context: Context, *, cart_id: UUID) -> Cart:
    """A cart of whoever asks, to be changed. What was noted in it before goes.

    Raises as `open_cart`, `CartConverted` and `CartExpired`.
    """
    cart = await open_cart(context, cart_id=cart_id)
    check_changeable(cart.state)
    return cart


async def see_cart(context: Context, *, cart_id: UUID) -> Cart | None:
    """A cart of whoever asks, in the request's channel. It is not locked."""
    await claim_cart(context, key=key_of(context))
    cart = await queries.load_cart(context.db, cart_id, key_of(context))
    return None if cart is None or is_elsewhere(context, cart) else cart


def is_elsewhere(context: Context, cart: Cart) -> bool:
    """Whether a cart belongs to another channel than the request's. Commands and jobs are in none."""
    channel = context.binds.get("channel")
    return channel is not None and channel != cart.channel_id
