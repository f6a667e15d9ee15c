"""The prices' tables. Amounts are in minor units of the row's currency."""

import sqlalchemy as sa

from mercer.platform.tables import metadata, moment, reference, text

SCHEMA = "pricing"
_LAST = 2**63 - 1


def _amount(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


price = sa.Table(
    "price",
    metadata,
    reference("variant_id", "catalog.variant.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    text("currency"),
    _amount("amount"),
    _amount("before_amount", nullable=True),
    moment("updated_at", now=True),
    sa.CheckConstraint("amount >= 0", name="amount"),
    sa.CheckConstraint("before_amount > amount", name="before_amount"),
    schema=SCHEMA,
    comment="What staff ask for a variant in a channel; before_amount is the struck-out price beside it.",
)

listed = sa.Table(
    "listed",
    metadata,
    reference("variant_id", "catalog.variant.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    reference("product_id", "catalog.product.id", cascade=True),
    text("currency"),
    _amount("amount"),
    _amount("before_amount", nullable=True),
    schema=SCHEMA,
    comment="What shoppers see: written from price by refresh_listed, read by listings, filters and sorts.",
)

sa.Index(None, listed.c.product_id, listed.c.channel_id, listed.c.amount)
sa.Index(None, listed.c.channel_id, listed.c.amount, listed.c.product_id)

listed_range = sa.Table(
    "listed_range",
    metadata,
    reference("product_id", "catalog.product.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    text("currency"),
    _amount("start_amount", nullable=True),
    _amount("stop_amount", nullable=True),
    schema=SCHEMA,
    comment="Each product's lowest and highest listed amount in each channel, null where it has none.",
)

cheapest = sa.func.coalesce(listed_range.c.start_amount, sa.literal_column(str(_LAST)))
sa.Index("ix_listed_range_cheapest", listed_range.c.channel_id, cheapest, listed_range.c.product_id)
dearest = sa.func.coalesce(listed_range.c.start_amount, sa.literal_column("-1"))
sa.Index("ix_listed_range_dearest", listed_range.c.channel_id, dearest, listed_range.c.product_id)
