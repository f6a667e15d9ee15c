"""Stock for what is in a cart: looked at while it has no address, held once it has one."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID

from mercer.cart.models import Cart
from mercer.cart.rules.pricing import bought
from mercer.inventory.errors import InsufficientStock, Shortage
from mercer.inventory.service import find_available, hold_stock, release_holds
from mercer.platform.context import Context

HELD_FOR = timedelta(minutes=15)


async def check_stock(context: Context, *, cart: Cart, wanted: Mapping[UUID, int]) -> None:
    """See that there are so many of these variants. Raises `InsufficientStock`."""
    if not wanted:
        return
    available = await find_available(context, channel_id=cart.channel_id, variant_ids=list(wanted), holder_id=cart.id)
    short = [
        Shortage(variant_id=id_, requested=quantity, available=max(available.get(id_, 0), 0))
        for id_, quantity in wanted.items()
        if quantity > available.get(id_, 0)
    ]
    if short:
        raise _insufficient(short)


async def hold_lines(context: Context, *, cart: Cart, wanted: Collection[UUID]) -> None:
    """Hold all that is in a cart, for a quarter of an hour from now.

    Of what is not among `wanted`, because it was there before, as many are held as there are: whoever takes something
    out of his cart may do so, although another line is short by now. Raises `InsufficientStock`.
    """
    quantities = {line.variant_id: line.quantity for line in bought(cart.lines)}
    if not quantities:
        await release_holds(context, holder_id=cart.id)
        return
    try:
        await _hold(context, cart, quantities)
    except InsufficientStock as error:
        if short := [each for each in error.shortages if each.variant_id in wanted]:
            raise _insufficient(short) from None
        there = {each.variant_id: max(each.available, 0) for each in error.shortages}
        left = {id_: min(quantity, there.get(id_, quantity)) for id_, quantity in quantities.items()}
        await _hold(context, cart, {id_: quantity for id_, quantity in left.items() if quantity})


async def _hold(context: Context, cart: Cart, quantities: Mapping[UUID, int]) -> None:
    assert cart.shipping_address is not None
    await hold_stock(
        context,
        holder_id=cart.id,
        channel_id=cart.channel_id,
        country=cart.shipping_address.country,
        quantities=quantities,
        until=context.now + HELD_FOR,
    )


def _insufficient(short: list[Shortage]) -> InsufficientStock:
    return InsufficientStock(available=short[0].available, shortages=tuple(short))
