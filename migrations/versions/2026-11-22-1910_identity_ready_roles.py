"""identity: what the ready roles may do with personal data, costs and the log of sign-ins"""

import sqlalchemy as sa
from alembic import op

revision = "c3e81f5b7a46"
down_revision = "2642131fbfe9"
branch_labels = None
depends_on = None

# What each role has beyond what it had.
ADDED = {
    "customer_support": ["personal_data.read", "sign_ins.read"],
    "merchandiser": ["costs.manage", "costs.read"],
    "fulfilment": ["personal_data.read"],
    "finance": ["costs.read", "personal_data.read"],
    "analyst": ["costs.read"],
}

ADD = sa.text("""
    UPDATE identity.role SET permissions = ARRAY(
        SELECT DISTINCT unnest(permissions || cast(:added AS text[])) AS permission ORDER BY permission
    ) WHERE code = :code
""")
# Personal data was shown to whoever could see what it stands in. Whom staff let see that in roles of their own goes on
# seeing it.
KEEP = sa.text("""
    UPDATE identity.role SET permissions = ARRAY(
        SELECT DISTINCT unnest(permissions || '{personal_data.read}') AS permission ORDER BY permission
    ) WHERE NOT is_builtin AND permissions && '{carts.read,customers.read,orders.read,shipments.read}'
""")
REMOVE = sa.text("""
    UPDATE identity.role SET permissions = ARRAY(
        SELECT permission FROM unnest(permissions) AS permission
        WHERE permission <> ALL (cast(:removed AS text[])) ORDER BY permission
    ) WHERE permissions && cast(:removed AS text[])
""")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for code, added in ADDED.items():
        op.execute(ADD.bindparams(sa.bindparam("added", added, sa.ARRAY(sa.Text)), code=code))
    op.execute(KEEP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    removed = sorted({permission for added in ADDED.values() for permission in added})
    op.execute(REMOVE.bindparams(sa.bindparam("removed", removed, sa.ARRAY(sa.Text))))
