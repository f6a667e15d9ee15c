"""identity: what the ready roles may do with orders, payments, shipments, taxes"""

import sqlalchemy as sa
from alembic import op

revision = "b1d6f0a83c57"
down_revision = "a4c7e2b91d35"
branch_labels = None
depends_on = None

SEES = ["shipping.read", "taxes.read"]
SEES_ORDERS = ["orders.read", "payments.read", "shipments.read"]

# What each role has beyond what it had. Roles are data: what staff made of them meanwhile stays.
ADDED = {
    "customer_support": [*SEES, *SEES_ORDERS, "carts.read", "orders.manage"],
    "merchandiser": SEES,
    "marketer": SEES,
    "fulfilment": [*SEES, "orders.read", "shipments.manage", "shipments.read"],
    "finance": [*SEES, *SEES_ORDERS, "ledger.read", "payments.manage", "taxes.manage"],
    "analyst": SEES,
}

ADD = sa.text("""
    UPDATE identity.role SET permissions = ARRAY(
        SELECT DISTINCT unnest(permissions || cast(:added AS text[])) AS permission ORDER BY permission
    ) WHERE code = :code
""")
REMOVE = sa.text("""
    UPDATE identity.role SET permissions = ARRAY(
        SELECT permission FROM unnest(permissions) AS permission
        WHERE permission <> ALL (cast(:added AS text[])) ORDER BY permission
    ) WHERE code = :code
""")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for code, added in ADDED.items():
        op.execute(ADD.bindparams(sa.bindparam("added", added, sa.ARRAY(sa.Text)), code=code))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for code, added in ADDED.items():
        op.execute(REMOVE.bindparams(sa.bindparam("added", added, sa.ARRAY(sa.Text)), code=code))
