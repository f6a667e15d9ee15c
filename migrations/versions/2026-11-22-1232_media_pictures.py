"""media: pictures and their renditions"""

import sqlalchemy as sa
from alembic import op

revision = "3c1d5e0a7b42"
down_revision = "f8bcae391c1b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA media")
    op.create_table(
        "picture",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False, comment="Of what is stored, in hexadecimal."),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True, comment="The staff member, or whoever else uploaded it."),
        sa.Column("unused_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp')", name=op.f("ck_picture_media_type")
        ),
        sa.CheckConstraint("state IN ('processing', 'ready', 'failed')", name=op.f("ck_picture_state")),
        sa.CheckConstraint("width > 0 AND height > 0 AND byte_size > 0", name=op.f("ck_picture_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("path", name=op.f("uq_picture_path")),
        schema="media",
    )
    op.create_index(op.f("ix_picture_created_at_id"), "picture", ["created_at", "id"], schema="media")
    op.create_index(
        "ix_picture_unused",
        "picture",
        ["unused_since"],
        schema="media",
        postgresql_where=sa.text("unused_since IS NOT NULL"),
    )
    op.create_table(
        "rendition",
        sa.Column("picture_id", sa.Uuid(), nullable=False),
        sa.Column("width", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp')", name=op.f("ck_rendition_media_type")
        ),
        sa.CheckConstraint("width > 0 AND height > 0 AND byte_size > 0", name=op.f("ck_rendition_size")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["media.picture.id"], name=op.f("fk_rendition_picture_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("picture_id", "width", "media_type", name=op.f("pk_rendition")),
        schema="media",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_table("rendition", schema="media")
    op.drop_table("picture", schema="media")
    op.execute("DROP SCHEMA media")
