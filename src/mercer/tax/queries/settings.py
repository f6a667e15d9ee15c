"""The SQL by which classes, zones and rates are kept."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.tax.models import KnownClass, KnownRate, KnownZone, NewRate, TaxClass, TaxZone
from mercer.tax.tables import area, product_tax_class, rate, tax_class, zone
from mercer.values.places import Area

# Who asks for taxes, or assigns products, is not kept waiting.
_LOCK = sa.text("LOCK TABLE tax.zone IN SHARE ROW EXCLUSIVE MODE")
_AREA = ("country", "region", "postal_from", "postal_to")


async def lock_taxes(connection: AsyncConnection) -> None:
    """Let nobody else change classes, zones and rates until the transaction ends: they are few, and must agree."""
    await connection.execute(_LOCK)


async def load_classes(connection: AsyncConnection) -> list[KnownClass]:
    """All classes, by code."""
    return [KnownClass(**row._asdict()) for row in await connection.execute(sa.select(tax_class).order_by("code"))]


async def insert_class(connection: AsyncConnection, new: TaxClass) -> UUID:
    values = {"code": new.code, "name": new.name, "is_default": new.is_default}
    return await _insert(connection, tax_class, values)


async def update_class(connection: AsyncConnection, after: KnownClass) -> None:
    values = {"name": after.name, "is_default": after.is_default, "version": after.version}
    await connection.execute(sa.update(tax_class).where(tax_class.c.id == after.id).values(values))


async def lock_class(connection: AsyncConnection, id: UUID, *, is_kept: bool = False) -> bool:
    """Whether there is such a class. It is the caller's to delete; or, if kept, nobody's until he is done."""
    found = sa.select(tax_class.c.id).where(tax_class.c.id == id)
    locked = found.with_for_update(read=True, key_share=True) if is_kept else found.with_for_update()
    return (await connection.scalars(locked)).one_or_none() is not None


async def count_of_class(connection: AsyncConnection, id: UUID) -> tuple[int, int]:
    """How many rates and products are of a class."""
    rates = sa.select(sa.func.count()).where(rate.c.tax_class_id == id).scalar_subquery()
    products = sa.select(sa.func.count()).where(product_tax_class.c.tax_class_id == id).scalar_subquery()
    of_rates, of_products = (await connection.execute(sa.select(rates, products))).one()
    return of_rates, of_products


async def delete_class(connection: AsyncConnection, id: UUID) -> None:
    await connection.execute(sa.delete(tax_class).where(tax_class.c.id == id))


async def load_zones(connection: AsyncConnection) -> list[KnownZone]:
    """All zones, by code, each with its areas in order."""
    columns = (area.c[name] for name in _AREA)
    described = sa.func.json_build_array(*columns)
    areas = sa.func.json_agg(aggregate_order_by(described, *(area.c[name].asc().nullsfirst() for name in _AREA)))
    of_zone = sa.select(areas).where(area.c.zone_id == zone.c.id).scalar_subquery()
    return [
        KnownZone(
            id=row.id,
            code=row.code,
            name=row.name,
            areas=tuple(Area(**dict(zip(_AREA, each, strict=True))) for each in row.areas or ()),
            version=row.version,
        )
        for row in await connection.execute(sa.select(zone, of_zone.label("areas")).order_by(zone.c.code))
    ]


async def insert_zone(connection: AsyncConnection, new: TaxZone) -> UUID:
    zone_id = await _insert(connection, zone, {"code": new.code, "name": new.name})
    await _add_areas(connection, zone_id, new.areas)
    return zone_id


async def update_zone(connection: AsyncConnection, before: KnownZone, after: KnownZone) -> None:
    """Write what a zone is now. Areas that stay are left alone."""
    values = {"name": after.name, "version": after.version}
    await connection.execute(sa.update(zone).where(zone.c.id == after.id).values(values))
    gone = set(before.areas) - set(after.areas)
    if gone:
        named = sa.or_(*(_is_area(each) for each in gone))
        await connection.execute(sa.delete(area).where(area.c.zone_id == after.id, named))
    await _add_areas(connection, after.id, [each for each in after.areas if each not in set(before.areas)])


async def delete_zone(connection: AsyncConnection, id: UUID) -> None:
    await connection.execute(sa.delete(zone).where(zone.c.id == id))


async def load_rates(connection: AsyncConnection, zone_ids: Collection[UUID] | None = None) -> list[KnownRate]:
    """The rates of some zones, or all; by zone, class, name and beginning."""
    columns = rate.c
    order = (columns.zone_id, columns.tax_class_id, columns.name, columns.valid_from.asc().nullsfirst())
    found = sa.select(rate).order_by(*order)
    if zone_ids is not None:
        found = found.where(columns.zone_id.in_(list(zone_ids)))
    return [_known_rate(row) for row in await connection.execute(found)]


async def find_rate(connection: AsyncConnection, id: UUID) -> KnownRate | None:
    row = (await connection.execute(sa.select(rate).where(rate.c.id == id))).one_or_none()
    return None if row is None else _known_rate(row)


async def insert_rate(connection: AsyncConnection, new: NewRate) -> UUID:
    values = {"zone_id": new.zone_id, "tax_class_id": new.tax_class_id, **_rate_cells(new)}
    return await _insert(connection, rate, values)


async def update_rate(connection: AsyncConnection, after: KnownRate) -> None:
    values = {**_rate_cells(after), "version": after.version}
    await connection.execute(sa.update(rate).where(rate.c.id == after.id).values(values))


async def delete_rate(connection: AsyncConnection, id: UUID) -> None:
    await connection.execute(sa.delete(rate).where(rate.c.id == id))


def _known_rate(row: Any) -> KnownRate:
    return KnownRate(
        id=row.id,
        zone_id=row.zone_id,
        tax_class_id=row.tax_class_id,
        name=row.name,
        rate=row.rate,
        begins_at=row.valid_from,
        ends_at=row.valid_until,
        version=row.version,
    )


def _rate_cells(given: NewRate) -> dict[str, Any]:
    return {"name": given.name, "rate": given.rate, "valid_from": given.begins_at, "valid_until": given.ends_at}


def _is_area(given: Area) -> sa.ColumnElement[bool]:
    return sa.and_(*(area.c[name].is_not_distinct_from(getattr(given, name)) for name in _AREA))


async def _add_areas(connection: AsyncConnection, zone_id: UUID, areas: Iterable[Area]) -> None:
    rows = [{"zone_id": zone_id, **{name: getattr(each, name) for name in _AREA}} for each in areas]
    if rows:
        await connection.execute(sa.insert(area), rows)


async def _insert(connection: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> UUID:
    made = sa.insert(table).values(values).returning(table.c.id)
    found: UUID = (await connection.scalars(made)).one()
    return found
