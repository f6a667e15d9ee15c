"""Which taxes hold, each found by one statement."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.values.basket import TaxRate

# The longest beginning of a postal code decides, then the region, then the country. No two areas that a place is in
# say the same of it: `area` refuses them.
_PLACE = """
    place AS (
        SELECT a.zone_id FROM tax.area a
        WHERE a.country = :country AND (a.region IS NULL OR a.region = :region) AND (
            a.postal_from IS NULL OR (
                length(:postal) >= length(a.postal_from)
                AND left(:postal, length(a.postal_from)) COLLATE "C" BETWEEN a.postal_from AND a.postal_to
            )
        )
        ORDER BY length(a.postal_from) DESC NULLS LAST, a.region IS NULL
        LIMIT 1
    )
"""
_HOLDING = """
    LEFT JOIN tax.tax_class known ON known.id = asked.id
    JOIN tax.tax_class c ON c.id = known.id OR (known.id IS NULL AND c.is_default)
    CROSS JOIN place
    JOIN tax.zone z ON z.id = place.zone_id
    JOIN tax.rate r ON r.zone_id = z.id AND r.tax_class_id = c.id
        AND (r.valid_from IS NULL OR r.valid_from <= :now) AND (r.valid_until IS NULL OR r.valid_until > :now)
"""
_CLASSED = """
    SELECT asked.id, coalesce(p.tax_class_id, (SELECT id FROM tax.tax_class WHERE is_default)) AS tax_class_id
    FROM unnest(cast(:product_ids AS uuid[])) AS asked (id)
    LEFT JOIN tax.product_tax_class p ON p.product_id = asked.id
"""
_AT = (
    sa.bindparam("region", type_=sa.Text),
    sa.bindparam("postal", type_=sa.Text),
    sa.bindparam("class_ids", type_=sa.ARRAY(sa.Uuid)),
)
_OF_PRODUCTS = sa.bindparam("product_ids", type_=sa.ARRAY(sa.Uuid))
_RATES = sa.text(f"""
    WITH {_PLACE}
    SELECT asked.id AS asked_id, r.name, z.code AS jurisdiction, r.rate
    FROM unnest(cast(:class_ids AS uuid[])) AS asked (id) {_HOLDING}
    ORDER BY asked.id, r.name
""").bindparams(*_AT)  # noqa: S608 — parts of our own
_TAXES = sa.text(f"""
    WITH {_PLACE}, classed AS ({_CLASSED}),
    asked AS (SELECT tax_class_id AS id FROM classed UNION SELECT unnest(cast(:class_ids AS uuid[])))
    SELECT id AS product_id, tax_class_id AS class_id, NULL AS name, NULL AS jurisdiction, NULL AS rate FROM classed
    UNION ALL SELECT NULL, asked.id, r.name, z.code, r.rate FROM asked {_HOLDING}
    ORDER BY class_id, name
""").bindparams(*_AT, _OF_PRODUCTS)  # noqa: S608 — parts of our own
_CLASSES = sa.text(_CLASSED).bindparams(_OF_PRODUCTS)
_DEFAULT = sa.text("SELECT id FROM tax.tax_class WHERE is_default")


async def list_rates(
    connection: AsyncConnection,
    *,
    country: str,
    region: str | None,
    postal: str | None,
    class_ids: Iterable[UUID],
    now: datetime,
) -> dict[UUID, tuple[TaxRate, ...]]:
    """The rates that hold for each class at a place, by name. A class that is not there is the default one."""
    ids = list(dict.fromkeys(class_ids))
    found: dict[UUID, tuple[TaxRate, ...]] = dict.fromkeys(ids, ())
    asked = {"country": country, "region": region, "postal": postal, "class_ids": ids, "now": now}
    for row in await connection.execute(_RATES, asked):
        found[row.asked_id] += (TaxRate(name=row.name, jurisdiction=row.jurisdiction, rate=row.rate),)
    return found


async def find_classes(connection: AsyncConnection, product_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The class of each product."""
    rows = await connection.execute(_CLASSES, {"product_ids": list(product_ids)})
    return {row.id: row.tax_class_id for row in rows}


async def find_taxes(
    connection: AsyncConnection,
    *,
    product_ids: Sequence[UUID],
    class_ids: Iterable[UUID],
    country: str,
    region: str | None,
    postal: str | None,
    now: datetime,
) -> tuple[dict[UUID, UUID], dict[UUID, tuple[TaxRate, ...]]]:
    """The class of each product, and the rates that hold for those and for further classes at a place."""
    ids = list(dict.fromkeys(class_ids))
    asked = {"country": country, "region": region, "postal": postal, "class_ids": ids, "now": now}
    classes: dict[UUID, UUID] = {}
    rates: dict[UUID, tuple[TaxRate, ...]] = dict.fromkeys(ids, ())
    for row in await connection.execute(_TAXES, {"product_ids": list(product_ids), **asked}):
        if row.product_id is not None:
            classes[row.product_id] = row.class_id
            rates.setdefault(row.class_id, ())
        else:
            rate = TaxRate(name=row.name, jurisdiction=row.jurisdiction, rate=row.rate)
            rates[row.class_id] = (*rates.get(row.class_id, ()), rate)
    return classes, rates


async def default_class(connection: AsyncConnection) -> UUID:
    """The class of what has none."""
    found: UUID = (await connection.scalars(_DEFAULT)).one()
    return found
