"""The record of mails."""

import sqlalchemy as sa

from mercer.notifications.models import MailState, MailTemplate
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text

SCHEMA = "notifications"

mail = sa.Table(
    "mail",
    metadata,
    identity(),
    text("template"),
    text("language"),
    reference("customer_id", "identity.customer.id", nullable=True, cascade=True, index=True),
    reference("staff_id", "identity.staff.id", nullable=True, cascade=True, index=True),
    reference("order_id", "orders.order.id", nullable=True, cascade=True, index=True),
    reference("shipment_id", "fulfilment.shipment.id", nullable=True, cascade=True, index=True),
    reference("email_change_id", "identity.email_change.id", nullable=True, cascade=True, index=True),
    sa.Column("session_id", sa.Uuid, comment="Which session it is about. That is forgotten before the mail is."),
    reference("api_key_id", "identity.api_key.id", nullable=True, cascade=True, index=True),
    sa.Column("request_id", sa.Text, comment="The request that it follows from."),
    moment("happened_at"),
    sa.Column("once", sa.Text, comment="What it is sent once for. Null: staff may send it again."),
    text("state", server_default="waiting"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    moment("created_at"),
    moment("claimed_at", nullable=True),
    moment("sent_at", nullable=True),
    sa.Column("message_id", sa.Text, comment="What the mail is known by in logs of mail servers."),
    sa.Column("problem", sa.Text, comment="Why the last attempt failed."),
    one_of("template", MailTemplate),
    one_of("state", MailState),
    sa.CheckConstraint("num_nonnulls(customer_id, staff_id, order_id) = 1", name="recipient"),
    sa.CheckConstraint("shipment_id IS NULL OR order_id IS NOT NULL", name="shipment"),
    sa.CheckConstraint("email_change_id IS NULL OR customer_id IS NOT NULL", name="email_change"),
    sa.CheckConstraint("api_key_id IS NULL OR staff_id IS NOT NULL", name="api_key"),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    schema=SCHEMA,
    comment="What was said is not kept: there are tokens in it.",
)

sa.Index(None, mail.c.created_at, mail.c.id)
sa.Index("uq_mail_once", mail.c.once, unique=True)
