"""The audit: who changed what, from what to what, from where and why. Written in the transaction of the change."""

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from mercer.platform.tables import identity, metadata, moment, text

if TYPE_CHECKING:
    from mercer.platform.context import Context

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


def audit_rows(context: "Context") -> list[dict[str, Any]]:
    """The rows of what the context's transaction changed."""
    actor, origin = context.actor, context.origin
    return [
        {
            "at": context.now,
            "actor_kind": actor.kind.value,
            "actor_id": actor.id,
            "session_id": actor.session_id,
            "ip": origin.ip,
            "user_agent": origin.user_agent,
            "request_id": origin.request_id,
            "api": origin.api,
            "operation": origin.operation,
            "entity": change.entity,
            "entity_id": change.id,
            "changes": msgspec.to_builtins(change.fields),
            "reason": change.reason,
        }
        for change in context.effects.changes
    ]
