"""catalog: versions, archived products, scheduled publications"""

import sqlalchemy as sa
from alembic import op

revision = "7b2e94d01c5f"
down_revision = "5a90c7d2e816"
branch_labels = None
depends_on = None

VERSIONED = ("product_type", "attribute", "category", "product", "variant")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for table in VERSIONED:
        version = sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
        op.add_column(table, version, schema="catalog")
    op.add_column("product", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True), schema="catalog")
    op.add_column(
        "publication",
        sa.Column(
            "status_before",
            sa.Text(),
            nullable=True,
            comment="Of archived products: what the status is again when it is restored.",
        ),
        schema="catalog",
    )
    op.add_column(
        "publication",
        sa.Column(
            "changes_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the product begins or ends to be seen next, as far as that has not been announced.",
        ),
        schema="catalog",
    )
    op.execute("""
        UPDATE catalog.publication
        SET changes_at = CASE WHEN publish_at > now() THEN publish_at WHEN unpublish_at > now() THEN unpublish_at END
        WHERE status = 'published'
    """)
    # Not CONCURRENTLY, which goes without a transaction: a failure would leave half of the migration.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX ix_publication_changes_at ON catalog.publication (changes_at) WHERE changes_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_index(op.f("ix_publication_changes_at"), table_name="publication", schema="catalog")
    op.drop_column("publication", "changes_at", schema="catalog")
    op.drop_column("publication", "status_before", schema="catalog")
    op.drop_column("product", "archived_at", schema="catalog")
    for table in reversed(VERSIONED):
        op.drop_column(table, "version", schema="catalog")
