"""The outbox: events, written in the transaction that made them true, and kept as a log.

A row has no position until its transaction is committed and the dispatcher has seen it. Positions are given in one
order, without gaps, so that a reader who remembers a position misses nothing.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from mercer.platform.tables import identity, metadata, moment, text

SCHEMA = "platform"
NO_EVENT = ""
"""The name of a row that only outdates cached answers."""

outbox = sa.Table(
    "outbox",
    metadata,
    identity(),
    sa.Column("position", sa.BigInteger, unique=True),
    text("name", comment="`catalog.ProductCreated`. Empty where only cached answers are outdated."),
    sa.Column("payload", JSONB, nullable=False),
    sa.Column("tags", ARRAY(sa.Text), nullable=False, comment="Which cached answers the transaction outdated."),
    moment("at"),
    sa.Column("request_id", sa.Text),
    sa.Column("traceparent", sa.Text),
    schema=SCHEMA,
)

sa.Index("ix_outbox_unplaced", outbox.c.id, postgresql_where=outbox.c.position.is_(None))
