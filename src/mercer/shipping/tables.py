"""Shipping's tables. Amounts and values are in minor units of the method's currency, weights in grams."""

import sqlalchemy as sa

from mercer.platform.tables import identity, metadata, moment, one_of, position, reference, text, translations
from mercer.shipping.models import RateBasis

SCHEMA = "shipping"


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger)


zone = sa.Table(
    "zone",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    _version(),
    schema=SCHEMA,
)

zone_channel = sa.Table(
    "zone_channel",
    metadata,
    reference("zone_id", "shipping.zone.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True, index=True),
    schema=SCHEMA,
    comment="For which channels a zone is shipped to.",
)

area = sa.Table(
    "area",
    metadata,
    identity(),
    reference("zone_id", "shipping.zone.id", cascade=True, index=True),
    text("country"),
    sa.Column("region", sa.Text),
    sa.Column("postal_from", sa.Text(collation="C")),
    sa.Column("postal_to", sa.Text(collation="C")),
    sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    sa.CheckConstraint(
        "(postal_from IS NULL) = (postal_to IS NULL) AND postal_from <= postal_to"
        " AND length(postal_from) = length(postal_to)",
        name="postal",
    ),
    schema=SCHEMA,
    comment="What a zone is made of; zones may share areas. Postal codes by what they begin with.",
)

sa.Index(None, area.c.country, area.c.zone_id)

method = sa.Table(
    "method",
    metadata,
    identity(),
    sa.Column("zone_id", sa.Uuid, nullable=False),
    sa.Column("channel_id", sa.Uuid, nullable=False),
    text("code"),
    text("name"),
    translations("name"),
    text("description", server_default=""),
    translations("description"),
    sa.Column("carrier", sa.Text),
    sa.Column("tax_class_id", sa.Uuid, comment="Of the taxes beside it, which it does not know. Null: the default."),
    text("basis"),
    text("currency"),
    _number("amount"),
    _number("free_from"),
    sa.Column("least_weight_grams", sa.Integer),
    sa.Column("most_weight_grams", sa.Integer),
    _number("least_value"),
    _number("most_value"),
    position(),
    moment("archived_at", nullable=True),
    _version(),
    sa.ForeignKeyConstraint(
        ["zone_id", "channel_id"], ["shipping.zone_channel.zone_id", "shipping.zone_channel.channel_id"]
    ),
    sa.UniqueConstraint("zone_id", "channel_id", "code"),
    one_of("basis", RateBasis),
    sa.CheckConstraint("(basis = 'flat') = (amount IS NOT NULL)", name="flat"),
    sa.CheckConstraint("amount >= 0 AND free_from >= 0", name="amounts"),
    sa.CheckConstraint("least_weight_grams >= 0 AND least_value >= 0", name="least"),
    sa.CheckConstraint("most_weight_grams >= coalesce(least_weight_grams, 0)", name="weight"),
    sa.CheckConstraint("most_value >= coalesce(least_value, 0)", name="value"),
    schema=SCHEMA,
    comment="A way of delivery to a zone in a channel. Limits are inclusive; null: there is none.",
)

tier = sa.Table(
    "tier",
    metadata,
    reference("method_id", "shipping.method.id", cascade=True, primary_key=True),
    sa.Column("starts_at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.CheckConstraint("starts_at >= 0 AND amount >= 0", name="amounts"),
    schema=SCHEMA,
    comment="What a method costs from a weight or value on, up to the next tier. Each has one from 0.",
)
