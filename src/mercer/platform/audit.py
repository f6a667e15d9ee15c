"""The audit: who changed what, from what to what, from where and why. Written in the transaction of the change."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from mercer.platform.tables import identity, metadata, moment, text

SCHEMA = "platform"

audit = sa.Table(
    "audit",
    metadata,
    identity(),
    moment("at"),
    text("actor_kind"),
    sa.Column("actor_id", sa.Uuid),
    sa.Column("session_id", sa.Uuid),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Column("api", sa.Text),
    sa.Column("operation", sa.Text),
    text("entity"),
    sa.Column("entity_id", sa.Uuid, nullable=False),
    sa.Column("changes", JSONB, nullable=False, comment='{"name": ["before", "after"]}'),
    sa.Column("reason", sa.Text),
    schema=SCHEMA,
    comment="Append-only.",
)

sa.Index(None, audit.c.entity, audit.c.entity_id, audit.c.at)
sa.Index(None, audit.c.actor_id, audit.c.at)
sa.Index(None, audit.c.at, audit.c.id)
