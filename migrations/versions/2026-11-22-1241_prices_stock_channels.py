"""prices with windows and history, movements of stock, versions of channels and warehouses"""

import sqlalchemy as sa
from alembic import op

from mercer.platform.migrations import MigrationIrreversible

revision = "d3a8b57e6f10"
down_revision = "b22b78550454"
branch_labels = None
depends_on = None

BEGINNING = "'0001-01-01 00:00:00+00'::timestamp with time zone"
KINDS = (
    "'received', 'adjusted', 'held', 'hold_released', 'allocated', 'allocation_released', 'shipped', 'returned', "
    "'scrapped', 'transferred'"
)

# Each product's lowest and highest listed amounts, made anew from what is listed of its variants that are sold. There
# is a row from the beginning on, so that sorting by price loses no product, and another from each moment at which a
# price begins or ends. Plans are made for the very products: those for any number of them compare each row with each.
WRITE_RANGES = """
CREATE FUNCTION pricing.write_ranges(products uuid[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    WITH sold AS MATERIALIZED (
        SELECT product_id, channel_id, valid_from, valid_until, amount
        FROM pricing.listed WHERE product_id = ANY(products) AND is_sold
    ), moment AS (
        SELECT product_id, channel_id, '0001-01-01 00:00:00+00'::timestamptz AS at FROM sold
        UNION SELECT product_id, channel_id, valid_from FROM sold
        UNION SELECT product_id, channel_id, valid_until FROM sold WHERE valid_until IS NOT NULL
        UNION SELECT product_id, channel_id, '0001-01-01 00:00:00+00'::timestamptz
        FROM pricing.listed_range WHERE product_id = ANY(products)
    ), span AS (
        SELECT product_id, channel_id, at AS valid_from,
            lead(at) OVER (PARTITION BY product_id, channel_id ORDER BY at) AS valid_until
        FROM moment
    ), ranged AS MATERIALIZED (
        SELECT s.product_id, s.channel_id, s.valid_from, s.valid_until, c.currency,
            min(l.amount) AS start_amount, max(l.amount) AS stop_amount
        FROM span s
        JOIN channels.channel c ON c.id = s.channel_id
        LEFT JOIN sold l ON l.product_id = s.product_id AND l.channel_id = s.channel_id
            AND l.valid_from <= s.valid_from AND (l.valid_until IS NULL OR l.valid_until > s.valid_from)
        GROUP BY s.product_id, s.channel_id, s.valid_from, s.valid_until, c.currency
    ), gone AS (
        DELETE FROM pricing.listed_range r WHERE r.product_id = ANY(products) AND NOT EXISTS (
            SELECT FROM ranged n WHERE n.product_id = r.product_id
                AND n.channel_id = r.channel_id AND n.valid_from = r.valid_from
        )
    )
    MERGE INTO pricing.listed_range r USING ranged n
    ON r.product_id = n.product_id AND r.channel_id = n.channel_id AND r.valid_from = n.valid_from
    WHEN NOT MATCHED THEN
        INSERT (product_id, channel_id, valid_from, valid_until, currency, start_amount, stop_amount)
        VALUES (n.product_id, n.channel_id, n.valid_from, n.valid_until, n.currency, n.start_amount, n.stop_amount)
    WHEN MATCHED AND (r.valid_until, r.start_amount, r.stop_amount)
        IS DISTINCT FROM (n.valid_until, n.start_amount, n.stop_amount)
    THEN UPDATE SET valid_until = n.valid_until, start_amount = n.start_amount, stop_amount = n.stop_amount;
END $$
"""

# A variant that is archived, restored or deleted counts no more, or again, in the same transaction.
FOLLOW_VARIANTS = """
CREATE FUNCTION pricing.follow_variants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    products uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM pricing.listed WHERE variant_id IN (SELECT id FROM before);
        SELECT array_agg(DISTINCT product_id) INTO products FROM before;
    ELSE
        WITH touched AS (
            UPDATE pricing.listed l SET is_sold = a.archived_at IS NULL
            FROM before b JOIN after a ON a.id = b.id
            WHERE l.variant_id = a.id AND (a.archived_at IS NULL) <> (b.archived_at IS NULL)
            RETURNING l.product_id
        )
        SELECT array_agg(DISTINCT product_id) INTO products FROM touched;
    END IF;
    IF products IS NOT NULL THEN
        PERFORM pricing.write_ranges(products);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER listed_of_updated AFTER UPDATE ON catalog.variant REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION pricing.follow_variants();
CREATE TRIGGER listed_of_deleted AFTER DELETE ON catalog.variant REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION pricing.follow_variants()
"""

# What may be seen in a channel has a row there to be sorted by, priced or not.
FOLLOW_PUBLICATIONS = """
CREATE FUNCTION pricing.follow_publications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pricing.listed_range (product_id, channel_id, currency)
    SELECT p.product_id, p.channel_id, c.currency FROM after p JOIN channels.channel c ON c.id = p.channel_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER range_of_inserted AFTER INSERT ON catalog.publication REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION pricing.follow_publications()
"""

FILL = """
INSERT INTO pricing.listed (variant_id, channel_id, product_id, currency, amount, before_amount, is_sold)
SELECT p.variant_id, p.channel_id, v.product_id, p.currency, p.amount, p.before_amount, v.archived_at IS NULL
FROM pricing.price p JOIN catalog.variant v ON v.id = p.variant_id;
INSERT INTO pricing.listed_range (product_id, channel_id, currency, start_amount, stop_amount)
SELECT p.id, c.id, c.currency, min(l.amount), max(l.amount)
FROM catalog.product p CROSS JOIN channels.channel c
LEFT JOIN pricing.listed l ON l.product_id = p.id AND l.channel_id = c.id AND l.is_sold
GROUP BY p.id, c.id, c.currency;
INSERT INTO pricing.price_change (variant_id, channel_id, at, currency, amount, before_amount)
SELECT variant_id, channel_id, updated_at, currency, amount, before_amount FROM pricing.price;
INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand, allocated, held, reason, at, actor_kind)
SELECT variant_id, warehouse_id, 'adjusted', on_hand, allocated, held, 'What lay there when movements began.', now(),
    'system'
FROM inventory.stock WHERE on_hand <> 0 OR allocated <> 0 OR held <> 0
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for table, schema in (("channel", "channels"), ("warehouse", "inventory")):
        op.add_column(table, sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True), schema=schema)
        version = sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
        op.add_column(table, version, schema=schema)
    # Channels are few: checking them all takes no time.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE channels.channel ADD CONSTRAINT ck_channel_default_is_open "
        "CHECK (NOT (is_default AND archived_at IS NOT NULL))"
    )
    _create_movement()
    version = sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    op.add_column("price", version, schema="pricing")
    _create_scheduled_price()
    for table in ("listed", "listed_range"):
        # Derived: made anew below.
        op.execute(f"-- squawk-ignore ban-drop-table\nDROP TABLE pricing.{table}")
    _create_listed()
    _create_listed_range()
    _create_price_change()
    op.create_table(
        "followed",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_followed_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed")),
        schema="pricing",
        comment="Up to which beginning or end of a scheduled price it was followed: the moment, then the variant.",
    )
    op.execute("INSERT INTO pricing.followed VALUES (1, '0001-01-01 00:00+00', '00000000-0000-0000-0000-000000000000')")
    op.execute(FILL)
    for statement in (WRITE_RANGES, FOLLOW_VARIANTS, FOLLOW_PUBLICATIONS):
        op.execute(statement)


def _create_movement() -> None:
    op.create_table(
        "movement",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("allocated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_movement_kind")),
        sa.CheckConstraint("on_hand <> 0 OR allocated <> 0 OR held <> 0", name=op.f("ck_movement_moves")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_movement_variant_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["warehouse_id"], ["inventory.warehouse.id"], name=op.f("fk_movement_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        schema="inventory",
        comment="Append-only: by how much each quantity changed, and why. A level is the sum of its movements, always.",
    )
    for columns in (["variant_id", "at", "id"], ["warehouse_id", "at", "id"], ["at", "id"]):
        op.create_index(op.f(f"ix_movement_{'_'.join(columns)}"), "movement", columns, schema="inventory")


def _create_scheduled_price() -> None:
    op.create_table(
        "scheduled_price",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("before_amount", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_scheduled_price_amount")),
        sa.CheckConstraint("before_amount > amount", name=op.f("ck_scheduled_price_before_amount")),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_scheduled_price_window")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_scheduled_price_channel_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_scheduled_price_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("variant_id", "channel_id", "valid_from", name=op.f("pk_scheduled_price")),
        schema="pricing",
        comment="What is asked instead of price from a moment on, until another. Windows never overlap.",
    )
    for columns in (["channel_id", "valid_from", "variant_id"], ["channel_id", "valid_until", "variant_id"]):
        op.create_index(op.f(f"ix_scheduled_price_{'_'.join(columns)}"), "scheduled_price", columns, schema="pricing")


def _create_listed() -> None:
    op.create_table(
        "listed",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), server_default=sa.text(BEGINNING), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("before_amount", sa.BigInteger(), nullable=True),
        sa.Column(
            "is_sold",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Whether it is not archived.",
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_listed_channel_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_listed_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_listed_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("variant_id", "channel_id", "valid_from", name=op.f("pk_listed")),
        schema="pricing",
        comment="What shoppers see from when to when: scheduled prices, and price between them. Never two at once.",
    )
    for columns in (["product_id", "channel_id", "amount"], ["channel_id", "amount", "product_id"]):
        op.create_index(op.f(f"ix_listed_{'_'.join(columns)}"), "listed", columns, schema="pricing")


def _create_listed_range() -> None:
    op.create_table(
        "listed_range",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), server_default=sa.text(BEGINNING), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("start_amount", sa.BigInteger(), nullable=True),
        sa.Column("stop_amount", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_listed_range_channel_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_listed_range_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "channel_id", "valid_from", name=op.f("pk_listed_range")),
        schema="pricing",
        comment="Each product's lowest and highest listed amount from when to when, null where it has none.",
    )
    for name, amount in (
        ("cheapest", "coalesce(start_amount, 9223372036854775807)"),
        ("dearest", "coalesce(start_amount, -1)"),
    ):
        op.create_index(
            f"ix_listed_range_{name}",
            "listed_range",
            ["channel_id", sa.literal_column(amount), "product_id", "valid_from"],
            schema="pricing",
        )


def _create_price_change() -> None:
    op.create_table(
        "price_change",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("before_amount", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_price_change_channel_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_price_change_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_change")),
        schema="pricing",
        comment="Append-only: what began to be listed when. Null amounts: from then on it had no price.",
    )
    for columns in (["variant_id", "channel_id", "at"], ["at", "id"]):
        op.create_index(op.f(f"ix_price_change_{'_'.join(columns)}"), "price_change", columns, schema="pricing")


def downgrade() -> None:
    raise MigrationIrreversible("what prices were when is not to be forgotten")
