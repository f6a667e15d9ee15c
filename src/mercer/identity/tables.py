"""The tables of identity."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from mercer.identity.models import Audience, Ending, Outcome, Surface, TokenPurpose
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text

SCHEMA = "identity"


def _version() -> sa.Column[Any]:
    return sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"))


def _email() -> list[sa.Column[Any]]:
    return [text("email"), text("email_key", unique=True, comment="Normalised and case-folded, by the program.")]


customer = sa.Table(
    "customer",
    metadata,
    identity(),
    *_email(),
    text("name"),
    text("language", comment="BCP 47: what mails to him are written in."),
    sa.Column("password_hash", sa.Text, comment="Argon2id. Null: only a reset opens the account."),
    moment("email_verified_at", nullable=True),
    moment("blocked_at", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    _version(),
    schema=SCHEMA,
)
sa.Index(None, customer.c.created_at, customer.c.id)

staff = sa.Table(
    "staff",
    metadata,
    identity(),
    *_email(),
    text("name"),
    sa.Column("password_hash", sa.Text, comment="Argon2id."),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    moment("created_at"),
    moment("updated_at"),
    _version(),
    schema=SCHEMA,
)

role = sa.Table(
    "role",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    sa.Column("permissions", ARRAY(sa.Text), nullable=False, comment="`*` stands for all."),
    sa.Column("is_builtin", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    _version(),
    schema=SCHEMA,
)

staff_role = sa.Table(
    "staff_role",
    metadata,
    reference("staff_id", "identity.staff.id", cascade=True, primary_key=True),
    reference("role_id", "identity.role.id", primary_key=True, index=True),
    schema=SCHEMA,
)

session = sa.Table(
    "session",
    metadata,
    identity(),
    text("audience"),
    reference("customer_id", "identity.customer.id", nullable=True, cascade=True, index=True),
    reference("staff_id", "identity.staff.id", nullable=True, cascade=True, index=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256."),
    _version(),
    moment("created_at"),
    moment("last_seen_at"),
    moment("expires_at"),
    moment("idle_expires_at"),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    moment("revoked_at", nullable=True),
    sa.Column("revoked_reason", sa.Text),
    sa.Column(
        "outdated_at",
        sa.DateTime(timezone=True),
        comment="When what is remembered of it last stopped being true, by the database's own clock.",
    ),
    one_of("audience", Audience),
    one_of("revoked_reason", Ending),
    sa.CheckConstraint("(audience = 'shop') = (customer_id IS NOT NULL)", name="customer"),
    sa.CheckConstraint("(audience = 'admin') = (staff_id IS NOT NULL)", name="staff"),
    sa.CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
    sa.CheckConstraint("revoked_at IS NULL OR outdated_at IS NOT NULL", name="outdated"),
    schema=SCHEMA,
)
sa.Index("ix_session_outdated_at", session.c.outdated_at, postgresql_where=session.c.outdated_at.is_not(None))
sa.Index(None, session.c.expires_at)

token = sa.Table(
    "token",
    metadata,
    identity(),
    reference("customer_id", "identity.customer.id", cascade=True, index=True),
    text("purpose"),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256."),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    one_of("purpose", TokenPurpose),
    schema=SCHEMA,
    comment="What was mailed to customers. Each works once.",
)
sa.Index(None, token.c.expires_at)

attempt = sa.Table(
    "attempt",
    metadata,
    identity(),
    moment("at"),
    text("surface"),
    text("outcome"),
    text("account", comment="SHA-256 of the address as it was typed, case-folded. People type passwords there."),
    sa.Column("account_id", sa.Uuid, comment="The customer or staff account, if there is one."),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("request_id", sa.Text),
    one_of("surface", Surface),
    one_of("outcome", Outcome),
    schema=SCHEMA,
    comment="Who tried to sign in, and what came of it. Append-only.",
)
sa.Index(None, attempt.c.account, attempt.c.at)
sa.Index(None, attempt.c.ip, attempt.c.at)
sa.Index(None, attempt.c.at)

throttle = sa.Table(
    "throttle",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="A surface, and an account, an address or both."),
    sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
    moment("last_at"),
    moment("held_until", nullable=True),
    sa.CheckConstraint("failures >= 0", name="failures"),
    schema=SCHEMA,
    comment="How often somebody guessed lately. Here, because losing Valkey may not reset it.",
)
sa.Index(None, throttle.c.last_at)
