"""How far permissions go: limits in dimensions, and what several roles give together.

A permission that a role has without a bound goes everywhere. Several roles add up: what one of them covers, is covered.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import msgspec

from mercer.identity.errors import BoundInvalid
from mercer.identity.models import AskedBound, Bound, FactorLevel, Role
from mercer.platform.actors import Scope
from mercer.platform.permissions import Dimension
from mercer.values.amounts import AmountInexact, AmountInvalid, minor_amount
from mercer.values.currency import CurrencyUnknown

EVERYTHING = "*"
"""Stands for every permission there is, and will be."""

MOST_LIMITS = 100
"""How many channels, warehouses or currencies one bound names."""

Limit = Bound | Scope


@dataclass(frozen=True, kw_only=True)
class HeldRole:
    """What a role, or an API key, gives whoever has it."""

    permissions: tuple[str, ...] = ()
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    """Those of the permissions that go only so far."""
    needs_factor: bool = False


def held_of(role: Role) -> HeldRole:
    """What a role gives."""
    return HeldRole(permissions=role.permissions, bounds=role.bounds, needs_factor=role.needs_factor)


@dataclass(frozen=True, kw_only=True)
class Held:
    """What several roles give together. `*` stands for all, unlimited."""

    permissions: tuple[str, ...] = ()
    bounds: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)
    """Those that go only so far, with all that their holder is allowed: each bound adds to the others."""
    withheld: tuple[str, ...] = ()
    """What a second factor would add, altogether or by going further."""


def merged(roles: Iterable[HeldRole], *, factor_level: FactorLevel) -> Held:
    """What roles give to a session of this level. Those that need a second factor give nothing to one without."""
    given: dict[str, tuple[Bound, ...] | None] = {}
    withheld: list[HeldRole] = []
    for role in roles:
        if role.needs_factor and factor_level is not FactorLevel.TWO_FACTORS:
            withheld.append(role)
        else:
            _add(given, role)
    permissions = tuple(sorted(given))
    bounds = {name: bounds for name in permissions if (bounds := given[name]) is not None}
    beyond = {
        name
        for role in withheld
        for name in role.permissions
        if not covers(given.get(EVERYTHING, given.get(name, ())), role.bounds.get(name))
    }
    return Held(permissions=permissions, bounds=bounds, withheld=tuple(sorted(beyond)))


def covers(own: Sequence[Limit] | None, wanted: Limit | None) -> bool:
    """Whether whoever has these bounds may do all that the wanted one lets him. None is unlimited, () is nothing.

    Bounds cover together what none of them does alone: two channels are covered by one role for each.
    """
    if own is None:
        return True
    if wanted is None:
        return any(_is_within((None, None, None, False), each) for each in own)
    asked = product(
        (None,) if wanted.channels is None else wanted.channels,
        (None,) if wanted.warehouses is None else wanted.warehouses,
        (None,) if wanted.amounts is None else wanted.amounts.items(),
        (wanted.is_own,),
    )
    return all(any(_is_within(point, each) for each in own) for point in asked)


def resolved(permissions: Iterable[str], *, catalogue: Collection[str]) -> frozenset[str]:
    """The permissions with `*` written out."""
    given = frozenset(permissions)
    return given if EVERYTHING not in given else frozenset(catalogue)


def read_bound(asked: AskedBound, *, dimensions: Collection[Dimension]) -> Bound:
    """A bound as it was asked for, in the dimensions that its permission may be limited in.

    Raises `BoundInvalid`, at the field that is wrong.
    """
    limits = {
        Dimension.CHANNEL: ("channelIds", asked.channel_ids),
        Dimension.WAREHOUSE: ("warehouseIds", asked.warehouse_ids),
        Dimension.AMOUNT: ("amounts", asked.amounts),
        Dimension.OWN: ("isOwnOnly", asked.is_own or None),
    }
    given = {dimension: limit for dimension, limit in limits.items() if limit[1] is not None}
    if not given:
        raise BoundInvalid().at("permission")
    for dimension, (place, value) in given.items():
        if dimension not in dimensions or (isinstance(value, tuple) and not 0 < len(value) <= MOST_LIMITS):
            raise BoundInvalid().at(place)
    return Bound(
        channels=_each_once(asked.channel_ids),
        warehouses=_each_once(asked.warehouse_ids),
        amounts=None if asked.amounts is None else _amounts(asked.amounts),
        is_own=asked.is_own,
    )


def scopes_of(bounds: Mapping[str, Sequence[Bound]]) -> dict[str, tuple[Scope, ...]]:
    """The bounds of a session or a key, as requests check them."""
    return {permission: tuple(_scope(each) for each in several) for permission, several in bounds.items()}


def read_bounds(stored: Mapping[str, Any]) -> dict[str, Bound]:
    """Bounds by permission, of the JSON that is stored."""
    return msgspec.convert(stored, dict[str, Bound])


def stored_bounds(bounds: Mapping[str, Bound]) -> dict[str, Any]:
    """The JSON of bounds by permission: what has no limit is left out."""
    return {permission: _stored(bounds[permission]) for permission in sorted(bounds)}


def _add(given: dict[str, tuple[Bound, ...] | None], role: HeldRole) -> None:
    for name in role.permissions:
        before, bound = given.get(name, ()), role.bounds.get(name)
        if before is None or bound is None:
            given[name] = None
        elif bound not in before:
            given[name] = (*before, bound)
    if EVERYTHING in given:
        given.update(dict.fromkeys(given))


_Point = tuple[UUID | None, UUID | None, tuple[str, int] | None, bool]
"""A channel, a warehouse, an amount, and whether it is one's own. None: any there is or will be."""


def _is_within(point: _Point, limit: Limit) -> bool:
    channel_id, warehouse_id, amount, is_own = point
    if limit.channels is not None and channel_id not in limit.channels:
        return False
    if limit.warehouses is not None and warehouse_id not in limit.warehouses:
        return False
    if limit.amounts is not None and (amount is None or amount[1] > limit.amounts.get(amount[0], -1)):
        return False
    return is_own or not limit.is_own


def _each_once(ids: tuple[UUID, ...] | None) -> tuple[UUID, ...] | None:
    return None if ids is None else tuple(sorted(set(ids)))


def _amounts(asked: Sequence[tuple[Decimal, str]]) -> dict[str, int]:
    """By currency, in minor units."""
    amounts: dict[str, int] = {}
    for index, (amount, currency) in enumerate(asked):
        try:
            minor = minor_amount(amount, currency)
        except (CurrencyUnknown, AmountInvalid, AmountInexact):
            raise BoundInvalid().at("amounts", str(index)) from None
        if currency in amounts:
            raise BoundInvalid().at("amounts", str(index))
        amounts[currency] = minor
    return dict(sorted(amounts.items()))


def _scope(bound: Bound) -> Scope:
    return Scope(
        channels=None if bound.channels is None else frozenset(bound.channels),
        warehouses=None if bound.warehouses is None else frozenset(bound.warehouses),
        amounts=bound.amounts,
        is_own=bound.is_own,
    )


def _stored(bound: Bound) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    if bound.channels is not None:
        stored["channels"] = sorted(str(each) for each in bound.channels)
    if bound.warehouses is not None:
        stored["warehouses"] = sorted(str(each) for each in bound.warehouses)
    if bound.amounts is not None:
        stored["amounts"] = dict(sorted(bound.amounts.items()))
    if bound.is_own:
        stored["is_own"] = True
    return stored
