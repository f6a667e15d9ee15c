"""fulfilment: shipments and what is in them"""

import sqlalchemy as sa
from alembic import op

revision = "4c8e15b7d0f2"
down_revision = "9b04e2c7f3a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA fulfilment")
    op.create_table(
        "shipment",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="handed_over", nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True, comment="As people know it: `DHL`."),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column(
            "tracking_url",
            sa.Text(),
            nullable=True,
            comment="As it was when it was shipped. Null: nobody knows one.",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('handed_over')", name=op.f("ck_shipment_state")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order.id"], name=op.f("fk_shipment_order_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["inventory.warehouse.id"], name=op.f("fk_shipment_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        schema="fulfilment",
        comment="A parcel of an order, from one warehouse.",
    )
    for columns in (["order_id"], ["tracking_number"], ["created_at", "id"], ["warehouse_id", "created_at", "id"]):
        op.create_index(op.f(f"ix_shipment_{'_'.join(columns)}"), "shipment", columns, schema="fulfilment")
    op.create_table(
        "line",
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_line_quantity")),
        sa.ForeignKeyConstraint(["shipment_id"], ["fulfilment.shipment.id"], name=op.f("fk_line_shipment_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["orders.line.id"], name=op.f("fk_line_order_line_id")),
        sa.PrimaryKeyConstraint("shipment_id", "order_line_id", name=op.f("pk_line")),
        schema="fulfilment",
        comment="What is in a parcel. Never changes.",
    )
    op.create_index(op.f("ix_line_order_line_id"), "line", ["order_line_id"], schema="fulfilment")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_table("line", schema="fulfilment")
    op.drop_table("shipment", schema="fulfilment")
    op.execute("DROP SCHEMA fulfilment")
