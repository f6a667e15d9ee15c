"""payments: intents, attempts, events, inbox, refunds, exceptions, offers; the simulator"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mercer.platform.migrations import MigrationIrreversible

revision = "9b04e2c7f3a1"
down_revision = "d92e6b41f7a3"
branch_labels = None
depends_on = None

REFUSE_CHANGE = """
CREATE FUNCTION payments.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what providers told is append-only' USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA payments")
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=True,
            comment="As it was received, byte for byte. Null for what was asked for.",
        ),
        sa.Column("events", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="What it says."),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True, comment="Whose it is, once that is known."),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('webhook', 'poll')", name=op.f("ck_inbox_source")),
        sa.CheckConstraint("state IN ('waiting', 'applied', 'parked', 'refused')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_inbox_provider_event_id")),
        schema="payments",
    )
    op.create_index(
        "ix_inbox_next_try_at",
        "inbox",
        ["next_try_at"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_inbox_received_at"), "inbox", ["received_at"], unique=False, schema="payments")
    op.create_table(
        "intent",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False, comment="What providers show the buyer: the order's number."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_intent_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent")),
        sa.UniqueConstraint("order_id", name=op.f("uq_intent_order_id")),
        schema="payments",
        comment="What is due for an order. Whoever changes an order's payment locks it first.",
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("capture", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'created'"), nullable=False),
        sa.Column("authorized", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("charging_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("client_secret", sa.Text(), nullable=True, comment="For the buyer's browser alone."),
        sa.Column("decline_code", sa.Text(), nullable=True),
        sa.Column("decline_message", sa.Text(), nullable=True),
        sa.Column("is_retryable", sa.Boolean(), nullable=True),
        sa.Column(
            "method", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="What was paid with, masked."
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("polls", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("capture IN ('automatic', 'manual')", name=op.f("ck_attempt_capture")),
        sa.CheckConstraint(
            "state IN ('created', 'requires_action', 'processing', 'failed', 'authorized', 'cancelled', "
            "'expired', 'voided', 'partially_captured', 'captured', 'partially_refunded', 'refunded')",
            name=op.f("ck_attempt_state"),
        ),
        sa.CheckConstraint(
            "amount > 0 AND authorized >= 0 AND captured >= 0 AND refunded >= 0", name=op.f("ck_attempt_amounts")
        ),
        sa.ForeignKeyConstraint(["intent_id"], ["payments.intent.id"], name=op.f("fk_attempt_intent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("provider", "provider_reference", name=op.f("uq_attempt_provider_provider_reference")),
        schema="payments",
    )
    op.create_index(op.f("ix_attempt_intent_id"), "attempt", ["intent_id"], unique=False, schema="payments")
    op.create_index(
        "ix_attempt_next_poll_at",
        "attempt",
        ["next_poll_at"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("next_poll_at IS NOT NULL"),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("capture", sa.Text(), server_default=sa.text("'automatic'"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("capture IN ('automatic', 'manual')", name=op.f("ck_offer_capture")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_offer_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("channel_id", "provider", name=op.f("uq_offer_channel_id_provider")),
        schema="payments",
        comment="Which providers a channel takes payments by.",
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False, comment="The fact's own id, by which it is known once."),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "accepted",
            sa.BigInteger(),
            nullable=False,
            comment="What of it is the order's. The rest of a capture stands among the exceptions.",
        ),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The reason of a decline, what was paid with.",
        ),
        sa.CheckConstraint(
            "kind IN ('requires_action', 'processing', 'declined', 'authorized', 'cancelled', "
            "'expired', 'voided', 'captured', 'refund_pending', 'refunded', 'refund_failed')",
            name=op.f("ck_event_kind"),
        ),
        sa.CheckConstraint("amount >= 0 AND accepted BETWEEN 0 AND amount", name=op.f("ck_event_amounts")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payments.attempt.id"], name=op.f("fk_event_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_event_provider_event_id")),
        schema="payments",
        comment="What providers told of attempts. Append-only.",
    )
    op.create_index(op.f("ix_event_attempt_id"), "event", ["attempt_id"], unique=False, schema="payments")
    op.create_table(
        "exception",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="What it is about: of one kind there is one."),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False, comment="The money that stands here, and on no order."),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('late_capture', 'surplus_capture', 'amount_mismatch', "
            "'currency_mismatch', 'contrary_events', 'unknown_reference', 'refund_failed')",
            name=op.f("ck_exception_kind"),
        ),
        sa.CheckConstraint("resolution IN ('refunded', 'noted')", name=op.f("ck_exception_resolution")),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name=op.f("ck_exception_resolved")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_exception_amount")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payments.attempt.id"], name=op.f("fk_exception_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_exception_kind_subject")),
        schema="payments",
    )
    op.create_index(op.f("ix_exception_attempt_id"), "exception", ["attempt_id"], unique=False, schema="payments")
    op.create_index(
        "ix_exception_open",
        "exception",
        ["opened_at", "id"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(
        op.f("ix_exception_opened_at_id"), "exception", ["opened_at", "id"], unique=False, schema="payments"
    )
    op.create_index(op.f("ix_exception_order_id"), "exception", ["order_id"], unique=False, schema="payments")
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("exception_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'requested'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True, comment="Why the provider refused it."),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("amount > 0 OR kind = 'void'", name=op.f("ck_refund_amount")),
        sa.CheckConstraint("kind IN ('void', 'refund')", name=op.f("ck_refund_kind")),
        sa.CheckConstraint("state IN ('requested', 'submitted', 'succeeded', 'failed')", name=op.f("ck_refund_state")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payments.attempt.id"], name=op.f("fk_refund_attempt_id")),
        sa.ForeignKeyConstraint(["exception_id"], ["payments.exception.id"], name=op.f("fk_refund_exception_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        schema="payments",
        comment="Money and promises given back. The row is the provider's idempotency key.",
    )
    op.create_index(op.f("ix_refund_attempt_id"), "refund", ["attempt_id"], unique=False, schema="payments")
    op.create_index(op.f("ix_refund_exception_id"), "refund", ["exception_id"], unique=False, schema="payments")
    op.create_index(
        "ix_refund_next_try_at",
        "refund",
        ["next_try_at"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.execute("CREATE SCHEMA simulator")
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="The shop's idempotency key."),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_captured_at_once", sa.Boolean(), nullable=False),
        sa.Column("behaviours", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=True),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settles_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_key")),
        schema="simulator",
    )
    op.create_index(op.f("ix_payment_reference"), "payment", ["reference"], unique=False, schema="simulator")
    op.create_table(
        "fact",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refund_key", sa.Text(), nullable=True),
        sa.Column("refusal", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "kind IN ('requires_action', 'processing', 'authorized', 'captured', 'declined', "
            "'voided', 'expired', 'refund_pending', 'refunded', 'refund_failed')",
            name=op.f("ck_fact_kind"),
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["simulator.payment.id"], name=op.f("fk_fact_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
        schema="simulator",
    )
    op.create_index(op.f("ix_fact_payment_id"), "fact", ["payment_id"], unique=False, schema="simulator")
    op.create_table(
        "operation",
        sa.Column("key", sa.Text(), nullable=False, comment="The shop's idempotency key."),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["simulator.payment.id"], name=op.f("fk_operation_payment_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_operation")),
        schema="simulator",
        comment="Captures, voids and refunds that were asked for.",
    )
    op.create_index(op.f("ix_operation_payment_id"), "operation", ["payment_id"], unique=False, schema="simulator")
    op.execute(REFUSE_CHANGE)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.event "
        "FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change()"
    )


def downgrade() -> None:
    raise MigrationIrreversible("what was paid is not to be forgotten")
