"""The ledger's tables. Triggers refuse every change of what was posted, and whatever does not balance."""

import sqlalchemy as sa

from mercer.ledger.models import Account, TransactionKind
from mercer.platform.tables import identity, metadata, moment, one_of, text

SCHEMA = "ledger"

transaction = sa.Table(
    "transaction",
    metadata,
    identity(),
    text("kind"),
    text("reference"),
    sa.Column("order_id", sa.Uuid, index=True),
    text("currency"),
    sa.Column("amount", sa.BigInteger, nullable=False, comment="The sum of the debits, in minor units."),
    sa.Column("note", sa.Text),
    moment("at"),
    text("actor_kind"),
    sa.Column("actor_id", sa.Uuid),
    one_of("kind", TransactionKind),
    sa.CheckConstraint("amount >= 0", name="amount"),
    sa.UniqueConstraint("kind", "reference"),
    sa.UniqueConstraint("id", "currency"),
    schema=SCHEMA,
    comment="Append-only. Its entries sum to zero: a trigger looks when the database's transaction is committed.",
)

sa.Index(None, transaction.c.at, transaction.c.id)
sa.Index(None, transaction.c.kind, transaction.c.at, transaction.c.id)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("transaction_id", sa.Uuid, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    text("account"),
    sa.Column("provider", sa.Text, comment="Whose clearing account it is."),
    text("currency"),
    sa.Column("amount", sa.BigInteger, nullable=False, comment="In minor units: a debit if positive, else a credit."),
    one_of("account", Account),
    sa.CheckConstraint("(account = 'provider_clearing') = (provider IS NOT NULL)", name="provider"),
    sa.ForeignKeyConstraint(["transaction_id", "currency"], ["ledger.transaction.id", "ledger.transaction.currency"]),
    schema=SCHEMA,
    comment="Append-only: what a transaction moves in an account.",
)
