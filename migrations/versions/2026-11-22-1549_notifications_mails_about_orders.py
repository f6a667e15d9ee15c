"""notifications: mails about orders and shipments, each once"""

import sqlalchemy as sa
from alembic import op

revision = "f7a2093cd61e"
down_revision = "4c8e15b7d0f2"
branch_labels = None
depends_on = None

BEFORE = (
    "'verify_address', 'account_exists', 'password_reset', 'password_changed', 'staff_welcome', "
    "'staff_password_changed'"
)
TEMPLATES = f"{BEFORE}, 'order_confirmation', 'order_shipped', 'order_cancelled'"
TARGETS = {"order_id": ("order", "orders"), "shipment_id": ("shipment", "fulfilment")}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for column, (table, schema) in TARGETS.items():
        op.add_column("mail", sa.Column(column, sa.Uuid(), nullable=True), schema="notifications")
        op.create_foreign_key(
            op.f(f"fk_mail_{column}"),
            "mail",
            table,
            [column],
            ["id"],
            source_schema="notifications",
            referent_schema=schema,
            ondelete="CASCADE",
            postgresql_not_valid=True,  # and need not be validated: the column is empty
        )
        # Not CONCURRENTLY, which goes without a transaction: a failure would leave half of the migration.
        op.execute(
            "-- squawk-ignore require-concurrent-index-creation\n"
            f"CREATE INDEX ix_mail_{column} ON notifications.mail ({column})"
        )
    once = sa.Column(
        "once", sa.Text(), nullable=True, comment="What it is sent once for. Null: staff may send it again."
    )
    op.add_column("mail", once, schema="notifications")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE UNIQUE INDEX uq_mail_once ON notifications.mail (once)"
    )
    _replace_checks(
        template=f"template IN ({TEMPLATES})",
        recipient="num_nonnulls(customer_id, staff_id, order_id) = 1",
    )
    _add_check("shipment", "shipment_id IS NULL OR order_id IS NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("DELETE FROM notifications.mail WHERE order_id IS NOT NULL")
    op.execute("ALTER TABLE notifications.mail DROP CONSTRAINT ck_mail_shipment")
    _replace_checks(template=f"template IN ({BEFORE})", recipient="num_nonnulls(customer_id, staff_id) = 1")
    op.drop_column("mail", "once", schema="notifications")
    for column in reversed(TARGETS):
        op.drop_column("mail", column, schema="notifications")


def _replace_checks(**checks: str) -> None:
    for name, condition in checks.items():
        op.execute(
            f"-- squawk-ignore ban-drop-constraint\nALTER TABLE notifications.mail DROP CONSTRAINT ck_mail_{name}"
        )
        _add_check(name, condition)


def _add_check(name: str, condition: str) -> None:
    # What was sent is kept for half a year: checking it all takes a moment.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE notifications.mail ADD CONSTRAINT ck_mail_{name} CHECK ({condition})"
    )
