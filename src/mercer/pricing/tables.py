"""The prices' tables. Amounts are in minor units of the row's currency.

`listed_range` is kept by the database itself (migration `pricing_windows`): the function `pricing.write_ranges` makes
it from `listed`, triggers on `catalog.variant` call it when a variant is archived, restored or deleted, and one on
`catalog.publication` gives every product that may be seen a row to be sorted by.
"""

from datetime import UTC, datetime

import sqlalchemy as sa

from mercer.platform.tables import identity, metadata, moment, reference, text

SCHEMA = "pricing"
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
"""From when on something is listed that has always been so."""
_BEGINNING = sa.text("'0001-01-01 00:00:00+00'::timestamp with time zone")
_LAST = 2**63 - 1


def _amount(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"))


price = sa.Table(
    "price",
    metadata,
    reference("variant_id", "catalog.variant.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    text("currency"),
    _amount("amount"),
    _amount("before_amount", nullable=True),
    moment("updated_at", now=True),
    _version(),
    sa.CheckConstraint("amount >= 0", name="amount"),
    sa.CheckConstraint("before_amount > amount", name="before_amount"),
    schema=SCHEMA,
    comment="What staff ask for a variant in a channel; before_amount is the struck-out price beside it.",
)

scheduled_price = sa.Table(
    "scheduled_price",
    metadata,
    reference("variant_id", "catalog.variant.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    sa.Column("valid_from", sa.DateTime(timezone=True), primary_key=True),
    moment("valid_until", nullable=True),
    text("currency"),
    _amount("amount"),
    _amount("before_amount", nullable=True),
    moment("updated_at", now=True),
    _version(),
    sa.CheckConstraint("amount >= 0", name="amount"),
    sa.CheckConstraint("before_amount > amount", name="before_amount"),
    sa.CheckConstraint("valid_until > valid_from", name="window"),
    schema=SCHEMA,
    comment="What is asked instead of price from a moment on, until another. Windows never overlap.",
)

sa.Index(None, scheduled_price.c.channel_id, scheduled_price.c.valid_from, scheduled_price.c.variant_id)
sa.Index(None, scheduled_price.c.channel_id, scheduled_price.c.valid_until, scheduled_price.c.variant_id)

listed = sa.Table(
    "listed",
    metadata,
    reference("variant_id", "catalog.variant.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    sa.Column("valid_from", sa.DateTime(timezone=True), primary_key=True, server_default=_BEGINNING),
    moment("valid_until", nullable=True),
    reference("product_id", "catalog.product.id", cascade=True),
    text("currency"),
    _amount("amount"),
    _amount("before_amount", nullable=True),
    sa.Column("is_sold", sa.Boolean, nullable=False, server_default=sa.true(), comment="Whether it is not archived."),
    schema=SCHEMA,
    comment="What shoppers see from when to when: scheduled prices, and price between them. Never two at once.",
)

sa.Index(None, listed.c.product_id, listed.c.channel_id, listed.c.amount)
sa.Index(None, listed.c.channel_id, listed.c.amount, listed.c.product_id)

listed_range = sa.Table(
    "listed_range",
    metadata,
    reference("product_id", "catalog.product.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    sa.Column("valid_from", sa.DateTime(timezone=True), primary_key=True, server_default=_BEGINNING),
    moment("valid_until", nullable=True),
    text("currency"),
    _amount("start_amount", nullable=True),
    _amount("stop_amount", nullable=True),
    schema=SCHEMA,
    comment="Each product's lowest and highest listed amount from when to when, null where it has none.",
)

# They end in the beginning of the span, so that spans to come are passed over without a look at their rows.
cheapest = sa.func.coalesce(listed_range.c.start_amount, sa.literal_column(str(_LAST)))
sa.Index(
    "ix_listed_range_cheapest",
    listed_range.c.channel_id,
    cheapest,
    listed_range.c.product_id,
    listed_range.c.valid_from,
)
dearest = sa.func.coalesce(listed_range.c.start_amount, sa.literal_column("-1"))
sa.Index(
    "ix_listed_range_dearest",
    listed_range.c.channel_id,
    dearest,
    listed_range.c.product_id,
    listed_range.c.valid_from,
)

price_change = sa.Table(
    "price_change",
    metadata,
    identity(),
    reference("variant_id", "catalog.variant.id", cascade=True),
    reference("channel_id", "channels.channel.id"),
    moment("at"),
    text("currency"),
    _amount("amount", nullable=True),
    _amount("before_amount", nullable=True),
    schema=SCHEMA,
    comment="Append-only: what began to be listed when. Null amounts: from then on it had no price.",
)

sa.Index(None, price_change.c.variant_id, price_change.c.channel_id, price_change.c.at)
sa.Index(None, price_change.c.at, price_change.c.id)

followed = sa.Table(
    "followed",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    moment("at"),
    sa.Column("variant_id", sa.Uuid, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
    schema=SCHEMA,
    comment="Up to which beginning or end of a scheduled price it was followed: the moment, then the variant.",
)
