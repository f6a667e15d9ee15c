"""The verbs by which staff set prices."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from mercer.catalog.errors import VariantNotFound
from mercer.catalog.models import LockedVariant
from mercer.catalog.service import lock_variants
from mercer.channels.errors import ChannelNotFound
from mercer.channels.models import Channel
from mercer.channels.service import list_channels
from mercer.platform.context import Context
from mercer.platform.errors import InvalidField, InvalidInput, InvalidValue, VersionConflict
from mercer.platform.scopes import check_channels
from mercer.pricing.errors import (
    BeforeAmountInvalid,
    PriceGivenTwice,
    PriceNotFound,
    PricesTooMany,
    PriceWindowsOverlap,
    PriceWindowsTooMany,
)
from mercer.pricing.models import PriceChange, PriceKey, StoredPrice
from mercer.pricing.queries import prices as queries
from mercer.pricing.queries.prices import PriceCells
from mercer.pricing.rules import MOST_PRICES, MOST_WINDOWS, overlaps, placed
from mercer.pricing.service.listing import list_again
from mercer.values.amounts import minor_amount
from mercer.values.currency import to_decimal

Windows = dict[datetime | None, StoredPrice]


async def set_prices(context: Context, *, prices: Sequence[PriceChange]) -> list[UUID]:
    """Set usual and scheduled prices, in place of those of the same variant, channel and beginning; all or none.

    Returns the variants, each once. Raises `VariantNotFound`, `ChannelNotFound`, `ScopeExceeded`, `InvalidInput` with
    all values that cannot be used, `VersionConflict`, `PriceWindowsOverlap`.
    """
    variants, channels = await _find(context, prices)
    keys, wanted = _checked(prices, channels, context.now)
    stored = await queries.load_prices(context.db, list(variants))
    after: defaultdict[tuple[UUID, UUID], Windows] = defaultdict(dict)
    after.update({pair: dict(windows) for pair, windows in stored.items()})
    cells: list[PriceCells] = []
    for index, (key, price) in enumerate(zip(keys, wanted, strict=True)):
        windows = after[key.variant_id, key.channel_id]
        before = windows.get(key.valid_from)
        current = before.version if before else 0
        if prices[index].version not in {None, current}:
            raise VersionConflict(current=current).at("prices", str(index), "version")
        if before is None or replace(before, version=0) != price:
            windows[key.valid_from] = replace(price, version=current + 1)
            cells.append(PriceCells(key, channels[key.channel_id].currency, windows[key.valid_from]))
    _check_windows(keys, after)
    await queries.write_prices(context.db, cells, now=context.now)
    await _follow_up(context, [each.key for each in cells], stored, after, variants, channels)
    return list(variants)


async def remove_prices(context: Context, *, prices: Sequence[PriceKey]) -> list[UUID]:
    """Remove usual or scheduled prices; all or none. Returns the variants, each once.

    Raises `VariantNotFound`, `ChannelNotFound`, `ScopeExceeded`, `PriceNotFound`, `InvalidInput`.
    """
    variants, channels = await _find(context, prices)
    if repeated := _repeated(prices):
        raise InvalidInput(fields=tuple(_field(PriceGivenTwice(), index) for index in repeated))
    stored = await queries.load_prices(context.db, list(variants))
    after = {pair: dict(windows) for pair, windows in stored.items()}
    for index, key in enumerate(prices):
        if after.get((key.variant_id, key.channel_id), {}).pop(key.valid_from, None) is None:
            raise PriceNotFound(variant_id=key.variant_id, channel_id=key.channel_id).at("prices", str(index))
    await queries.delete_prices(context.db, prices)
    await _follow_up(context, prices, stored, after, variants, channels)
    return list(variants)


async def _find(
    context: Context, prices: Sequence[PriceKey]
) -> tuple[Mapping[UUID, LockedVariant], Mapping[UUID, Channel]]:
    """The variants, their products locked, in the order given; and all channels."""
    if not 0 < len(prices) <= MOST_PRICES:
        raise PricesTooMany().at("prices")
    channels = {channel.id: channel for channel in await list_channels(context)}
    asked = list(dict.fromkeys(price.variant_id for price in prices))
    found = await lock_variants(context, variant_ids=asked)
    for index, price in enumerate(prices):
        if price.variant_id not in found:
            raise VariantNotFound(id=price.variant_id).at("prices", str(index), "variantId")
        if price.channel_id not in channels:
            raise ChannelNotFound(id=price.channel_id).at("prices", str(index), "channelId")
    check_channels(context, "prices.manage", (price.channel_id for price in prices))
    return {id_: found[id_] for id_ in asked}, channels


def _checked(
    prices: Sequence[PriceChange], channels: Mapping[UUID, Channel], now: datetime
) -> tuple[list[PriceKey], list[StoredPrice]]:
    """The prices' keys and what is to be stored, versions aside. Raises `InvalidInput`."""
    keys: list[PriceKey] = []
    wanted: list[StoredPrice] = []
    faults: list[InvalidField] = []
    for index, price in enumerate(prices):
        currency = channels[price.channel_id].currency
        begins, ends = price.valid_from, price.valid_until
        try:
            begins, ends = placed(price, now=now)
        except InvalidValue as error:
            faults.append(_field(error, index, "endsAt"))
        amount = _minor(price.amount, currency, (index, "amount"), faults)
        before = _minor(price.before_amount, currency, (index, "beforeAmount"), faults)
        if amount is not None and before is not None and before <= amount:
            faults.append(_field(BeforeAmountInvalid(amount=amount, before_amount=before), index, "beforeAmount"))
        keys.append(PriceKey(variant_id=price.variant_id, channel_id=price.channel_id, valid_from=begins))
        wanted.append(StoredPrice(amount=amount or 0, before_amount=before, valid_until=ends, version=0))
    faults += [_field(PriceGivenTwice(), index) for index in _repeated(keys)]
    if faults:
        raise InvalidInput(fields=tuple(faults))
    return keys, wanted


def _minor(amount: Decimal | None, currency: str, place: tuple[int, str], faults: list[InvalidField]) -> int | None:
    """An amount in minor units. What is wrong with it is added to the faults."""
    if amount is None:
        return None
    try:
        return minor_amount(amount, currency)
    except InvalidValue as error:
        faults.append(_field(error, *place))
        return None


def _check_windows(keys: Sequence[PriceKey], after: Mapping[tuple[UUID, UUID], Windows]) -> None:
    """Raise what stands against the windows of a variant in a channel together, at one of those given."""
    for pair in dict.fromkeys((key.variant_id, key.channel_id) for key in keys):
        windows = {begins: price for begins, price in after[pair].items() if begins is not None}
        given = {
            key.valid_from: str(index) for index, key in enumerate(keys) if pair == (key.variant_id, key.channel_id)
        }
        if len(windows) > MOST_WINDOWS:
            raise PriceWindowsTooMany().at("prices", list(given.values())[-1])
        for earlier, later in overlaps(windows):
            ours, other = (later, earlier) if later in given else (earlier, later)
            error = PriceWindowsOverlap(
                variant_id=pair[0], channel_id=pair[1], begins_at=other, ends_at=windows[other].valid_until
            )
            raise error.at("prices", given[ours])


async def _follow_up(
    context: Context,
    written: Iterable[PriceKey],
    before: Mapping[tuple[UUID, UUID], Mapping[datetime | None, StoredPrice]],
    after: Mapping[tuple[UUID, UUID], Mapping[datetime | None, StoredPrice]],
    variants: Mapping[UUID, LockedVariant],
    channels: Mapping[UUID, Channel],
) -> None:
    """List what was written anew, and note it in the audit."""
    changes: defaultdict[UUID, dict[str, tuple[Any, Any]]] = defaultdict(dict)
    for key in written:
        pair, channel = (key.variant_id, key.channel_id), channels[key.channel_id]
        name = f"price.{channel.code}" + (f".{key.valid_from.isoformat()}" if key.valid_from else "")
        changes[key.variant_id][name] = (
            _said(before.get(pair, {}).get(key.valid_from), channel.currency),
            _said(after[pair].get(key.valid_from), channel.currency),
        )
    for variant_id, fields in changes.items():
        context.record("ProductVariant", variant_id, fields)
    await list_again(context, variants=[variants[variant_id] for variant_id in changes])


def _said(price: StoredPrice | None, currency: str) -> dict[str, Any] | None:
    """A price as the audit tells it."""
    if price is None:
        return None
    said: dict[str, Any] = {"amount": str(to_decimal(price.amount, currency))}
    if price.before_amount is not None:
        said["before"] = str(to_decimal(price.before_amount, currency))
    if price.valid_until is not None:
        said["until"] = price.valid_until.isoformat()
    return said


def _repeated(keys: Iterable[PriceKey]) -> list[int]:
    """The places of those that were given before."""
    seen = set[tuple[UUID, UUID, datetime | None]]()
    found = []
    for index, key in enumerate(keys):
        known = (key.variant_id, key.channel_id, key.valid_from)
        if known in seen:
            found.append(index)
        seen.add(known)
    return found


def _field(error: InvalidValue, index: int, *path: str) -> InvalidField:
    return InvalidField(path=("prices", str(index), *path), message=error.message)
