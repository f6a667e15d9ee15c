"""The catalogue of permissions: all that the admin API names, found in its schema; and what a role makes of it."""

from collections.abc import Mapping

import strawberry
from graphql import GraphQLSchema

from mercer.identity import service
from mercer.identity.models import Bound
from mercer.identity.rules.bounds import resolved
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.needs import named_permissions
from mercer.platform.permissions import Dimension
from mercer.values.currency import to_decimal
from mercer.values.graphql.money import Money

MOST_PERMISSIONS = 500

PermissionDimension = strawberry.enum(
    Dimension, name="PermissionDimension", description="In what a permission may be limited."
)


@strawberry.type
class Permission:
    """Something that one may be allowed to do."""

    name: str
    fields: list[str] = strawberry.field(description="What needs it: `Mutation.productCreate`, `Query.products` …")
    dimensions: list[PermissionDimension] = strawberry.field(  # type: ignore[valid-type]
        description="In what a role's bounds may limit it. Empty: in nothing."
    )


def _list_amounts(root: "RolePermission", first: int = 100) -> list[Money]:
    most = list(root.limits.items())[: max(first, 0)]
    return [Money(amount=to_decimal(amount, currency), currency=currency) for currency, amount in most]


@strawberry.type
class RolePermission:
    """A permission that a role gives, what it opens, and how far it goes. What is null has no limit."""

    name: str
    fields: list[str] = strawberry.field(description="What it opens: `Mutation.productCreate`, `Query.products` …")
    channel_ids: list[strawberry.ID] | None = strawberry.field(description="Only in these channels.")
    warehouse_ids: list[strawberry.ID] | None = strawberry.field(description="Only in these warehouses.")
    limits: strawberry.Private[Mapping[str, int]]
    amounts: list[Money] = strawberry.field(
        resolver=_list_amounts,
        description="The most that may be moved at once, by currency: nothing in others. Empty: no limit.",
    )
    is_own_only: bool = strawberry.field(description="Whether it goes only as far as what one made himself.")


def permissions_of(schema: GraphQLSchema) -> dict[str, list[str]]:
    """Each permission that a schema names, with the fields that need it."""
    found: dict[str, list[str]] = {}
    for permission, field in named_permissions(schema):
        found.setdefault(permission, []).append(field)
    return dict(sorted(found.items()))


async def list_permissions(info: strawberry.Info[Context, None], first: int = MOST_PERMISSIONS) -> list[Permission]:
    dimensions = info.context.dimensions
    return [
        Permission(name=name, fields=fields, dimensions=sorted(dimensions.get(name, ())))
        for name, fields in _opened(info).items()
    ][: max(first, 0)]


async def list_permissions_of(
    info: strawberry.Info[Context, None], role: str, first: int = MOST_PERMISSIONS
) -> list[RolePermission] | None:
    found = await service.find_role(info.context, role_id=given_id(role), code=role)
    if found is None:
        return None
    opened = _opened(info)
    given = sorted(resolved(found.permissions, catalogue=info.context.catalogue))
    return [_shown(name, opened.get(name, []), found.bounds.get(name)) for name in given][: max(first, 0)]


def _opened(info: strawberry.Info[Context, None]) -> dict[str, list[str]]:
    return permissions_of(info._raw_info.schema)  # noqa: SLF001 — graphql-core's own


def _shown(name: str, fields: list[str], bound: Bound | None) -> RolePermission:
    bound = bound or Bound()
    return RolePermission(
        name=name,
        fields=fields,
        channel_ids=None if bound.channels is None else [strawberry.ID(str(each)) for each in bound.channels],
        warehouse_ids=None if bound.warehouses is None else [strawberry.ID(str(each)) for each in bound.warehouses],
        limits=bound.amounts or {},
        is_own_only=bound.is_own,
    )
