"""Which methods a parcel can take, found by one statement."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.shipping.models import ShippingOffer

# A method's code is one way of delivery: the most specific zone that has it says what it is at this place, even if
# this parcel cannot take it there.
_OFFERS = sa.text("""
    WITH place AS (
        SELECT a.zone_id, max(2 * coalesce(length(a.postal_from), 0) + (a.region IS NOT NULL)::integer) AS depth
        FROM shipping.area a JOIN shipping.zone_channel s ON s.zone_id = a.zone_id AND s.channel_id = :channel_id
        WHERE a.country = :country AND (a.region IS NULL OR a.region = :region) AND (
            a.postal_from IS NULL OR (
                length(:postal) >= length(a.postal_from)
                AND left(:postal, length(a.postal_from)) COLLATE "C" BETWEEN a.postal_from AND a.postal_to
            )
        )
        GROUP BY a.zone_id
    ), here AS (
        SELECT DISTINCT ON (m.code) m.*
        FROM place p JOIN shipping.method m ON m.zone_id = p.zone_id
            AND m.channel_id = :channel_id AND m.archived_at IS NULL
        ORDER BY m.code, p.depth DESC, m.position, m.id
    )
    SELECT h.*, CASE
        WHEN h.free_from <= :value THEN 0
        WHEN h.basis = 'flat' THEN h.amount
        ELSE (
            SELECT t.amount FROM shipping.tier t WHERE t.method_id = h.id
                AND t.starts_at <= CASE h.basis WHEN 'weight' THEN :weight_grams ELSE :value END
            ORDER BY t.starts_at DESC LIMIT 1
        )
    END AS price
    FROM here h
    WHERE :weight_grams >= coalesce(h.least_weight_grams, 0) AND :value >= coalesce(h.least_value, 0)
        AND (h.most_weight_grams IS NULL OR :weight_grams <= h.most_weight_grams)
        AND (h.most_value IS NULL OR :value <= h.most_value)
    ORDER BY price, h.position, h.id
""").bindparams(
    sa.bindparam("channel_id", type_=sa.Uuid),
    sa.bindparam("region", type_=sa.Text),
    sa.bindparam("postal", type_=sa.Text),
    sa.bindparam("weight_grams", type_=sa.BigInteger),
    sa.bindparam("value", type_=sa.BigInteger),
)


async def list_offers(
    connection: AsyncConnection,
    *,
    channel_id: UUID,
    country: str,
    region: str | None,
    postal: str | None,
    weight_grams: int,
    value: int,
) -> tuple[ShippingOffer, ...]:
    """What a parcel of this weight and value can take to this place, the cheapest first."""
    asked = {
        "channel_id": channel_id,
        "country": country,
        "region": region,
        "postal": postal,
        "weight_grams": weight_grams,
        "value": value,
    }
    return tuple(
        ShippingOffer(
            method_id=row.id,
            code=row.code,
            name=row.name,
            translations=row.name_translations,
            description=row.description,
            description_translations=row.description_translations,
            carrier=row.carrier,
            amount=row.price,
            currency=row.currency,
            tax_class_id=row.tax_class_id,
        )
        for row in await connection.execute(_OFFERS, asked)
    )
