"""The verbs by which staff keep rates."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from mercer.platform.context import Context
from mercer.platform.errors import InvalidField, InvalidInput, VersionConflict
from mercer.tax.errors import TaxClassNotFound, TaxRateNotFound, TaxZoneNotFound
from mercer.tax.events import TaxRatesChanged
from mercer.tax.models import KnownRate, NewRate, RateChanges
from mercer.tax.queries import settings as queries
from mercer.tax.rules import check_windows, rate_faults, refuse

ENTITY = "TaxRate"
_FIELDS = ("zone_id", "tax_class_id", "name", "rate", "begins_at", "ends_at")
_TIME_SAYS = "A new rate begins while the one before it holds."


async def create_rate(context: Context, *, rate: NewRate) -> UUID:
    """Add a rate. Raises `InvalidInput`, `TaxZoneNotFound`, `TaxClassNotFound`, `TaxRatesOverlap`."""
    refuse(rate_faults(rate))
    await queries.lock_taxes(context.db)
    if all(each.id != rate.zone_id for each in await queries.load_zones(context.db)):
        raise TaxZoneNotFound(id=rate.zone_id).at("zone_id")
    if all(each.id != rate.tax_class_id for each in await queries.load_classes(context.db)):
        raise TaxClassNotFound(id=rate.tax_class_id).at("tax_class_id")
    check_windows(rate, await _others(context, rate))
    return await add_rate(context, rate=rate)


async def update_rate(context: Context, *, rate_id: UUID, changes: RateChanges, version: int | None = None) -> None:
    """Change a rate, as if it had always been so. Orders keep what they were reckoned with.

    Raises `TaxRateNotFound`, `VersionConflict`, `InvalidInput`, `TaxRatesOverlap`.
    """
    before = await _locked(context, rate_id, version)
    after = replace(before, **changes)
    refuse(rate_faults(after))
    check_windows(after, await _others(context, after))
    await write_rate(context, before=before, after=after)


async def schedule_rate(
    context: Context,
    *,
    rate_id: UUID,
    rate: Decimal,
    begins_at: datetime,
    ends_at: datetime | None = None,
    version: int | None = None,
) -> UUID:
    """Let a tax be another from a moment on: the rate ends there, and a new one follows. Returns the new one's id.

    Without an end, the new one ends when the one before it was to. Raises `TaxRateNotFound`, `VersionConflict`,
    `InvalidInput`, `TaxRatesOverlap`.
    """
    before = await _locked(context, rate_id, version)
    is_early = before.begins_at is not None and begins_at <= before.begins_at
    if is_early or (before.ends_at is not None and begins_at >= before.ends_at):
        raise InvalidInput(fields=(InvalidField(path=("begins_at",), message=_TIME_SAYS),))
    following = NewRate(
        zone_id=before.zone_id,
        tax_class_id=before.tax_class_id,
        name=before.name,
        rate=rate,
        begins_at=begins_at,
        ends_at=ends_at or before.ends_at,
    )
    refuse(rate_faults(following))
    check_windows(following, (each for each in await _others(context, following) if each.id != rate_id))
    await write_rate(context, before=before, after=replace(before, ends_at=begins_at))
    return await add_rate(context, rate=following)


async def delete_rate(context: Context, *, rate_id: UUID, version: int | None = None) -> None:
    """Delete a rate, as if it had never been. Raises `TaxRateNotFound`, `VersionConflict`."""
    before = await _locked(context, rate_id, version)
    await queries.delete_rate(context.db, rate_id)
    context.record(ENTITY, rate_id, {name: (value, None) for name, value in _told(before).items()})
    context.announce(TaxRatesChanged(zone_ids=(before.zone_id,)))


async def add_rate(context: Context, *, rate: NewRate) -> UUID:
    """Write a new rate, checked, while nobody else changes taxes."""
    rate_id = await queries.insert_rate(context.db, rate)
    context.record(ENTITY, rate_id, {name: (None, value) for name, value in _told(rate).items()})
    context.announce(TaxRatesChanged(zone_ids=(rate.zone_id,)))
    return rate_id


async def write_rate(context: Context, *, before: KnownRate, after: KnownRate) -> bool:
    """Write a rate, checked, if it differs, and say whether it did."""
    if after == before:
        return False
    await queries.update_rate(context.db, replace(after, version=before.version + 1))
    was, is_ = _told(before), _told(after)
    context.record(ENTITY, before.id, {name: (was[name], is_[name]) for name in was})
    context.announce(TaxRatesChanged(zone_ids=(before.zone_id,)))
    return True


async def _others(context: Context, rate: NewRate) -> list[KnownRate]:
    """The other rates of its zone."""
    own = rate.id if isinstance(rate, KnownRate) else None
    return [each for each in await queries.load_rates(context.db, [rate.zone_id]) if each.id != own]


async def _locked(context: Context, rate_id: UUID, version: int | None) -> KnownRate:
    """The rate with this id. Nobody else changes taxes now."""
    await queries.lock_taxes(context.db)
    found = await queries.find_rate(context.db, rate_id)
    if found is None:
        raise TaxRateNotFound(id=rate_id)
    if version not in {None, found.version}:
        raise VersionConflict(current=found.version).at("version")
    return found


def _told(rate: NewRate) -> dict[str, Any]:
    """A rate as the audit tells it."""
    return {name: getattr(rate, name) for name in _FIELDS}
