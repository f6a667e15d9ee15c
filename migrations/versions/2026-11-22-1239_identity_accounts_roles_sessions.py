"""identity: customers, staff, roles, sessions, tokens, attempts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b22b78550454"
down_revision = "7c41d0a95be2"
branch_labels = None
depends_on = None

# The ready roles, as they were when this was written.
ROLES = {
    "administrator": ("Administrator", ["*"]),
    "customer_support": (
        "Customer support",
        [
            "categories.read",
            "channels.read",
            "media.read",
            "prices.read",
            "product_types.read",
            "products.read",
            "customers.manage",
            "customers.read",
            "mails.read",
            "stock.read",
        ],
    ),
    "merchandiser": (
        "Merchandiser",
        [
            "categories.read",
            "channels.read",
            "media.read",
            "prices.read",
            "product_types.read",
            "products.read",
            "categories.manage",
            "media.manage",
            "prices.manage",
            "product_types.manage",
            "products.manage",
            "products.publish",
            "stock.read",
        ],
    ),
    "marketer": (
        "Marketer",
        [
            "categories.read",
            "channels.read",
            "media.read",
            "prices.read",
            "product_types.read",
            "products.read",
            "mails.read",
            "media.manage",
            "stock.read",
        ],
    ),
    "fulfilment": (
        "Fulfilment",
        [
            "categories.read",
            "channels.read",
            "media.read",
            "prices.read",
            "product_types.read",
            "products.read",
            "stock.manage",
            "stock.read",
        ],
    ),
    "finance": (
        "Finance",
        [
            "categories.read",
            "channels.read",
            "media.read",
            "prices.read",
            "product_types.read",
            "products.read",
            "audit.read",
            "customers.read",
            "stock.read",
        ],
    ),
    "analyst": (
        "Analyst",
        [
            "categories.read",
            "channels.read",
            "media.read",
            "prices.read",
            "product_types.read",
            "products.read",
            "stock.read",
        ],
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA identity")
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column(
            "account",
            sa.Text(),
            nullable=False,
            comment="SHA-256 of the address as it was typed, case-folded. People type passwords there.",
        ),
        sa.Column("account_id", sa.Uuid(), nullable=True, comment="The customer or staff account, if there is one."),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('succeeded', 'wrong', 'refused', 'held_up')", name=op.f("ck_attempt_outcome")),
        sa.CheckConstraint(
            "surface IN ('shop_sign_in', 'admin_sign_in', 'registration', 'password_reset')",
            name=op.f("ck_attempt_surface"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        schema="identity",
        comment="Who tried to sign in, and what came of it. Append-only.",
    )
    op.create_index(op.f("ix_attempt_account_at"), "attempt", ["account", "at"], unique=False, schema="identity")
    op.create_index(op.f("ix_attempt_at"), "attempt", ["at"], unique=False, schema="identity")
    op.create_index(op.f("ix_attempt_ip_at"), "attempt", ["ip", "at"], unique=False, schema="identity")
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False, comment="Normalised and case-folded, by the program."),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, comment="BCP 47: what mails to him are written in."),
        sa.Column("password_hash", sa.Text(), nullable=True, comment="Argon2id. Null: only a reset opens the account."),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("email_key", name=op.f("uq_customer_email_key")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_customer_created_at_id"), "customer", ["created_at", "id"], unique=False, schema="identity"
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False, comment="`*` stands for all."),
        sa.Column("is_builtin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("code", name=op.f("uq_role_code")),
        schema="identity",
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False, comment="Normalised and case-folded, by the program."),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True, comment="Argon2id."),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email_key", name=op.f("uq_staff_email_key")),
        schema="identity",
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False, comment="A surface, and an account, an address or both."),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_throttle_failures")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
        schema="identity",
        comment="How often somebody guessed lately. Here, because losing Valkey may not reset it.",
    )
    op.create_index(op.f("ix_throttle_last_at"), "throttle", ["last_at"], unique=False, schema="identity")
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256."),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column(
            "outdated_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When what is remembered of it last stopped being true, by the database's own clock.",
        ),
        sa.CheckConstraint("(audience = 'admin') = (staff_id IS NOT NULL)", name=op.f("ck_session_staff")),
        sa.CheckConstraint("(audience = 'shop') = (customer_id IS NOT NULL)", name=op.f("ck_session_customer")),
        sa.CheckConstraint("audience IN ('shop', 'admin')", name=op.f("ck_session_audience")),
        sa.CheckConstraint(
            "revoked_reason IN "
            "('signed_out', 'revoked', 'password_changed', 'email_changed', 'blocked', 'deactivated')",
            name=op.f("ck_session_revoked_reason"),
        ),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name=op.f("ck_session_revoked")),
        sa.CheckConstraint("revoked_at IS NULL OR outdated_at IS NOT NULL", name=op.f("ck_session_outdated")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["identity.customer.id"], name=op.f("fk_session_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["identity.staff.id"], name=op.f("fk_session_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        schema="identity",
    )
    op.create_index(op.f("ix_session_customer_id"), "session", ["customer_id"], unique=False, schema="identity")
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False, schema="identity")
    op.create_index(
        "ix_session_outdated_at",
        "session",
        ["outdated_at"],
        unique=False,
        schema="identity",
        postgresql_where=sa.text("outdated_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_session_staff_id"), "session", ["staff_id"], unique=False, schema="identity")
    op.create_table(
        "staff_role",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["identity.role.id"], name=op.f("fk_staff_role_role_id")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["identity.staff.id"], name=op.f("fk_staff_role_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", "role_id", name=op.f("pk_staff_role")),
        schema="identity",
    )
    op.create_index(op.f("ix_staff_role_role_id"), "staff_role", ["role_id"], unique=False, schema="identity")
    op.create_table(
        "token",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('verify_email', 'reset_password')", name=op.f("ck_token_purpose")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["identity.customer.id"], name=op.f("fk_token_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_token_token_hash")),
        schema="identity",
        comment="What was mailed to customers. Each works once.",
    )
    op.create_index(op.f("ix_token_customer_id"), "token", ["customer_id"], unique=False, schema="identity")
    op.create_index(op.f("ix_token_expires_at"), "token", ["expires_at"], unique=False, schema="identity")
    role = sa.table(
        "role",
        sa.column("code", sa.Text),
        sa.column("name", sa.Text),
        sa.column("permissions", postgresql.ARRAY(sa.Text)),
        sa.column("is_builtin", sa.Boolean),
        schema="identity",
    )
    op.bulk_insert(
        role,
        [
            {"code": code, "name": name, "permissions": permissions, "is_builtin": True}
            for code, (name, permissions) in ROLES.items()
        ],
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_index(op.f("ix_token_expires_at"), table_name="token", schema="identity")
    op.drop_index(op.f("ix_token_customer_id"), table_name="token", schema="identity")
    op.drop_table("token", schema="identity")
    op.drop_index(op.f("ix_staff_role_role_id"), table_name="staff_role", schema="identity")
    op.drop_table("staff_role", schema="identity")
    op.drop_index(op.f("ix_session_staff_id"), table_name="session", schema="identity")
    op.drop_index(
        "ix_session_outdated_at",
        table_name="session",
        schema="identity",
        postgresql_where=sa.text("outdated_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_session_expires_at"), table_name="session", schema="identity")
    op.drop_index(op.f("ix_session_customer_id"), table_name="session", schema="identity")
    op.drop_table("session", schema="identity")
    op.drop_index(op.f("ix_throttle_last_at"), table_name="throttle", schema="identity")
    op.drop_table("throttle", schema="identity")
    op.drop_table("staff", schema="identity")
    op.drop_table("role", schema="identity")
    op.drop_index(op.f("ix_customer_created_at_id"), table_name="customer", schema="identity")
    op.drop_table("customer", schema="identity")
    op.drop_index(op.f("ix_attempt_ip_at"), table_name="attempt", schema="identity")
    op.drop_index(op.f("ix_attempt_at"), table_name="attempt", schema="identity")
    op.drop_index(op.f("ix_attempt_account_at"), table_name="attempt", schema="identity")
    op.drop_table("attempt", schema="identity")
    op.execute("DROP SCHEMA identity")
