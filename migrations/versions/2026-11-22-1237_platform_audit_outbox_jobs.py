"""platform: audit, outbox, idempotency; procrastinate's queue of jobs"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7c41d0a95be2"
down_revision = "7b2e94d01c5f"
branch_labels = None
depends_on = None

PROCRASTINATE = Path(__file__).parents[1] / "procrastinate" / "3.10.0.sql"

# Each function finds its tables by itself, so that no connection needs a search path.
KNOW_YOUR_SCHEMA = """
DO $$
DECLARE
    each regprocedure;
BEGIN
    FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = 'procrastinate'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = procrastinate, pg_temp', each);
    END LOOP;
END $$
"""

# Both views show their rows' places, by which reads are verified in tests.

# A job as the admin API shows it: its number as an id like all others. Of its arguments it shows those of events, which
# hold nothing personal, and of others ids and numbers.
JOB = """
CREATE VIEW platform.job AS
SELECT
    job.ctid,
    lpad(to_hex(job.id), 32, '0')::uuid AS id,
    job.id AS number,
    job.task_name::text AS name,
    CASE job.status
        WHEN 'todo' THEN 'queued'
        WHEN 'doing' THEN 'running'
        WHEN 'succeeded' THEN 'succeeded'
        WHEN 'failed' THEN 'failed'
        ELSE 'cancelled'
    END AS status,
    job.status AS state,
    CASE
        WHEN job.task_name LIKE 'handle:%' THEN job.args -> 'arguments'
        WHEN jsonb_typeof(job.args -> 'arguments') = 'object' THEN (
            SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(job.args -> 'arguments')
            WHERE jsonb_typeof(value) IN ('number', 'boolean', 'null')
            OR value #>> '{}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        )
        ELSE '{}'
    END AS arguments,
    job.args ->> 'request_id' AS request_id,
    job.attempts,
    job.scheduled_at,
    (SELECT min(at) FROM procrastinate.procrastinate_events WHERE job_id = job.id AND type = 'deferred') AS created_at,
    (SELECT max(at) FROM procrastinate.procrastinate_events WHERE job_id = job.id AND type = 'started') AS started_at,
    CASE WHEN job.status NOT IN ('todo', 'doing') THEN (
        SELECT max(at) FROM procrastinate.procrastinate_events
        WHERE job_id = job.id AND type IN ('succeeded', 'failed', 'cancelled', 'aborted')
    ) END AS finished_at,
    note.done,
    note.total,
    note.error,
    note.cancel_requested_at
FROM procrastinate.procrastinate_jobs AS job
LEFT JOIN platform.job_note AS note ON note.job_id = job.id
"""

EVENT = """
CREATE VIEW platform.event AS
SELECT ctid, id, position, name, payload, at, request_id FROM platform.outbox WHERE position IS NOT NULL AND name <> ''
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA procrastinate")
    op.execute("SET LOCAL search_path = procrastinate")
    theirs = PROCRASTINATE.read_text()
    op.execute(theirs.replace("    id bigserial", "    -- squawk-ignore prefer-identity\n    id bigserial"))
    op.execute("SET LOCAL search_path = DEFAULT")
    op.execute(KNOW_YOUR_SCHEMA)
    op.execute("CREATE SCHEMA platform")
    _create_tables()
    op.execute("INSERT INTO platform.dispatcher (id, position) VALUES (1, 0)")
    op.execute(JOB)
    op.execute(EVENT)
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX ix_jobs_uuid ON procrastinate.procrastinate_jobs ((lpad(to_hex(id), 32, '0')::uuid))"
    )
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX ix_jobs_failed ON procrastinate.procrastinate_jobs (id) WHERE status = 'failed'"
    )


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("api", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column(
            "changes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment='{"name": ["before", "after"]}',
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        schema="platform",
        comment="Append-only.",
    )
    op.create_index(op.f("ix_audit_actor_id_at"), "audit", ["actor_id", "at"], unique=False, schema="platform")
    op.create_index(op.f("ix_audit_at_id"), "audit", ["at", "id"], unique=False, schema="platform")
    op.create_index(
        op.f("ix_audit_entity_entity_id_at"), "audit", ["entity", "entity_id", "at"], unique=False, schema="platform"
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="`catalog.ProductCreated`. Empty where only cached answers are outdated.",
        ),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "tags",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Which cached answers the transaction outdated.",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("position", name=op.f("uq_outbox_position")),
        schema="platform",
    )
    op.create_index(
        "ix_outbox_unplaced",
        "outbox",
        ["id"],
        unique=False,
        schema="platform",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False, comment="The response key of the mutation."),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="Of the mutation and its arguments."),
        sa.Column("claim", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="The result's type and ids, or the error: never a rendered answer.",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", "field", name=op.f("pk_idempotency")),
        schema="platform",
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False, schema="platform")
    op.create_table(
        "job_note",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("done", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column(
            "error", sa.Text(), nullable=True, comment="Why the last attempt failed. No personal data, no stack."
        ),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_note")),
        schema="platform",
        comment="What is told of a job besides what procrastinate keeps.",
    )
    op.create_table(
        "dispatcher",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="The last position that was given."),
        sa.CheckConstraint("id = 1", name=op.f("ck_dispatcher_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatcher")),
        schema="platform",
        comment="Its one row is locked by whoever dispatches.",
    )
    op.create_table(
        "cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="The last event that this reader has taken."),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursor")),
        schema="platform",
    )
