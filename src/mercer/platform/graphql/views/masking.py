"""What stands in place of values that a caller may not see.

What he may see is bound, so that a statement is the same for everybody. Nothing is refused: a page with a masked column
is a page. Filters match nothing by what is masked, and sorts go by the mask, which is what cursors hold.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from mercer.platform.actors import Actor
from mercer.platform.graphql.views.authority import may
from mercer.platform.graphql.views.sources import request

PERSONAL_DATA, COSTS = "personal_data.read", "costs.read"

_STARS = sa.literal_column("'***'", type_=sa.Text)
_HIDDEN = request("hidden", ARRAY(sa.Text))
_NEITHER = sa.literal_column("""'["***", "***"]'::jsonb""", type_=JSONB)


def shown(
    permission: str, value: sa.ColumnElement[Any], otherwise: sa.ColumnElement[Any] | None = None
) -> sa.ColumnElement[Any]:
    """The value for whoever has the permission; for others something else, or null."""
    return sa.case((may(permission), value), else_=otherwise)


def masked_name(name: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """`A***`, without `personal_data.read`."""
    return shown(PERSONAL_DATA, name, sa.func.left(name, sa.literal_column("1"), type_=sa.Text).concat(_STARS))


def masked_email(email: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """`a***@example.org`, without `personal_data.read`."""
    first = sa.func.left(email, sa.literal_column("1"), type_=sa.Text)
    domain = sa.func.substring(email, sa.literal_column("'@[^@]*$'"), type_=sa.Text)
    nothing = sa.literal_column("''", type_=sa.Text)
    return shown(PERSONAL_DATA, email, first.concat(_STARS).concat(sa.func.coalesce(domain, nothing)))


def masked_changes(entity: sa.ColumnElement[str], changes: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """What changed of a thing, `{"name": ["before", "after"]}`, without the values that the caller may not see.

    Which those are, modules say (`Module.masked`).
    """
    each = sa.func.jsonb_each(changes).table_valued("key", "value", name="change")
    field = entity.concat(sa.literal_column("'.'", type_=sa.Text)).concat(each.c.key)
    value = sa.case((field == sa.any_(_HIDDEN), _NEITHER), else_=each.c.value)
    rewritten = sa.select(sa.func.jsonb_object_agg(each.c.key, value)).select_from(each).scalar_subquery()
    nothing = sa.literal_column("'{}'::jsonb", type_=JSONB)
    return sa.case(
        (sa.func.cardinality(_HIDDEN) == sa.literal_column("0"), changes), else_=sa.func.coalesce(rewritten, nothing)
    )


def masked_reason(entity: sa.ColumnElement[str], reason: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
    """Why a thing was changed, or null where modules mask it: `{"Customer.reason": "personal_data.read"}`."""
    field = entity.concat(sa.literal_column("'.reason'", type_=sa.Text))
    return sa.case((field == sa.any_(_HIDDEN), sa.null()), else_=reason)


def masking_binds(actor: Actor, masked: Mapping[str, str]) -> Mapping[str, Any]:
    """What `masked_changes` is bound to. `masked` are fields, `Customer.email`, by the permission that shows them."""
    return {"hidden": sorted(field for field, permission in masked.items() if not actor.may(permission))}
