"""inventory: holds, allocations, what movements are for, and whose product a level is of"""

import sqlalchemy as sa
from alembic import op

from mercer.platform.migrations import MigrationIrreversible

revision = "5e83b7a01d9c"
down_revision = "e7b40c92d1a8"
branch_labels = None
depends_on = None

SUBJECT = "What it was for: a cart, an order, a shipment, a transfer."
PRODUCT = "The variant's, which stays: its answers are known by it."


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    _add_columns()
    _create_hold()
    _create_allocation()


def _add_columns() -> None:
    op.add_column("movement", sa.Column("subject_id", sa.Uuid(), nullable=True, comment=SUBJECT), schema="inventory")
    # Not CONCURRENTLY, which goes without a transaction: a failure would leave half of the migration.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX ix_movement_subject_id ON inventory.movement (subject_id) WHERE subject_id IS NOT NULL"
    )
    op.add_column("stock", sa.Column("product_id", sa.Uuid(), nullable=True, comment=PRODUCT), schema="inventory")
    op.execute("""
        UPDATE inventory.stock s SET product_id = v.product_id FROM catalog.variant v WHERE v.id = s.variant_id
    """)
    # Levels are some hundred thousand rows: looking at each takes well under a second.
    op.execute(
        "-- squawk-ignore adding-not-nullable-field\nALTER TABLE inventory.stock ALTER COLUMN product_id SET NOT NULL"
    )


def _create_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False, comment="The cart."),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_hold_quantity")),
        sa.ForeignKeyConstraint(
            ["variant_id", "warehouse_id"],
            ["inventory.stock.variant_id", "inventory.stock.warehouse_id"],
            name=op.f("fk_hold_variant_id_warehouse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint(
            "holder_id", "variant_id", "warehouse_id", name=op.f("uq_hold_holder_id_variant_id_warehouse_id")
        ),
        schema="inventory",
        comment="Stock that waits for a buyer. Rows are changed only by who has locked the level that they are of.",
    )
    for columns in (["variant_id", "warehouse_id", "expires_at"], ["expires_at"]):
        op.create_index(op.f(f"ix_hold_{'_'.join(columns)}"), "hold", columns, schema="inventory")


def _create_allocation() -> None:
    op.create_table(
        "allocation",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("released", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_allocation_quantity")),
        sa.CheckConstraint("shipped >= 0 AND released >= 0", name=op.f("ck_allocation_parts")),
        sa.CheckConstraint("shipped + released <= quantity", name=op.f("ck_allocation_not_more_than_all")),
        sa.ForeignKeyConstraint(
            ["variant_id", "warehouse_id"],
            ["inventory.stock.variant_id", "inventory.stock.warehouse_id"],
            name=op.f("fk_allocation_variant_id_warehouse_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        schema="inventory",
        comment="What leaves a warehouse for a line of an order. Rows stay: what was ever sold is not deleted.",
    )
    for columns in (["order_id", "line_id"], ["variant_id", "warehouse_id"]):
        op.create_index(op.f(f"ix_allocation_{'_'.join(columns)}"), "allocation", columns, schema="inventory")


def downgrade() -> None:
    raise MigrationIrreversible("what is promised to buyers is not to be forgotten")
