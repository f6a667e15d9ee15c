"""What a caller's permissions mean for reads: which rows he sees, and which values are shown to him.

It is all bound, so that a statement is the same for everybody.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from mercer.platform.actors import Actor
from mercer.platform.graphql.views.sources import request
from mercer.platform.permissions import Dimension

PERMISSIONS = request("permissions", ARRAY(sa.Text))
ACTOR = request("actor", sa.Uuid)


def may(permission: str) -> sa.ColumnElement[bool]:
    """Whether the caller has this permission."""
    return sa.literal(permission) == sa.any_(PERMISSIONS)


def within_channels(permission: str, channel_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether the caller's permission goes as far as this channel."""
    return _within(permission, Dimension.CHANNEL, channel_id)


def within_warehouses(permission: str, warehouse_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether the caller's permission goes as far as this warehouse."""
    return _within(permission, Dimension.WAREHOUSE, warehouse_id)


def within_own(permission: str, made_by: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether the caller's permission goes further than what he made himself, or he made this."""
    return _within(permission, Dimension.OWN, made_by)


def authority_binds(actor: Actor, dimensions: Mapping[str, frozenset[Dimension]]) -> Mapping[str, Any]:
    """What the above is bound to. A permission that is not limited is bound to null."""
    bound: dict[str, Any] = {"permissions": sorted(actor.permissions), "actor": actor.id}
    for permission, limited_in in dimensions.items():
        for dimension in limited_in:
            bound[_name(permission, dimension)] = _covered(actor, permission, dimension)
    return bound


def _within(permission: str, dimension: Dimension, id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    covered = request(_name(permission, dimension), ARRAY(sa.Uuid))
    return sa.or_(covered.is_(None), id == sa.any_(covered))


def _covered(actor: Actor, permission: str, dimension: Dimension) -> list[UUID] | None:
    """The ids that a permission goes as far as, by all of its scopes; None: everywhere.

    Who may change what he may not read is shown it by what he changed, and sees as far as he changes.
    """
    scopes = actor.bounds.get(permission if actor.may(permission) else f"{permission.partition('.')[0]}.manage")
    if scopes is None:
        return None
    match dimension:
        case Dimension.CHANNEL:
            named: Iterable[Iterable[UUID] | None] = [each.channels for each in scopes]
        case Dimension.WAREHOUSE:
            named = [each.warehouses for each in scopes]
        case Dimension.OWN:
            named = [[actor.id] if each.is_own and actor.id else None for each in scopes]
        case Dimension.AMOUNT:
            return None
    covered: set[UUID] = set()
    for ids in named:
        if ids is None:
            return None
        covered.update(ids)
    return sorted(covered)


def _name(permission: str, dimension: Dimension) -> str:
    return f"{permission.replace('.', '_')}_{dimension.value}"
