"""identity: refresh tokens, second factors, bounded permissions, API keys, changes of address"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2642131fbfe9"
down_revision = "f7a2093cd61e"
branch_labels = None
depends_on = None

BOUNDS = "How far some of the permissions go: channels, warehouses, amounts by currency in minor units, own only."

ENDINGS = ("signed_out", "revoked", "password_changed", "email_changed", "blocked", "deactivated")
NEW_ENDINGS = ("ended_by_staff", "replayed", "factor_changed", "recovered")
PURPOSES = ("verify_email", "reset_password")
NEW_PURPOSES = ("change_email", "undo_email_change", "unlock", "accept_invitation", "recover_staff")
SURFACES = ("shop_sign_in", "admin_sign_in", "registration", "password_reset")
NEW_SURFACES = (
    "shop_factor",
    "admin_factor",
    "verification",
    "email_change",
    "mailed_token",
    "order_look_up",
    "session_refresh",
)
OUTCOMES = ("succeeded", "wrong", "refused", "held_up")
NEW_OUTCOMES = ("challenged", "replayed")
TYPED = "SHA-256 of the address as it was typed, case-folded"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    _deepen_sessions()
    _create_refresh_token()
    _create_factors()
    _create_email_change()
    _create_api_key()
    _widen_tokens()
    op.add_column("role", _bounds(), schema="identity")
    op.add_column(
        "role",
        sa.Column("needs_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="identity",
    )
    op.alter_column(
        "staff",
        "password_hash",
        existing_type=sa.TEXT(),
        existing_nullable=True,
        comment="Argon2id. Null: only an invitation or a recovery opens the account.",
        schema="identity",
    )
    _deepen_throttling()


def _deepen_throttling() -> None:
    _index("attempt", "account_id", "at")
    _list_values("attempt", "surface", SURFACES + NEW_SURFACES)
    _list_values("attempt", "outcome", OUTCOMES + NEW_OUTCOMES)
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE identity.attempt ALTER COLUMN account DROP NOT NULL")
    _comment_account(f"{TYPED}: people type passwords there. Null: none was.")
    op.add_column("attempt", _device(), schema="identity")
    op.add_column("throttle", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True), schema="identity")
    op.create_table(
        "known_device",
        _id(),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False, comment="SHA-256 of the account's address, case-folded."),
        _hash("token_hash"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("audience IN ('shop', 'admin')", name=op.f("ck_known_device_audience")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_known_device_token_hash")),
        schema="identity",
        comment="What shows that its bearer signed in before: others who guess at the account do not hold him up.",
    )
    _index("known_device", "account", "created_at")
    _index("known_device", "expires_at")


def _comment_account(comment: str) -> None:
    op.alter_column("attempt", "account", existing_type=sa.TEXT(), comment=comment, schema="identity")


def _device() -> sa.Column[Any]:
    return sa.Column("device", sa.Text(), nullable=True, comment="What the user agent names: `Firefox on Windows`.")


def _deepen_sessions() -> None:
    session = [
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "previous_token_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="Of the token before: it works on a while.",
        ),
        sa.Column("previous_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("factor_level", sa.Text(), server_default="password", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        _device(),
    ]
    for column in session:
        op.add_column("session", column, schema="identity")
    op.execute("UPDATE identity.session SET confirmed_at = created_at")
    # Sessions are few, and each is forgotten a month after its end.
    op.execute(
        "-- squawk-ignore adding-not-nullable-field\n"
        "ALTER TABLE identity.session ALTER COLUMN confirmed_at SET NOT NULL"
    )
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE UNIQUE INDEX uq_session_previous_token_hash ON identity.session (previous_token_hash)"
    )
    op.execute(
        "-- squawk-ignore disallowed-unique-constraint\nALTER TABLE identity.session "
        "ADD CONSTRAINT uq_session_previous_token_hash UNIQUE USING INDEX uq_session_previous_token_hash"
    )
    _list_values("session", "revoked_reason", ENDINGS + NEW_ENDINGS)
    _check("session", "factor_level", "factor_level IN ('password', 'two_factors')")
    _check("session", "previous", "(previous_token_hash IS NULL) = (previous_expires_at IS NULL)")


def _create_refresh_token() -> None:
    op.create_table(
        "refresh_token",
        _id(),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        _hash("token_hash"),
        sa.Column("salt", sa.LargeBinary(), nullable=True, comment="With the token itself, it makes the next one."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(salt IS NULL) = (used_at IS NULL)", name=op.f("ck_refresh_token_used")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["identity.session.id"], name=op.f("fk_refresh_token_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_token_token_hash")),
        schema="identity",
        comment="The tokens of one session are a family: one that is used long after its successor was made ends it.",
    )
    _index("refresh_token", "session_id")


def _create_factors() -> None:
    op.create_table(
        "challenge",
        _id(),
        *_owner("challenge"),
        _hash("token_hash"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_challenge_token_hash")),
        schema="identity",
        comment="Who has shown a password, and has yet to show a second factor.",
    )
    _index("challenge", "expires_at")
    op.create_table(
        "factor",
        _id(),
        *_owner("factor"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="What its owner calls it."),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="Encrypted with the program's key."),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            nullable=True,
            comment="The time step of the last code, so that none works twice.",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('totp')", name=op.f("ck_factor_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor")),
        schema="identity",
    )
    op.create_table(
        "recovery_code",
        _id(),
        *_owner("recovery_code"),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, comment="SHA-256: it is random enough."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
        schema="identity",
    )
    for table in ("challenge", "factor", "recovery_code"):
        _index(table, "customer_id")
        _index(table, "staff_id")


def _create_email_change() -> None:
    op.create_table(
        "email_change",
        _id(),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("old_email", sa.Text(), nullable=False),
        sa.Column("new_email", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("undone_at IS NULL OR confirmed_at IS NOT NULL", name=op.f("ck_email_change_undone")),
        sa.CheckConstraint("ended_at IS NULL OR confirmed_at IS NULL", name=op.f("ck_email_change_ended")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["identity.customer.id"], name=op.f("fk_email_change_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_change")),
        schema="identity",
    )
    _index("email_change", "customer_id")
    _index("email_change", "requested_at")


def _create_api_key() -> None:
    op.create_table(
        "api_key",
        _id(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the whole key."),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        _bounds(),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_ip", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("outdated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["identity.staff.id"], name=op.f("fk_api_key_created_by")),
        sa.ForeignKeyConstraint(["revoked_by"], ["identity.staff.id"], name=op.f("fk_api_key_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
        schema="identity",
        comment="It belongs to the shop, and outlives whoever made it.",
    )
    _index("api_key", "created_by")
    _index("api_key", "revoked_by")
    _index("api_key", "created_at", "id")
    op.create_index(
        "ix_api_key_outdated_at",
        "api_key",
        ["outdated_at"],
        schema="identity",
        postgresql_where=sa.text("outdated_at IS NOT NULL"),
    )


def _widen_tokens() -> None:
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE identity.token ALTER COLUMN customer_id DROP NOT NULL")
    for column, target in (("staff_id", "staff"), ("email_change_id", "email_change")):
        op.add_column("token", sa.Column(column, sa.Uuid(), nullable=True), schema="identity")
        op.create_foreign_key(
            op.f(f"fk_token_{column}"),
            "token",
            target,
            [column],
            ["id"],
            source_schema="identity",
            referent_schema="identity",
            ondelete="CASCADE",
            postgresql_not_valid=True,  # and need not be validated: the column is empty
        )
        _index("token", column)
    op.create_table_comment("token", "What was mailed to customers and staff. Each works once.", schema="identity")
    _list_values("token", "purpose", PURPOSES + NEW_PURPOSES)
    _check("token", "owner", "num_nonnulls(customer_id, staff_id) = 1")


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _hash(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=False, comment="SHA-256.")


def _bounds() -> sa.Column[Any]:
    return sa.Column(
        "bounds", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False, comment=BOUNDS
    )


def _owner(table: str) -> list[Any]:
    return [
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name=op.f(f"ck_{table}_owner")),
        *(
            sa.ForeignKeyConstraint(
                [f"{owner}_id"], [f"identity.{owner}.id"], name=op.f(f"fk_{table}_{owner}_id"), ondelete="CASCADE"
            )
            for owner in ("customer", "staff")
        ),
    ]


def _index(table: str, *columns: str) -> None:
    # Not CONCURRENTLY, which goes without a transaction: a failure would leave half of the migration.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        f"CREATE INDEX ix_{table}_{'_'.join(columns)} ON identity.{table} ({', '.join(columns)})"
    )


def _list_values(table: str, column: str, values: tuple[str, ...]) -> None:
    op.execute(
        f"-- squawk-ignore ban-drop-constraint\nALTER TABLE identity.{table} DROP CONSTRAINT ck_{table}_{column}"
    )
    _check(table, column, f"{column} IN ({', '.join(repr(each) for each in values)})")


def _check(table: str, name: str, condition: str) -> None:
    # Sessions, tokens and attempts are few or kept for months only: checking them all takes a moment.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE identity.{table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition})"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute(
        "DELETE FROM identity.token WHERE staff_id IS NOT NULL OR purpose NOT IN ('verify_email', 'reset_password')"
    )
    op.execute("ALTER TABLE identity.token DROP CONSTRAINT ck_token_owner")
    _list_values("token", "purpose", PURPOSES)
    op.drop_column("token", "staff_id", schema="identity")
    op.drop_column("token", "email_change_id", schema="identity")
    op.alter_column("token", "customer_id", existing_type=sa.UUID(), nullable=False, schema="identity")
    op.create_table_comment("token", "What was mailed to customers. Each works once.", schema="identity")
    op.execute(
        "DELETE FROM identity.attempt "
        "WHERE surface NOT IN ('shop_sign_in', 'admin_sign_in', 'registration', 'password_reset') "
        "OR outcome IN ('challenged', 'replayed') OR account IS NULL"
    )
    _list_values("attempt", "surface", SURFACES)
    _list_values("attempt", "outcome", OUTCOMES)
    op.alter_column("attempt", "account", existing_type=sa.TEXT(), nullable=False, schema="identity")
    _comment_account(f"{TYPED}. People type passwords there.")
    op.drop_column("attempt", "device", schema="identity")
    op.drop_column("throttle", "told_at", schema="identity")
    op.drop_table("known_device", schema="identity")
    op.drop_index("ix_attempt_account_id_at", table_name="attempt", schema="identity")
    op.execute("DELETE FROM identity.staff WHERE password_hash IS NULL")
    op.alter_column(
        "staff",
        "password_hash",
        existing_type=sa.TEXT(),
        existing_nullable=True,
        comment="Argon2id.",
        schema="identity",
    )
    op.drop_column("role", "needs_factor", schema="identity")
    op.drop_column("role", "bounds", schema="identity")
    for table in ("refresh_token", "challenge", "factor", "recovery_code", "email_change", "api_key"):
        op.drop_table(table, schema="identity")
    op.execute(
        "DELETE FROM identity.session "
        "WHERE revoked_reason IN ('ended_by_staff', 'replayed', 'factor_changed', 'recovered')"
    )
    _list_values("session", "revoked_reason", ENDINGS)
    op.execute("ALTER TABLE identity.session DROP CONSTRAINT ck_session_previous")
    for column in (
        "token_expires_at",
        "previous_token_hash",
        "previous_expires_at",
        "factor_level",
        "confirmed_at",
        "device",
    ):
        op.drop_column("session", column, schema="identity")
