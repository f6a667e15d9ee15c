"""The tables of identity."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from mercer.identity.models import Audience, Ending, FactorKind, FactorLevel, Outcome, Surface, TokenPurpose
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text

SCHEMA = "identity"


def _version() -> sa.Column[Any]:
    return sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"))


def _bounds() -> sa.Column[Any]:
    note = "How far some of the permissions go: channels, warehouses, amounts by currency in minor units, own only."
    return sa.Column("bounds", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), comment=note)


def _owner() -> list[sa.Column[Any]]:
    """A customer or a member of staff."""
    return [
        reference("customer_id", "identity.customer.id", nullable=True, cascade=True, index=True),
        reference("staff_id", "identity.staff.id", nullable=True, cascade=True, index=True),
    ]


def _one_owner() -> sa.CheckConstraint:
    return sa.CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name="owner")


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
    sa.Column("password_hash", sa.Text, comment="Argon2id. Null: only an invitation or a recovery opens the account."),
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
    _bounds(),
    sa.Column("needs_factor", sa.Boolean, nullable=False, server_default=sa.false()),
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
    *_owner(),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256."),
    moment("token_expires_at", nullable=True),
    sa.Column("previous_token_hash", sa.LargeBinary, unique=True, comment="Of the token before: it works on a while."),
    moment("previous_expires_at", nullable=True),
    _version(),
    text("factor_level", server_default=FactorLevel.PASSWORD.value),
    moment("confirmed_at"),
    moment("created_at"),
    moment("last_seen_at"),
    moment("expires_at"),
    moment("idle_expires_at"),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("device", sa.Text, comment="What the user agent names: `Firefox on Windows`."),
    moment("revoked_at", nullable=True),
    sa.Column("revoked_reason", sa.Text),
    sa.Column(
        "outdated_at",
        sa.DateTime(timezone=True),
        comment="When what is remembered of it last stopped being true, by the database's own clock.",
    ),
    one_of("audience", Audience),
    one_of("revoked_reason", Ending),
    one_of("factor_level", FactorLevel),
    sa.CheckConstraint("(previous_token_hash IS NULL) = (previous_expires_at IS NULL)", name="previous"),
    sa.CheckConstraint("(audience = 'shop') = (customer_id IS NOT NULL)", name="customer"),
    sa.CheckConstraint("(audience = 'admin') = (staff_id IS NOT NULL)", name="staff"),
    sa.CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
    sa.CheckConstraint("revoked_at IS NULL OR outdated_at IS NOT NULL", name="outdated"),
    schema=SCHEMA,
)
sa.Index("ix_session_outdated_at", session.c.outdated_at, postgresql_where=session.c.outdated_at.is_not(None))
sa.Index(None, session.c.expires_at)

refresh_token = sa.Table(
    "refresh_token",
    metadata,
    identity(),
    reference("session_id", "identity.session.id", cascade=True, index=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256."),
    sa.Column("salt", sa.LargeBinary, comment="With the token itself, it makes the next one."),
    moment("created_at"),
    moment("used_at", nullable=True),
    sa.CheckConstraint("(salt IS NULL) = (used_at IS NULL)", name="used"),
    schema=SCHEMA,
    comment="The tokens of one session are a family: one that is used long after its successor was made ends it.",
)

challenge = sa.Table(
    "challenge",
    metadata,
    identity(),
    *_owner(),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256."),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    _one_owner(),
    schema=SCHEMA,
    comment="Who has shown a password, and has yet to show a second factor.",
)
sa.Index(None, challenge.c.expires_at)

factor = sa.Table(
    "factor",
    metadata,
    identity(),
    *_owner(),
    text("kind"),
    text("name", comment="What its owner calls it."),
    sa.Column("secret", sa.LargeBinary, nullable=False, comment="Encrypted with the program's key."),
    sa.Column("last_step", sa.BigInteger, comment="The time step of the last code, so that none works twice."),
    moment("created_at"),
    moment("confirmed_at", nullable=True),
    moment("last_used_at", nullable=True),
    one_of("kind", FactorKind),
    _one_owner(),
    schema=SCHEMA,
)

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    identity(),
    *_owner(),
    sa.Column("code_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256: it is random enough."),
    moment("created_at"),
    moment("used_at", nullable=True),
    _one_owner(),
    schema=SCHEMA,
)

email_change = sa.Table(
    "email_change",
    metadata,
    identity(),
    reference("customer_id", "identity.customer.id", cascade=True, index=True),
    text("old_email"),
    text("new_email"),
    moment("requested_at"),
    moment("confirmed_at", nullable=True),
    moment("undone_at", nullable=True),
    moment("ended_at", nullable=True),
    sa.CheckConstraint("undone_at IS NULL OR confirmed_at IS NOT NULL", name="undone"),
    sa.CheckConstraint("ended_at IS NULL OR confirmed_at IS NULL", name="ended"),
    schema=SCHEMA,
)
sa.Index(None, email_change.c.requested_at)

api_key = sa.Table(
    "api_key",
    metadata,
    identity(),
    text("name"),
    text("prefix", unique=True),
    sa.Column("key_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256 of the whole key."),
    sa.Column("permissions", ARRAY(sa.Text), nullable=False),
    _bounds(),
    reference("created_by", "identity.staff.id", nullable=True, index=True),
    moment("created_at"),
    moment("updated_at"),
    moment("expires_at", nullable=True),
    moment("last_used_at", nullable=True),
    sa.Column("last_used_ip", sa.Text),
    moment("revoked_at", nullable=True),
    reference("revoked_by", "identity.staff.id", nullable=True, index=True),
    moment("outdated_at", nullable=True),
    _version(),
    schema=SCHEMA,
    comment="It belongs to the shop, and outlives whoever made it.",
)
sa.Index("ix_api_key_outdated_at", api_key.c.outdated_at, postgresql_where=api_key.c.outdated_at.is_not(None))
sa.Index(None, api_key.c.created_at, api_key.c.id)

token = sa.Table(
    "token",
    metadata,
    identity(),
    *_owner(),
    reference("email_change_id", "identity.email_change.id", nullable=True, cascade=True, index=True),
    text("purpose"),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256."),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    one_of("purpose", TokenPurpose),
    _one_owner(),
    schema=SCHEMA,
    comment="What was mailed to customers and staff. Each works once.",
)
sa.Index(None, token.c.expires_at)

attempt = sa.Table(
    "attempt",
    metadata,
    identity(),
    moment("at"),
    text("surface"),
    text("outcome"),
    sa.Column(
        "account",
        sa.Text,
        comment="SHA-256 of the address as it was typed, case-folded: people type passwords there. Null: none was.",
    ),
    sa.Column("account_id", sa.Uuid, comment="The customer or staff account, if there is one."),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("device", sa.Text, comment="What the user agent names: `Firefox on Windows`."),
    sa.Column("request_id", sa.Text),
    one_of("surface", Surface),
    one_of("outcome", Outcome),
    schema=SCHEMA,
    comment="Who tried to sign in, and what came of it. Append-only.",
)
sa.Index(None, attempt.c.account, attempt.c.at)
sa.Index(None, attempt.c.account_id, attempt.c.at)
sa.Index(None, attempt.c.ip, attempt.c.at)
sa.Index(None, attempt.c.at)

throttle = sa.Table(
    "throttle",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="A surface, and an account, an address or both."),
    sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
    moment("last_at"),
    moment("held_until", nullable=True),
    moment("told_at", nullable=True),
    sa.CheckConstraint("failures >= 0", name="failures"),
    schema=SCHEMA,
    comment="How often somebody guessed lately. Here, because losing Valkey may not reset it.",
)
sa.Index(None, throttle.c.last_at)

known_device = sa.Table(
    "known_device",
    metadata,
    identity(),
    text("audience"),
    text("account", comment="SHA-256 of the account's address, case-folded."),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256."),
    moment("created_at"),
    moment("expires_at"),
    one_of("audience", Audience),
    schema=SCHEMA,
    comment="What shows that its bearer signed in before: others who guess at the account do not hold him up.",
)
sa.Index(None, known_device.c.account, known_device.c.created_at)
sa.Index(None, known_device.c.expires_at)
