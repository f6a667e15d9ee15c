"""How far permissions go that somebody gives to a role or a key."""

from collections.abc import Collection, Sequence
from uuid import UUID

from mercer.identity.errors import BoundInvalid
from mercer.identity.models import AskedBound, Bound
from mercer.identity.rules.bounds import read_bound
from mercer.platform.context import Context
from mercer.platform.permissions import Dimension


async def check_bounds(
    context: Context, *, asked: Sequence[AskedBound], permissions: Collection[str]
) -> dict[str, Bound]:
    """The bounds as they are stored, by permission.

    Raises `BoundInvalid`, at what is wrong within `input.bounds`: a permission that is not among these, is named twice
    or cannot be limited so, and a channel, a warehouse, a currency or an amount that there is not.
    """
    bounds: dict[str, Bound] = {}
    for index, each in enumerate(asked):
        place = ("input", "bounds", str(index))
        if each.permission not in permissions or each.permission in bounds:
            raise BoundInvalid().at(*place, "permission")
        try:
            bounds[each.permission] = read_bound(each, dimensions=context.dimensions.get(each.permission, frozenset()))
            await _check_known(context, Dimension.CHANNEL, "channelIds", each.channel_ids or ())
            await _check_known(context, Dimension.WAREHOUSE, "warehouseIds", each.warehouse_ids or ())
        except BoundInvalid as invalid:
            raise invalid.at(*place, *invalid.path) from None
    return bounds


async def _check_known(context: Context, dimension: Dimension, field: str, ids: Sequence[UUID]) -> None:
    find = context.places.get(dimension)
    known = await find(context, ids=ids) if find is not None and ids else set()
    for index, id in enumerate(ids):
        if id not in known:
            raise BoundInvalid().at(field, str(index))
