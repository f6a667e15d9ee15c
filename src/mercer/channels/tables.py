"""The channels' tables."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from mercer.platform.tables import identity, metadata, moment, one_of, text
from mercer.values.basket import TaxMode

channel = sa.Table(
    "channel",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    text("currency"),
    sa.Column("languages", ARRAY(sa.Text), nullable=False),
    text("country"),
    text("time_zone"),
    text("tax_mode"),
    sa.Column("origins", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("created_at", now=True),
    moment("archived_at", nullable=True),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    sa.CheckConstraint("cardinality(languages) > 0", name="languages"),
    sa.CheckConstraint("NOT (is_default AND archived_at IS NOT NULL)", name="default_is_open"),
    one_of("tax_mode", TaxMode),
    schema="channels",
)

sa.Index("uq_channel_is_default", channel.c.is_default, unique=True, postgresql_where=sa.text("is_default"))
