"""The simulator's tables."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from mercer.platform.tables import identity, metadata, moment, one_of, reference, text
from mercer.simulator.models import FactKind

SCHEMA = "simulator"

payment = sa.Table(
    "payment",
    metadata,
    identity(),
    text("key", unique=True, comment="The shop's idempotency key."),
    text("fingerprint"),
    text("reference"),
    text("label"),
    sa.Column("amount", sa.BigInteger, nullable=False),
    text("currency"),
    sa.Column("is_captured_at_once", sa.Boolean, nullable=False),
    sa.Column("behaviours", ARRAY(sa.Text), nullable=False),
    sa.Column("return_url", sa.Text),
    text("client_secret"),
    moment("created_at"),
    moment("settles_at", nullable=True),
    moment("expires_at", nullable=True),
    schema=SCHEMA,
)

sa.Index(None, payment.c.reference)

fact = sa.Table(
    "fact",
    metadata,
    identity(),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    reference("payment_id", "simulator.payment.id", index=True),
    text("kind"),
    sa.Column("amount", sa.BigInteger, nullable=False),
    text("currency"),
    moment("at"),
    sa.Column("refund_key", sa.Text),
    sa.Column("refusal", JSONB),
    one_of("kind", FactKind),
    schema=SCHEMA,
)

operation = sa.Table(
    "operation",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="The shop's idempotency key."),
    reference("payment_id", "simulator.payment.id", index=True),
    text("fingerprint"),
    moment("at"),
    schema=SCHEMA,
    comment="Captures, voids and refunds that were asked for.",
)
