"""What roles and API keys may do, and how far: one vocabulary for both."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
import strawberry

from mercer.identity import tables
from mercer.identity.models import AskedBound
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.views import Row, computed, many
from mercer.values.graphql.money import AmountInput, Money

MOST_GRANTS = 500


def _granted(table: sa.Table) -> sa.Select[Any]:
    """Each permission of each of the table's rows, with its bound if it has one."""
    each = sa.func.unnest(table.c.permissions).table_valued("permission").render_derived(f"{table.name}_permission")
    place = (table.c.id.cast(sa.Text) + each.c.permission).label("ctid")
    columns = (table.c.id.label("owner_id"), each.c.permission, table.c.bounds[each.c.permission].label("bound"), place)
    return sa.select(*columns).select_from(table.join(each, sa.true()))


def _amounts(table: sa.Table) -> sa.Select[Any]:
    """Each amount that a permission of the table's rows is limited to."""
    bound = sa.func.jsonb_each(table.c.bounds).table_valued("key", "value", name=f"{table.name}_bound")
    limits = sa.type_coerce(bound.c.value, tables.role.c.bounds.type)["amounts"]
    each = sa.func.jsonb_each_text(limits).table_valued("key", "value", name=f"{table.name}_amount")
    place = (table.c.id.cast(sa.Text) + bound.c.key + each.c.key).label("ctid")
    amount = sa.cast(each.c.value, sa.BigInteger).label("amount")
    columns = (table.c.id.label("owner_id"), bound.c.key.label("permission"), amount, each.c.key.label("currency"))
    return sa.select(*columns, place).select_from(table.join(bound, sa.true()).join(each, sa.true()))


# Both in one, so that they are of one type. Their `ctid` stands for the place of a row, as a table has one.
_GRANTS = sa.union_all(_granted(tables.role), _granted(tables.api_key)).subquery("granted")
_AMOUNTS = sa.union_all(_amounts(tables.role), _amounts(tables.api_key)).subquery("granted_amount")


def _is_of(grant: Row, amount: Row) -> sa.ColumnElement[bool]:
    return sa.and_(amount.c.owner_id == grant.c.owner_id, amount.c.permission == grant.c.permission)


def _limit(name: str) -> Any:
    return lambda grant: sa.type_coerce(grant.c.bound, tables.role.c.bounds.type)[name]


@strawberry.type
class Grant:
    """A permission that somebody is given, and how far it goes. What is null has no limit."""

    permission: str = computed(lambda grant: grant.c.permission, total=True)
    channel_ids: list[strawberry.ID] | None = computed(_limit("channels"), description="Only in these channels.")
    warehouse_ids: list[strawberry.ID] | None = computed(_limit("warehouses"), description="Only in these warehouses.")
    amounts: list[Money] = many(
        _AMOUNTS,
        on=_is_of,
        order_by=lambda amount: (amount.c.currency,),
        description="The most that may be moved at once, by currency: nothing in others. Empty: no limit.",
    )
    is_own_only: bool = computed(
        lambda grant: sa.func.coalesce(_limit("is_own")(grant).is_not(None), sa.false()),
        total=True,
        description="Whether it goes only as far as what one made himself.",
    )


def grants() -> Any:
    """The grants of a role or a key."""
    return many(
        _GRANTS,
        on=lambda owner, grant: grant.c.owner_id == owner.c.id,
        order_by=lambda grant: (grant.c.permission,),
        most=MOST_GRANTS,
        description="Its permissions one by one, with how far each goes.",
    )


@strawberry.input(description="How far one of the permissions goes. What is left out has no limit.")
class BoundInput:
    permission: str
    channel_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Only in these channels.")
    warehouse_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Only in these warehouses.")
    amounts: list[AmountInput] | None = strawberry.field(
        default=None, description="The most that may be moved at once, by currency: nothing in others."
    )
    is_own_only: bool = strawberry.field(default=False, description="Only what one made himself.")


def asked_bounds(bounds: list[BoundInput]) -> list[AskedBound]:
    """The bounds as verbs take them."""
    return [
        AskedBound(
            permission=each.permission,
            channel_ids=_ids(each.channel_ids),
            warehouse_ids=_ids(each.warehouse_ids),
            amounts=None if each.amounts is None else tuple((limit.amount, limit.currency) for limit in each.amounts),
            is_own=each.is_own_only,
        )
        for each in bounds
    ]


def _ids(given: list[strawberry.ID] | None) -> tuple[UUID, ...] | None:
    return None if given is None else tuple(given_id(id) for id in given)
