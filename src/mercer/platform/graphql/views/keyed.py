"""Rows that are read by their keys: what a mutation returns, and what a payload holds."""

import sqlalchemy as sa
from graphql import GraphQLField, GraphQLObjectType
from sqlalchemy.dialects.postgresql import ARRAY

from .sources import Many, One, request
from .types import ViewField, ViewType, ViewTypes

KEY, KEYS = "row_key", "row_keys"
MOST_ROWS = 1_000
ANSWERED = request(KEY, sa.Uuid)
"""The row that a resolver or a mutation answers with, while it is read: whoever was given its key may see it.

A view of what is somebody's own says so in its `rows`: `or_(order.c.customer_id == CUSTOMER, order.c.id == ANSWERED)`.
Null for all other reads.
"""

NOTHING_ANSWERED = {KEY: None}
_KEYS = request(KEYS, ARRAY(sa.Uuid))


def keyed_row(types: ViewTypes, type_name: str, field: str) -> ViewType:
    """A parent whose `field` is the row of this type with the key that is bound as `row_key`."""
    key = _key(types, type_name)
    source = One(lambda _, row: row.c[key] == ANSWERED, None, None, {}, total=False)
    return ViewType(f"row of {type_name}", None, {field: _field(types, type_name, field, source)})


def keyed_rows(types: ViewTypes, type_name: str, field: str) -> ViewType:
    """A parent whose `field` is the rows of this type with the keys that are bound as `row_keys`, in their order."""
    key = _key(types, type_name)
    source = Many(
        lambda _, row: row.c[key] == sa.func.any(_KEYS),
        lambda row: (sa.func.array_position(_KEYS, row.c[key]),),
        None,
        MOST_ROWS,
    )
    return ViewType(f"rows of {type_name}", None, {field: _field(types, type_name, field, source)})


def _field(types: ViewTypes, type_name: str, field: str, source: One | Many) -> ViewField:
    target = types.schema.type_map[type_name]
    assert isinstance(target, GraphQLObjectType)
    return ViewField(field, source, GraphQLField(target), target, field)


def _key(types: ViewTypes, type_name: str) -> str:
    view = types[type_name].view
    assert view is not None, f"{type_name} has no table of its own"
    return view.key
