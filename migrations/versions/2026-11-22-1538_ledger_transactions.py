"""ledger: transactions that balance and stay"""

import sqlalchemy as sa
from alembic import op

from mercer.platform.migrations import MigrationIrreversible

revision = "c46f19d8e2b7"
down_revision = "b1d6f0a83c57"
branch_labels = None
depends_on = None

KINDS = (
    "'sale', 'cancellation', 'capture', 'refund', 'refund_reversal', 'suspense', 'suspense_assignment', "
    "'suspense_refund'"
)
ACCOUNTS = "'receivable', 'provider_clearing', 'sales', 'shipping', 'tax', 'suspense'"

REFUSE_CHANGE = """
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: post the contrary' USING ERRCODE = 'restrict_violation';
END $$
"""

# Deferred: a transaction and its entries are several rows. It looks again when entries are added later: they would make
# its debits more than they were.
CHECK_BALANCE = """
CREATE FUNCTION ledger.check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid;
    balances boolean;
BEGIN
    IF TG_TABLE_NAME = 'transaction' THEN
        checked := NEW.id;
    ELSE
        checked := NEW.transaction_id;
    END IF;
    SELECT sum(e.amount) = 0 AND coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) = t.amount INTO balances
    FROM ledger.transaction t JOIN ledger.entry e ON e.transaction_id = t.id WHERE t.id = checked GROUP BY t.id;
    IF balances IS NOT TRUE THEN
        RAISE EXCEPTION 'the ledger transaction % does not balance', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'balanced';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA ledger")
    op.create_table(
        "transaction",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False, comment="The sum of the debits, in minor units."),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_transaction_kind")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_transaction_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_transaction_kind_reference")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_transaction_id_currency")),
        schema="ledger",
        comment="Append-only. Its entries sum to zero: a trigger looks when the database's transaction is committed.",
    )
    for columns in (["order_id"], ["at", "id"], ["kind", "at", "id"]):
        op.create_index(op.f(f"ix_transaction_{'_'.join(columns)}"), "transaction", columns, schema="ledger")
    op.create_table(
        "entry",
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True, comment="Whose clearing account it is."),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "amount", sa.BigInteger(), nullable=False, comment="In minor units: a debit if positive, else a credit."
        ),
        sa.CheckConstraint(f"account IN ({ACCOUNTS})", name=op.f("ck_entry_account")),
        sa.CheckConstraint("(account = 'provider_clearing') = (provider IS NOT NULL)", name=op.f("ck_entry_provider")),
        sa.ForeignKeyConstraint(
            ["transaction_id", "currency"],
            ["ledger.transaction.id", "ledger.transaction.currency"],
            name=op.f("fk_entry_transaction_id_currency"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", "position", name=op.f("pk_entry")),
        schema="ledger",
        comment="Append-only: what a transaction moves in an account.",
    )
    op.execute(REFUSE_CHANGE)
    op.execute(CHECK_BALANCE)
    for table in ("transaction", "entry"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()"
        )
        op.execute(
            f"CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger.{table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.check_balance()"
        )


def downgrade() -> None:
    raise MigrationIrreversible("what was posted is not to be forgotten")
