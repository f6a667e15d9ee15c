"""notifications: mails about changes of address, second factors, sessions, recovery and API keys"""

import sqlalchemy as sa
from alembic import op

revision = "e1c47a09b35d"
down_revision = "c3e81f5b7a46"
branch_labels = None
depends_on = None

KEPT = (
    "verify_address",
    "account_exists",
    "password_reset",
    "password_changed",
    "order_confirmation",
    "order_shipped",
    "order_cancelled",
)
BEFORE = ("staff_welcome", "staff_password_changed")
NEW = (
    "address_change",
    "address_changed",
    "address_restored",
    "address_taken",
    "factor_added",
    "factor_removed",
    "recovery_codes_made",
    "recovery_code_used",
    "session_replayed",
    "unlock",
    "staff_invitation",
    "staff_recovery",
    "api_key_created",
)
MAIL = sa.table("mail", sa.column("template", sa.Text), sa.column("staff_id", sa.Uuid), schema="notifications")
REFERENCES = {"email_change_id": "email_change", "api_key_id": "api_key"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for column, table in REFERENCES.items():
        op.add_column("mail", sa.Column(column, sa.Uuid(), nullable=True), schema="notifications")
        op.create_foreign_key(
            op.f(f"fk_mail_{column}"),
            "mail",
            table,
            [column],
            ["id"],
            source_schema="notifications",
            referent_schema="identity",
            ondelete="CASCADE",
            postgresql_not_valid=True,  # and need not be validated: the column is empty
        )
        # Not CONCURRENTLY, which goes without a transaction: a failure would leave half of the migration.
        op.execute(
            "-- squawk-ignore require-concurrent-index-creation\n"
            f"CREATE INDEX ix_mail_{column} ON notifications.mail ({column})"
        )
    session = "Which session it is about. That is forgotten before the mail is."
    columns = [
        sa.Column("session_id", sa.Uuid(), nullable=True, comment=session),
        sa.Column("request_id", sa.Text(), nullable=True, comment="The request that it follows from."),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
    ]
    for added in columns:
        op.add_column("mail", added, schema="notifications")
    op.execute("UPDATE notifications.mail SET happened_at = created_at")
    # What was sent is kept for half a year: checking it all takes a moment.
    op.execute(
        "-- squawk-ignore adding-not-nullable-field\n"
        "ALTER TABLE notifications.mail ALTER COLUMN happened_at SET NOT NULL"
    )
    _drop_check("template")
    _rename("staff_welcome", "staff_invitation")
    _rename("staff_password_changed", "password_changed")
    _list_templates(KEPT + NEW)
    _add_check("email_change", "email_change_id IS NULL OR customer_id IS NOT NULL")
    _add_check("api_key", "api_key_id IS NULL OR staff_id IS NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    _drop_check("template")
    _drop_check("email_change")
    _drop_check("api_key")
    _rename("staff_invitation", "staff_welcome")
    to_staff = sa.and_(MAIL.c.template == "password_changed", MAIL.c.staff_id.is_not(None))
    op.execute(sa.update(MAIL).where(to_staff).values(template="staff_password_changed"))
    op.execute(sa.delete(MAIL).where(MAIL.c.template.in_(NEW)))
    _list_templates(KEPT + BEFORE)
    for column in ("happened_at", "request_id", "session_id", *REFERENCES):
        op.drop_column("mail", column, schema="notifications")


def _rename(before: str, after: str) -> None:
    op.execute(sa.update(MAIL).where(MAIL.c.template == before).values(template=after))


def _list_templates(templates: tuple[str, ...]) -> None:
    _add_check("template", f"template IN ({', '.join(repr(each) for each in templates)})")


def _drop_check(name: str) -> None:
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE notifications.mail DROP CONSTRAINT ck_mail_{name}")


def _add_check(name: str, condition: str) -> None:
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE notifications.mail ADD CONSTRAINT ck_mail_{name} CHECK ({condition})"
    )
