"""The token that opens an order, as SQL: the same that `rules.order_token` computes."""

from typing import Any

import sqlalchemy as sa

from mercer.orders import tables
from mercer.platform.graphql.views import Row


def token_of(order: Row) -> sa.ColumnElement[str]:
    """The order's id and a signature by the newest key, in hexadecimal."""
    key = tables.token_key.alias()
    id_ = sa.func.uuid_send(order.c.id, type_=sa.LargeBinary)
    signature = _hashed(key.c.outer, _hashed(key.c.inner, id_))
    half = sa.func.substring(signature, sa.literal_column("1"), sa.literal_column("16"), type_=sa.LargeBinary)
    shown = sa.func.encode(_joined(id_, half), sa.literal_column("'hex'"), type_=sa.Text)
    newest = tables.token_key.alias()
    return sa.select(shown).where(key.c.id == sa.select(sa.func.max(newest.c.id)).scalar_subquery()).scalar_subquery()


def _hashed(secret: Any, message: Any) -> sa.ColumnElement[Any]:
    return sa.func.sha256(_joined(secret, message), type_=sa.LargeBinary)


def _joined(one: Any, other: Any) -> sa.ColumnElement[Any]:
    return one.op("||", return_type=sa.LargeBinary)(other)
