"""The SQL by which zones and methods are kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.shipping.models import KnownMethod, KnownZone, MethodTerms, NewZone, RateBasis, Tier
from mercer.shipping.tables import area, method, tier, zone, zone_channel
from mercer.values.places import Area

# Who asks for methods is not kept waiting.
_LOCK = sa.text("LOCK TABLE shipping.zone IN SHARE ROW EXCLUSIVE MODE")
_AREA = ("country", "region", "postal_from", "postal_to")
_TERMS = (
    "name",
    "name_translations",
    "description",
    "description_translations",
    "carrier",
    "tax_class_id",
    "amount",
    "free_from",
    "least_weight_grams",
    "most_weight_grams",
    "least_value",
    "most_value",
    "position",
)


async def lock_shipping(connection: AsyncConnection) -> None:
    """Let nobody else change zones and methods until the transaction ends: they are few."""
    await connection.execute(_LOCK)


async def load_zones(connection: AsyncConnection) -> list[KnownZone]:
    """All zones, by code, each with its areas and channels in order."""
    order = (area.c[name].asc().nullsfirst() for name in _AREA)
    described = sa.func.json_build_array(*(area.c[name] for name in _AREA))
    areas = sa.select(sa.func.json_agg(aggregate_order_by(described, *order))).where(area.c.zone_id == zone.c.id)
    channel_id = zone_channel.c.channel_id
    channels = sa.select(sa.func.array_agg(aggregate_order_by(channel_id, channel_id))).where(
        zone_channel.c.zone_id == zone.c.id
    )
    found = sa.select(zone, areas.scalar_subquery().label("areas"), channels.scalar_subquery().label("channel_ids"))
    return [
        KnownZone(
            id=row.id,
            code=row.code,
            name=row.name,
            areas=tuple(Area(**dict(zip(_AREA, each, strict=True))) for each in row.areas or ()),
            channel_ids=tuple(row.channel_ids or ()),
            version=row.version,
        )
        for row in await connection.execute(found.order_by(zone.c.code))
    ]


async def insert_zone(connection: AsyncConnection, new: NewZone) -> UUID:
    zone_id = await _insert(connection, zone, {"code": new.code, "name": new.name})
    await _add_parts(connection, zone_id, new.areas, new.channel_ids)
    return zone_id


async def update_zone(connection: AsyncConnection, before: KnownZone, after: KnownZone) -> None:
    """Write what a zone is now. Areas and channels that stay are left alone."""
    values = {"name": after.name, "version": after.version}
    await connection.execute(sa.update(zone).where(zone.c.id == after.id).values(values))
    if gone := set(before.areas) - set(after.areas):
        named = sa.or_(*(_is_area(each) for each in gone))
        await connection.execute(sa.delete(area).where(area.c.zone_id == after.id, named))
    if left := set(before.channel_ids) - set(after.channel_ids):
        of_zone = zone_channel.c
        await connection.execute(
            sa.delete(zone_channel).where(of_zone.zone_id == after.id, of_zone.channel_id.in_(list(left)))
        )
    areas = [each for each in after.areas if each not in set(before.areas)]
    await _add_parts(connection, after.id, areas, sorted(set(after.channel_ids) - set(before.channel_ids)))


async def delete_zone(connection: AsyncConnection, id: UUID) -> None:
    await connection.execute(sa.delete(zone).where(zone.c.id == id))


async def load_methods(
    connection: AsyncConnection, *, zone_id: UUID | None = None, method_id: UUID | None = None
) -> list[KnownMethod]:
    """The methods of a zone, or the one of an id, or all; those that are archived too."""
    described = sa.func.json_build_array(tier.c.starts_at, tier.c.amount)
    tiers = sa.func.json_agg(aggregate_order_by(described, tier.c.starts_at))
    of_method = sa.select(tiers).where(tier.c.method_id == method.c.id).scalar_subquery()
    found = sa.select(method, of_method.label("tiers")).order_by(method.c.id)
    if zone_id is not None:
        found = found.where(method.c.zone_id == zone_id)
    if method_id is not None:
        found = found.where(method.c.id == method_id)
    return [
        KnownMethod(
            id=row.id,
            zone_id=row.zone_id,
            channel_id=row.channel_id,
            code=row.code,
            basis=RateBasis(row.basis),
            tiers=tuple(Tier(starts_at=starts_at, amount=amount) for starts_at, amount in row.tiers or ()),
            currency=row.currency,
            is_archived=row.archived_at is not None,
            version=row.version,
            **{name: getattr(row, name) for name in _TERMS},
        )
        for row in await connection.execute(found)
    ]


async def insert_method(
    connection: AsyncConnection, new: MethodTerms, *, zone_id: UUID, channel_id: UUID, currency: str
) -> UUID:
    where = {"zone_id": zone_id, "channel_id": channel_id, "code": new.code, "currency": currency}
    method_id = await _insert(connection, method, {**where, **_cells(new)})
    await _write_tiers(connection, method_id, new)
    return method_id


async def update_method(connection: AsyncConnection, before: KnownMethod, after: KnownMethod, *, now: datetime) -> None:
    """Write what a method is now. Being archived keeps the time at which it began."""
    archived_at = sa.func.coalesce(method.c.archived_at, now) if after.is_archived else None
    values = {**_cells(after), "archived_at": archived_at, "version": after.version}
    await connection.execute(sa.update(method).where(method.c.id == after.id).values(values))
    if after.tiers != before.tiers:
        await connection.execute(sa.delete(tier).where(tier.c.method_id == after.id))
        await _write_tiers(connection, after.id, after)


async def delete_method(connection: AsyncConnection, id: UUID) -> None:
    await connection.execute(sa.delete(method).where(method.c.id == id))


def _cells(given: MethodTerms) -> dict[str, Any]:
    return {"basis": given.basis.value, **{name: getattr(given, name) for name in _TERMS}}


def _is_area(given: Area) -> sa.ColumnElement[bool]:
    return sa.and_(*(area.c[name].is_not_distinct_from(getattr(given, name)) for name in _AREA))


async def _add_parts(
    connection: AsyncConnection, zone_id: UUID, areas: Iterable[Area], channel_ids: Iterable[UUID]
) -> None:
    if rows := [{"zone_id": zone_id, **{name: getattr(each, name) for name in _AREA}} for each in areas]:
        await connection.execute(sa.insert(area), rows)
    if served := [{"zone_id": zone_id, "channel_id": each} for each in channel_ids]:
        await connection.execute(sa.insert(zone_channel), served)


async def _write_tiers(connection: AsyncConnection, method_id: UUID, given: MethodTerms) -> None:
    if rows := [{"method_id": method_id, **vars(each)} for each in given.tiers]:
        await connection.execute(sa.insert(tier), rows)


async def _insert(connection: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> UUID:
    made = sa.insert(table).values(values).returning(table.c.id)
    found: UUID = (await connection.scalars(made)).one()
    return found
