"""catalog: when publications end, found at once"""

from alembic import op

revision = "e91f04c7a3d8"
down_revision = "d3a8b57e6f10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    # Not CONCURRENTLY, which goes without a transaction: a failure would leave half of the migration.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX ix_publication_ends ON catalog.publication (channel_id, unpublish_at) "
        "WHERE status = 'published' AND unpublish_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_index(op.f("ix_publication_ends"), table_name="publication", schema="catalog")
