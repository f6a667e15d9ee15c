"""The queue's own tables, made by procrastinate's SQL, and what Mercer keeps beside them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ENUM, JSONB

from mercer.platform.tables import metadata, moment, text

QUEUE = "procrastinate"
"""The PostgreSQL schema of procrastinate's tables, types and functions."""

SCHEMA = "platform"

theirs = sa.MetaData()
"""Tables that procrastinate's SQL makes: Alembic does not look after them."""

jobs = sa.Table(
    "procrastinate_jobs",
    theirs,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("queue_name", sa.Text),
    sa.Column("task_name", sa.Text),
    sa.Column("args", JSONB),
    sa.Column(
        "status",
        ENUM(
            *("todo", "doing", "succeeded", "failed", "cancelled", "aborting", "aborted"),
            name="procrastinate_job_status",
            schema=QUEUE,
            create_type=False,
        ),
    ),
    sa.Column("scheduled_at", sa.DateTime(timezone=True)),
    sa.Column("attempts", sa.Integer),
    sa.Column("worker_id", sa.BigInteger),
    schema=QUEUE,
)

workers = sa.Table(
    "procrastinate_workers",
    theirs,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("last_heartbeat", sa.DateTime(timezone=True)),
    schema=QUEUE,
)

transitions = sa.Table(
    "procrastinate_events",
    theirs,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("job_id", sa.BigInteger),
    sa.Column("type", sa.Text),
    sa.Column("at", sa.DateTime(timezone=True)),
    schema=QUEUE,
)

ticks = sa.Table(
    "procrastinate_periodic_defers",
    theirs,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("task_name", sa.Text),
    sa.Column("defer_timestamp", sa.BigInteger),
    sa.Column("job_id", sa.BigInteger),
    schema=QUEUE,
)

job = sa.Table(
    "job",
    theirs,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("state", jobs.c.status.type, nullable=False, comment="The status as procrastinate has it."),
    sa.Column("arguments", JSONB, nullable=False, comment="Those of them that staff may see."),
    sa.Column("request_id", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("scheduled_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True)),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("done", sa.Integer),
    sa.Column("total", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Column("cancel_requested_at", sa.DateTime(timezone=True)),
    schema=SCHEMA,
)
"""A view of the queue, for those who look at it: each job's number as an id like all others."""

event = sa.Table(
    "event",
    theirs,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("request_id", sa.Text),
    schema=SCHEMA,
)
"""A view of the outbox: the events that have their position."""

job_note = sa.Table(
    "job_note",
    metadata,
    sa.Column("job_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("done", sa.Integer),
    sa.Column("total", sa.Integer),
    sa.Column("error", sa.Text, comment="Why the last attempt failed. No personal data, no stack."),
    moment("cancel_requested_at", nullable=True),
    schema=SCHEMA,
    comment="What is told of a job besides what procrastinate keeps.",
)

dispatcher = sa.Table(
    "dispatcher",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False, comment="The last position that was given."),
    sa.CheckConstraint("id = 1", name="one_row"),
    schema=SCHEMA,
    comment="Its one row is locked by whoever dispatches.",
)

cursor = sa.Table(
    "cursor",
    metadata,
    text("name", primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False, comment="The last event that this reader has taken."),
    schema=SCHEMA,
)
