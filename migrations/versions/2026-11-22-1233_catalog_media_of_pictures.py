"""catalog: media of uploaded pictures"""

import sqlalchemy as sa
from alembic import op

revision = "5a90c7d2e816"
down_revision = "3c1d5e0a7b42"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.add_column("media", sa.Column("picture_id", sa.Uuid(), nullable=True), schema="catalog")
    op.create_foreign_key(
        op.f("fk_media_picture_id"),
        "media",
        "picture",
        ["picture_id"],
        ["id"],
        source_schema="catalog",
        referent_schema="media",
        postgresql_not_valid=True,  # and need not be validated: the column is empty
    )
    # Not CONCURRENTLY, which goes without a transaction: a failure would leave half of the migration.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX ix_media_picture_id ON catalog.media (picture_id)"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_index(op.f("ix_media_picture_id"), table_name="media", schema="catalog")
    op.drop_column("media", "picture_id", schema="catalog")
