"""notifications: the record of mails"""

import sqlalchemy as sa
from alembic import op

revision = "a4c7e2b91d35"
down_revision = "e91f04c7a3d8"
branch_labels = None
depends_on = None

TEMPLATES = (
    "'verify_address', 'account_exists', 'password_reset', 'password_changed', 'staff_welcome', "
    "'staff_password_changed'"
)
STATES = "'waiting', 'sending', 'sent', 'refused', 'failed', 'skipped'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA notifications")
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True, comment="What the mail is known by in logs of mail servers."),
        sa.Column("problem", sa.Text(), nullable=True, comment="Why the last attempt failed."),
        sa.CheckConstraint(f"template IN ({TEMPLATES})", name=op.f("ck_mail_template")),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_mail_state")),
        sa.CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name=op.f("ck_mail_recipient")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mail_sent")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["identity.customer.id"], name=op.f("fk_mail_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["identity.staff.id"], name=op.f("fk_mail_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        schema="notifications",
        comment="What was said is not kept: there are tokens in it.",
    )
    for column in ("customer_id", "staff_id"):
        op.create_index(op.f(f"ix_mail_{column}"), "mail", [column], schema="notifications")
    op.create_index(op.f("ix_mail_created_at_id"), "mail", ["created_at", "id"], schema="notifications")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_table("mail", schema="notifications")
    op.execute("DROP SCHEMA notifications")
