"""The taxes' tables.

The database itself refuses areas and rates between which nothing could decide, at the end of a transaction: areas may
change places within it. Postal codes are
compared by byte, as Python compares them: their columns have the collation C.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from mercer.platform.tables import identity, metadata, moment, reference, text

SCHEMA = "tax"


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"))


tax_class = sa.Table(
    "tax_class",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()),
    _version(),
    schema=SCHEMA,
    comment="Exactly one is the default: that of products that have none.",
)

sa.Index("ix_tax_class_default", tax_class.c.is_default, unique=True, postgresql_where=tax_class.c.is_default)

zone = sa.Table(
    "zone",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    _version(),
    schema=SCHEMA,
)

area = sa.Table(
    "area",
    metadata,
    identity(),
    reference("zone_id", "tax.zone.id", cascade=True, index=True),
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
    ExcludeConstraint(
        ("country", "="),
        (sa.text("coalesce(region, '')"), "="),
        (sa.text("coalesce(length(postal_from), 0)"), "="),
        (sa.text("tax.postal_range(postal_from, postal_to, '[]')"), "&&"),
        name="ex_area_once",
        deferrable=True,
        initially="DEFERRED",
    ),
    schema=SCHEMA,
    comment="What a zone is made of. Postal codes by what they begin with, from the one until the other.",
)

rate = sa.Table(
    "rate",
    metadata,
    identity(),
    reference("zone_id", "tax.zone.id", index=True),
    reference("tax_class_id", "tax.tax_class.id", index=True),
    text("name"),
    sa.Column("rate", sa.Numeric(9, 6), nullable=False),
    moment("valid_from", nullable=True),
    moment("valid_until", nullable=True),
    _version(),
    sa.CheckConstraint("rate BETWEEN 0 AND 1", name="rate"),
    sa.CheckConstraint("valid_until > valid_from", name="window"),
    ExcludeConstraint(
        ("zone_id", "="),
        ("tax_class_id", "="),
        ("name", "="),
        (sa.text("tstzrange(valid_from, valid_until)"), "&&"),
        name="ex_rate_window",
        deferrable=True,
        initially="DEFERRED",
    ),
    schema=SCHEMA,
    comment="0.19 is 19 per cent. Null moments: it has always held, it does not end. Different names add up.",
)

product_tax_class = sa.Table(
    "product_tax_class",
    metadata,
    reference("product_id", "catalog.product.id", cascade=True, primary_key=True),
    reference("tax_class_id", "tax.tax_class.id", index=True),
    schema=SCHEMA,
    comment="The class of products that have another one than the default.",
)
