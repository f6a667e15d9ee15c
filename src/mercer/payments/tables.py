"""The payments' tables. Amounts are in minor units of the row's currency."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from mercer.payments.models import (
    AttemptState,
    CaptureMode,
    EventKind,
    ExceptionKind,
    InboxSource,
    InboxState,
    RefundKind,
    RefundState,
    Resolution,
)
from mercer.platform.tables import identity, metadata, moment, one_of, position, reference, text

SCHEMA = "payments"


def _amount(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _sum(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))


offer = sa.Table(
    "offer",
    metadata,
    identity(),
    reference("channel_id", "channels.channel.id"),
    text("provider"),
    text("capture", server_default=sa.text("'automatic'")),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    position(),
    one_of("capture", CaptureMode),
    sa.UniqueConstraint("channel_id", "provider"),
    schema=SCHEMA,
    comment="Which providers a channel takes payments by.",
)

intent = sa.Table(
    "intent",
    metadata,
    identity(),
    sa.Column("order_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("channel_id", sa.Uuid, nullable=False),
    text("currency"),
    _amount("amount"),
    text("label", comment="What providers show the buyer: the order's number."),
    moment("created_at"),
    moment("closed_at", nullable=True),
    sa.CheckConstraint("amount >= 0", name="amount"),
    schema=SCHEMA,
    comment="What is due for an order. Whoever changes an order's payment locks it first.",
)

attempt = sa.Table(
    "attempt",
    metadata,
    identity(),
    reference("intent_id", "payments.intent.id", index=True),
    text("provider"),
    text("currency"),
    _amount("amount"),
    text("capture"),
    text("state", server_default=sa.text("'created'")),
    _sum("authorized"),
    _sum("captured"),
    _sum("refunded"),
    sa.Column("provider_reference", sa.Text),
    moment("charging_until", nullable=True),
    sa.Column("redirect_url", sa.Text),
    sa.Column("client_secret", sa.Text, comment="For the buyer's browser alone."),
    sa.Column("decline_code", sa.Text),
    sa.Column("decline_message", sa.Text),
    sa.Column("is_retryable", sa.Boolean),
    sa.Column("method", JSONB, comment="What was paid with, masked."),
    moment("created_at"),
    moment("updated_at"),
    moment("next_poll_at", nullable=True),
    sa.Column("polls", sa.Integer, nullable=False, server_default=sa.text("0")),
    one_of("state", AttemptState),
    one_of("capture", CaptureMode),
    sa.CheckConstraint("amount > 0 AND authorized >= 0 AND captured >= 0 AND refunded >= 0", name="amounts"),
    sa.UniqueConstraint("provider", "provider_reference"),
    schema=SCHEMA,
)

sa.Index("ix_attempt_next_poll_at", attempt.c.next_poll_at, postgresql_where=attempt.c.next_poll_at.is_not(None))

event = sa.Table(
    "event",
    metadata,
    identity(),
    reference("attempt_id", "payments.attempt.id", index=True),
    text("provider"),
    text("event_id", comment="The fact's own id, by which it is known once."),
    text("kind"),
    _amount("amount"),
    text("currency"),
    sa.Column(
        "accepted",
        sa.BigInteger,
        nullable=False,
        comment="What of it is the order's. The rest of a capture stands among the exceptions.",
    ),
    sa.Column("refund_id", sa.Uuid),
    moment("at"),
    moment("received_at"),
    sa.Column("details", JSONB, nullable=False, comment="The reason of a decline, what was paid with."),
    one_of("kind", EventKind),
    sa.CheckConstraint("amount >= 0 AND accepted BETWEEN 0 AND amount", name="amounts"),
    sa.UniqueConstraint("provider", "event_id"),
    schema=SCHEMA,
    comment="What providers told of attempts. Append-only.",
)

inbox = sa.Table(
    "inbox",
    metadata,
    identity(),
    text("provider"),
    text("event_id"),
    text("source"),
    sa.Column("body", sa.LargeBinary, comment="As it was received, byte for byte. Null for what was asked for."),
    sa.Column("events", JSONB, nullable=False, comment="What it says."),
    text("state", server_default=sa.text("'waiting'")),
    sa.Column("attempt_id", sa.Uuid, comment="Whose it is, once that is known."),
    sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
    moment("received_at"),
    moment("next_try_at", nullable=True),
    moment("applied_at", nullable=True),
    one_of("source", InboxSource),
    one_of("state", InboxState),
    sa.UniqueConstraint("provider", "event_id"),
    schema=SCHEMA,
)

sa.Index("ix_inbox_next_try_at", inbox.c.next_try_at, postgresql_where=inbox.c.next_try_at.is_not(None))
sa.Index(None, inbox.c.received_at)

exception = sa.Table(
    "exception",
    metadata,
    identity(),
    text("kind"),
    text("subject", comment="What it is about: of one kind there is one."),
    sa.Column("order_id", sa.Uuid),
    reference("attempt_id", "payments.attempt.id", nullable=True, index=True),
    text("provider"),
    sa.Column("provider_reference", sa.Text),
    sa.Column("amount", sa.BigInteger, nullable=False, comment="The money that stands here, and on no order."),
    text("currency"),
    moment("opened_at"),
    moment("resolved_at", nullable=True),
    sa.Column("resolution", sa.Text),
    sa.Column("note", sa.Text),
    one_of("kind", ExceptionKind),
    one_of("resolution", Resolution),
    sa.CheckConstraint("amount >= 0", name="amount"),
    sa.CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="resolved"),
    sa.UniqueConstraint("kind", "subject"),
    schema=SCHEMA,
)

sa.Index(None, exception.c.opened_at, exception.c.id)
sa.Index(None, exception.c.order_id)
sa.Index("ix_exception_open", exception.c.opened_at, exception.c.id, postgresql_where=exception.c.resolved_at.is_(None))

refund = sa.Table(
    "refund",
    metadata,
    identity(),
    reference("attempt_id", "payments.attempt.id", index=True),
    reference("exception_id", "payments.exception.id", nullable=True, index=True),
    text("kind"),
    _amount("amount"),
    text("currency"),
    text("state", server_default=sa.text("'requested'")),
    sa.Column("reason", sa.Text),
    sa.Column("problem", sa.Text, comment="Why the provider refused it."),
    moment("requested_at"),
    moment("submitted_at", nullable=True),
    moment("finished_at", nullable=True),
    moment("next_try_at", nullable=True),
    sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
    one_of("kind", RefundKind),
    one_of("state", RefundState),
    sa.CheckConstraint("amount > 0 OR kind = 'void'", name="amount"),
    schema=SCHEMA,
    comment="Money and promises given back. The row is the provider's idempotency key.",
)

sa.Index("ix_refund_next_try_at", refund.c.next_try_at, postgresql_where=refund.c.next_try_at.is_not(None))
